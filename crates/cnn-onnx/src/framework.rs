//! Models of other frameworks in the wire format of ONNX.

use crate::error::Framework;
use crate::wire::{Fields, Value};

/// The framework that a field of a model tells, which no model of ONNX has: a kind of model of Core
/// ML, or a part of a model of TensorFlow where ONNX has the name of a program.
pub(crate) fn framework_of(number: u64, value: Value<'_>) -> Option<Framework> {
    match (number, value) {
        (200.., _) => Some(Framework::CoreMl),
        (2, Value::Bytes(bytes)) if is_message(bytes) => Some(Framework::TensorFlow),
        _ => None,
    }
}

/// True of bytes that are fields, and not a name in printable characters.
fn is_message(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_control) && Fields::of(bytes).all(|field| field.is_ok())
}
