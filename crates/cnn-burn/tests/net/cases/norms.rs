//! Kinds that scale.

use cnn_graph::Op;

use super::{CHANNELS, Case, case, numbers, one};

pub(super) fn cases() -> Vec<Case> {
    let scale = || numbers(3, CHANNELS);
    let shift = || numbers(4, CHANNELS);
    let layer = || Op::LayerNormalization {
        scale: scale(),
        shift: shift(),
        epsilon: 1e-3,
    };
    let affine = || Op::Affine {
        scale: scale(),
        shift: shift(),
    };
    let mut cases = vec![
        one("affine", affine()),
        case("affine of a vector", |graph, image| {
            let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
            graph.add("one", affine(), &[mean])
        }),
        one("layer normalization", layer()),
        case("layer normalization of a vector", |graph, image| {
            let largest = graph.add("largest", Op::GlobalMaxPool, &[image])?;
            graph.add("one", layer(), &[largest])
        }),
    ];
    for groups in [1, 2, CHANNELS] {
        let op = Op::InstanceNormalization {
            groups,
            scale: scale(),
            shift: shift(),
            epsilon: 1e-5,
        };
        cases.push(one(format!("instance normalization, {groups} groups"), op));
    }
    // Sums over fewer channels than there are, over an even number, and over more than there are.
    for (size, beta) in [(1, 0.75), (2, 0.75), (3, 0.5), (5, 1.0), (20, 0.75)] {
        let op = Op::Lrn {
            size,
            alpha: 0.3,
            beta,
            bias: 1.5,
        };
        cases.push(one(format!("LRN of {size}, beta {beta}"), op));
    }
    cases
}
