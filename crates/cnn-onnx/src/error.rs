//! Why a file was refused.

use std::fmt;
use std::io;

/// Why a file was refused. None of the messages names the file, which the caller knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes that are no ONNX model, or one that contradicts itself.
    #[error("malformed ONNX file: {message}")]
    Malformed {
        /// What is wrong.
        message: String,
    },
    /// A model of another framework.
    #[error("a model of {framework}, expected one of ONNX")]
    Framework {
        /// The framework.
        framework: Framework,
    },
    /// A version of the ONNX operators that is not read.
    #[error("version {found} of the ONNX operators, expected {oldest} to {newest}")]
    Opset {
        /// The version that the file uses.
        found: i64,
        /// The oldest that is read.
        oldest: i64,
        /// The newest that is read.
        newest: i64,
    },
    /// A node that is not evaluated, or not in this place.
    #[error("node {node} ({op}): {why}{}", counted(others))]
    Operator {
        /// Name of the node, or of its output where it has none.
        node: String,
        /// Its operator.
        op: String,
        /// Why it is not evaluated.
        why: String,
        /// Operators of the nodes behind it that are never evaluated, one entry a node.
        others: Vec<String>,
    },
    /// An attribute, or an input that stands for one, with a value that is not evaluated.
    #[error("node {node} ({op}): {attribute} {found}, expected {expected}")]
    Attribute {
        /// Name of the node, or of its output where it has none.
        node: String,
        /// Its operator.
        op: String,
        /// Name of the attribute or input.
        attribute: String,
        /// Its value.
        found: String,
        /// What is evaluated.
        expected: String,
    },
    /// Shapes that do not fit each other.
    #[error("node {node} ({op}): {problem}")]
    Shape {
        /// Name of the node, or of its output where it has none.
        node: String,
        /// Its operator.
        op: String,
        /// What does not fit.
        problem: String,
    },
    /// A value that must not depend on the image, such as a weight, and does.
    #[error("node {node} ({op}): input {input} depends on the image, expected a constant")]
    NotConstant {
        /// Name of the node, or of its output where it has none.
        node: String,
        /// Its operator.
        op: String,
        /// Name of the input.
        input: String,
    },
    /// A graph that does not take one image of known channels.
    #[error("{problem}")]
    Inputs {
        /// What it takes.
        problem: String,
    },
    /// A graph that does not give one vector.
    #[error("{problem}")]
    Outputs {
        /// What it gives.
        problem: String,
    },
    /// A size other than the only one that the file was exported for.
    #[error("the input is {rows} x {cols}, asked for at {asked_rows} x {asked_cols}")]
    SizeFixed {
        /// Rows of the file's image, `?` where any number will do.
        rows: String,
        /// Columns of the file's image, `?` where any number will do.
        cols: String,
        /// Rows asked for.
        asked_rows: usize,
        /// Columns asked for.
        asked_cols: usize,
    },
    /// More than a network asks for.
    #[error("{what}: more than {limit}")]
    TooLarge {
        /// What there is too much of, and where.
        what: String,
        /// The limit.
        limit: u64,
    },
    /// A weight that is NaN, infinite, or beyond the range of `f32`.
    #[error("node {node}: {what} holds {value} at index {index}, expected finite numbers")]
    NotFinite {
        /// Name of the node, or of its output where it has none.
        node: String,
        /// Which of its parameters.
        what: &'static str,
        /// Position in row-major order.
        index: usize,
        /// The value.
        value: f32,
    },
    /// Values in another file that cannot or may not be read.
    #[error("tensor {tensor} has its values in {location:?}, which cannot be used")]
    ExternalData {
        /// Name of the tensor.
        tensor: String,
        /// The other file, as this one names it.
        location: String,
        /// What is wrong.
        source: io::Error,
    },
    /// A graph that is read and is larger than may be computed.
    #[error("the graph does not fit")]
    Graph(#[from] cnn_graph::Error),
}

/// A framework whose models have the wire format of ONNX files and other messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framework {
    /// Apple's Core ML.
    CoreMl,
    /// TensorFlow, a graph or a saved model.
    TensorFlow,
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CoreMl => "Core ML",
            Self::TensorFlow => "TensorFlow",
        })
    }
}

/// A file that contradicts the format or itself.
pub(crate) fn malformed(message: impl ToString) -> Error {
    Error::Malformed {
        message: message.to_string(),
    }
}

/// The nodes behind the one that was refused: how many, and of which operators.
fn counted(others: &[String]) -> String {
    let mut ops: Vec<&str> = others.iter().map(String::as_str).collect();
    ops.sort_unstable();
    ops.dedup();
    match others.len() {
        0 => String::new(),
        1 => format!(" (1 more node, of {})", ops.join(", ")),
        n => format!(" ({n} more nodes, of {})", ops.join(", ")),
    }
}
