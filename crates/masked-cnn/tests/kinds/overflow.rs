//! Values that leave the range of `f32`: no kind of node may hide one.

use cnn_graph::{
    Activation, Axis, Conv, End, Graph, GraphBuilder, NodeId, Op, Order, PadMode, Pads, Shape,
    Size, Window,
};
use masked_cnn::{Engine, Error, Mask, Rect, Region, Settings};

const SIZE: Size = Size { rows: 9, cols: 6 };

const N_CHANNELS: usize = 3;

/// All of an image's pixels.
const PIXEL: f32 = 100.0;

/// `factor` times the channels.
fn times(factor: f32, group: usize) -> Op {
    let n = N_CHANNELS * N_CHANNELS / group;
    Op::Conv(Conv {
        weight: vec![factor; n],
        bias: vec![0.0; N_CHANNELS],
        window: Window::new([1, 1]),
        group,
    })
}

/// A node that reads a map, then the mean of what it computes.
fn graph(first: Op, op: &Op, n_inputs: usize) -> Graph {
    let mut graph = GraphBuilder::new(N_CHANNELS, SIZE).unwrap();
    let first = graph.add("first", first, &[graph.input()]).unwrap();
    let inputs: Vec<NodeId> = vec![first; n_inputs];
    let mut last = graph.add("node", op.clone(), &inputs).unwrap();
    if let Some(Shape::Map { .. }) = graph.shape(last) {
        last = graph.add("mean", Op::GlobalAveragePool, &[last]).unwrap();
    }
    graph.finish(last, End::Sigmoid).unwrap()
}

fn expect_overflow(graph: &Graph, what: &str) {
    let engine = Engine::new(graph, &Settings::default()).unwrap();
    let n = graph.nodes()[0].shape.n_values();
    let (image, background) = (vec![PIXEL; n], vec![-PIXEL; n]);
    let dense = engine.forward(&image);
    let is_told = matches!(dense, Err(Error::Overflow { index: 0 }));
    assert!(is_told, "{what}, dense: {dense:?}");
    let middle = Rect {
        row: 2,
        col: 1,
        n_rows: 4,
        n_cols: 3,
    };
    let shown = Region::union([middle], SIZE);
    let mask = Mask {
        background: 0,
        shown: &shown,
        group: 0,
    };
    let masked = engine
        .mask(&image, &[&background])
        .unwrap()
        .evaluate(&[mask]);
    let is_told = matches!(masked, Err(Error::Overflow { index: 0 }));
    assert!(is_told, "{what}, masked: {masked:?}");
}

fn readers() -> Vec<(Op, usize)> {
    let ones = || vec![1.0; N_CHANNELS];
    let window = Window::new([2, 2]);
    let pads = Pads {
        top: 1,
        left: 0,
        bottom: 0,
        right: 2,
    };
    let axis = |n: usize| Axis {
        taps: (0..n).map(|at| vec![(at, 0.0)]).collect(),
    };
    let mut ops = vec![
        (
            Op::MaxPool {
                window,
                ceil_mode: false,
            },
            1,
        ),
        (
            Op::AveragePool {
                window,
                ceil_mode: false,
                count_include_pad: true,
            },
            1,
        ),
        (Op::GlobalAveragePool, 1),
        (Op::GlobalMaxPool, 1),
        (
            Op::Affine {
                scale: vec![0.0; N_CHANNELS],
                shift: ones(),
            },
            1,
        ),
        (Op::Add, 2),
        (Op::Mul, 2),
        (Op::Concat, 2),
        (
            Op::Gather {
                channels: vec![2, 0],
            },
            1,
        ),
        (
            Op::Pad {
                pads,
                mode: PadMode::Reflect,
            },
            1,
        ),
        (
            Op::Resize {
                rows: axis(SIZE.rows),
                cols: axis(SIZE.cols),
            },
            1,
        ),
        (
            Op::LayerNormalization {
                scale: ones(),
                shift: ones(),
                epsilon: 1.0,
            },
            1,
        ),
        (
            Op::InstanceNormalization {
                groups: 1,
                scale: ones(),
                shift: ones(),
                epsilon: 1.0,
            },
            1,
        ),
        (
            Op::Lrn {
                size: 3,
                alpha: 1.0,
                beta: 0.75,
                bias: 1.0,
            },
            1,
        ),
        (Op::Flatten { order: Order::Hwc }, 1),
        (times(0.0, 1), 1),
        (times(0.0, N_CHANNELS), 1),
    ];
    let (alpha, beta, gamma) = (0.0, 0.5, 0.0);
    for activation in [
        Activation::Relu,
        Activation::Clip {
            min: -1.0,
            max: 1.0,
        },
        Activation::LeakyRelu { alpha },
        Activation::PRelu {
            slope: vec![0.0; N_CHANNELS],
        },
        Activation::Elu { alpha },
        Activation::Selu { alpha, gamma },
        Activation::Celu { alpha: 0.1 },
        Activation::Sigmoid,
        Activation::HardSigmoid { alpha, beta },
        Activation::HardSwish,
        Activation::Silu,
        Activation::Gelu { tanh: false },
        Activation::Gelu { tanh: true },
        Activation::Erf,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Softsign,
        Activation::Mish,
        Activation::ThresholdedRelu { alpha },
    ] {
        ops.push((Op::Activation(activation), 1));
    }
    ops
}

/// Behind a convolution whose values are 1e40 and more, or less than -1e40.
#[test]
fn no_kind_hides_an_overflow_before_it() {
    for factor in [1e38, -1e38] {
        for group in [1, N_CHANNELS] {
            for (op, n_inputs) in readers() {
                let graph = graph(times(factor, group), &op, n_inputs);
                expect_overflow(&graph, &format!("{op:?} behind {factor:e}"));
            }
        }
    }
}

/// Behind a convolution whose values are in range.
#[test]
fn every_kind_tells_its_own_overflow() {
    let large = || vec![3e38; N_CHANNELS];
    let selu = Activation::Selu {
        alpha: 1.0,
        gamma: 1e5,
    };
    for (factor, op, n_inputs) in [
        (
            1e30,
            Op::Affine {
                scale: large(),
                shift: large(),
            },
            1,
        ),
        (1e30, Op::Mul, 2),
        (1e36, Op::Add, 2),
        (1e30, times(1e38, 1), 1),
        (1e30, times(1e38, N_CHANNELS), 1),
        (
            -1e35,
            Op::Activation(Activation::LeakyRelu { alpha: 1e5 }),
            1,
        ),
        (
            -1e35,
            Op::Activation(Activation::PRelu { slope: large() }),
            1,
        ),
        (1e35, Op::Activation(selu), 1),
    ] {
        let graph = graph(times(factor, 1), &op, n_inputs);
        expect_overflow(&graph, &format!("{op:?} behind {factor:e}"));
    }
}
