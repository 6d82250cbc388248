//! Fields of each kind, by hand.

use cnn_graph::{Axis, Conv, Fields, GraphBuilder, Interval, NodeId, Op, PadMode, Pads, Window};
use proptest::prelude::*;

use crate::recipe::window;
use crate::single::{builder, finish, map};

/// Intervals from pairs of start and end.
fn intervals(pairs: &[(usize, usize)]) -> Vec<Interval> {
    let interval = |&(start, end)| Interval { start, end };
    pairs.iter().map(interval).collect()
}

/// A convolution to one channel whose weights are all 1.
fn ones(graph: &mut GraphBuilder, input: NodeId, window: Window) -> Option<NodeId> {
    let [rows, cols] = window.kernel_shape;
    let c_in = graph.shape(input).unwrap().n_channels();
    let conv = Conv {
        weight: vec![1.0; c_in * rows * cols],
        bias: vec![0.0],
        window,
        group: 1,
    };
    graph.add("conv", Op::Conv(conv), &[input]).ok()
}

fn fields(graph: GraphBuilder, node: NodeId) -> Fields {
    let graph = finish(graph, node);
    graph.fields()[node.index()].clone().expect("a map")
}

/// The fields of a node that reads the image.
fn fields_of(image: [usize; 3], op: Op) -> Fields {
    let mut graph = builder(image);
    let node = graph.add("node", op, &[graph.input()]).unwrap();
    fields(graph, node)
}

#[test]
fn of_the_image() {
    let graph = builder([1, 2, 3]);
    let input = graph.input();
    let fields = fields(graph, input);
    assert_eq!(fields.rows, intervals(&[(0, 1), (1, 2)]));
    assert_eq!(fields.cols, intervals(&[(0, 1), (1, 2), (2, 3)]));
}

#[test]
fn of_windows_behind_each_other() {
    let mut graph = builder([1, 5, 4]);
    let input = graph.input();
    let window = Window {
        kernel_shape: [3, 2],
        strides: [2, 1],
        pads: [1, 0, 1, 0],
        dilations: [1, 2],
    };
    let first = ones(&mut graph, input, window).unwrap();
    let second = ones(&mut graph, first, Window::new([2, 2])).unwrap();
    let graph = finish(graph, second);
    let all = graph.fields();
    let first = all[first.index()].as_ref().unwrap();
    assert_eq!(first.rows, intervals(&[(0, 2), (1, 4), (3, 5)]));
    assert_eq!(first.cols, intervals(&[(0, 3), (1, 4)]));
    let second = all[second.index()].as_ref().unwrap();
    assert_eq!(second.rows, intervals(&[(0, 4), (1, 5)]));
    assert_eq!(second.cols, intervals(&[(0, 4)]));
    assert_eq!(all[graph.logits().index()], None);
}

#[test]
fn of_windows_that_see_only_padding() {
    let mut graph = builder([1, 1, 2]);
    let input = graph.input();
    let window = Window {
        pads: [0, 2, 0, 1],
        ..Window::new([1, 1])
    };
    let padded = ones(&mut graph, input, window).unwrap();
    let hull = ones(&mut graph, padded, Window::new([1, 3])).unwrap();
    let graph = finish(graph, hull);
    let all = graph.fields();
    let cols = &all[padded.index()].as_ref().unwrap().cols;
    assert_eq!(*cols, intervals(&[(0, 0), (0, 0), (0, 1), (1, 2), (0, 0)]));
    assert!(cols[0].is_empty() && !cols[2].is_empty());
    let cols = &all[hull.index()].as_ref().unwrap().cols;
    assert_eq!(*cols, intervals(&[(0, 1), (0, 2), (0, 2)]));
}

#[test]
fn of_padding() {
    let pads = Pads {
        top: 1,
        left: 2,
        bottom: -1,
        right: 1,
    };
    let of = |mode| fields_of([1, 3, 3], Op::Pad { pads, mode });
    let constant = of(PadMode::Constant(1.0));
    assert_eq!(constant.rows, intervals(&[(0, 0), (0, 1), (1, 2)]));
    let cols = intervals(&[(0, 0), (0, 0), (0, 1), (1, 2), (2, 3), (0, 0)]);
    assert_eq!(constant.cols, cols);
    let edge = of(PadMode::Edge);
    assert_eq!(edge.rows, intervals(&[(0, 1), (0, 1), (1, 2)]));
    let cols = intervals(&[(0, 1), (0, 1), (0, 1), (1, 2), (2, 3), (2, 3)]);
    assert_eq!(edge.cols, cols);
    let reflect = of(PadMode::Reflect);
    assert_eq!(reflect.rows, intervals(&[(1, 2), (0, 1), (1, 2)]));
    let cols = intervals(&[(2, 3), (1, 2), (0, 1), (1, 2), (2, 3), (1, 2)]);
    assert_eq!(reflect.cols, cols);
}

