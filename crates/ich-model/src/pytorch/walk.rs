//! From the objects of a pickle to named tensors.

use std::collections::{BTreeMap, HashMap, HashSet};

use burn::tensor::DType;

use super::object::{Mapping, Node, Objects, Value};
use super::tensor::{Element, Place, Tensor};

/// Values that are looked at; shared ones count each time they are met.
const MAX_VISITS: usize = 1 << 20;

/// Dictionaries within dictionaries. No network lies deeper.
const MAX_DEPTH: usize = 64;

/// Characters of a tensor's name.
const MAX_NAME: usize = 512;

/// The tables in which a `torch.nn.Module` keeps its state dict.
const MODULE_TABLES: [&str; 3] = ["_parameters", "_buffers", "_modules"];

/// A tensor by its name.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) dtype_name: String,
    pub(super) shape: Vec<usize>,
    pub(super) values: Values,
}

/// Where the values of a tensor are.
#[derive(Debug)]
pub(super) enum Values {
    Strided {
        key: String,
        start: usize,
        strides: Vec<usize>,
        dtype: DType,
    },
    /// In a form that is not read.
    Unread,
    /// Nowhere, and why.
    Nowhere(&'static str),
}

/// All tensors below `root`, ordered by name.
pub(super) fn tensors<'p>(
    objects: &Objects<'p>,
    root: Value<'p>,
) -> Result<Vec<Found>, &'static str> {
    let mut walk = Walk {
        objects,
        name: String::new(),
        open: HashSet::new(),
        n_visits: 0,
        found: BTreeMap::new(),
    };
    walk.visit(root)?;
    Ok(walk.found.into_values().collect())
}

/// What a root is called that is no plain dictionary and no tensor.
pub(super) fn describe<'p>(objects: &Objects<'p>, root: Value<'p>) -> Option<String> {
    match (root, objects.node(root)) {
        (_, Some(Node::Mapping(mapping))) => match mapping.class? {
            ("collections", "OrderedDict") => None,
            (module, name) => Some(format!("an object of {module}.{name}")),
        },
        (_, Some(Node::Tensor(_))) => None,
        (_, Some(Node::Sequence(_))) => Some("a list".to_owned()),
        (_, Some(Node::Global { module, name })) => Some(format!("the name {module}.{name}")),
        (Value::Text(_), _) => Some("a text".to_owned()),
        _ => Some("a number or nothing".to_owned()),
    }
}

/// Bytes of a value of each storage, where they are known.
pub(super) fn storage_sizes<'p>(objects: &Objects<'p>) -> HashMap<&'p str, Option<usize>> {
    let storages = objects.storages();
    storages.map(|s| (s.key, s.element.size())).collect()
}

struct Walk<'o, 'p> {
    objects: &'o Objects<'p>,
    /// Of the place where the walk is, with a point behind it.
    name: String,
    /// Nodes on the way from the root, so that one that holds itself is not entered again.
    open: HashSet<u32>,
    n_visits: usize,
    found: BTreeMap<String, Found>,
}

