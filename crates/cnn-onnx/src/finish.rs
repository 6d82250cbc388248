//! The end: a draft as a graph, with parameters in `f32`.

use std::rc::Rc;

use cnn_graph::{Activation, Conv, End, Graph, GraphBuilder, NodeId, Op, Shape};

use crate::draft::{Draft, DraftId, DraftNode, DraftOp, Piece, Weight, n_readers};
use crate::error::{Error, malformed};

/// The graph up to the logits. A last Sigmoid or Softmax is the end of the graph and no node.
pub(crate) fn finish(draft: Draft, output: DraftId) -> Result<Graph, Error> {
    let end = end_of(&draft.nodes[output]);
    let logits = match (end, draft.nodes[output].inputs.first()) {
        (End::Sigmoid | End::Softmax, Some(&input)) => input,
        _ => output,
    };
    let n_readers = n_readers(&draft.nodes, logits);
    let Shape::Map { channels, size } = draft.shape(0) else {
        return Err(malformed("the image is no map"));
    };
    let mut graph = GraphBuilder::new(channels, size)?;
    let mut ids: Vec<NodeId> = vec![graph.input(); draft.nodes.len()];
    for (at, node) in draft.nodes.into_iter().enumerate().skip(1) {
        if n_readers[at] == 0 {
            continue;
        }
        let inputs: Vec<NodeId> = node.inputs.iter().map(|&input| ids[input]).collect();
        let op = final_op(node.op, &node.name)?;
        ids[at] = graph.add(node.name, op, &inputs)?;
    }
    Ok(graph.finish(ids[logits], end)?)
}

fn end_of(node: &DraftNode) -> End {
    match node.op {
        DraftOp::Final(Op::Activation(Activation::Sigmoid)) => End::Sigmoid,
        DraftOp::Final(Op::Softmax) => End::Softmax,
        _ => End::Logits,
    }
}

fn final_op(op: DraftOp, node: &str) -> Result<Op, Error> {
    let rounded = |what, values: Vec<f64>| {
        let values = values.into_iter().map(|value| value as f32).collect();
        finite(node, what, values)
    };
    Ok(match op {
        DraftOp::Conv {
            weight,
            bias,
            window,
            group,
        } => Op::Conv(Conv {
            weight: finite(node, "weight", weights(weight))?,
            bias: rounded("bias", bias)?,
            window,
            group,
        }),
        DraftOp::Gemm { weight, bias } => Op::Gemm {
            weight: finite(node, "weight", weights(weight))?,
            bias: rounded("bias", bias)?,
        },
        DraftOp::Affine { scale, shift } => Op::Affine {
            scale: rounded("scale", scale)?,
            shift: rounded("shift", shift)?,
        },
        DraftOp::LayerNormalization {
            scale,
            shift,
            epsilon,
        } => Op::LayerNormalization {
            scale: rounded("scale", scale)?,
            shift: rounded("shift", shift)?,
            epsilon,
        },
        DraftOp::InstanceNormalization {
            groups,
            scale,
            shift,
            epsilon,
        } => Op::InstanceNormalization {
            groups,
            scale: rounded("scale", scale)?,
            shift: rounded("shift", shift)?,
            epsilon,
        },
        DraftOp::Piece(piece) => {
            return Err(Error::Operator {
                node: node.to_owned(),
                op: of_piece(piece).to_owned(),
                why: "a mean over channels, or what is made of it, is evaluated only as a part of \
                      layer normalisation"
                    .to_owned(),
                others: Vec::new(),
            });
        }
        DraftOp::Final(op) => op,
    })
}

/// The operator of a piece.
fn of_piece(piece: Piece) -> &'static str {
    match piece {
        Piece::Mean | Piece::Variance => "ReduceMean",
        Piece::Centered => "Sub",
        Piece::Squared => "Pow",
        Piece::Shifted { .. } => "Add",
        Piece::Deviation { .. } => "Sqrt",
    }
}

/// The weights times the factors of their outputs.
fn weights(weight: Weight) -> Vec<f32> {
    let Weight { values, scale } = weight;
    if scale.iter().all(|&factor| factor == 1.0) {
        return Rc::try_unwrap(values).unwrap_or_else(|shared| shared.to_vec());
    }
    let per_output = values.len() / scale.len();
    let times = |(at, &value): (usize, &f32)| (f64::from(value) * scale[at / per_output]) as f32;
    values.iter().enumerate().map(times).collect()
}

fn finite(node: &str, what: &'static str, values: Vec<f32>) -> Result<Vec<f32>, Error> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(index) => Err(Error::NotFinite {
            node: node.to_owned(),
            what,
            index,
            value: values[index],
        }),
    }
}
