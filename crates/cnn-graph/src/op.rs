//! The kinds of nodes.

use crate::activation::Activation;
use crate::pad::{PadMode, Pads};
use crate::resize::Axis;
use crate::window::Window;

/// What a node computes from its inputs.
///
/// Parameters are row-major. A "value" is a map or a vector, see [`crate::Shape`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Op {
    /// The image, a map. The first node, and no other.
    Input,
    /// Convolution of a map; padding is 0.
    Conv(Conv),
    /// The largest value of each window of a map; padding never wins.
    MaxPool {
        /// The window.
        window: Window,
        /// Whether a last window that reaches beyond the padding counts.
        ceil_mode: bool,
    },
    /// The mean of each window of a map.
    AveragePool {
        /// The window.
        window: Window,
        /// Whether a last window that reaches beyond the padding counts.
        ceil_mode: bool,
        /// Whether positions in the padding count as zeros. If not, the divisor is the number of
        /// positions of the window in the map. Positions beyond the padding never count.
        count_include_pad: bool,
    },
    /// Map to vector: the mean of each channel.
    GlobalAveragePool,
    /// Map to vector: the largest value of each channel.
    GlobalMaxPool,
    /// `scale x + shift`, one scale and one shift a channel: batch normalisation at inference.
    Affine {
        /// Scale `[channels]`.
        scale: Vec<f32>,
        /// Shift `[channels]`.
        shift: Vec<f32>,
    },
    /// A function of each value.
    Activation(Activation),
    /// Sum of two values of one shape, or of a map and a vector with one value a channel. The map
    /// comes first.
    Add,
    /// Product of two values, with the shapes of [`Op::Add`]. A map times a vector is a gate.
    Mul,
    /// Values behind each other along the channels: maps of one size, or vectors.
    Concat,
    /// A choice of channels of a map or of values of a vector, in any order, repeated or not.
    Gather {
        /// For each output channel the channel that it shows.
        channels: Vec<u32>,
    },
    /// Rows and columns added around a map, or cut off.
    Pad {
        /// How many.
        pads: Pads,
        /// What they hold.
        mode: PadMode,
    },
    /// Interpolation of a map.
    Resize {
        /// From rows of the input to rows of the output.
        rows: Axis,
        /// From columns of the input to columns of the output.
        cols: Axis,
    },
    /// `(x - mean) / sqrt(variance + epsilon) scale + shift`, with the mean and the biased variance
    /// over the channels of each position. Ba, Kiros and Hinton, "Layer Normalization", 2016.
    LayerNormalization {
        /// Scale `[channels]`.
        scale: Vec<f32>,
        /// Shift `[channels]`.
        shift: Vec<f32>,
        /// Added to the variance.
        epsilon: f32,
    },
    /// The same formula with the mean and the variance over the positions and channels of a group;
    /// a group of one channel is instance normalisation. Ulyanov, Vedaldi and Lempitsky, "Instance
    /// Normalization", 2016; Wu and He, "Group Normalization", 2018.
    InstanceNormalization {
        /// Number of groups, as many as channels or a divisor of them.
        groups: usize,
        /// Scale `[channels]`.
        scale: Vec<f32>,
        /// Shift `[channels]`.
        shift: Vec<f32>,
        /// Added to the variance.
        epsilon: f32,
    },
    /// `x / (bias + alpha / size * sum)^beta`, where the sum is that of the squares of the channels
    /// from `floor((size - 1) / 2)` before to `ceil((size - 1) / 2)` behind. Krizhevsky, Sutskever
    /// and Hinton, "ImageNet Classification", 2012.
    Lrn {
        /// Number of channels in the sum.
        size: usize,
        /// Factor of the mean square.
        alpha: f32,
        /// Exponent.
        beta: f32,
        /// Added to the mean square.
        bias: f32,
    },
    /// Map to vector: all values.
    Flatten {
        /// In which order.
        order: Order,
    },
    /// Vector to vector: `weight x + bias`.
    Gemm {
        /// Weights `[n_outputs, n_inputs]`.
        weight: Vec<f32>,
        /// Bias `[n_outputs]`.
        bias: Vec<f32>,
    },
    /// `exp(x_i) / sum over j of exp(x_j)` of a vector.
    Softmax,
}

/// A convolution, with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Conv {
    /// Weights `[c_out, c_in / group, rows, cols]`.
    pub weight: Vec<f32>,
    /// Bias `[c_out]`.
    pub bias: Vec<f32>,
    /// The window.
    pub window: Window,
    /// Number of groups: the first `c_out / group` outputs read the first `c_in / group` channels
    /// and so on. As many groups as channels is a depthwise convolution.
    pub group: usize,
}

/// The order of a flattened map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Channels, rows, columns; columns change fastest.
    Chw,
    /// Rows, columns, channels; channels change fastest.
    Hwc,
}

impl Op {
    /// The name of the kind, which is ONNX's where ONNX has the operator.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Conv(_) => "Conv",
            Self::MaxPool { .. } => "MaxPool",
            Self::AveragePool { .. } => "AveragePool",
            Self::GlobalAveragePool => "GlobalAveragePool",
            Self::GlobalMaxPool => "GlobalMaxPool",
            Self::Affine { .. } => "Affine",
            Self::Activation(_) => "Activation",
            Self::Add => "Add",
            Self::Mul => "Mul",
            Self::Concat => "Concat",
            Self::Gather { .. } => "Gather",
            Self::Pad { .. } => "Pad",
            Self::Resize { .. } => "Resize",
            Self::LayerNormalization { .. } => "LayerNormalization",
            Self::InstanceNormalization { .. } => "InstanceNormalization",
            Self::Lrn { .. } => "LRN",
            Self::Flatten { .. } => "Flatten",
            Self::Gemm { .. } => "Gemm",
            Self::Softmax => "Softmax",
        }
    }
}
