//! Values of kinds that treat every position alike, of kinds for vectors, and of the end.

use cnn_graph::{End, Op};

use crate::single::{FLAT, assert_close, builder, finish, on_map, on_vector};

#[test]
fn affine_has_a_scale_and_a_shift_a_channel() {
    let op = || Op::Affine {
        scale: vec![2.0, -1.0],
        shift: vec![0.5, 10.0],
    };
    let (_, values) = on_map([2, 1, 2], &[1.0, 2.0, 3.0, 4.0], op());
    assert_close(&values, &[2.5, 4.5, 7.0, 6.0]);
    assert_close(&on_vector(&[1.0, 2.0], op()), &[2.5, 8.0]);
}

/// The values of a node that reads the image and another node of the image.
fn with_second(image: [usize; 3], pixels: &[f64], second: Op, op: Op) -> Vec<f64> {
    let mut graph = builder(image);
    let input = graph.input();
    let second = graph.add("second", second, &[input]).unwrap();
    let node = graph.add("node", op, &[input, second]).unwrap();
    finish(graph, node).reference(pixels).unwrap()
}

#[test]
fn maps_are_added_and_multiplied_by_position() {
    let turned = || Op::Gather {
        channels: vec![1, 0],
    };
    let values = |op| with_second([2, 1, 2], &[2.0, 5.0, -4.0, 3.0], turned(), op);
    assert_close(&values(Op::Add), &[-2.0, 8.0, -2.0, 8.0]);
    assert_close(&values(Op::Mul), &[-8.0, 15.0, -8.0, 15.0]);
}

#[test]
fn a_vector_gates_the_channels_of_a_map() {
    let values = |op| with_second([2, 1, 2], &[1.0, 3.0, 1.0, -7.0], Op::GlobalAveragePool, op);
    assert_close(&values(Op::Mul), &[2.0, 6.0, -3.0, 21.0]);
    assert_close(&values(Op::Add), &[3.0, 5.0, -2.0, -10.0]);
}

#[test]
fn vectors_are_added_and_multiplied_by_place() {
    for (op, expected) in [(Op::Add, [4.0, 0.0]), (Op::Mul, [4.0, -4.0])] {
        let mut graph = builder([2, 1, 3]);
        let input = graph.input();
        let means = graph.add("means", Op::GlobalAveragePool, &[input]).unwrap();
        let largest = graph.add("largest", Op::GlobalMaxPool, &[input]).unwrap();
        let node = graph.add("node", op, &[means, largest]).unwrap();
        let pixels = [2.0, 2.0, 2.0, -8.0, 0.0, 2.0];
        assert_close(&finish(graph, node).reference(&pixels).unwrap(), &expected);
    }
}

#[test]
fn gemm_is_a_product_with_rows_of_outputs() {
    let op = Op::Gemm {
        weight: vec![1.0, 2.0, 3.0, -1.0, 0.0, 0.5],
        bias: vec![10.0, 0.25],
    };
    assert_close(&on_vector(&[1.0, -2.0, 4.0], op), &[19.0, 1.25]);
}

#[test]
fn softmax_sums_to_1_and_does_not_overflow() {
    let values = on_vector(&[1000.0, 1000.0 + 3_f64.ln()], Op::Softmax);
    assert_close(&values, &[0.25, 0.75]);
}

#[test]
fn the_end_turns_logits_into_answers() {
    let logits = [0.0, 3_f64.ln()];
    assert_close(&End::Logits.apply(&logits), &logits);
    assert_close(&End::Sigmoid.apply(&logits), &[0.5, 0.75]);
    assert_close(&End::Softmax.apply(&logits), &[0.25, 0.75]);
    assert_close(&End::Sigmoid.apply(&[-1e4, 1e4]), &[0.0, 1.0]);
}

#[test]
fn answers_are_behind_the_end_and_values_before_it() {
    let mut graph = builder([1, 1, 2]);
    let flat = graph.add("flat", FLAT, &[graph.input()]).unwrap();
    let graph = graph.finish(flat, End::Softmax).unwrap();
    let pixels = [0.0, 3_f64.ln()];
    assert_close(&graph.reference(&pixels).unwrap(), &[0.25, 0.75]);
    let values = graph.reference_values(&pixels).unwrap();
    assert_eq!(values, [pixels.to_vec(), pixels.to_vec()]);
    assert_eq!(graph.logits().index(), 1);
}
