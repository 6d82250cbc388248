//! From the nodes of an ONNX file to those of a graph.

use std::collections::HashMap;

use cnn_graph::Size;

use crate::axes::{Axes, Value};
use crate::call::{Call, dims};
use crate::draft::{Draft, DraftId};
use crate::error::Error;
use crate::external::ExternalData;
use crate::fold;
use crate::graph::OnnxGraph;
use crate::ops::{evaluate, is_evaluated};
use crate::proto::{Node, is_standard};
use crate::values;

/// Parts of names by which quantisation shows, in the standard's operators and in ONNX Runtime's:
/// `QuantizeLinear`, `DequantizeLinear`, `QLinearConv`, `ConvInteger`, `QGemm`.
const QUANTISED: [&str; 4] = ["uantizeLinear", "QLinear", "Integer", "QGemm"];

/// Domains of operators that only ONNX Runtime has.
const RUNTIME: [&str; 2] = ["com.microsoft", "com.microsoft.nchwc"];

/// The image as a graph takes it.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) channels: usize,
    pub(crate) size: Size,
    pub(crate) axes: Axes,
}

/// A draft of the graph, and the node of its output, which is a vector.
pub(crate) fn lower(
    graph: &OnnxGraph<'_, '_>,
    data: &ExternalData,
    n_bytes: usize,
    image: Image,
) -> Result<(Draft, DraftId), Error> {
    let mut draft = Draft::new(image.channels, image.size, n_bytes);
    let mut values = HashMap::new();
    let axes = image.axes;
    values.insert(graph.input.name, Value::Map { id: 0, axes });
    for (at, node) in graph.nodes.iter().enumerate() {
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for &name in &node.inputs {
            if let Some(tensor) = graph.initializers.get(name)
                && !values.contains_key(name)
            {
                values.insert(name, Value::Constant(values::read(tensor, data)?));
            }
            inputs.push(values.get(name).cloned());
        }
        let opset = graph.opset;
        let call = Call {
            node,
            inputs,
            opset,
        };
        let outputs = outputs(&mut draft, &call, data);
        let outputs = outputs.map_err(|error| with_others(error, &graph.nodes[at + 1..]))?;
        values.extend(node.outputs.iter().copied().zip(outputs));
    }
    let problem = match values.get(graph.output.name) {
        Some(&Value::Vector { id, .. }) => return Ok((draft, id)),
        Some(value @ Value::Map { .. }) => {
            let found = dims(&draft, value);
            format!("the output is a map of {found:?}, expected a vector of scores")
        }
        _ => "the output does not depend on the image".to_owned(),
    };
    Err(Error::Outputs { problem })
}

fn outputs(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    data: &ExternalData,
) -> Result<Vec<Value>, Error> {
    expect_standard(call)?;
    let names = call.node.inputs.iter().zip(&call.inputs);
    for (name, value) in names {
        if value.is_none() && !name.is_empty() {
            return Err(call.refuse(format!("its input {name} is not evaluated")));
        }
    }
    match call.node.op {
        "Constant" => return Ok(vec![Value::Constant(fold::constant(draft, call, data)?)]),
        "Shape" => {
            let sizes = dims(draft, call.input(0)?);
            return Ok(vec![Value::Constant(fold::shape(call, &sizes)?)]);
        }
        _ => {}
    }
    let depends = |value: &Option<Value>| !matches!(value, None | Some(Value::Constant(_)));
    match call.inputs.iter().any(depends) {
        true => evaluate(draft, call),
        false => fold::fold(draft, call, data),
    }
}

/// Refuses operators of others than the standard, and those that say what was done to a network.
fn expect_standard(call: &Call<'_, '_>) -> Result<(), Error> {
    let Node { domain, op, .. } = *call.node;
    let is_runtime = RUNTIME.contains(&domain);
    if (is_runtime || is_standard(domain)) && QUANTISED.iter().any(|part| op.contains(part)) {
        return Err(call.refuse(
            "the network is quantised, and its answers would differ; export it in f32, before \
             quantisation",
        ));
    }
    if is_runtime {
        return Err(call.refuse(
            "ONNX Runtime fused it from other operators; use the file from before that, or save it \
             with the graph optimisation level ORT_ENABLE_BASIC or ORT_DISABLE_ALL",
        ));
    }
    match is_standard(domain) {
        true => Ok(()),
        false => Err(call.refuse("no operator of the standard")),
    }
}

/// Names the operators of the nodes behind a refused one that are never evaluated.
fn with_others(error: Error, rest: &[&Node<'_>]) -> Error {
    match error {
        Error::Operator { node, op, why, .. } => {
            let is_other = |node: &&&Node<'_>| !is_standard(node.domain) || !is_evaluated(node.op);
            let others = rest.iter().filter(is_other);
            let others = others.map(|node| node.operator()).collect();
            Error::Operator {
                node,
                op,
                why,
                others,
            }
        }
        other => other,
    }
}
