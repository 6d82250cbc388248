//! Why a network was not built or did not run.

use burn::tensor::DType;

/// Why a network was not built or did not run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A node of a kind that this version does not compute.
    #[error("node {name}: {kind} is no kind that is computed on a device")]
    Unsupported {
        /// Name of the node.
        name: String,
        /// Its kind.
        kind: &'static str,
    },
    /// A convolution whose windows read too much at once.
    #[error("node {name} (Conv): a window reads {found} values, expected at most {limit}")]
    Window {
        /// Name of the node.
        name: String,
        /// Values that a window reads.
        found: u64,
        /// The limit, [`crate::limits::MAX_WINDOW_VALUES`].
        limit: u64,
    },
    /// A network that asks for too much memory.
    #[error("{what}: {found} values for one image, expected at most {limit}")]
    Memory {
        /// What takes the memory.
        what: &'static str,
        /// Number of values.
        found: u64,
        /// The limit, [`crate::limits::MAX_HELD_VALUES`].
        limit: u64,
    },
    /// Images or values of a node of another shape than the graph has.
    #[error(
        "values of node {name} are {found:?}, expected [n, {}, {}, {}] with n of 1 or more",
        .expected[0], .expected[1], .expected[2]
    )]
    Shape {
        /// Name of the node.
        name: String,
        /// Shape of the values given.
        found: [usize; 4],
        /// Channels, rows and columns of the node.
        expected: [usize; 3],
    },
    /// Images or values of a node of another type than the weights.
    #[error("values of type {found:?}, expected {expected:?}")]
    DType {
        /// Type of the values given.
        found: DType,
        /// Type of the weights.
        expected: DType,
    },
    /// Images or values of a node on another device than the weights.
    #[error("values on {found}, the network is on {expected}")]
    Device {
        /// Device of the values given.
        found: String,
        /// Device of the network.
        expected: String,
    },
    /// A node of another graph.
    #[error("node {index}: the network has {n_nodes} nodes, counted from 0")]
    UnknownNode {
        /// Its place among the nodes.
        index: usize,
        /// Number of nodes of the network.
        n_nodes: usize,
    },
    /// A node that some path from the image to the logits goes around.
    #[error("the logits do not depend on node {name} alone: node {reader} reads an earlier one")]
    GoneAround {
        /// Name of the node.
        name: String,
        /// Name of a later node that reads an earlier one.
        reader: String,
    },
    /// An output that the network does not have.
    #[error("output {output}: the network has {n_outputs} outputs, counted from 0")]
    UnknownOutput {
        /// The output.
        output: usize,
        /// Number of outputs of the network.
        n_outputs: usize,
    },
}
