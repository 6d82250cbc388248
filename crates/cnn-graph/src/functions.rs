//! Functions of numbers, in `f64`.

use std::f64::consts::{FRAC_2_PI, FRAC_2_SQRT_PI, SQRT_2};

use crate::activation::Activation;

/// An activation of a value of a channel. NaN stays NaN.
pub(crate) fn activate(activation: &Activation, channel: usize, x: f64) -> f64 {
    let clip = |x: f64, min: f64, max: f64| {
        let x = if x < min { min } else { x };
        if x > max { max } else { x }
    };
    match *activation {
        Activation::Relu => clip(x, 0.0, f64::INFINITY),
        Activation::Clip { min, max } => clip(x, f64::from(min), f64::from(max)),
        Activation::LeakyRelu { alpha } if x < 0.0 => f64::from(alpha) * x,
        Activation::PRelu { ref slope } if x < 0.0 => f64::from(slope[channel]) * x,
        Activation::Elu { alpha } if x < 0.0 => f64::from(alpha) * x.exp_m1(),
        Activation::LeakyRelu { .. } | Activation::PRelu { .. } | Activation::Elu { .. } => x,
        Activation::Selu { alpha, gamma } => {
            let inner = if x <= 0.0 {
                f64::from(alpha) * x.exp_m1()
            } else {
                x
            };
            f64::from(gamma) * inner
        }
        Activation::Celu { alpha } => {
            let alpha = f64::from(alpha);
            let below = clip(alpha * (x / alpha).exp_m1(), f64::NEG_INFINITY, 0.0);
            clip(x, 0.0, f64::INFINITY) + below
        }
        Activation::Sigmoid => sigmoid(x),
        Activation::HardSigmoid { alpha, beta } => {
            clip(f64::from(alpha) * x + f64::from(beta), 0.0, 1.0)
        }
        Activation::HardSwish => x * clip(x / 6.0 + 0.5, 0.0, 1.0),
        Activation::Silu => x * sigmoid(x),
        Activation::Gelu { tanh: false } => x * (1.0 + erf(x / SQRT_2)) / 2.0,
        Activation::Gelu { tanh: true } => {
            let inner = FRAC_2_PI.sqrt() * (x + 0.044715 * x.powi(3));
            x * (1.0 + inner.tanh()) / 2.0
        }
        Activation::Erf => erf(x),
        Activation::Tanh => x.tanh(),
        Activation::Softplus => softplus(x),
        Activation::Softsign => x / (1.0 + x.abs()),
        Activation::Mish => x * softplus(x).tanh(),
        Activation::ThresholdedRelu { alpha } => {
            if x <= f64::from(alpha) {
                0.0
            } else {
                x
            }
        }
    }
}

/// `1 / (1 + exp(-x))`.
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `exp(x_i) / sum over j of exp(x_j)`, without overflow.
pub(crate) fn softmax(logits: &[f64]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponentials: Vec<f64> = logits.iter().map(|x| (x - largest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.iter().map(|e| e / sum).collect()
}

/// `ln(1 + exp(x))`, without overflow.
fn softplus(x: f64) -> f64 {
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + (-x.abs()).exp().ln_1p()
}

/// The error function, by the series `2 / sqrt(pi) exp(-x^2) sum of 2^n x^(2 n + 1) / (2 n + 1)!!`
/// of positive terms. Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.6.
fn erf(x: f64) -> f64 {
    // From here on erf is 1 in f64: its complement is less than 2.2e-17.
    if x.abs() >= 6.0 {
        return x.signum();
    }
    let mut term = x;
    let mut sum = x;
    let mut odd = 1.0;
    while term.abs() > sum.abs() * f64::EPSILON / 4.0 {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    FRAC_2_SQRT_PI * (-x * x).exp() * sum
}
