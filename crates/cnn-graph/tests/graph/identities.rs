//! Kinds that are other kinds in special cases, on random numbers.

use cnn_graph::{
    Activation, Axis, Conv, Graph, GraphBuilder, NodeId, Op, PadMode, Pads, Shape, Size, Window,
    WindowSide,
};
use proptest::prelude::*;

use crate::recipe::{Numbers, window};
use crate::single::{builder, finish};

const IMAGE: [usize; 3] = [4, 9, 11];

/// A graph whose last node `node` makes of the image.
fn graph(node: impl FnOnce(&mut GraphBuilder, NodeId) -> Option<NodeId>) -> Option<Graph> {
    let mut graph = builder(IMAGE);
    let input = graph.input();
    let node = node(&mut graph, input)?;
    Some(finish(graph, node))
}

fn conv(weight: Vec<f32>, bias: Vec<f32>, window: Window, group: usize) -> Op {
    Op::Conv(Conv {
        weight,
        bias,
        window,
        group,
    })
}

/// Panics unless two graphs agree on random pixels, or neither could be built.
#[track_caller]
fn assert_same(one: Option<Graph>, other: Option<Graph>) {
    let (Some(one), Some(other)) = (&one, &other) else {
        assert!(one.is_none() && other.is_none(), "only one was refused");
        return;
    };
    let image = Numbers(7).image(IMAGE.iter().product());
    let one = one.reference(&image).unwrap();
    let other = other.reference(&image).unwrap();
    assert_eq!(one.len(), other.len());
    for (at, (one, other)) in one.iter().zip(&other).enumerate() {
        assert!((one - other).abs() < 1e-6, "value {at}: {one} and {other}");
    }
}

/// Weights whose neighbours along rows and columns are `dilations` apart, zeros between.
fn spread(weight: &[f32], n: usize, [rows, cols]: [usize; 2], dilations: [usize; 2]) -> Vec<f32> {
    let far_rows = (rows - 1) * dilations[0] + 1;
    let far_cols = (cols - 1) * dilations[1] + 1;
    let mut far = vec![0.0; n * far_rows * far_cols];
    for (at, &weight) in weight.iter().enumerate() {
        let (i, row, col) = (at / (rows * cols), at / cols % rows, at % cols);
        far[(i * far_rows + row * dilations[0]) * far_cols + col * dilations[1]] = weight;
    }
    far
}

/// Every `stride`th position.
fn every(stride: usize, n_outputs: usize) -> Axis {
    Axis {
        taps: (0..n_outputs).map(|at| vec![(at * stride, 1.0)]).collect(),
    }
}

