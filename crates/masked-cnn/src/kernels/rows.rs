//! What follows a product: bias, shortcut, rectifier.

use pulp::{Simd, WithSimd};

use super::{or_nan, vectors, vectors_mut};

/// How a layer ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending<'a> {
    /// Filled up with zeros like the channels.
    pub(crate) bias: &'a [f32],
    pub(crate) relu: bool,
}

/// `relu(value)` where asked for; NaN if the value is not finite.
#[inline(always)]
pub(crate) fn rectify<S: Simd>(simd: S, value: S::f32s, relu: bool) -> S::f32s {
    let result = if relu {
        simd.max_f32s(value, simd.splat_f32s(0.0))
    } else {
        value
    };
    or_nan(simd, value, result)
}

impl Ending<'_> {
    /// Ends some vectors of one position: `bias` and `shortcut` are those of the same channels.
    #[inline(always)]
    pub(crate) fn apply<S: Simd>(
        self,
        simd: S,
        bias: &[f32],
        shortcut: Option<&[f32]>,
        values: &mut [S::f32s],
    ) {
        for (value, &bias) in values.iter_mut().zip(vectors::<S>(bias)) {
            *value = simd.add_f32s(*value, bias);
        }
        if let Some(shortcut) = shortcut {
            for (value, &shortcut) in values.iter_mut().zip(vectors::<S>(shortcut)) {
                *value = simd.add_f32s(*value, shortcut);
            }
        }
        for value in values {
            *value = rectify(simd, *value, self.relu);
        }
    }
}

/// Ends the products of a tile's positions, in place. Positions that lie outside the layer become 0.
pub(crate) struct EndTile<'a> {
    /// `[positions, channels]`.
    pub(crate) values: &'a mut [f32],
    pub(crate) ending: Ending<'a>,
    /// The tile that is added.
    pub(crate) shortcut: Option<&'a [f32]>,
    /// Rows and columns of the tile that lie in the layer.
    pub(crate) inside: (usize, usize),
}

impl WithSimd for EndTile<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let bias = self.ending.bias;
        let positions = self.values.chunks_exact_mut(bias.len());
        for (position, values) in positions.enumerate() {
            if !is_inside(position, self.inside) {
                values.fill(0.0);
                continue;
            }
            let at = position * bias.len();
            let shortcut = self.shortcut.map(|tile| &tile[at..at + bias.len()]);
            let values = vectors_mut::<S>(values);
            self.ending.apply(simd, bias, shortcut, values);
        }
    }
}

/// Whether a position of a tile lies in the first rows and columns.
#[inline(always)]
pub(crate) fn is_inside(position: usize, (rows, cols): (usize, usize)) -> bool {
    position / crate::tile::SIDE < rows && position % crate::tile::SIDE < cols
}
