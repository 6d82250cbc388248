//! A model's graph, ready to be walked from its input to its output.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, malformed};
use crate::proto::{ModelProto, Node, Tensor, ValueInfo};

/// Versions of the standard operators that are read. Version 7 gave operators on two tensors today's
/// broadcasting; 28 is the newest that PyTorch's exporter writes.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=28;

/// The nodes that compute the output, in order, and what they start from.
#[derive(Debug)]
pub(crate) struct OnnxGraph<'m, 'f> {
    pub(crate) opset: i64,
    pub(crate) input: &'m ValueInfo<'f>,
    pub(crate) output: &'m ValueInfo<'f>,
    pub(crate) initializers: HashMap<&'f str, &'m Tensor<'f>>,
    /// Nodes on which the output depends, in the order of the file.
    pub(crate) nodes: Vec<&'m Node<'f>>,
}

impl<'m, 'f> OnnxGraph<'m, 'f> {
    /// Checks that every value is computed once, and before it is used.
    pub(crate) fn new(model: &'m ModelProto<'f>) -> Result<Self, Error> {
        if !OPSETS.contains(&model.opset) {
            return Err(Error::Opset {
                found: model.opset,
                oldest: *OPSETS.start(),
                newest: *OPSETS.end(),
            });
        }
        let mut initializers = HashMap::new();
        for tensor in &model.initializers {
            if initializers.insert(tensor.name, tensor).is_some() {
                return Err(malformed(format!("{} is given twice", tensor.name)));
            }
        }
        // Files of the first versions list initializers among the inputs.
        let is_input = |info: &&ValueInfo<'_>| !initializers.contains_key(info.name);
        let inputs: Vec<_> = model.inputs.iter().filter(is_input).collect();
        let [input] = inputs[..] else {
            return Err(Error::Inputs {
                problem: format!("{} inputs, expected one, an image", inputs.len()),
            });
        };
        let [output] = &model.outputs[..] else {
            return Err(Error::Outputs {
                problem: format!("{} outputs, expected one", model.outputs.len()),
            });
        };
        let mut computed: HashSet<&str> = initializers.keys().copied().collect();
        // The name of an optional input that is left out.
        computed.insert("");
        computed.insert(input.name);
        for node in &model.nodes {
            if let Some(value) = node.inputs.iter().find(|i| !computed.contains(**i)) {
                let label = node.label();
                return Err(malformed(format!(
                    "node {label} uses {value}, which no earlier node computes"
                )));
            }
            for value in node.outputs.iter().filter(|value| !value.is_empty()) {
                if !computed.insert(value) {
                    return Err(malformed(format!("{value} is computed twice")));
                }
            }
        }
        if output.name.is_empty() || !computed.contains(output.name) {
            return Err(malformed(format!("nothing computes {}", output.name)));
        }
        Ok(Self {
            opset: model.opset,
            input,
            output,
            initializers,
            nodes: needed(&model.nodes, output.name),
        })
    }
}

/// The nodes on which a value depends, in their order. Others, such as those of a second head for
/// training, are not looked at.
fn needed<'m, 'f>(nodes: &'m [Node<'f>], output: &'f str) -> Vec<&'m Node<'f>> {
    let mut names = HashSet::from([output]);
    let mut needed = Vec::new();
    for node in nodes.iter().rev() {
        if node.outputs.iter().any(|value| names.contains(value)) {
            names.extend(node.inputs.iter().filter(|name| !name.is_empty()));
            needed.push(node);
        }
    }
    needed.reverse();
    needed
}
