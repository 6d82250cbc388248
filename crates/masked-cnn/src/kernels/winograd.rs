//! Winograd's minimal filtering F(4x4, 3x3): 36 products for the 16 outputs of a tile instead of
//! 144.
//!
//! With the interpolation points 0, 1, -1, 2, -2 and infinity (Lavin and Gray, "Fast Algorithms
//! for Convolutional Neural Networks", CVPR 2016, section 4.3), an output tile is
//! `A' [(G g G') * (B' d B)] A` for a filter g and an input patch d of 6 x 6; the products of the
//! 36 points over the input channels are matrix products.

use std::array::from_fn;

use pulp::{Simd, WithSimd};

use super::rows::{Ending, end, is_inside};
use super::{mul_add, vectors, vectors_mut};
use crate::tile::{POSITIONS, SIDE};

/// Side of an input patch.
pub(crate) const PATCH: usize = SIDE + 2;

/// Products for a tile and a pair of channels.
pub(crate) const POINTS: usize = PATCH * PATCH;

/// `G g G'` of a 3 x 3 filter, computed in `f64`.
pub(crate) fn transform_filter(filter: &[f32; 9]) -> [f32; POINTS] {
    const G: [[f64; 3]; PATCH] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let rows = G.map(|g| from_fn(|j| dot(g, from_fn(|i| f64::from(filter[3 * i + j])))));
    from_fn(|point| dot(rows[point / PATCH], G[point % PATCH]) as f32)
}

/// A linear map along one axis of a patch. A trait and no closure: a closure is compiled without
/// the vector instructions of the function around it.
trait Axis<const OUT: usize> {
    fn apply<S: Simd>(simd: S, values: [S::f32s; PATCH]) -> [S::f32s; OUT];
}

/// `factor * x + y`.
#[inline(always)]
fn times<S: Simd>(simd: S, factor: f32, x: S::f32s, y: S::f32s) -> S::f32s {
    mul_add(simd, simd.splat_f32s(factor), x, y)
}

/// `B' d`.
struct InputAxis;

impl Axis<PATCH> for InputAxis {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, d: [S::f32s; PATCH]) -> [S::f32s; PATCH] {
        let even = times(simd, -4.0, d[2], d[4]);
        let odd = times(simd, -4.0, d[1], d[3]);
        let near = simd.sub_f32s(d[4], d[2]);
        let far = simd.sub_f32s(d[3], d[1]);
        [
            times(simd, 4.0, d[0], times(simd, -5.0, d[2], d[4])),
            simd.add_f32s(even, odd),
            simd.sub_f32s(even, odd),
            times(simd, 2.0, far, near),
            times(simd, -2.0, far, near),
            times(simd, 4.0, d[1], times(simd, -5.0, d[3], d[5])),
        ]
    }
}

/// `A' m`.
struct OutputAxis;

impl Axis<SIDE> for OutputAxis {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, m: [S::f32s; PATCH]) -> [S::f32s; SIDE] {
        let (near_even, near_odd) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
        let (far_even, far_odd) = (simd.add_f32s(m[3], m[4]), simd.sub_f32s(m[3], m[4]));
        [
            simd.add_f32s(m[0], simd.add_f32s(near_even, far_even)),
            times(simd, 2.0, far_odd, near_odd),
            times(simd, 4.0, far_even, near_even),
            simd.add_f32s(m[5], times(simd, 8.0, far_odd, near_odd)),
        ]
    }
}

/// Both axes of a patch.
#[inline(always)]
fn both_axes<S: Simd, A: Axis<OUT>, const OUT: usize>(
    simd: S,
    values: [[S::f32s; PATCH]; PATCH],
) -> [[S::f32s; OUT]; OUT] {
    let mut cols = [[simd.splat_f32s(0.0); PATCH]; OUT];
    for j in 0..PATCH {
        let [a, b, c, d, e, f] = values;
        let column = A::apply(simd, [a[j], b[j], c[j], d[j], e[j], f[j]]);
        for i in 0..OUT {
            cols[i][j] = column[i];
        }
    }
    let mut out = [[simd.splat_f32s(0.0); OUT]; OUT];
    for i in 0..OUT {
        out[i] = A::apply(simd, cols[i]);
    }
    out
}

/// `B' d B` of one patch, for all its channels.
pub(crate) struct TransformInput<'a> {
    /// The channels of each position of the patch.
    pub(crate) patch: [&'a [f32]; POINTS],
    /// The channels of point i go to `i * point_stride`.
    pub(crate) out: &'a mut [f32],
    pub(crate) point_stride: usize,
}

impl WithSimd for TransformInput<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let patch: [&[S::f32s]; POINTS] = from_fn(|i| vectors::<S>(self.patch[i]));
        let n_vectors = patch[0].len();
        let stride = self.point_stride / S::F32_LANES;
        let out = vectors_mut::<S>(self.out);
        for c in 0..n_vectors {
            let values = from_fn(|i| from_fn(|j| patch[i * PATCH + j][c]));
            let points = both_axes::<S, InputAxis, PATCH>(simd, values);
            for i in 0..PATCH {
                for j in 0..PATCH {
                    out[(i * PATCH + j) * stride + c] = points[i][j];
                }
            }
        }
    }
}

/// `A' m A` of one tile, for all its channels, with the layer's ending. Positions outside the
/// layer become 0.
pub(crate) struct TransformOutput<'a> {
    /// The channels of point i are at `i * point_stride`.
    pub(crate) products: &'a [f32],
    pub(crate) point_stride: usize,
    pub(crate) ending: Ending<'a>,
    /// The tile that is added.
    pub(crate) shortcut: Option<&'a [f32]>,
    /// Rows and columns of the tile that lie in the layer.
    pub(crate) inside: (usize, usize),
    pub(crate) out: &'a mut [f32],
}

impl WithSimd for TransformOutput<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let bias = vectors::<S>(self.ending.bias);
        let n_vectors = bias.len();
        let stride = self.point_stride / S::F32_LANES;
        let products = vectors::<S>(self.products);
        let shortcut = self.shortcut.map(|tile| vectors::<S>(tile));
        let out = vectors_mut::<S>(self.out);
        for c in 0..n_vectors {
            let values = from_fn(|i| from_fn(|j| products[(i * PATCH + j) * stride + c]));
            let tile = both_axes::<S, OutputAxis, SIDE>(simd, values);
            for position in 0..POSITIONS {
                let at = position * n_vectors + c;
                out[at] = if is_inside(position, self.inside) {
                    let value = simd.add_f32s(tile[position / SIDE][position % SIDE], bias[c]);
                    end(simd, value, shortcut.map(|s| s[at]), self.ending.relu)
                } else {
                    simd.splat_f32s(0.0)
                };
            }
        }
    }
}