impl<'p> Walk<'_, 'p> {
    fn visit(&mut self, value: Value<'p>) -> Result<(), &'static str> {
        self.n_visits += 1;
        if self.n_visits > MAX_VISITS {
            return Err("its pickle holds too many objects; save the state dict alone");
        }
        let (Value::Node(index), Some(node)) = (value, self.objects.node(value)) else {
            return Ok(());
        };
        if let Node::Tensor(tensor) = node {
            self.add(tensor);
            return Ok(());
        }
        if self.open.len() == MAX_DEPTH || !self.open.insert(index) {
            return Ok(());
        }
        match node {
            Node::Sequence(items) => {
                for (index, &item) in items.iter().enumerate() {
                    // Most lists hold numbers.
                    if matches!(item, Value::Node(_)) {
                        self.enter(&index.to_string(), item)?;
                    }
                }
            }
            Node::Mapping(mapping) => {
                let children = match self.module_tables(mapping) {
                    Some(tables) => self.module_children(mapping, tables)?,
                    None => self.children(mapping),
                };
                for (key, child) in children {
                    self.enter(&key, child)?;
                }
            }
            Node::Global { .. } | Node::Storage(_) | Node::Tensor(_) => {}
        }
        self.open.remove(&index);
        Ok(())
    }

    fn enter(&mut self, key: &str, value: Value<'p>) -> Result<(), &'static str> {
        let length = self.name.len();
        if length + key.len() < MAX_NAME {
            self.name.push_str(key);
            self.name.push('.');
            self.visit(value)?;
            self.name.truncate(length);
        }
        Ok(())
    }

    /// The items of a dictionary and the attributes of an object, the last of each key.
    fn children(&self, mapping: &Mapping<'p>) -> BTreeMap<String, Value<'p>> {
        let attributes = mapping.state.and_then(|state| self.objects.mapping(state));
        let attributes = attributes.map(|attributes| &attributes.items[..]);
        // A dictionary's own items stand above its attributes, such as `_metadata`.
        let pairs = attributes.unwrap_or_default().iter().chain(&mapping.items);
        pairs
            .filter(|(_, value)| matches!(value, Value::Node(_)))
            .filter_map(|&(key, value)| Some((key_text(key)?, value)))
            .collect()
    }

    /// The tables of a module.
    fn module_tables<'m>(&'m self, mapping: &Mapping<'p>) -> Option<[&'m Mapping<'p>; 3]> {
        let state = self.objects.mapping(mapping.state?)?;
        let [parameters, buffers, modules] = MODULE_TABLES.map(|table| {
            let is_table = |(key, _): &&(Value<'p>, _)| *key == Value::Text(table);
            let (_, value) = state.items.iter().rfind(is_table)?;
            self.objects.mapping(*value)
        });
        Some([parameters?, buffers?, modules?])
    }

    /// Parameters, buffers and parts of a module, as its `state_dict()` has them.
    fn module_children(
        &self,
        mapping: &Mapping<'p>,
        tables: [&Mapping<'p>; 3],
    ) -> Result<BTreeMap<String, Value<'p>>, &'static str> {
        let state = mapping.state.and_then(|state| self.objects.mapping(state));
        let left_out = state.and_then(|state| {
            let name = Value::Text("_non_persistent_buffers_set");
            let (_, value) = state.items.iter().rfind(|(key, _)| *key == name)?;
            self.objects.sequence(*value)
        });
        let mut children = BTreeMap::new();
        for table in tables {
            for &(key, value) in &table.items {
                let is_left_out = left_out.is_some_and(|names| names.contains(&key));
                if !is_left_out
                    && let Some(key) = key_text(key)
                    && children.insert(key, value).is_some()
                {
                    return Err("a module in it has two parts of one name");
                }
            }
        }
        Ok(children)
    }

    fn add(&mut self, tensor: &Tensor<'p>) {
        let name = self.name.strip_suffix('.').unwrap_or_default().to_owned();
        let values = match (&tensor.place, tensor.element) {
            _ if self.found.contains_key(&name) => {
                Values::Nowhere("the file holds two tensors of this name")
            }
            (
                Place::Strided {
                    key,
                    start,
                    strides,
                },
                Element::Known(dtype),
            ) => Values::Strided {
                key: (*key).to_owned(),
                start: *start,
                strides: strides.clone(),
                dtype,
            },
            (Place::Nowhere(reason), _) => Values::Nowhere(reason),
            (Place::Strided { .. } | Place::Unread, _) => Values::Unread,
        };
        let found = Found {
            name: name.clone(),
            dtype_name: tensor.element.name(),
            shape: tensor.shape.clone(),
            values,
        };
        self.found.insert(name, found);
    }
}

/// A key as part of a name.
fn key_text(key: Value<'_>) -> Option<String> {
    match key {
        Value::Text(text) => Some(text.to_owned()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}
