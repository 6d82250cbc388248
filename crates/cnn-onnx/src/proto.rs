//! The messages of an ONNX file, as far as a network needs them.
//!
//! Numbers of fields are those of `onnx.proto3`. Every list is bounded while it is read.

use crate::error::{Error, malformed};
use crate::framework::framework_of;
use crate::wire::{Fields, Value};

/// Nodes, initializers, inputs or outputs of a graph; the largest networks have some 2,000.
const MAX_GRAPH_ITEMS: usize = 10_000;

/// Inputs or outputs of a node; a DenseNet-264 concatenates 65.
const MAX_VALUES: usize = 1_024;

/// Attributes of a node, dimensions of a tensor, numbers of an attribute.
const MAX_ITEMS: usize = 64;

/// Bytes of a name; exporters write the path of a layer.
const MAX_NAME_BYTES: usize = 4_096;

/// Inputs and outputs of all nodes together. With the limits above it bounds what is kept beside
/// the file's bytes to some 100 MB.
const MAX_ALL_VALUES: usize = 1 << 20;

/// A model: its graph and the version of the operators it uses.
#[derive(Debug)]
pub(crate) struct ModelProto<'a> {
    /// Version of the standard operators.
    pub(crate) opset: i64,
    pub(crate) nodes: Vec<Node<'a>>,
    pub(crate) initializers: Vec<Tensor<'a>>,
    pub(crate) inputs: Vec<ValueInfo<'a>>,
    pub(crate) outputs: Vec<ValueInfo<'a>>,
    /// Keys and values that whoever wrote the file added.
    pub(crate) metadata: Vec<(&'a str, &'a str)>,
}

/// A value that a graph takes or gives.
#[derive(Debug, Default)]
pub(crate) struct ValueInfo<'a> {
    pub(crate) name: &'a str,
    /// Its dimensions, where the file says how many there are; none stands for any size.
    pub(crate) dims: Option<Vec<Option<i64>>>,
}

/// One operation.
#[derive(Debug, Default)]
pub(crate) struct Node<'a> {
    name: &'a str,
    pub(crate) op: &'a str,
    pub(crate) domain: &'a str,
    /// Names of values; an optional input that is left out has an empty name.
    pub(crate) inputs: Vec<&'a str>,
    pub(crate) outputs: Vec<&'a str>,
    pub(crate) attributes: Vec<(&'a str, Attribute<'a>)>,
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub(crate) enum Attribute<'a> {
    Float(f32),
    Int(i64),
    Text(&'a [u8]),
    Tensor(Tensor<'a>),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    /// Of a type that no operator of the network takes.
    Other,
}

/// A constant tensor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tensor<'a> {
    pub(crate) name: &'a str,
    pub(crate) shape: Vec<i64>,
    /// Enumerator of the element type.
    pub(crate) data_type: i64,
    pub(crate) data: Data<'a>,
}

