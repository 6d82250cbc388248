//! A model's graph, ready to be walked from its input to its output.

use std::collections::{HashMap, HashSet};

use super::external::ExternalData;
use super::model::{Attribute, Model, Node, Tensor, is_standard};
use super::values;
use crate::Error;
use crate::checkpoint::malformed;

/// Versions of the standard operators that are read. Version 7 gave operators on two tensors today's
/// broadcasting; 28 is the newest that PyTorch's exporter writes.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=28;

/// Who computes a value and who uses it.
pub(super) struct Graph<'m, 'f> {
    pub(super) input: &'f str,
    pub(super) output: &'f str,
    /// Values beside the file.
    pub(super) data: &'f ExternalData,
    /// Values that only repeat another one, and that one.
    repeats: HashMap<&'f str, &'f str>,
    constants: HashMap<&'f str, &'m Tensor<'f>>,
    /// Constant lists of whole numbers that are no tensors in the file.
    lists: HashMap<&'f str, &'m [i64]>,
    /// Nodes that compute with a value, in the order of the file.
    consumers: HashMap<&'f str, Vec<&'m Node<'f>>>,
}

impl<'m, 'f> Graph<'m, 'f> {
    /// Checks that every value is computed once, and before it is used.
    pub(super) fn new(model: &'m Model<'f>, data: &'f ExternalData) -> Result<Self, Error> {
        if !OPSETS.contains(&model.opset) {
            return Err(Error::OnnxOpset {
                found: model.opset,
                oldest: *OPSETS.start(),
                newest: *OPSETS.end(),
            });
        }
        let mut graph = Self {
            input: "",
            output: "",
            data,
            repeats: HashMap::new(),
            constants: model.initializers.iter().map(|t| (t.name, t)).collect(),
            lists: HashMap::new(),
            consumers: HashMap::new(),
        };
        // Files of the first versions list initializers among the inputs.
        let is_constant = |name: &&str| graph.constants.contains_key(name);
        let inputs: Vec<_> = model.inputs.iter().filter(|i| !is_constant(i)).collect();
        graph.input = one(&inputs, "inputs")?;
        graph.output = one(&model.outputs.iter().collect::<Vec<_>>(), "outputs")?;

        let mut computed: HashSet<&str> = graph.constants.keys().copied().collect();
        // The name of an optional input that is left out.
        computed.insert("");
        computed.insert(graph.input);
        for node in &model.nodes {
            if let Some(input) = node.inputs.iter().find(|i| !computed.contains(**i)) {
                return Err(malformed(
                    "ONNX",
                    format!(
                        "node {} uses {input}, which no earlier node computes",
                        node.label()
                    ),
                ));
            }
            for output in node.outputs.iter().filter(|output| !output.is_empty()) {
                if !computed.insert(output) {
                    return Err(malformed("ONNX", format!("{output} is computed twice")));
                }
            }
            graph.add(node);
        }
        Ok(graph)
    }

    fn add(&mut self, node: &'m Node<'f>) {
        if let ([input, ..], [output, ..]) = (&node.inputs[..], &node.outputs[..]) {
            let input = self.resolve(input);
            if repeats(node) || repeats_constant(node) && self.constants.contains_key(input) {
                self.repeats.insert(output, input);
                return;
            }
        }
        if let ("Constant", [output]) = (node.op, &node.outputs[..])
            && is_standard(node.domain)
        {
            if let Some(Attribute::Tensor(tensor)) = node.attribute("value") {
                self.constants.insert(output, tensor);
            } else if let Some(Attribute::Ints(ints)) = node.attribute("value_ints") {
                self.lists.insert(output, ints);
            }
            return;
        }
        let mut inputs: Vec<_> = node.inputs.iter().map(|name| self.resolve(name)).collect();
        inputs.sort_unstable();
        inputs.dedup();
        for input in inputs {
            self.consumers.entry(input).or_default().push(node);
        }
    }

    /// The value that `name` repeats, or itself.
    pub(super) fn resolve(&self, name: &'f str) -> &'f str {
        self.repeats.get(name).copied().unwrap_or(name)
    }

    /// The constant of this name.
    pub(super) fn constant(&self, name: &'f str) -> Option<&'m Tensor<'f>> {
        self.constants.get(self.resolve(name)).copied()
    }

    /// The nodes that compute with the values of `name`, those apart that ask for its shape only.
    pub(super) fn consumers(&self, name: &'f str) -> Vec<&'m Node<'f>> {
        let all = self.consumers.get(self.resolve(name)).into_iter().flatten();
        all.copied()
            .filter(|node| !(node.op == "Shape" && is_standard(node.domain)))
            .collect()
    }

    /// The whole numbers of a constant list, such as axes.
    pub(super) fn ints(&self, name: &'f str) -> Result<Option<Vec<i64>>, Error> {
        match (self.constant(name), self.lists.get(self.resolve(name))) {
            (Some(tensor), _) => Ok(Some(
                values::read(tensor, self.data)?.iter::<i64>().collect(),
            )),
            (None, list) => Ok(list.map(|list| list.to_vec())),
        }
    }
}

/// `Identity`, and `Cast` from one floating-point type to another.
fn repeats(node: &Node<'_>) -> bool {
    // FLOAT, FLOAT16, DOUBLE, BFLOAT16; what is cast is what the network computes with.
    let to_float = || matches!(node.attribute("to"), Some(Attribute::Int(1 | 10 | 11 | 16)));
    is_standard(node.domain) && (node.op == "Identity" || node.op == "Cast" && to_float())
}

/// Nodes by which an export that is not optimised brings constants into form. They keep the values,
/// and whether the shape is that of the network is checked where it matters.
fn repeats_constant(node: &Node<'_>) -> bool {
    is_standard(node.domain) && matches!(node.op, "CastLike" | "Expand" | "Reshape")
}

fn one<'f>(names: &[&&'f str], what: &str) -> Result<&'f str, Error> {
    match names {
        [name] => Ok(name),
        _ => Err(malformed(
            "ONNX",
            format!("its graph has {} {what}, expected one", names.len()),
        )),
    }
}