#[test]
fn of_interpolation() {
    let rows = Axis {
        taps: vec![vec![(3, 1.0)], vec![(2, 0.5), (0, 0.5)]],
    };
    let cols = Axis {
        taps: vec![vec![(0, 0.0), (1, 1.0)]],
    };
    let fields = fields_of([1, 4, 2], Op::Resize { rows, cols });
    assert_eq!(fields.rows, intervals(&[(3, 4), (0, 3)]));
    assert_eq!(fields.cols, intervals(&[(0, 2)]));
}

#[test]
fn of_two_maps() {
    for op in [Op::Add, Op::Mul, Op::Concat] {
        let mut graph = builder([1, 1, 4]);
        let input = graph.input();
        let shifted = |left, right| Op::Pad {
            pads: Pads {
                top: 0,
                left,
                bottom: 0,
                right,
            },
            mode: PadMode::Constant(0.0),
        };
        let first = graph.add("first", shifted(1, -1), &[input]).unwrap();
        let second = graph.add("second", shifted(-2, 2), &[input]).unwrap();
        let both = graph.add("both", op, &[first, second]).unwrap();
        let fields = fields(graph, both);
        assert_eq!(fields.rows, intervals(&[(0, 1)]));
        assert_eq!(fields.cols, intervals(&[(2, 3), (0, 4), (1, 2), (2, 3)]));
    }
}

#[test]
fn of_a_gate_and_a_norm_over_positions_are_everything() {
    let mut graph = builder([2, 3, 4]);
    let input = graph.input();
    let mean = graph.add("mean", Op::GlobalAveragePool, &[input]).unwrap();
    let gated = graph.add("gated", Op::Mul, &[input, mean]).unwrap();
    let fields = fields(graph, gated);
    assert_eq!(fields.rows, intervals(&[(0, 3); 3]));
    assert_eq!(fields.cols, intervals(&[(0, 4); 4]));
    let norm = Op::InstanceNormalization {
        groups: 2,
        scale: vec![1.0; 2],
        shift: vec![0.0; 2],
        epsilon: 1e-5,
    };
    assert_eq!(fields_of([2, 3, 4], norm), fields);
}

#[test]
fn of_a_norm_over_channels_are_pixels() {
    let norm = Op::LayerNormalization {
        scale: vec![1.0; 2],
        shift: vec![0.0; 2],
        epsilon: 1e-5,
    };
    assert_eq!(
        fields_of([2, 1, 2], norm).cols,
        intervals(&[(0, 1), (1, 2)])
    );
    let lrn = Op::Lrn {
        size: 3,
        alpha: 1.0,
        beta: 0.5,
        bias: 1.0,
    };
    assert_eq!(fields_of([2, 1, 2], lrn).cols, intervals(&[(0, 1), (1, 2)]));
}

proptest! {
    /// Fields are no larger than they must be: the pixels at their corners count.
    #[test]
    fn corners_of_a_field_count(
        [rows, cols] in [1..=12_usize, 1..=12_usize],
        windows in prop::collection::vec(window(), 1..=3),
        place in any::<[prop::sample::Index; 2]>(),
    ) {
        let mut graph = builder([1, rows, cols]);
        let mut last = graph.input();
        for window in windows {
            last = ones(&mut graph, last, window).unwrap_or(last);
        }
        prop_assert_eq!(graph.shape(last).unwrap().n_channels(), 1);
        let graph = finish(graph, last);
        let fields = graph.fields()[last.index()].clone().unwrap();
        let [row, col] = [place[0].index(fields.rows.len()), place[1].index(fields.cols.len())];
        let (field_rows, field_cols) = (fields.rows[row], fields.cols[col]);
        let at = row * fields.cols.len() + col;
        let of = |image: &[f64]| graph.reference_values(image).unwrap()[last.index()][at];
        if field_rows.is_empty() || field_cols.is_empty() {
            prop_assert_eq!(of(&vec![1.0; rows * cols]), 0.0);
            return Ok(());
        }
        for row in [field_rows.start, field_rows.end - 1] {
            for col in [field_cols.start, field_cols.end - 1] {
                let mut image = vec![0.0; rows * cols];
                image[row * cols + col] = 1.0;
                prop_assert!(of(&image) > 0.0, "pixel {row}, {col}");
            }
        }
        prop_assert_eq!(map(1, fields.rows.len(), fields.cols.len()), graph.nodes()[last.index()].shape);
    }
}
