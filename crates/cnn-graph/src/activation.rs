//! Functions of one value.

use crate::problem::{Problem, expect_finite, expect_parameter, expect_per_channel};

/// A function that is applied to every value by itself, in the terms of ONNX.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, min), max)`; NaN stays NaN.
    Clip {
        /// Lower bound, minus infinity where there is none.
        min: f32,
        /// Upper bound, infinity where there is none.
        max: f32,
    },
    /// `x` from 0 on, `alpha x` below.
    LeakyRelu {
        /// Slope below 0.
        alpha: f32,
    },
    /// `x` from 0 on, `slope x` below.
    PRelu {
        /// Slope below 0, one a channel.
        slope: Vec<f32>,
    },
    /// `x` from 0 on, `alpha (exp(x) - 1)` below.
    Elu {
        /// Factor below 0.
        alpha: f32,
    },
    /// `gamma x` above 0, `gamma alpha (exp(x) - 1)` up to 0.
    Selu {
        /// Factor up to 0.
        alpha: f32,
        /// Factor everywhere.
        gamma: f32,
    },
    /// `max(x, 0) + min(0, alpha (exp(x / alpha) - 1))`.
    Celu {
        /// Scale below 0, not 0.
        alpha: f32,
    },
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `max(0, min(1, alpha x + beta))`.
    HardSigmoid {
        /// Slope.
        alpha: f32,
        /// Value at 0.
        beta: f32,
    },
    /// `x max(0, min(1, x / 6 + 1 / 2))`.
    HardSwish,
    /// `x sigmoid(x)`.
    Silu,
    /// `x (1 + erf(x / sqrt(2))) / 2`, or its approximation
    /// `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`. Hendrycks and Gimpel, "Gaussian Error
    /// Linear Units", 2016.
    Gelu {
        /// Whether the approximation is meant.
        tanh: bool,
    },
    /// The error function.
    Erf,
    /// The hyperbolic tangent.
    Tanh,
    /// `ln(1 + exp(x))`.
    Softplus,
    /// `x / (1 + |x|)`.
    Softsign,
    /// `x tanh(softplus(x))`.
    Mish,
    /// `x` above `alpha`, otherwise 0.
    ThresholdedRelu {
        /// Threshold.
        alpha: f32,
    },
}

impl Activation {
    /// Parameters in their range, one a channel where they differ by channel.
    pub(crate) fn expect_valid(&self, n_channels: usize) -> Result<(), Problem> {
        match self {
            Self::Clip { min, max } => {
                expect_parameter(!min.is_nan(), "min", min, "a number")?;
                expect_parameter(!max.is_nan(), "max", max, "a number")
            }
            Self::PRelu { slope } => expect_per_channel("slope", slope, n_channels),
            Self::Celu { alpha } => {
                expect_finite("alpha", &[*alpha])?;
                expect_parameter(*alpha != 0.0, "alpha", alpha, "a number other than 0")
            }
            Self::LeakyRelu { alpha } | Self::Elu { alpha } | Self::ThresholdedRelu { alpha } => {
                expect_finite("alpha", &[*alpha])
            }
            Self::Selu { alpha, gamma } => {
                expect_finite("alpha", &[*alpha])?;
                expect_finite("gamma", &[*gamma])
            }
            Self::HardSigmoid { alpha, beta } => {
                expect_finite("alpha", &[*alpha])?;
                expect_finite("beta", &[*beta])
            }
            Self::Relu
            | Self::Sigmoid
            | Self::HardSwish
            | Self::Silu
            | Self::Gelu { .. }
            | Self::Erf
            | Self::Tanh
            | Self::Softplus
            | Self::Softsign
            | Self::Mish => Ok(()),
        }
    }
}
