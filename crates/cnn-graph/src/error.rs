//! Why a graph or an image was refused.

use crate::problem::Problem;
use crate::shape::Shape;

/// Why a graph or an image was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A node that does not fit its inputs, or asks for more than [`crate::limits`] allows.
    #[error("node {name} ({kind})")]
    Node {
        /// The node's name.
        name: String,
        /// Its kind, see [`crate::Op::kind`].
        kind: &'static str,
        /// What does not fit.
        source: Problem,
    },
    /// The node of the logits is not part of the graph.
    #[error("the logits are no node of this graph")]
    UnknownLogits,
    /// The logits are a map.
    #[error("the logits, node {name}, are {shape}, expected a vector")]
    LogitsShape {
        /// Name of the node.
        name: String,
        /// Its shape.
        shape: Shape,
    },
    /// A node whose output nothing reads and that is not the logits.
    #[error("nothing reads the output of node {name} ({kind})")]
    Unread {
        /// Name of the node.
        name: String,
        /// Its kind.
        kind: &'static str,
    },
    /// Pixels that do not fill the image that a graph is for.
    #[error("image: {found} values, expected {expected}")]
    ImageLength {
        /// Number of values given.
        found: usize,
        /// Number of values expected.
        expected: usize,
    },
}
