//! Sums in `f64`, of values without positions and of those that positions come together to. Every
//! sum is one chain in order; vectors hold different sums.

use pulp::{Simd, WithSimd};

/// Adds the channels of every position to sums.
pub(crate) struct SumPositions<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) channel_stride: usize,
    /// As many as there are channels, without the zeros behind them.
    pub(crate) sums: &'a mut [f64],
}

impl WithSimd for SumPositions<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        for position in self.values.chunks_exact(self.channel_stride) {
            for (sum, &value) in self.sums.iter_mut().zip(position) {
                *sum += f64::from(value);
            }
        }
    }
}

/// A linear map of one vector.
pub(crate) struct Linear<'a> {
    pub(crate) values: &'a [f64],
    /// `[inputs, outputs]`.
    pub(crate) weight: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) out: &'a mut [f64],
}

impl WithSimd for Linear<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        self.out.fill(0.0);
        let rows = self.weight.chunks_exact(self.bias.len());
        for (&value, row) in self.values.iter().zip(rows) {
            for (sum, &weight) in self.out.iter_mut().zip(row) {
                *sum += f64::from(weight) * value;
            }
        }
        for (sum, &bias) in self.out.iter_mut().zip(self.bias) {
            *sum += f64::from(bias);
        }
    }
}