proptest! {
    #[test]
    fn a_padded_convolution_is_one_of_a_padded_map(window in window(), seed: u64) {
        let [rows, cols] = window.kernel_shape;
        let mut numbers = Numbers(seed);
        let (weight, bias) = (numbers.take(3 * 4 * rows * cols), numbers.take(3));
        let op = |window| conv(weight.clone(), bias.clone(), window, 1);
        let [top, left, bottom, right] = window.pads.map(|pad| pad as i64);
        let pads = Pads { top, left, bottom, right };
        let mode = PadMode::Constant(0.0);
        assert_same(
            graph(|graph, input| graph.add("conv", op(window), &[input]).ok()),
            graph(|graph, input| {
                let padded = graph.add("pad", Op::Pad { pads, mode }, &[input]).unwrap();
                graph.add("conv", op(Window { pads: [0; 4], ..window }), &[padded]).ok()
            }),
        );
    }

    #[test]
    fn a_dilated_convolution_has_zeros_between_its_weights(window in window(), seed: u64) {
        let [rows, cols] = window.kernel_shape;
        let mut numbers = Numbers(seed);
        let (weight, bias) = (numbers.take(2 * 4 * rows * cols), numbers.take(2));
        let dense = Window {
            kernel_shape: [window.rows().extent(), window.cols().extent()],
            dilations: [1, 1],
            ..window
        };
        let far = spread(&weight, 2 * 4, window.kernel_shape, window.dilations);
        let dilated = conv(weight, bias.clone(), window, 1);
        let dense = conv(far, bias, dense, 1);
        assert_same(
            graph(|graph, input| graph.add("dilated", dilated, &[input]).ok()),
            graph(|graph, input| graph.add("dense", dense, &[input]).ok()),
        );
    }

    #[test]
    fn a_strided_convolution_is_every_so_manyth_of_a_dense_one(window in window(), seed: u64) {
        let [rows, cols] = window.kernel_shape;
        let mut numbers = Numbers(seed);
        let (weight, bias) = (numbers.take(2 * 4 * rows * cols), numbers.take(2));
        let op = |window| conv(weight.clone(), bias.clone(), window, 1);
        let strided = graph(|graph, input| graph.add("conv", op(window), &[input]).ok());
        let some = strided.clone().map(|graph| graph.nodes()[1].shape);
        assert_same(strided, graph(|graph, input| {
            let dense = op(Window { strides: [1, 1], ..window });
            let dense = graph.add("dense", dense, &[input]).ok()?;
            let Some(Shape::Map { size: Size { rows, cols }, .. }) = some else { return None };
            let [row_stride, col_stride] = window.strides;
            let (rows, cols) = (every(row_stride, rows), every(col_stride, cols));
            graph.add("resize", Op::Resize { rows, cols }, &[dense]).ok()
        }));
    }

    #[test]
    fn a_grouped_convolution_is_one_of_each_group(window in window(), seed: u64) {
        let [rows, cols] = window.kernel_shape;
        let mut numbers = Numbers(seed);
        let n_of_group = 3 * 2 * rows * cols;
        let (weight, bias) = (numbers.take(2 * n_of_group), numbers.take(2 * 3));
        let (weight, bias) = (&weight, &bias);
        assert_same(
            graph(|graph, input| {
                graph.add("conv", conv(weight.clone(), bias.clone(), window, 2), &[input]).ok()
            }),
            graph(|graph, input| {
                let mut part = |at: usize| {
                    let first = 2 * at as u32;
                    let channels = vec![first, first + 1];
                    let part = graph.add("part", Op::Gather { channels }, &[input]).unwrap();
                    let weight = weight[at * n_of_group..][..n_of_group].to_vec();
                    let bias = bias[at * 3..][..3].to_vec();
                    graph.add("conv", conv(weight, bias, window, 1), &[part]).ok()
                };
                let parts = [part(0)?, part(1)?];
                graph.add("all", Op::Concat, &parts).ok()
            }),
        );
    }

    #[test]
    fn a_mean_with_its_padding_is_a_depthwise_convolution(window in window()) {
        let n: usize = window.kernel_shape.iter().product();
        let op = Op::AveragePool { window, ceil_mode: false, count_include_pad: true };
        let depthwise = conv(vec![1.0 / n as f32; 4 * n], vec![0.0; 4], window, 4);
        assert_same(
            graph(|graph, input| graph.add("pool", op, &[input]).ok()),
            graph(|graph, input| graph.add("conv", depthwise, &[input]).ok()),
        );
    }

    #[test]
    fn a_largest_value_is_the_largest_of_the_shifted_maps(window in window()) {
        let op = Op::MaxPool { window, ceil_mode: false };
        let pool = graph(|graph, input| graph.add("pool", op, &[input]).ok());
        // The largest of x and y is y + relu(x - y).
        let shape = pool.as_ref().map(|graph| graph.nodes()[1].shape);
        let Some(Shape::Map { size: Size { rows, cols }, .. }) = shape else { return Ok(()) };
        let pads = window.pads.map(|pad| pad as i64);
        let last = |side: WindowSide, n: usize, len: usize| {
            ((n - 1) * side.stride + side.extent()).saturating_sub(side.begin + len) as i64
        };
        let pads = Pads {
            top: pads[0],
            left: pads[1],
            bottom: last(window.rows(), rows, IMAGE[1]),
            right: last(window.cols(), cols, IMAGE[2]),
        };
        assert_same(pool, graph(|graph, input| {
            let mode = PadMode::Constant(-1e3);
            let padded = graph.add("pad", Op::Pad { pads, mode }, &[input]).unwrap();
            let shifted = |axis: WindowSide, t: usize, n: usize| Axis {
                taps: (0..n).map(|o| vec![(o * axis.stride + t * axis.dilation, 1.0)]).collect(),
            };
            let mut largest = None;
            for t_row in 0..window.kernel_shape[0] {
                for t_col in 0..window.kernel_shape[1] {
                    let rows = shifted(window.rows(), t_row, rows);
                    let cols = shifted(window.cols(), t_col, cols);
                    let x = graph.add("x", Op::Resize { rows, cols }, &[padded]).unwrap();
                    largest = Some(match largest {
                        None => x,
                        Some(y) => larger(graph, x, y),
                    });
                }
            }
            largest
        }));
    }
}

/// `y + relu(x - y)`.
fn larger(graph: &mut GraphBuilder, x: NodeId, y: NodeId) -> NodeId {
    let minus = Op::Affine {
        scale: vec![-1.0; IMAGE[0]],
        shift: vec![0.0; IMAGE[0]],
    };
    let minus = graph.add("minus", minus, &[y]).unwrap();
    let difference = graph.add("difference", Op::Add, &[x, minus]).unwrap();
    let relu = Op::Activation(Activation::Relu);
    let relu = graph.add("relu", relu, &[difference]).unwrap();
    graph.add("larger", Op::Add, &[y, relu]).unwrap()
}
