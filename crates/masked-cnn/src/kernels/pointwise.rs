//! What is done with every value of a tile, in plain loops that the compiler turns into the
//! instructions chosen.

use cnn_graph::Activation;
use pulp::{Simd, WithSimd};

use super::functions::{activate, or_nan};
use super::rows::rectify;
use super::{vectors, vectors_mut};

/// What to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Values<'a> {
    /// One scale and one shift a channel.
    Affine {
        scale: &'a [f32],
        shift: &'a [f32],
    },
    Activation(&'a Activation),
    /// One slope a channel.
    PRelu(&'a [f32]),
    /// Adds the values of another tile.
    Add(&'a [f32]),
    /// Multiplies by them.
    Mul(&'a [f32]),
}

/// Changes values `[positions, channels]` in place; NaN where one is or becomes no finite number.
pub(crate) struct Pointwise<'a> {
    pub(crate) what: Values<'a>,
    pub(crate) values: &'a mut [f32],
}

impl WithSimd for Pointwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let values = self.values;
        match self.what {
            Values::Affine { scale, shift } => {
                for position in values.chunks_exact_mut(scale.len()) {
                    for c in 0..scale.len() {
                        position[c] = or_nan(position[c] * scale[c] + shift[c]);
                    }
                }
            }
            Values::PRelu(slope) => {
                for position in values.chunks_exact_mut(slope.len()) {
                    for c in 0..slope.len() {
                        let x = position[c];
                        let factor = if x < 0.0 { slope[c] } else { 1.0 };
                        position[c] = or_nan(x * factor);
                    }
                }
            }
            Values::Add(others) => {
                for (value, other) in values.iter_mut().zip(others) {
                    *value = or_nan(*value + *other);
                }
            }
            Values::Mul(others) => {
                for (value, other) in values.iter_mut().zip(others) {
                    *value = or_nan(*value * *other);
                }
            }
            Values::Activation(activation) => activate(activation, values),
        }
    }
}

/// Copies the channels of a tile into some channels of another, with an affine map and then a rectifier
/// if asked for; NaN where one is or becomes no finite number. All are full vectors.
pub(crate) struct CopyChannels<'a> {
    pub(crate) values: &'a [f32],
    /// One scale and one shift a channel.
    pub(crate) scale: &'a [f32],
    pub(crate) shift: &'a [f32],
    pub(crate) relu: bool,
    /// The first of the channels that are written.
    pub(crate) first: usize,
    pub(crate) out: &'a mut [f32],
    pub(crate) out_stride: usize,
}

impl WithSimd for CopyChannels<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (first, out_stride) = (self.first / S::F32_LANES, self.out_stride / S::F32_LANES);
        let (values, out) = (vectors::<S>(self.values), vectors_mut::<S>(self.out));
        let (scale, shift) = (vectors::<S>(self.scale), vectors::<S>(self.shift));
        for c in 0..scale.len() {
            let positions = values[c..].iter().step_by(scale.len());
            let outs = out[first + c..].iter_mut().step_by(out_stride);
            for (&value, out) in positions.zip(outs) {
                let value = simd.add_f32s(simd.mul_f32s(value, scale[c]), shift[c]);
                *out = rectify(simd, value, self.relu);
            }
        }
    }
}

/// Gives the channels of every position mean 0 and variance 1, before a scale and a shift.
pub(crate) struct NormalizePositions<'a> {
    pub(crate) values: &'a mut [f32],
    pub(crate) channel_stride: usize,
    pub(crate) scale: &'a [f32],
    pub(crate) shift: &'a [f32],
    pub(crate) epsilon: f32,
}

impl WithSimd for NormalizePositions<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let n = self.scale.len();
        for position in self.values.chunks_exact_mut(self.channel_stride) {
            let channels = &mut position[..n];
            let mean = sum(channels, |x| x) / n as f64;
            let variance = sum(channels, |x| (x - mean) * (x - mean)) / n as f64;
            let factor = 1.0 / (variance + f64::from(self.epsilon)).sqrt();
            for ((x, &scale), &shift) in channels.iter_mut().zip(self.scale).zip(self.shift) {
                let unit = (f64::from(*x) - mean) * factor;
                *x = or_nan((unit * f64::from(scale) + f64::from(shift)) as f32);
            }
        }
    }
}

/// The sum of a function of all values, as the sums of every eighth one: that fills vectors, and is
/// the same for any length of vector.
#[inline(always)]
fn sum(values: &[f32], function: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let (whole, rest) = values.as_chunks::<8>();
    for values in whole {
        for (sum, &value) in sums.iter_mut().zip(values) {
            *sum += function(f64::from(value));
        }
    }
    for (sum, &value) in sums.iter_mut().zip(rest) {
        *sum += function(f64::from(value));
    }
    sums.iter().sum()
}

/// `x / (bias + alpha / size * sum of the squares of neighbouring channels)^beta`.
pub(crate) fn respond_locally(
    values: &mut [f32],
    channel_stride: usize,
    n_channels: usize,
    size: usize,
    [alpha, beta, bias]: [f32; 3],
) {
    let [alpha, beta, bias] = [alpha, beta, bias].map(f64::from);
    // Sums of the squares up to each channel.
    let mut sums = vec![0.0_f64; n_channels + 1];
    for position in values.chunks_exact_mut(channel_stride) {
        for c in 0..n_channels {
            sums[c + 1] = sums[c] + f64::from(position[c]).powi(2);
        }
        for (c, x) in position[..n_channels].iter_mut().enumerate() {
            let first = c.saturating_sub((size - 1) / 2);
            let end = (c + (size - 1).div_ceil(2) + 1).min(n_channels);
            let base = bias + alpha / size as f64 * (sums[end] - sums[first]);
            *x = or_nan((f64::from(*x) / base.powf(beta)) as f32);
        }
    }
}
