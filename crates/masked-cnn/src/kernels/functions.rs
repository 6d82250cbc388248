//! Functions of one value. Those that need an exponential or the normal distribution and are not in
//! [`single`] are polynomials in `f64`, the same on every machine. Rounded to `f32` at the end they
//! are off by less than one unit in the last place.

use std::f64::consts::{FRAC_2_PI, FRAC_2_SQRT_PI, LN_2, LOG2_E};

use cnn_graph::Activation;

use super::single;

/// The value where it is finite, NaN elsewhere.
#[inline(always)]
pub(crate) fn or_nan(value: f32) -> f32 {
    value + 0.0 * value
}

/// Between two bounds; NaN stays NaN.
#[inline(always)]
fn clip<T: PartialOrd>(x: T, min: T, max: T) -> T {
    let x = if x < min { min } else { x };
    if x > max { max } else { x }
}

/// Whether [`activate`] knows a function.
pub(crate) fn is_known(activation: &Activation) -> bool {
    matches!(
        activation,
        Activation::Relu
            | Activation::Clip { .. }
            | Activation::LeakyRelu { .. }
            | Activation::ThresholdedRelu { .. }
            | Activation::HardSigmoid { .. }
            | Activation::HardSwish
            | Activation::Softsign
            | Activation::Elu { .. }
            | Activation::Selu { .. }
            | Activation::Celu { .. }
            | Activation::Sigmoid
            | Activation::Silu
            | Activation::Tanh
            | Activation::Erf
            | Activation::Gelu { .. }
            | Activation::Softplus
            | Activation::Mish
    )
}

/// Applies a function to every value in place; NaN where one is or becomes no finite number. A
/// function with a parameter a channel is not among them.
#[inline(always)]
pub(crate) fn activate(activation: &Activation, values: &mut [f32]) {
    macro_rules! each {
        ($x:ident => $y:expr) => {
            for value in values.iter_mut() {
                let $x = *value;
                *value = or_nan($y);
            }
        };
    }
    /// The same in `f64`, rounded at the end.
    macro_rules! each_wide {
        ($x:ident => $y:expr) => {
            for value in values.iter_mut() {
                let $x = f64::from(*value);
                *value = or_nan(($y) as f32);
            }
        };
    }
    match *activation {
        Activation::Relu => each!(x => if x < 0.0 { 0.0 } else { x }),
        Activation::Clip { min, max } => each!(x => clip(x, min, max)),
        Activation::LeakyRelu { alpha } => each!(x => if x < 0.0 { alpha * x } else { x }),
        Activation::ThresholdedRelu { alpha } => each!(x => if x <= alpha { 0.0 } else { x }),
        Activation::HardSigmoid { alpha, beta } => each!(x => clip(alpha * x + beta, 0.0, 1.0)),
        Activation::HardSwish => each!(x => x * clip(x / 6.0 + 0.5, 0.0, 1.0)),
        Activation::Softsign => each!(x => x / (1.0 + x.abs())),
        Activation::Elu { alpha } => {
            let alpha = f64::from(alpha);
            each_wide!(x => if x < 0.0 { alpha * exp_m1(x) } else { x });
        }
        Activation::Selu { alpha, gamma } => {
            let (alpha, gamma) = (f64::from(alpha), f64::from(gamma));
            each_wide!(x => gamma * if x <= 0.0 { alpha * exp_m1(x) } else { x });
        }
        Activation::Celu { alpha } => {
            let alpha = f64::from(alpha);
            each_wide!(x => {
                let below = alpha * exp_m1(x / alpha);
                (if x < 0.0 { 0.0 } else { x }) + if below > 0.0 { 0.0 } else { below }
            });
        }
        Activation::Sigmoid => each!(x => single::sigmoid(x)),
        Activation::Silu => each!(x => single::silu(x)),
        Activation::Tanh => each_wide!(x => tanh(x)),
        Activation::Erf => each_wide!(x => erf(x)),
        Activation::Gelu { tanh: false } => each!(x => single::gelu(x)),
        Activation::Gelu { tanh: true } => {
            let factor = FRAC_2_PI.sqrt();
            each_wide!(x => 0.5 * x * (1.0 + tanh(factor * (x + 0.044715 * x * x * x))));
        }
        Activation::Softplus => {
            each_wide!(x => (if x < 0.0 { 0.0 } else { x }) + exp(-x.abs()).ln_1p());
        }
        // tanh(ln(1 + e)) is e (e + 2) / (e (e + 2) + 2), and 1 in f64 from 20 on.
        Activation::Mish => each_wide!(x => {
            let e = exp(clip(x, f64::NEG_INFINITY, 20.0));
            x * (e * (e + 2.0) / (e * (e + 2.0) + 2.0))
        }),
        // A program has none that `is_known` does not list.
        _ => values.fill(f32::NAN),
    }
}

#[inline(always)]
fn tanh(x: f64) -> f64 {
    let e = exp_m1(2.0 * clip(x, -20.0, 20.0));
    e / (e + 2.0)
}

/// `2^n` and `exp(r) - 1`, where `x = n ln(2) + r` and r lies within half of `ln(2)` around 0. The
/// sum of Taylor's series up to the tenth power is off by less than 1e-12 of `exp(r)`.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    /// Added to a number below 2^51, this leaves its nearest integer in the last bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // Beyond these bounds the results are 0 and infinity in f32.
    let x = clip(x, -700.0, 700.0);
    let shifted = x * LOG2_E + ROUND;
    let r = x - (shifted - ROUND) * LN_2;
    let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0_f64.to_bits()));
    let mut sum = 1.0 / 3_628_800.0;
    for factor in [
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
        1.0,
    ] {
        sum = sum * r + factor;
    }
    (power, sum * r)
}

