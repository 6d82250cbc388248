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

/// Writes the products of a tile's positions with their ending. Positions that lie outside the
/// layer become 0.
pub(crate) struct EndTile<'a> {
    /// `[positions, channels]`.
    pub(crate) products: &'a [f32],
    pub(crate) ending: Ending<'a>,
    /// The tile that is added.
    pub(crate) shortcut: Option<&'a [f32]>,
    /// Rows and columns of the tile that lie in the layer.
    pub(crate) inside: (usize, usize),
    pub(crate) out: &'a mut [f32],
}

impl WithSimd for EndTile<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n_channels = self.ending.bias.len();
        let bias = vectors::<S>(self.ending.bias);
        let tiles = self
            .out
            .chunks_exact_mut(n_channels)
            .zip(self.products.chunks_exact(n_channels));
        for (position, (out, products)) in tiles.enumerate() {
            if !is_inside(position, self.inside) {
                out.fill(0.0);
                continue;
            }
            let shortcut = self
                .shortcut
                .map(|tile| vectors::<S>(&tile[position * n_channels..][..n_channels]));
            let out = vectors_mut::<S>(out);
            let products = vectors::<S>(products);
            for c in 0..bias.len() {
                let shortcut = match shortcut {
                    Some(tile) => tile[c],
                    None => simd.splat_f32s(0.0),
                };
                let value = simd.add_f32s(simd.add_f32s(products[c], bias[c]), shortcut);
                out[c] = rectify(simd, value, self.ending.relu);
            }
        }
    }
}

/// Whether a position of a tile lies in the first rows and columns.
#[inline(always)]
pub(crate) fn is_inside(position: usize, (rows, cols): (usize, usize)) -> bool {
    position / crate::tile::SIDE < rows && position % crate::tile::SIDE < cols
}
