//! Values of kinds that move or interpolate.

use cnn_graph::{Axis, Op, Order, PadMode, Pads};

use crate::single::{assert_close, builder, finish, map, on_map, on_vector, vector};

const PADS: Pads = Pads {
    top: 0,
    left: 2,
    bottom: 1,
    right: 1,
};

fn pad(pads: Pads, mode: PadMode) -> Op {
    Op::Pad { pads, mode }
}

#[test]
fn concat_is_along_channels() {
    let mut graph = builder([2, 1, 2]);
    let input = graph.input();
    let channels = vec![1];
    let second = graph.add("second", Op::Gather { channels }, &[input]);
    let node = graph.add("node", Op::Concat, &[input, second.unwrap(), input]);
    let node = node.unwrap();
    assert_eq!(graph.shape(node), Some(map(5, 1, 2)));
    let values = finish(graph, node)
        .reference(&[1.0, 2.0, 3.0, 4.0])
        .unwrap();
    let expected = [1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0];
    assert_close(&values, &expected);
}

#[test]
fn concat_of_vectors() {
    let mut graph = builder([2, 1, 2]);
    let input = graph.input();
    let means = graph.add("means", Op::GlobalAveragePool, &[input]).unwrap();
    let largest = graph.add("largest", Op::GlobalMaxPool, &[input]).unwrap();
    let node = graph.add("node", Op::Concat, &[largest, means]).unwrap();
    assert_eq!(graph.shape(node), Some(vector(4)));
    let values = finish(graph, node)
        .reference(&[1.0, 2.0, 3.0, 5.0])
        .unwrap();
    assert_close(&values, &[2.0, 5.0, 1.5, 4.0]);
}

#[test]
fn gather_may_repeat_and_turn_around() {
    let op = || Op::Gather {
        channels: vec![2, 0, 2],
    };
    let (_, values) = on_map([3, 1, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], op());
    assert_close(&values, &[5.0, 6.0, 1.0, 2.0, 5.0, 6.0]);
    assert_close(&on_vector(&[1.0, 2.0, 3.0], op()), &[3.0, 1.0, 3.0]);
}

#[test]
fn pad_with_a_constant() {
    let (shape, values) = on_map([1, 1, 2], &[1.0, 2.0], pad(PADS, PadMode::Constant(-7.0)));
    assert_eq!(shape, map(1, 2, 5));
    let expected = [-7.0, -7.0, 1.0, 2.0, -7.0, -7.0, -7.0, -7.0, -7.0, -7.0];
    assert_close(&values, &expected);
}

#[test]
fn pad_with_the_edge() {
    let (_, values) = on_map([1, 1, 2], &[1.0, 2.0], pad(PADS, PadMode::Edge));
    let expected = [1.0, 1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 2.0, 2.0];
    assert_close(&values, &expected);
}

#[test]
fn pad_with_a_reflection_leaves_the_border_out() {
    let pixels = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let (shape, values) = on_map([1, 2, 3], &pixels, pad(PADS, PadMode::Reflect));
    assert_eq!(shape, map(1, 3, 6));
    let expected = [
        3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 6.0, 5.0, 4.0, 5.0, 6.0, 5.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.0,
    ];
    assert_close(&values, &expected);
}

#[test]
fn a_negative_pad_cuts_off() {
    let pads = Pads {
        top: -1,
        left: 1,
        bottom: 0,
        right: -2,
    };
    let pixels = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    for (mode, first) in [(PadMode::Constant(9.0), 9.0), (PadMode::Edge, 4.0)] {
        let (shape, values) = on_map([1, 2, 3], &pixels, pad(pads, mode));
        assert_eq!(shape, map(1, 1, 2));
        assert_close(&values, &[first, 4.0]);
    }
}

#[test]
fn resize_weighs_rows_and_columns() {
    let rows = Axis {
        taps: vec![vec![(1, 1.0)], vec![(0, 0.5), (1, 0.5)], vec![(0, 2.0)]],
    };
    let cols = Axis {
        taps: vec![vec![(0, 0.75), (1, 0.25)], vec![(2, 1.0)]],
    };
    let pixels = [0.0, 4.0, 8.0, 10.0, 20.0, 30.0];
    let (shape, values) = on_map([1, 2, 3], &pixels, Op::Resize { rows, cols });
    assert_eq!(shape, map(1, 3, 2));
    assert_close(&values, &[12.5, 30.0, 6.75, 19.0, 2.0, 16.0]);
}

#[test]
fn flatten_in_both_orders() {
    let pixels = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let flat = |order| on_map([2, 1, 4], &pixels, Op::Flatten { order });
    let (shape, values) = flat(Order::Chw);
    assert_eq!(shape, vector(8));
    assert_close(&values, &pixels);
    let (_, values) = flat(Order::Hwc);
    assert_close(&values, &[1.0, 5.0, 2.0, 6.0, 3.0, 7.0, 4.0, 8.0]);
}