#[inline(always)]
fn exp(x: f64) -> f64 {
    let (power, less_one) = split(x);
    power * less_one + power
}

/// `exp(x) - 1`, exact near 0 too.
#[inline(always)]
fn exp_m1(x: f64) -> f64 {
    let (power, less_one) = split(x);
    power * less_one + (power - 1.0)
}

/// The error function: up to 1 by Taylor's series, `2 / sqrt(pi) sum of (-1)^n x^(2 n + 1) /
/// (n! (2 n + 1))` (Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.5), beyond
/// that by a polynomial for `erfc(x) exp(x^2)` in `(x - 2) / (x + 2)`.
#[inline(always)]
fn erf(x: f64) -> f64 {
    let (near, far) = (erf_near(x), 1.0 - erfc_far(x.abs()));
    if x.abs() < 1.0 {
        near
    } else if x < 0.0 {
        -far
    } else {
        far
    }
}

#[inline(always)]
fn erf_near(x: f64) -> f64 {
    let square = x * x;
    let mut sum = 1.0 / 11_975_040_000.0;
    for factor in [
        -1.0 / 918_086_400.0,
        1.0 / 76_204_800.0,
        -1.0 / 6_894_720.0,
        1.0 / 685_440.0,
        -1.0 / 75_600.0,
        1.0 / 9_360.0,
        -1.0 / 1_320.0,
        1.0 / 216.0,
        -1.0 / 42.0,
        1.0 / 10.0,
        -1.0 / 3.0,
        1.0,
    ] {
        sum = sum * square + factor;
    }
    FRAC_2_SQRT_PI * x * sum
}

/// The complement of the error function for x from 1 on, off by less than 4e-13. The polynomial
/// interpolates at 200 Chebyshev nodes of x from 1 to 6; from there on the complement is 0 here.
#[inline(always)]
fn erfc_far(x: f64) -> f64 {
    let x = clip(x, 1.0, 6.0);
    let t = (x - 2.0) / (x + 2.0);
    let mut sum = 0.000_166_950_672_298_050_01;
    for factor in [
        5.205_089_637_594_225_4e-5,
        -0.000_981_268_136_631_256_9,
        -0.000_848_161_703_967_529_6,
        0.006_997_427_946_035_215,
        0.003_732_944_673_728_968,
        -0.078_978_579_948_897_01,
        0.241_658_193_277_540_48,
        -0.427_185_847_429_061_7,
        0.255_395_676_313_371_34,
    ] {
        sum = sum * t + factor;
    }
    sum * exp(-x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units in the last place that a result of `f32` is off by.
    fn ulps(found: f32, expected: f64) -> f64 {
        let rounded = expected as f32;
        let next = f32::from_bits(rounded.abs().to_bits() + 1);
        (f64::from(found) - expected).abs() / f64::from(next - rounded.abs())
    }

    /// Every 997th number of `f32`: of all magnitudes, subnormal ones among them.
    fn numbers() -> impl Iterator<Item = f32> {
        let all = (0..=u32::MAX).step_by(997).map(f32::from_bits);
        all.filter(|x| x.is_finite())
    }

    fn worst(activation: &Activation, truth: impl Fn(f64) -> f64) -> f64 {
        let mut worst = 0.0_f64;
        for x in numbers() {
            let expected = truth(f64::from(x));
            let mut found = [x];
            activate(activation, &mut found);
            if !(expected as f32).is_finite() {
                assert!(found[0].is_nan(), "{activation:?} of {x:e}");
                continue;
            }
            worst = worst.max(ulps(found[0], expected));
        }
        println!("{activation:?}: {worst}");
        worst
    }

    /// Against the standard library in `f64`. Measured: 0.501 and less.
    #[test]
    fn exponentials_are_off_by_less_than_a_unit_in_the_last_place() {
        assert!(worst(&Activation::Tanh, f64::tanh) < 1.0);
        let elu = |x: f64| if x < 0.0 { 0.5 * x.exp_m1() } else { x };
        assert!(worst(&Activation::Elu { alpha: 0.5 }, elu) < 1.0);
        let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        assert!(worst(&Activation::Softplus, softplus) < 1.0);
        let mish = |x: f64| x * softplus(x).tanh();
        assert!(worst(&Activation::Mish, mish) < 1.0);
    }

    /// Against values of a table, Abramowitz and Stegun, "Handbook of Mathematical Functions", table
    /// 7.1, which has ten digits.
    #[test]
    fn the_error_function_has_the_values_of_a_table() {
        for (x, expected) in [
            (0.0, 0.0),
            (0.02, 0.022_564_574_7),
            (0.5, 0.520_499_877_8),
            (0.98, 0.834_231_504_3),
            (1.0, 0.842_700_792_9),
            (1.5, 0.966_105_146_5),
            (2.0, 0.995_322_265_0),
        ] {
            assert!((erf(x) - expected).abs() < 1e-10, "{x}: {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
        assert_eq!(erf(1e30), 1.0);
        let (below, above) = (erf(1.0_f64.next_down()), erf(1.0));
        assert!((above - below).abs() < 1e-11);
    }

    #[test]
    fn no_number_stays_none() {
        for activation in [Activation::Relu, Activation::HardSwish, Activation::Sigmoid] {
            for x in [f32::NAN, f32::INFINITY] {
                let mut values = [x];
                activate(&activation, &mut values);
                let expected_nan = x.is_nan() || activation != Activation::Sigmoid;
                assert_eq!(values[0].is_nan(), expected_nan, "{activation:?} of {x}");
            }
        }
    }
}
