//! What a pickle holds, as plain data.
//!
//! Containers live in one list and are shared by their place there, as Python shares them, so that
//! a pickle cannot make copies of what it holds.

use super::tensor::{Storage, Tensor};

/// Dictionaries, lists and objects of one pickle.
const MAX_NODES: usize = 1 << 20;

/// What a pickle holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'p> {
    None,
    Bool(bool),
    Int(i64),
    Text(&'p str),
    /// A container or an object, by its place in [`Objects`].
    Node(u32),
    /// A number or bytes that no tensor is described by.
    Other,
}

/// What is shared by its place.
#[derive(Debug)]
pub(super) enum Node<'p> {
    /// A list, a tuple or a set.
    Sequence(Vec<Value<'p>>),
    /// A dictionary, or an object of any class with what it holds.
    Mapping(Box<Mapping<'p>>),
    /// A class or a function.
    Global {
        module: &'p str,
        name: &'p str,
    },
    Storage(Storage<'p>),
    Tensor(Box<Tensor<'p>>),
}

/// A dictionary, or an object.
#[derive(Debug, Default)]
pub(super) struct Mapping<'p> {
    /// Module and name of the class; `None` of a plain dictionary.
    pub(super) class: Option<(&'p str, &'p str)>,
    pub(super) items: Vec<(Value<'p>, Value<'p>)>,
    /// What `BUILD` gives an object: its attributes.
    pub(super) state: Option<Value<'p>>,
}

/// All containers and objects of a pickle.
#[derive(Debug, Default)]
pub(super) struct Objects<'p> {
    nodes: Vec<Node<'p>>,
}

impl<'p> Objects<'p> {
    pub(super) fn add(&mut self, node: Node<'p>) -> Result<Value<'p>, String> {
        if self.nodes.len() == MAX_NODES {
            return Err(format!("its pickle holds more than {MAX_NODES} objects"));
        }
        self.nodes.push(node);
        Ok(Value::Node(self.nodes.len() as u32 - 1))
    }

    pub(super) fn node(&self, value: Value<'p>) -> Option<&Node<'p>> {
        match value {
            Value::Node(index) => self.nodes.get(index as usize),
            _ => None,
        }
    }

    pub(super) fn node_mut(&mut self, value: Value<'p>) -> Option<&mut Node<'p>> {
        match value {
            Value::Node(index) => self.nodes.get_mut(index as usize),
            _ => None,
        }
    }

    pub(super) fn sequence(&self, value: Value<'p>) -> Option<&[Value<'p>]> {
        match self.node(value) {
            Some(Node::Sequence(items)) => Some(items),
            _ => None,
        }
    }

    pub(super) fn mapping(&self, value: Value<'p>) -> Option<&Mapping<'p>> {
        match self.node(value) {
            Some(Node::Mapping(mapping)) => Some(mapping),
            _ => None,
        }
    }

    pub(super) fn global(&self, value: Value<'p>) -> Option<(&'p str, &'p str)> {
        match self.node(value) {
            Some(&Node::Global { module, name }) => Some((module, name)),
            _ => None,
        }
    }

    /// All storages that the pickle refers to.
    pub(super) fn storages(&self) -> impl Iterator<Item = &Storage<'p>> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Storage(storage) => Some(storage),
            _ => None,
        })
    }

    /// The first class or function that the pickle names.
    pub(super) fn first_global(&self) -> Option<(&'p str, &'p str)> {
        self.nodes.iter().find_map(|node| match *node {
            Node::Global { module, name } => Some((module, name)),
            _ => None,
        })
    }
}
