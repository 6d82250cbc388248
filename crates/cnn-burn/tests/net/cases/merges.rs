//! Kinds of several inputs, and choices of channels.

use cnn_graph::{Activation, Op};

use super::{CHANNELS, Case, case, one};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for op in [Op::Add, Op::Mul] {
        let kind = op.kind();
        cases.push(case(format!("{kind} of maps"), |graph, image| {
            let other = graph.add("other", Op::Activation(Activation::Tanh), &[image])?;
            graph.add("both", op.clone(), &[image, other])
        }));
        cases.push(case(
            format!("{kind} of a map and itself"),
            |graph, image| graph.add("both", op.clone(), &[image, image]),
        ));
        cases.push(case(
            format!("{kind} of a map and a vector"),
            |graph, image| {
                let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
                let gate = graph.add("gate", Op::Activation(Activation::Sigmoid), &[mean])?;
                graph.add("both", op.clone(), &[image, gate])
            },
        ));
        cases.push(case(format!("{kind} of vectors"), |graph, image| {
            let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
            let largest = graph.add("largest", Op::GlobalMaxPool, &[image])?;
            graph.add("both", op.clone(), &[mean, largest])
        }));
    }
    cases.extend(concats());
    cases.extend(gathers());
    cases
}

fn concats() -> Vec<Case> {
    vec![
        case("concat of maps, one of them twice", |graph, image| {
            let other = graph.add("other", Op::Activation(Activation::Silu), &[image])?;
            graph.add("both", Op::Concat, &[other, image, other])
        }),
        case("concat of vectors", |graph, image| {
            let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
            let largest = graph.add("largest", Op::GlobalMaxPool, &[image])?;
            graph.add("both", Op::Concat, &[mean, largest])
        }),
        one("concat of one map", Op::Concat),
    ]
}

fn gathers() -> Vec<Case> {
    let gather = |channels: &[u32]| Op::Gather {
        channels: channels.to_vec(),
    };
    let last = CHANNELS as u32 - 1;
    vec![
        one("gather of a run", gather(&[1, 2])),
        one("gather of the last", gather(&[last])),
        one("gather in another order", gather(&[2, 0, last, 1])),
        one("gather, repeated and left out", gather(&[1, 1, last])),
        case("gather of a vector", |graph, image| {
            let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
            graph.add("one", gather(&[last, 0, 0]), &[mean])
        }),
    ]
}
