//! What follows a product: bias, shortcut, rectifier.

use pulp::{Simd, WithSimd};

use super::{vectors, vectors_mut};
use crate::buffer::Buffer;

/// How a layer ends.
#[derive(Debug)]
pub(crate) struct Ending {
    /// Filled up with zeros like the channels.
    pub(crate) bias: Buffer,
    pub(crate) relu: bool,
}

/// A product with its bias, the value at `at` of the tile that is added, and the rectifier.
#[inline(always)]
pub(crate) fn end<S: Simd>(
    simd: S,
    product: S::f32s,
    bias: S::f32s,
    shortcut: Option<&[S::f32s]>,
    at: usize,
    relu: bool,
) -> S::f32s {
    let zero = simd.splat_f32s(0.0);
    let shortcut = match shortcut {
        Some(tile) => tile[at],
        None => zero,
    };
    let value = simd.add_f32s(simd.add_f32s(product, bias), shortcut);
    if relu {
        simd.max_f32s(value, zero)
    } else {
        value
    }
}

/// Writes the products of a tile's positions with their ending. Positions that lie outside the
/// layer become 0.
pub(crate) struct EndTile<'a> {
    /// `[positions, channels]`.
    pub(crate) products: &'a [f32],
    pub(crate) ending: &'a Ending,
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
        let bias = vectors::<S>(&self.ending.bias);
        let shortcut = self.shortcut.map(|tile| vectors::<S>(tile));
        let tiles = self
            .out
            .chunks_exact_mut(n_channels)
            .zip(self.products.chunks_exact(n_channels));
        for (position, (out, products)) in tiles.enumerate() {
            if !is_inside(position, self.inside) {
                out.fill(0.0);
                continue;
            }
            let out = vectors_mut::<S>(out);
            let products = vectors::<S>(products);
            for c in 0..bias.len() {
                let at = position * bias.len() + c;
                out[c] = end(simd, products[c], bias[c], shortcut, at, self.ending.relu);
            }
        }
    }
}

/// Whether a position of a tile lies in the first rows and columns.
#[inline(always)]
pub(crate) fn is_inside(position: usize, (rows, cols): (usize, usize)) -> bool {
    position / crate::tile::SIDE < rows && position % crate::tile::SIDE < cols
}
