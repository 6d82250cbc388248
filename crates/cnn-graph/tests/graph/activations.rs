//! Functions of one value, against values from Python's `math` module.

use cnn_graph::{Activation, Op};

use crate::single::{assert_close, on_map, on_vector};

const X: [f64; 5] = [-4.0, -0.75, 0.0, 0.5, 3.25];

#[track_caller]
fn check(activation: Activation, expected: [f64; 5]) {
    assert_close(&on_vector(&X, Op::Activation(activation)), &expected);
}

#[test]
fn piecewise_linear() {
    check(Activation::Relu, [0.0, 0.0, 0.0, 0.5, 3.25]);
    let (min, max) = (-1.0, 3.0);
    check(Activation::Clip { min, max }, [-1.0, -0.75, 0.0, 0.5, 3.0]);
    let alpha = 0.25;
    check(
        Activation::LeakyRelu { alpha },
        [-1.0, -0.1875, 0.0, 0.5, 3.25],
    );
    let (alpha, beta) = (0.25, 0.5);
    check(
        Activation::HardSigmoid { alpha, beta },
        [0.0, 0.3125, 0.5, 0.625, 1.0],
    );
    check(
        Activation::HardSwish,
        [0.0, -0.28125, 0.0, 0.2916666666666667, 3.25],
    );
    let alpha = 0.5;
    check(
        Activation::ThresholdedRelu { alpha },
        [0.0, 0.0, 0.0, 0.0, 3.25],
    );
}

#[test]
fn a_bound_that_is_missing() {
    let (min, max) = (f32::NEG_INFINITY, 0.25);
    check(
        Activation::Clip { min, max },
        [-4.0, -0.75, 0.0, 0.25, 0.25],
    );
    let (min, max) = (-1.0, f32::INFINITY);
    check(Activation::Clip { min, max }, [-1.0, -0.75, 0.0, 0.5, 3.25]);
}

#[test]
fn bounds_in_the_wrong_order_give_the_upper_one() {
    let (min, max) = (2.0, 1.0);
    check(Activation::Clip { min, max }, [1.0; 5]);
}

#[test]
fn prelu_has_a_slope_a_channel() {
    let slope = vec![0.5, -2.0];
    let op = Op::Activation(Activation::PRelu { slope });
    let (_, values) = on_map([2, 1, 2], &[-1.0, 3.0, -1.0, 3.0], op);
    assert_close(&values, &[-0.5, 3.0, 2.0, 3.0]);
}

#[test]
fn exponential_below_0() {
    let elu = [-1.4725265416668987, -0.791450170888478, 0.0, 0.5, 3.25];
    check(Activation::Elu { alpha: 1.5 }, elu);
    let celu = [-1.7293294335267746, -0.6254214424180555, 0.0, 0.5, 3.25];
    check(Activation::Celu { alpha: 2.0 }, celu);
    // Of 2 and 3 in place of ONNX's defaults, which f32 does not hold exactly.
    let (alpha, gamma) = (2.0, 3.0);
    let selu = X.map(|x: f64| 3.0 * if x > 0.0 { x } else { 2.0 * (x.exp() - 1.0) });
    check(Activation::Selu { alpha, gamma }, selu);
}

#[test]
fn sigmoidal() {
    let sigmoid = [
        0.01798620996209156,
        0.320821300824607,
        0.5,
        0.6224593312018546,
        0.9626731126558706,
    ];
    check(Activation::Sigmoid, sigmoid);
    let tanh = [
        -0.999329299739067,
        -0.6351489523872873,
        0.0,
        0.46211715726000974,
        0.996997635486526,
    ];
    check(Activation::Tanh, tanh);
    let softsign = [
        -0.8,
        -0.42857142857142855,
        0.0,
        0.3333333333333333,
        0.7647058823529411,
    ];
    check(Activation::Softsign, softsign);
    let erf = [
        -0.9999999845827421,
        -0.7111556336535151,
        0.0,
        0.5204998778130465,
        0.9999956972205363,
    ];
    check(Activation::Erf, erf);
}

#[test]
fn smooth_rectifiers() {
    let silu = [
        -0.07194483984836623,
        -0.24061597561845527,
        0.0,
        0.3112296656009273,
        3.1286876161315798,
    ];
    check(Activation::Silu, silu);
    let gelu = [
        -0.00012668496733247986,
        -0.16997051428265114,
        0.0,
        0.34573123063700656,
        3.24812466861223,
    ];
    check(Activation::Gelu { tanh: false }, gelu);
    let approximate = [
        -7.024594819227126e-05,
        -0.17003944483437966,
        0.0,
        0.34571400982514394,
        3.2484313728552525,
    ];
    check(Activation::Gelu { tanh: true }, approximate);
    let softplus = [
        0.018149927917809738,
        0.38687100611489994,
        std::f64::consts::LN_2,
        0.9740769841801067,
        3.288041371687783,
    ];
    check(Activation::Softplus, softplus);
    let mish = [
        -0.07259174079202535,
        -0.27649471450546514,
        0.0,
        0.3752452113048951,
        3.2409561733599657,
    ];
    check(Activation::Mish, mish);
}

#[test]
fn erf_over_its_range() {
    let x = [1e-3, 0.1, 1.0, 2.0, 3.0, 4.5, 5.2, 5.9, -2.5, 6.0, -1e300];
    let expected = [
        0.0011283787909692365,
        0.1124629160182849,
        0.8427007929497149,
        0.9953222650189527,
        0.9999779095030014,
        0.9999999998033839,
        0.9999999999998075,
        0.9999999999999999,
        -0.999593047982555,
        1.0,
        -1.0,
    ];
    let found = on_vector(&x, Op::Activation(Activation::Erf));
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 4.0 * f64::EPSILON,
            "{found}, expected {expected}"
        );
    }
}

#[test]
fn large_values_do_not_overflow() {
    let of = |activation| on_vector(&[-1e4, 1e4], Op::Activation(activation));
    assert_close(&of(Activation::Softplus), &[0.0, 1e4]);
    assert_close(&of(Activation::Mish), &[0.0, 1e4]);
    assert_close(&of(Activation::Sigmoid), &[0.0, 1.0]);
    assert_close(&of(Activation::Celu { alpha: 1.0 }), &[-1.0, 1e4]);
}

#[test]
fn a_value_that_is_no_number_stays_none() {
    let (alpha, beta, gamma) = (1.0, 0.5, 1.0);
    let (min, max) = (0.0, 1.0);
    for activation in [
        Activation::Relu,
        Activation::Clip { min, max },
        Activation::LeakyRelu { alpha },
        Activation::PRelu { slope: vec![alpha] },
        Activation::Elu { alpha },
        Activation::Selu { alpha, gamma },
        Activation::Celu { alpha },
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
        let name = format!("{activation:?}");
        let values = on_vector(&[f64::NAN], Op::Activation(activation));
        assert!(values[0].is_nan(), "{name}: {values:?}");
    }
}
