//! Operators that say that a graph is no plain export, and what was done to it.

use super::model::{Model, Node, is_standard};
use crate::Error;

/// Parts of names by which quantisation shows, in the standard's operators and in ONNX Runtime's:
/// `QuantizeLinear`, `DynamicQuantizeLinear`, `QLinearConv`, `ConvInteger`, `QGemm`.
const QUANTISED: [&str; 4] = ["QuantizeLinear", "QLinear", "Integer", "QGemm"];

/// Domains of operators that only ONNX Runtime has.
const RUNTIME: [&str; 2] = ["com.microsoft", "com.microsoft.nchwc"];

/// Refuses a graph that was quantised or fused, and names the first such node.
pub(super) fn refuse(model: &Model<'_>) -> Result<(), Error> {
    let is_runtime = |node: &Node<'_>| RUNTIME.contains(&node.domain);
    let is_quantised = |node: &&Node<'_>| {
        (is_standard(node.domain) || is_runtime(node))
            && QUANTISED.iter().any(|part| node.op.contains(part))
    };
    if let Some(node) = model.nodes.iter().find(is_quantised) {
        return Err(Error::OnnxQuantised {
            node: node.label().to_owned(),
            op: node.op.to_owned(),
        });
    }
    match model.nodes.iter().find(|node| is_runtime(node)) {
        Some(node) => Err(Error::OnnxFused {
            node: node.label().to_owned(),
            op: node.op.to_owned(),
            domain: node.domain.to_owned(),
        }),
        None => Ok(()),
    }
}
