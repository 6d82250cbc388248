//! Kinds that change the size of a map, and heads.

use cnn_graph::{Axis, Op, Order, PadMode, Pads};

use super::{CHANNELS, Case, SIZE, case, numbers, one};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = pads();
    cases.extend(resizes());
    cases.extend(heads());
    cases
}

fn pads() -> Vec<Case> {
    let modes = [PadMode::Constant(1.5), PadMode::Edge, PadMode::Reflect];
    let widths = [
        ("around", [1, 2, 3, 1]),
        ("before", [2, 1, 0, 0]),
        ("and cut", [-1, 2, 3, -2]),
        ("only cut", [-2, 0, -1, -3]),
    ];
    let mut cases = Vec::new();
    for mode in modes {
        for (name, [top, left, bottom, right]) in widths {
            let pads = Pads {
                top,
                left,
                bottom,
                right,
            };
            cases.push(one(format!("{mode:?} {name}"), Op::Pad { pads, mode }));
        }
    }
    cases
}

fn resizes() -> Vec<Case> {
    let nearest = |len: usize, n_outputs: usize| Axis {
        taps: (0..n_outputs)
            .map(|output| vec![(output * len / n_outputs, 1.0)])
            .collect(),
    };
    let linear = |len: usize, n_outputs: usize| {
        let weights = numbers(5, n_outputs);
        let taps = weights.into_iter().enumerate().map(|(output, weight)| {
            let at = output * (len - 1) / n_outputs;
            vec![(at, weight), (at + 1, 1.0 - weight)]
        });
        Axis {
            taps: taps.collect(),
        }
    };
    let unlike = Axis {
        taps: vec![vec![(4, 0.5), (4, 0.25), (0, 1.0)], vec![(1, -1.0)]],
    };
    let with = |name: &str, rows, cols| one(format!("resize {name}"), Op::Resize { rows, cols });
    vec![
        with("to more", nearest(SIZE.rows, 14), nearest(SIZE.cols, 10)),
        with("to fewer", nearest(SIZE.rows, 3), nearest(SIZE.cols, 2)),
        with("linearly", linear(SIZE.rows, 9), linear(SIZE.cols, 11)),
        with("unlike outputs", unlike.clone(), unlike),
    ]
}

fn heads() -> Vec<Case> {
    let flatten = |order| Op::Flatten { order };
    vec![
        one("flatten, channels first", flatten(Order::Chw)),
        one("flatten, channels last", flatten(Order::Hwc)),
        case("gemm", |graph, image| {
            let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
            let weight = numbers(6, 3 * CHANNELS);
            let bias = numbers(9, 3);
            graph.add("one", Op::Gemm { weight, bias }, &[mean])
        }),
        case("softmax", |graph, image| {
            let mean = graph.add("mean", Op::GlobalMaxPool, &[image])?;
            graph.add("one", Op::Softmax, &[mean])
        }),
    ]
}
