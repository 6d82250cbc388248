//! Kinds whose output is a vector, `[n, len, 1, 1]`.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, activation, module};

use crate::parameters::{Function, tensor};

/// The mean of each channel. Sums of sums round less than one long sum.
pub(crate) fn global_average_pool() -> Function {
    Arc::new(|x: Tensor<4>| x.mean_dim(3).mean_dim(2))
}

pub(crate) fn global_max_pool() -> Function {
    Arc::new(|x: Tensor<4>| x.max_dim(3).max_dim(2))
}

/// `weight x + bias` with weights `[n_outputs, n_inputs]`.
pub(crate) fn gemm(weight: &[f32], bias: &[f32], device: &Device) -> Function {
    let n_outputs = bias.len();
    let n_inputs = weight.len() / n_outputs;
    let weight = tensor(weight.to_vec(), [n_outputs, n_inputs], device).transpose();
    let bias = tensor(bias.to_vec(), [n_outputs], device);
    Arc::new(move |x| {
        let n = x.dims()[0];
        let x = x.reshape([n, n_inputs]);
        let y = module::linear(x, weight.clone(), Some(bias.clone()));
        y.reshape([n, n_outputs, 1, 1])
    })
}

pub(crate) fn softmax() -> Function {
    Arc::new(|x| activation::softmax(x, 1))
}