/// Where a tensor's values are.
#[derive(Debug, Clone, Default)]
pub(crate) enum Data<'a> {
    /// Nowhere: a tensor without values.
    #[default]
    None,
    /// In the file, little-endian.
    Raw(&'a [u8]),
    /// In the file as numbers, in the field of this number.
    Listed(u64, Vec<&'a [u8]>),
    /// In another file: location, offset and length as the file words them.
    External(Vec<(&'a str, &'a str)>),
}

impl<'a> ModelProto<'a> {
    pub(crate) fn read(file: &'a [u8]) -> Result<Self, Error> {
        let mut graph = None;
        let mut opset = None;
        let mut metadata = Vec::new();
        let mut framework = None;
        for field in Fields::of(file) {
            match field? {
                (7, value) => graph = Some(value.bytes()?),
                (8, value) => {
                    let (domain, version) = operator_set(value.bytes()?)?;
                    if is_standard(domain) {
                        opset = Some(version);
                    }
                }
                (14, value) => push(&mut metadata, MAX_VALUES, entry(value.bytes()?)?)?,
                (25, _) => return Err(malformed("it holds functions, which are not read")),
                (number, value) => framework = framework_of(number, value).or(framework),
            }
        }
        let Some(graph) = graph else {
            return Err(match framework {
                Some(framework) => Error::Framework { framework },
                None => malformed("it holds no graph"),
            });
        };
        let opset = opset.ok_or_else(|| malformed("it does not say which operators it uses"))?;
        let mut model = Self {
            opset,
            nodes: Vec::new(),
            initializers: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            metadata,
        };
        model.read_graph(graph)?;
        Ok(model)
    }

    fn read_graph(&mut self, graph: &'a [u8]) -> Result<(), Error> {
        let mut n_values = 0;
        for field in Fields::of(graph) {
            match field? {
                (1, value) => {
                    let node = Node::read(value.bytes()?)?;
                    n_values += node.inputs.len() + node.outputs.len();
                    if n_values > MAX_ALL_VALUES {
                        return Err(too_long("inputs and outputs of nodes", MAX_ALL_VALUES));
                    }
                    push(&mut self.nodes, MAX_GRAPH_ITEMS, node)?;
                }
                (5, value) => push(
                    &mut self.initializers,
                    MAX_GRAPH_ITEMS,
                    Tensor::read(value.bytes()?)?,
                )?,
                (11, value) => push(
                    &mut self.inputs,
                    MAX_GRAPH_ITEMS,
                    ValueInfo::read(value.bytes()?)?,
                )?,
                (12, value) => push(
                    &mut self.outputs,
                    MAX_GRAPH_ITEMS,
                    ValueInfo::read(value.bytes()?)?,
                )?,
                (15, _) => return Err(malformed("it holds sparse initializers")),
                _ => {}
            }
        }
        Ok(())
    }
}

/// True of the operators that ONNX itself defines.
pub(crate) fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

fn operator_set(message: &[u8]) -> Result<(&str, i64), Error> {
    let mut set = ("", 0);
    for field in Fields::of(message) {
        match field? {
            (1, value) => set.0 = value.text()?,
            (2, value) => set.1 = value.int()?,
            _ => {}
        }
    }
    Ok(set)
}

impl<'a> ValueInfo<'a> {
    fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut info = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, value) => info.name = name(value)?,
                (2, value) => info.dims = tensor_dims(value.bytes()?)?,
                _ => {}
            }
        }
        Ok(info)
    }
}

/// The dimensions of a type, where it is that of a tensor and gives them.
fn tensor_dims(message: &[u8]) -> Result<Option<Vec<Option<i64>>>, Error> {
    let Some(tensor) = child(message, 1)? else {
        return Ok(None);
    };
    let Some(shape) = child(tensor, 2)? else {
        return Ok(None);
    };
    let mut dims = Vec::new();
    for field in Fields::of(shape) {
        if let (1, value) = field? {
            let mut size = None;
            for field in Fields::of(value.bytes()?) {
                if let (1, value) = field? {
                    size = Some(value.int()?);
                }
            }
            push(&mut dims, MAX_ITEMS, size)?;
        }
    }
    Ok(Some(dims))
}

/// The last message in the field of this number.
fn child(message: &[u8], number: u64) -> Result<Option<&[u8]>, Error> {
    let mut found = None;
    for field in Fields::of(message) {
        let (n, value) = field?;
        if n == number {
            found = Some(value.bytes()?);
        }
    }
    Ok(found)
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut node = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, value) => push(&mut node.inputs, MAX_VALUES, name(value)?)?,
                (2, value) => push(&mut node.outputs, MAX_VALUES, name(value)?)?,
                (3, value) => node.name = name(value)?,
                (4, value) => node.op = name(value)?,
                (5, value) => {
                    let attribute = Attribute::read(value.bytes()?)?;
                    push(&mut node.attributes, MAX_ITEMS, attribute)?;
                }
                (7, value) => node.domain = value.text()?,
                _ => {}
            }
        }
        Ok(node)
    }

    /// The name by which an error speaks of it: its own, or that of what it computes.
    pub(crate) fn label(&self) -> &'a str {
        match self.outputs.first() {
            Some(output) if self.name.is_empty() => output,
            _ => self.name,
        }
    }

    /// Its operator, with the domain where that is not the standard's.
    pub(crate) fn operator(&self) -> String {
        match is_standard(self.domain) {
            true => self.op.to_owned(),
            false => format!("{}.{}", self.domain, self.op),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        let found = self.attributes.iter().find(|(n, _)| *n == name);
        found.map(|(_, attribute)| attribute)
    }
}

