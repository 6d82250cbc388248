//! Values of kinds that divide by a statistic.

use cnn_graph::Op;

use crate::single::{assert_close, on_map, on_vector};

#[test]
fn layer_normalization_is_over_the_channels_of_a_position() {
    let op = || Op::LayerNormalization {
        scale: vec![1.0, 10.0],
        shift: vec![0.0, 100.0],
        epsilon: 0.0,
    };
    // The two channels of a position are one standard deviation off their mean.
    let (_, values) = on_map([2, 1, 2], &[1.0, 9.0, 3.0, 5.0], op());
    assert_close(&values, &[-1.0, 1.0, 110.0, 90.0]);
    assert_close(&on_vector(&[-2.0, 2.0], op()), &[-1.0, 110.0]);
}

#[test]
fn epsilon_is_added_to_the_variance() {
    let op = Op::LayerNormalization {
        scale: vec![1.0, 1.0],
        shift: vec![0.0, 0.0],
        epsilon: 3.0,
    };
    assert_close(&on_vector(&[3.0, 5.0], op), &[-0.5, 0.5]);
}

fn instance(groups: usize, epsilon: f32) -> Op {
    Op::InstanceNormalization {
        groups,
        scale: vec![1.0, 2.0],
        shift: vec![0.0, -1.0],
        epsilon,
    }
}

#[test]
fn instance_normalization_is_over_the_positions_of_a_channel() {
    let (_, values) = on_map([2, 1, 2], &[1.0, 3.0, 10.0, 2.0], instance(2, 0.0));
    assert_close(&values, &[-1.0, 1.0, 1.0, -3.0]);
}

#[test]
fn a_group_has_one_statistic() {
    // Mean 4, variance 5.
    let (_, values) = on_map([2, 1, 2], &[1.0, 3.0, 5.0, 7.0], instance(1, 4.0));
    assert_close(&values, &[-1.0, -1.0 / 3.0, -1.0 / 3.0, 1.0]);
}

#[test]
fn lrn_divides_by_neighbouring_channels() {
    let op = |size| Op::Lrn {
        size,
        alpha: 4.0,
        beta: 0.5,
        bias: 1.0,
    };
    let pixels = [1.0, 2.0, 3.0];
    // An even size has one channel more behind than before.
    let (_, values) = on_map([3, 1, 1], &pixels, op(2));
    let expected = [
        1.0 / 11_f64.sqrt(),
        2.0 / 27_f64.sqrt(),
        3.0 / 19_f64.sqrt(),
    ];
    assert_close(&values, &expected);
    let (_, values) = on_map([3, 1, 1], &pixels, op(1));
    let expected = [1.0 / 5_f64.sqrt(), 2.0 / 17_f64.sqrt(), 3.0 / 37_f64.sqrt()];
    assert_close(&values, &expected);
}
