//! The graph while it is made: parameters in `f64`, so that what is folded into them is rounded once.

use std::rc::Rc;

use cnn_graph::limits::{MAX_CHANNELS, MAX_VALUES};
use cnn_graph::{Op, Shape, Size, Window};

use crate::error::Error;

/// Parameters, tables and folded constants that a graph may have beside one for each byte of the
/// file: 128 MiB in `f64`.
const MAX_EXTRA_VALUES: usize = 1 << 24;

/// Nodes before anything is folded.
const MAX_NODES: usize = 4 * cnn_graph::limits::MAX_NODES;

/// The place of a node in a draft.
pub(crate) type DraftId = usize;

/// A node before it is final.
#[derive(Debug, Clone)]
pub(crate) struct DraftNode {
    /// The label of the ONNX node.
    pub(crate) name: String,
    pub(crate) op: DraftOp,
    pub(crate) inputs: Vec<DraftId>,
    pub(crate) shape: Shape,
}

/// What a node computes; see [`Op`].
#[derive(Debug, Clone)]
pub(crate) enum DraftOp {
    Conv {
        weight: Weight,
        bias: Vec<f64>,
        window: Window,
        group: usize,
    },
    Gemm {
        weight: Weight,
        bias: Vec<f64>,
    },
    Affine {
        scale: Vec<f64>,
        shift: Vec<f64>,
    },
    LayerNormalization {
        scale: Vec<f64>,
        shift: Vec<f64>,
        epsilon: f32,
    },
    InstanceNormalization {
        groups: usize,
        scale: Vec<f64>,
        shift: Vec<f64>,
        epsilon: f32,
    },
    /// A part of a normalisation that is written in pieces.
    Piece(Piece),
    /// A kind without parameters that anything is folded into.
    Final(Op),
}

/// What there is of a layer normalisation; the input of the node is the value that is normalised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Piece {
    Mean,
    Centered,
    Squared,
    Variance,
    Shifted { epsilon: f32 },
    Deviation { epsilon: f32 },
}

/// The weights of a linear map as the file has them, and what the outputs are multiplied by.
#[derive(Debug, Clone)]
pub(crate) struct Weight {
    /// Row-major, the outputs first.
    pub(crate) values: Rc<Vec<f32>>,
    /// One factor an output.
    pub(crate) scale: Vec<f64>,
}

/// Nodes in order of computation; the first is the image.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) nodes: Vec<DraftNode>,
    left: usize,
    limit: usize,
}

impl Draft {
    /// Only the image. The file and those beside it have `n_bytes`.
    pub(crate) fn new(channels: usize, size: Size, n_bytes: usize) -> Self {
        let limit = n_bytes.saturating_add(MAX_EXTRA_VALUES);
        let input = DraftNode {
            name: "input".to_owned(),
            op: DraftOp::Final(Op::Input),
            inputs: Vec::new(),
            shape: Shape::Map { channels, size },
        };
        Self {
            nodes: vec![input],
            left: limit,
            limit,
        }
    }

    pub(crate) fn shape(&self, id: DraftId) -> Shape {
        self.nodes[id].shape
    }

    /// Channels of a map, or values of a vector.
    pub(crate) fn n_channels(&self, id: DraftId) -> usize {
        self.nodes[id].shape.n_channels()
    }

    /// Takes `n` values out of what the graph may have, before they are allocated.
    pub(crate) fn reserve(&mut self, n: usize) -> Result<(), Error> {
        let too_large = || Error::TooLarge {
            what: "weights, tables and folded constants together".to_owned(),
            limit: self.limit as u64,
        };
        self.left = self.left.checked_sub(n).ok_or_else(too_large)?;
        Ok(())
    }

    /// Adds a node. Its shape is checked against the largest before anything is computed with it.
    pub(crate) fn add(
        &mut self,
        name: &str,
        op: DraftOp,
        inputs: Vec<DraftId>,
        shape: Shape,
    ) -> Result<DraftId, Error> {
        let too_large = |what: &str, limit| Error::TooLarge {
            what: format!("node {name}: {what}"),
            limit,
        };
        if self.nodes.len() >= MAX_NODES {
            return Err(too_large("nodes", MAX_NODES as u64));
        }
        let n_values = match shape {
            Shape::Map { channels, size } => {
                if channels > MAX_CHANNELS {
                    return Err(too_large("channels", MAX_CHANNELS as u64));
                }
                let positions = size.rows.checked_mul(size.cols);
                positions.and_then(|n| n.checked_mul(channels))
            }
            Shape::Vector { len } => Some(len),
        };
        if n_values.is_none_or(|n| n as u64 > MAX_VALUES) {
            return Err(too_large("values", MAX_VALUES));
        }
        self.nodes.push(DraftNode {
            name: name.to_owned(),
            op,
            inputs,
            shape,
        });
        Ok(self.nodes.len() - 1)
    }
}

/// How often each node is read by nodes on which the output depends; the output is read once more.
/// The image is always kept.
pub(crate) fn n_readers(nodes: &[DraftNode], output: DraftId) -> Vec<usize> {
    let mut n_readers = vec![0; nodes.len()];
    n_readers[output] = 1;
    n_readers[0] += 1;
    for (id, node) in nodes.iter().enumerate().rev() {
        if n_readers[id] > 0 {
            for &input in &node.inputs {
                n_readers[input] += 1;
            }
        }
    }
    n_readers
}