impl<'a> Attribute<'a> {
    fn read(message: &'a [u8]) -> Result<(&'a str, Self), Error> {
        let mut name = "";
        let mut attribute = None;
        let mut ints = Vec::new();
        let mut floats = Vec::new();
        let mut kind = None;
        for field in Fields::of(message) {
            match field? {
                (1, value) => name = value.text()?,
                (2, value) => attribute = Some(Self::Float(value.float()?)),
                (3, value) => attribute = Some(Self::Int(value.int()?)),
                (4, value) => attribute = Some(Self::Text(value.bytes()?)),
                (5, value) => attribute = Some(Self::Tensor(Tensor::read(value.bytes()?)?)),
                (8, value) => {
                    for int in value.ints()? {
                        push(&mut ints, MAX_ITEMS, int?)?;
                    }
                }
                (7, value) => {
                    for float in value.floats()? {
                        push(&mut floats, MAX_ITEMS, float)?;
                    }
                }
                (20, value) => kind = Some(value.int()?),
                _ => {}
            }
        }
        // Writers leave out fields of value 0, so the declared type decides.
        let attribute = match (kind, attribute) {
            (Some(7), _) => Self::Ints(ints),
            (Some(6), _) => Self::Floats(floats),
            (Some(1), None) => Self::Float(0.0),
            (Some(2), None) => Self::Int(0),
            (Some(3), None) => Self::Text(b""),
            (_, Some(attribute)) => attribute,
            (_, None) => Self::Other,
        };
        Ok((name, attribute))
    }
}

impl<'a> Tensor<'a> {
    fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut tensor = Self::default();
        let mut listed: Option<(u64, Vec<&[u8]>)> = None;
        let mut external = Vec::new();
        let mut is_external = false;
        for field in Fields::of(message) {
            match field? {
                (1, value) => {
                    for size in value.ints()? {
                        push(&mut tensor.shape, MAX_ITEMS, size?)?;
                    }
                }
                (2, value) => tensor.data_type = value.int()?,
                (8, value) => tensor.name = value.text()?,
                (9, value) => tensor.data = Data::Raw(value.bytes()?),
                (number @ (4 | 5 | 7 | 10), value) => {
                    let (field, parts) = listed.get_or_insert_with(|| (number, Vec::new()));
                    if *field != number {
                        return Err(malformed(format!(
                            "tensor {} holds numbers of two types",
                            tensor.name
                        )));
                    }
                    push(parts, MAX_ITEMS, value.bytes()?)?;
                }
                (13, value) => push(&mut external, MAX_ITEMS, entry(value.bytes()?)?)?,
                (14, value) => is_external = value.int()? == 1,
                _ => {}
            }
        }
        if is_external {
            tensor.data = Data::External(external);
        } else if let Some((number, parts)) = listed {
            tensor.data = Data::Listed(number, parts);
        }
        Ok(tensor)
    }
}

/// A key and its value.
fn entry(message: &[u8]) -> Result<(&str, &str), Error> {
    let mut entry = ("", "");
    for field in Fields::of(message) {
        match field? {
            (1, value) => entry.0 = value.text()?,
            (2, value) => entry.1 = value.text()?,
            _ => {}
        }
    }
    Ok(entry)
}

/// The name of a node, an operator or a value, of which a graph keeps copies.
fn name(value: Value<'_>) -> Result<&str, Error> {
    let name = value.text()?;
    match name.len() {
        0..=MAX_NAME_BYTES => Ok(name),
        n => Err(malformed(format!(
            "a name of {n} bytes, expected at most {MAX_NAME_BYTES}"
        ))),
    }
}

/// Adds to a list that may not grow beyond `limit`.
fn push<T>(list: &mut Vec<T>, limit: usize, item: T) -> Result<(), Error> {
    if list.len() == limit {
        return Err(too_long("items of a list", limit));
    }
    list.push(item);
    Ok(())
}

fn too_long(what: &str, limit: usize) -> Error {
    malformed(format!("more than {limit} {what}"))
}
