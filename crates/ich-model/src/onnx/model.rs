//! The messages of an ONNX file, as far as a network's weights need them.
//!
//! Numbers of fields are those of `onnx.proto3`. Every list is bounded while it is read.

use super::wire::{Fields, Value};
use crate::checkpoint::malformed;
use crate::{Error, Foreign};

/// Nodes, initializers, inputs or outputs of a graph; a ResNet-18 has some 100 at most.
const MAX_GRAPH_ITEMS: usize = 10_000;

/// Attributes, inputs or outputs of a node, dimensions of a tensor, items of a list. Together with
/// the limit above it bounds what is kept beside the file's bytes to some 100 MB.
const MAX_ITEMS: usize = 64;

/// A model: its graph and the version of the operators it uses.
#[derive(Debug)]
pub(super) struct Model<'a> {
    /// Version of the standard operators.
    pub(super) opset: i64,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) initializers: Vec<Tensor<'a>>,
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
}

/// One operation.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    name: &'a str,
    pub(super) op: &'a str,
    pub(super) domain: &'a str,
    /// Names of values; an optional input that is left out has an empty name.
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) attributes: Vec<(&'a str, Attribute<'a>)>,
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub(super) enum Attribute<'a> {
    Float(f32),
    Int(i64),
    Text(&'a [u8]),
    Tensor(Tensor<'a>),
    Ints(Vec<i64>),
    /// Of a type that no operator of the network takes.
    Other,
}

/// A constant tensor.
#[derive(Debug, Clone, Default)]
pub(super) struct Tensor<'a> {
    pub(super) name: &'a str,
    pub(super) shape: Vec<i64>,
    /// Enumerator of the element type.
    pub(super) data_type: i64,
    pub(super) data: Data<'a>,
}

/// Where a tensor's values are.
#[derive(Debug, Clone, Default)]
pub(super) enum Data<'a> {
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

impl<'a> Model<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Self, Error> {
        let mut graph = None;
        let mut opset = None;
        let mut other = None;
        for field in Fields::of(file) {
            match field? {
                // Neither is a field of ONNX: the kinds of a model of Core ML, and a part of a
                // model of TensorFlow where ONNX has the name of a program.
                (200.., _) => other = Some(Foreign::CoreMl),
                (2, Value::Bytes(bytes)) if is_message(bytes) => other = Some(Foreign::TensorFlow),
                (7, value) => graph = Some(value.bytes()?),
                (8, value) => {
                    let (domain, version) = operator_set(value.bytes()?)?;
                    if is_standard(domain) {
                        opset = Some(version);
                    }
                }
                _ => {}
            }
        }
        let Some(graph) = graph else {
            return Err(match other {
                Some(found) => Error::UnknownFormat { found: Some(found) },
                None => malformed("ONNX", "it holds no graph"),
            });
        };
        let mut model = Self {
            opset: opset
                .ok_or_else(|| malformed("ONNX", "it does not say which operators it uses"))?,
            nodes: Vec::new(),
            initializers: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        for field in Fields::of(graph) {
            match field? {
                (1, value) => push(
                    &mut model.nodes,
                    MAX_GRAPH_ITEMS,
                    Node::read(value.bytes()?)?,
                )?,
                (5, value) => push(
                    &mut model.initializers,
                    MAX_GRAPH_ITEMS,
                    Tensor::read(value.bytes()?)?,
                )?,
                (11, value) => push(&mut model.inputs, MAX_GRAPH_ITEMS, value_name(value)?)?,
                (12, value) => push(&mut model.outputs, MAX_GRAPH_ITEMS, value_name(value)?)?,
                (15, _) => return Err(malformed("ONNX", "it holds sparse initializers")),
                _ => {}
            }
        }
        Ok(model)
    }
}

/// True of the operators that ONNX itself defines.
pub(super) fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// True of bytes that are fields, and not a name in printable characters.
fn is_message(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_control) && Fields::of(bytes).all(|field| field.is_ok())
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

fn value_name(value: Value<'_>) -> Result<&str, Error> {
    let mut name = "";
    for field in Fields::of(value.bytes()?) {
        if let (1, value) = field? {
            name = value.text()?;
        }
    }
    Ok(name)
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut node = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, value) => push(&mut node.inputs, MAX_ITEMS, value.text()?)?,
                (2, value) => push(&mut node.outputs, MAX_ITEMS, value.text()?)?,
                (3, value) => node.name = value.text()?,
                (4, value) => node.op = value.text()?,
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
    pub(super) fn label(&self) -> &'a str {
        match self.outputs.first() {
            Some(output) if self.name.is_empty() => output,
            _ => self.name,
        }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        let found = self.attributes.iter().find(|(n, _)| *n == name);
        found.map(|(_, attribute)| attribute)
    }
}

impl<'a> Attribute<'a> {
    fn read(message: &'a [u8]) -> Result<(&'a str, Self), Error> {
        let mut name = "";
        let mut attribute = None;
        let mut ints = Vec::new();
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
                (20, value) => kind = Some(value.int()?),
                _ => {}
            }
        }
        // Writers leave out fields of value 0, so the declared type decides.
        let attribute = match (kind, attribute) {
            (Some(7), _) => Self::Ints(ints),
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
                        return Err(malformed(
                            "ONNX",
                            format!("tensor {} holds numbers of two types", tensor.name),
                        ));
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

/// Adds to a list that may not grow beyond `limit`.
fn push<T>(list: &mut Vec<T>, limit: usize, item: T) -> Result<(), Error> {
    if list.len() == limit {
        return Err(malformed(
            "ONNX",
            format!("a list of more than {limit} items"),
        ));
    }
    list.push(item);
    Ok(())
}
