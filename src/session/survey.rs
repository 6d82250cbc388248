//! What a network of any kind is, before it is used.

use std::collections::BTreeMap;

use cnn_graph::{End, Size};
use cnn_onnx::Model;
use hshap::share_of_work;
use masked_cnn::{Engine, Settings};
use serde::Serialize;

use crate::Error;

/// What a model of ONNX computes for images of one size, and how much of it an explanation needs.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Survey {
    /// Version of ONNX's operators.
    pub opset: i64,
    /// Channels of the image.
    pub channels: usize,
    /// Rows and columns for which the other numbers hold.
    pub size_px: (usize, usize),
    /// Whether the file takes no other.
    pub is_fixed: bool,
    /// Number of outputs.
    pub outputs: usize,
    /// What they are: logits, sigmoid or softmax.
    pub end: &'static str,
    /// Nodes by kind.
    pub nodes: BTreeMap<&'static str, usize>,
    /// Multiply-accumulate operations for one image.
    pub macs: u64,
    /// Of these, what the masked engine computes for an average mask of an explanation; an estimate.
    pub share_of_work: f64,
    /// The least memory, in bytes, in which the masked engine explains an image over one background.
    pub least_memory_bytes: u64,
}

impl Survey {
    /// Of a model, for images of a size.
    ///
    /// # Errors
    ///
    /// Those of [`Model::graph`], and of the masked engine.
    pub fn of(model: &Model, size: Size) -> Result<Self, Error> {
        let input = model.input()?;
        let graph = model.graph(size)?;
        let mut nodes = BTreeMap::new();
        for node in &graph.nodes()[1..] {
            *nodes.entry(node.op.kind()).or_default() += 1;
        }
        let engine = Engine::new(&graph, &Settings::default())?;
        Ok(Self {
            opset: model.opset()?,
            channels: graph.n_channels(),
            size_px: (size.rows, size.cols),
            is_fixed: input.rows.is_some() && input.cols.is_some(),
            outputs: graph.n_outputs(),
            end: match graph.end() {
                End::Logits => "logits",
                End::Sigmoid => "sigmoid",
                End::Softmax => "softmax",
            },
            nodes,
            macs: graph.n_macs(),
            share_of_work: share_of_work(&engine),
            least_memory_bytes: engine.least_memory_bytes(1),
        })
    }
}
