//! Kinds that scale: by constants, and by a statistic of the image.

use std::sync::Arc;

use burn::tensor::ops::{ConvOptions, PadMode};
use burn::tensor::{Device, Tensor, module};

use crate::parameters::{Function, per_channel, tensor};

pub(crate) fn affine(scale: &[f32], shift: &[f32], device: &Device) -> Function {
    let scale = per_channel(scale, device);
    let shift = per_channel(shift, device);
    Arc::new(move |x| x * scale.clone() + shift.clone())
}

pub(crate) fn layer_normalization(
    scale: &[f32],
    shift: &[f32],
    epsilon: f32,
    device: &Device,
) -> Function {
    let affine = affine(scale, shift, device);
    Arc::new(move |x| affine(normalised(x, |x| x.mean_dim(1), epsilon)))
}

pub(crate) fn instance_normalization(
    groups: usize,
    scale: &[f32],
    shift: &[f32],
    epsilon: f32,
    device: &Device,
) -> Function {
    let affine = affine(scale, shift, device);
    let n_channels = scale.len();
    Arc::new(move |x| {
        let [n, _, rows, cols] = x.dims();
        let x = x.reshape([n, groups, n_channels / groups * rows, cols]);
        // Sums of sums round less than one long sum.
        let x = normalised(x, |x| x.mean_dim(3).mean_dim(2), epsilon);
        affine(x.reshape([n, n_channels, rows, cols]))
    })
}

/// `(x - mean) / sqrt(variance + epsilon)`.
fn normalised(x: Tensor<4>, mean: impl Fn(Tensor<4>) -> Tensor<4>, epsilon: f32) -> Tensor<4> {
    let centred = x.clone() - mean(x);
    let variance = mean(centred.clone() * centred.clone());
    centred / (without_infinity(variance) + epsilon).sqrt()
}

pub(crate) fn local_response_normalization(
    size: usize,
    (alpha, beta, bias): (f32, f32, f32),
    n_channels: usize,
    device: &Device,
) -> Function {
    // Channels beyond the first and the last are 0, however many.
    let before = ((size - 1) / 2).min(n_channels - 1);
    let behind = (size / 2).min(n_channels - 1);
    let len = before + 1 + behind;
    let weight = vec![alpha / size as f32; len];
    let weight = tensor(weight, [1, 1, len, 1], device);
    let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
    Arc::new(move |x| {
        let [n, channels, rows, cols] = x.dims();
        let squares = (x.clone() * x.clone()).reshape([n, 1, channels, rows * cols]);
        let squares = squares.pad([(before, behind), (0, 0)], PadMode::Constant(0.0));
        let sum = module::conv2d(squares, weight.clone(), None, options.clone());
        let base = without_infinity(sum.reshape([n, channels, rows, cols])) + bias;
        x / base.powf_scalar(beta)
    })
}

/// NaN where a value is infinite: what is divided by it would be 0 and hide that the network
/// overflowed.
fn without_infinity(x: Tensor<4>) -> Tensor<4> {
    x.clone() - x.clone() + x
}
