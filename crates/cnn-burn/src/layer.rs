//! What a node computes, with its weights on a device.

use burn::tensor::{Device, Tensor};
use cnn_graph::{Op, Shape};

use crate::activation::activation;
use crate::layout::{flatten, gather, pad, resize};
use crate::norms::{
    affine, instance_normalization, layer_normalization, local_response_normalization,
};
use crate::padding::padding;
use crate::parameters::Function;
use crate::vectors::{gemm, global_average_pool, global_max_pool, softmax};
use crate::windows::{average_pool, conv, max_pool};

/// What a node computes of values `[n, channels, rows, cols]`; a vector is a map of one position.
#[derive(Clone)]
pub(crate) enum Layer {
    /// Nothing: the image is given.
    Input,
    /// A function of one value.
    Function(Function),
    /// The sum of two values.
    Add,
    /// The product of two values.
    Mul,
    /// Values behind each other along the channels.
    Concat,
}

impl Layer {
    /// The layer of a node whose first input has the shape `input`, where its kind is one that is
    /// known here. Shapes are `[channels, rows, cols]`.
    pub(crate) fn new(
        op: &Op,
        input: [usize; 3],
        output: [usize; 3],
        device: &Device,
    ) -> Option<Self> {
        let function = match op {
            Op::Input => return Some(Self::Input),
            Op::Add => return Some(Self::Add),
            Op::Mul => return Some(Self::Mul),
            Op::Concat => return Some(Self::Concat),
            Op::Conv(node) => conv(node, padding(&node.window, input, output), device),
            Op::MaxPool { window, .. } => max_pool(window, padding(window, input, output)),
            Op::AveragePool {
                window,
                count_include_pad,
                ..
            } => {
                let padding = padding(window, input, output);
                average_pool(window, *count_include_pad, padding, input, output, device)
            }
            Op::GlobalAveragePool => global_average_pool(),
            Op::GlobalMaxPool => global_max_pool(),
            Op::Affine { scale, shift } => affine(scale, shift, device),
            Op::Activation(function) => activation(function, device)?,
            Op::Gather { channels } => gather(channels, device),
            Op::Pad { pads, mode } => pad(pads, *mode, input)?,
            Op::Resize { rows, cols } => resize(rows, cols, input, device),
            Op::LayerNormalization {
                scale,
                shift,
                epsilon,
            } => layer_normalization(scale, shift, *epsilon, device),
            Op::InstanceNormalization {
                groups,
                scale,
                shift,
                epsilon,
            } => instance_normalization(*groups, scale, shift, *epsilon, device),
            Op::Lrn {
                size,
                alpha,
                beta,
                bias,
            } => local_response_normalization(*size, (*alpha, *beta, *bias), input[0], device),
            Op::Flatten { order } => flatten(*order),
            Op::Gemm { weight, bias } => gemm(weight, bias, device),
            Op::Softmax => softmax(),
            _ => return None,
        };
        Some(Self::Function(function))
    }

    /// The node's values; none where it has no inputs.
    pub(crate) fn apply(&self, inputs: Vec<Tensor<4>>) -> Option<Tensor<4>> {
        let mut inputs = inputs.into_iter();
        match self {
            Self::Input => None,
            Self::Function(function) => inputs.next().map(|x| function(x)),
            Self::Add => inputs.reduce(Tensor::add),
            Self::Mul => inputs.reduce(Tensor::mul),
            Self::Concat => Some(Tensor::cat(inputs.collect(), 1)),
        }
    }
}

/// Channels, rows and columns; a vector has one position.
pub(crate) fn dims(shape: Shape) -> [usize; 3] {
    match shape {
        Shape::Map { channels, size } => [channels, size.rows, size.cols],
        Shape::Vector { len } => [len, 1, 1],
    }
}
