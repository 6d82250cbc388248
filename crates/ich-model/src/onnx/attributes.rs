//! Attributes of nodes, whose defaults an exporter may leave out.

use super::model::{Attribute, Node};

/// True unless the node asks for padding by rule.
pub(super) fn is_padded_as_written(node: &Node<'_>) -> bool {
    match node.attribute("auto_pad") {
        None => true,
        Some(Attribute::Text(text)) => matches!(*text, b"NOTSET" | b""),
        Some(_) => false,
    }
}

/// A whole number, or `None` where the attribute is of another type.
pub(super) fn int(node: &Node<'_>, name: &str, default: i64) -> Option<i64> {
    match node.attribute(name) {
        None => Some(default),
        Some(Attribute::Int(value)) => Some(*value),
        Some(_) => None,
    }
}

pub(super) fn float(node: &Node<'_>, name: &str, default: f32) -> Option<f32> {
    match node.attribute(name) {
        None => Some(default),
        Some(Attribute::Float(value)) => Some(*value),
        Some(_) => None,
    }
}

pub(super) fn ints(node: &Node<'_>, name: &str, default: &[i64]) -> Vec<i64> {
    match node.attribute(name) {
        None => default.to_vec(),
        Some(Attribute::Ints(ints)) => ints.clone(),
        Some(_) => Vec::new(),
    }
}
