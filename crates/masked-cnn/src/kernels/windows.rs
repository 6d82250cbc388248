//! Windows whose channels stay apart.

use pulp::{Simd, WithSimd};

use super::rows::Ending;
use super::{mul_add, or_nan, vectors, vectors_mut};

/// The largest value of every channel among some positions, of which there is at least one; NaN if
/// one of the values is.
pub(crate) struct MaxOf<'a, I> {
    pub(crate) positions: I,
    pub(crate) out: &'a mut [f32],
}

impl<'a, I: Iterator<Item = &'a [f32]>> WithSimd for MaxOf<'_, I> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut positions = self.positions;
        if let Some(first) = positions.next() {
            self.out.copy_from_slice(first);
        }
        for position in positions {
            let pairs = vectors_mut::<S>(self.out)
                .iter_mut()
                .zip(vectors::<S>(position));
            for (out, &value) in pairs {
                let larger = simd.max_f32s(*out, value);
                *out = or_nan(simd, *out, or_nan(simd, value, larger));
            }
        }
    }
}

/// The sum of every channel over some positions, divided by a number; NaN if the sum is not finite.
pub(crate) struct MeanOf<'a, I> {
    pub(crate) positions: I,
    pub(crate) divisor: f32,
    pub(crate) out: &'a mut [f32],
}

impl<'a, I: Iterator<Item = &'a [f32]>> WithSimd for MeanOf<'_, I> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.out.fill(0.0);
        let out = vectors_mut::<S>(self.out);
        for position in self.positions {
            let position = vectors::<S>(position);
            for c in 0..out.len() {
                out[c] = simd.add_f32s(out[c], position[c]);
            }
        }
        let divisor = simd.splat_f32s(self.divisor);
        for sum in out {
            *sum = or_nan(simd, *sum, simd.div_f32s(*sum, divisor));
        }
    }
}

/// The products of a tile's windows, channel by channel, with the layer's ending. Positions outside
/// the layer hold anything.
pub(crate) struct Depthwise<'a> {
    pub(crate) values: &'a [f32],
    /// Where the window of each position starts.
    pub(crate) starts: &'a [usize],
    /// Where each tap is from there on.
    pub(crate) taps: &'a [usize],
    /// `[taps, channels]`.
    pub(crate) weight: &'a [f32],
    pub(crate) ending: Ending<'a>,
    /// The tile that is added.
    pub(crate) shortcut: Option<&'a [f32]>,
    /// `[positions, channels]`.
    pub(crate) out: &'a mut [f32],
}

/// Positions whose sums are kept in registers.
const SUMS: usize = 4;

impl WithSimd for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n_channels = self.weight.len() / self.taps.len();
        let n_vectors = n_channels / S::F32_LANES;
        let weight = vectors::<S>(self.weight);
        let values = vectors::<S>(self.values);
        let out = vectors_mut::<S>(self.out);
        let starts = self.starts.as_chunks::<SUMS>().0;
        let lines = out.chunks_exact_mut(SUMS * n_vectors);
        for (line, (starts, out)) in starts.iter().zip(lines).enumerate() {
            for c in 0..n_vectors {
                let mut sums = [simd.splat_f32s(0.0); SUMS];
                for (tap, &offset) in self.taps.iter().enumerate() {
                    let weight = weight[tap * n_vectors + c];
                    for i in 0..SUMS {
                        let value = values[(starts[i] + offset) / S::F32_LANES + c];
                        sums[i] = mul_add(simd, value, weight, sums[i]);
                    }
                }
                let lanes = c * S::F32_LANES..(c + 1) * S::F32_LANES;
                let bias = &self.ending.bias[lanes.clone()];
                for i in 0..SUMS {
                    let at = (line * SUMS + i) * n_channels;
                    let shortcut = self.shortcut.map(|tile| &tile[at..][lanes.clone()]);
                    let sum = std::slice::from_mut(&mut sums[i]);
                    self.ending.apply(simd, bias, shortcut, sum);
                    out[i * n_vectors + c] = sums[i];
                }
            }
        }
    }
}
