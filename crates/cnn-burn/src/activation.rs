//! Functions of one value.

use std::f64::consts::{FRAC_2_PI, SQRT_2};
use std::sync::Arc;

use burn::tensor::{Device, Tensor, activation as functions};
use cnn_graph::Activation;

use crate::parameters::{Function, tensor};

/// The function, where it is one that is known here. In addition to the definition it holds that
/// its gradient is a number where its value is one.
pub(crate) fn activation(activation: &Activation, device: &Device) -> Option<Function> {
    let function: Function = match *activation {
        Activation::Relu => Arc::new(functions::relu),
        Activation::Clip { min, max } => Arc::new(move |x| clip(x, min, max)),
        Activation::LeakyRelu { alpha } => {
            let alpha = f64::from(alpha);
            Arc::new(move |x| functions::leaky_relu(x, alpha))
        }
        Activation::PRelu { ref slope } => {
            let slope = tensor(slope.clone(), [slope.len()], device);
            Arc::new(move |x| functions::prelu(x, slope.clone()))
        }
        Activation::Elu { alpha } => {
            let alpha = f64::from(alpha);
            Arc::new(move |x| exponential_below_0(x, alpha, 1.0))
        }
        Activation::Selu { alpha, gamma } => {
            let (alpha, gamma) = (f64::from(alpha), f64::from(gamma));
            Arc::new(move |x| exponential_below_0(x, alpha, 1.0) * gamma)
        }
        Activation::Celu { alpha } => {
            let alpha = f64::from(alpha);
            Arc::new(move |x| exponential_below_0(x, alpha, alpha))
        }
        Activation::Sigmoid => Arc::new(functions::sigmoid),
        Activation::HardSigmoid { alpha, beta } => {
            let (alpha, beta) = (f64::from(alpha), f64::from(beta));
            Arc::new(move |x| functions::hard_sigmoid(x, alpha, beta))
        }
        Activation::HardSwish => Arc::new(functions::hard_swish),
        Activation::Silu => Arc::new(functions::silu),
        Activation::Gelu { tanh: false } => Arc::new(gelu),
        Activation::Gelu { tanh: true } => Arc::new(gelu_by_tanh),
        Activation::Erf => Arc::new(Tensor::erf),
        Activation::Tanh => Arc::new(Tensor::tanh),
        Activation::Softplus => Arc::new(softplus),
        Activation::Softsign => Arc::new(functions::softsign),
        Activation::Mish => Arc::new(|x: Tensor<4>| x.clone() * softplus(x).tanh()),
        Activation::ThresholdedRelu { alpha } => {
            let alpha = f64::from(alpha);
            Arc::new(move |x| functions::thresholded_relu(x, alpha))
        }
        _ => return None,
    };
    Some(function)
}

/// `min(max(x, min), max)`, which is `max` where the bounds are the wrong way round.
fn clip(x: Tensor<4>, min: f32, max: f32) -> Tensor<4> {
    let x = if min > f32::NEG_INFINITY {
        x.clamp_min(min)
    } else {
        x
    };
    if max < f32::INFINITY {
        x.clamp_max(max)
    } else {
        x
    }
}

/// `alpha (exp(x / width) - 1)` up to 0, `x` above, where the exponential is not computed: its
/// overflow would make the gradient NaN.
fn exponential_below_0(x: Tensor<4>, alpha: f64, width: f64) -> Tensor<4> {
    let is_above = x.clone().greater_scalar(0.0);
    let below = x.clone().mask_fill(is_above.clone(), 0.0) / width;
    let below = (below.exp() - 1.0) * alpha;
    below.mask_where(is_above, x)
}

/// Burn's own has the gradient of the approximation by `tanh` on most devices.
fn gelu(x: Tensor<4>) -> Tensor<4> {
    let twice_cdf = (x.clone() / SQRT_2).erf() + 1.0;
    x * twice_cdf * 0.5
}

fn gelu_by_tanh(x: Tensor<4>) -> Tensor<4> {
    let cube = x.clone() * x.clone() * x.clone();
    let inner = (x.clone() + cube * 0.044715) * FRAC_2_PI.sqrt();
    x * (inner.tanh() + 1.0) * 0.5
}

fn softplus(x: Tensor<4>) -> Tensor<4> {
    functions::softplus(x, 1.0)
}
