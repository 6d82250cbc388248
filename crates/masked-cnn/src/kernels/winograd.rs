//! Winograd's minimal filtering of 3 x 3 windows: 36 products for the 16 outputs of a tile at
//! stride 1 and 81 at stride 2, instead of 144.
//!
//! Along one axis, outputs y of a filter g over inputs d are `y = A' [(G g) * (B' d)]`, after
//! Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016); in two
//! dimensions `Y = A' [(G g G') * (B' d B)] A`. The products of one point over the input channels
//! are a matrix product.

use std::array::from_fn;

use pulp::{Simd, WithSimd};

use super::rows::{Ending, is_inside, rectify};
use super::{mul_add, vectors, vectors_mut};
use crate::tile::SIDE;

/// Different rows of G.
const FILTERS: usize = 6;

/// Different filters along both axes: matrices of weights.
pub(crate) const MATRICES: usize = FILTERS * FILTERS;

/// An algorithm for one axis, with as many products as inputs.
///
/// Vector values stay out of closures here: those are compiled without the vector instructions of
/// the function around them.
pub(crate) trait Scheme<const N: usize>: Copy {
    /// G; the last row serves all points from there on.
    const FILTER: [[f64; 3]; FILTERS];

    /// `B' d`.
    fn input<S: Simd>(self, simd: S, d: [S::f32s; N]) -> [S::f32s; N];

    /// `A' m`.
    fn output<S: Simd>(self, simd: S, m: [S::f32s; N]) -> [S::f32s; SIDE];

    /// The matrix of weights of a point.
    fn matrix(point: usize) -> usize {
        (point / N).min(FILTERS - 1) * FILTERS + (point % N).min(FILTERS - 1)
    }

    /// `G g G'` of a 3 x 3 filter, computed in `f64`.
    fn filter(filter: &[f32; 9]) -> [f32; MATRICES] {
        let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let rows: [[f64; 3]; FILTERS] =
            Self::FILTER.map(|g| from_fn(|j| dot(g, from_fn(|i| f64::from(filter[3 * i + j])))));
        from_fn(|matrix| dot(rows[matrix / FILTERS], Self::FILTER[matrix % FILTERS]) as f32)
    }
}

/// `factor * x + y`.
#[inline(always)]
fn times<S: Simd>(simd: S, factor: f32, x: S::f32s, y: S::f32s) -> S::f32s {
    mul_add(simd, simd.splat_f32s(factor), x, y)
}

/// F(4, 3) at the points 0, 1, -1, 2, -2 and infinity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stride1;

impl Stride1 {
    pub(crate) const POINTS: usize = 6;
}

impl Scheme<{ Stride1::POINTS }> for Stride1 {
    const FILTER: [[f64; 3]; FILTERS] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];

    #[inline(always)]
    fn input<S: Simd>(self, simd: S, d: [S::f32s; 6]) -> [S::f32s; 6] {
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

    #[inline(always)]
    fn output<S: Simd>(self, simd: S, m: [S::f32s; 6]) -> [S::f32s; SIDE] {
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

/// Two filters of stride 1: the outer taps over the even inputs, as F(4, 2) at the points 0, 1, -1,
/// 2 and infinity, and the inner tap over the odd ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stride2;

impl Stride2 {
    pub(crate) const POINTS: usize = 9;
}

impl Scheme<{ Stride2::POINTS }> for Stride2 {
    const FILTER: [[f64; 3]; FILTERS] = [
        [1.0 / 2.0, 0.0, 0.0],
        [-1.0 / 2.0, 0.0, -1.0 / 2.0],
        [-1.0 / 6.0, 0.0, 1.0 / 6.0],
        [1.0 / 6.0, 0.0, 1.0 / 3.0],
        [0.0, 0.0, 1.0],
        [0.0, 1.0, 0.0],
    ];

    #[inline(always)]
    fn input<S: Simd>(self, simd: S, d: [S::f32s; 9]) -> [S::f32s; 9] {
        let difference = simd.sub_f32s(d[6], d[4]);
        [
            times(
                simd,
                2.0,
                simd.sub_f32s(d[0], d[4]),
                simd.sub_f32s(d[6], d[2]),
            ),
            times(simd, -2.0, d[2], difference),
            times(simd, 2.0, simd.sub_f32s(d[2], d[4]), difference),
            simd.sub_f32s(d[6], d[2]),
            times(
                simd,
                2.0,
                simd.sub_f32s(d[2], d[6]),
                simd.sub_f32s(d[8], d[4]),
            ),
            d[1],
            d[3],
            d[5],
            d[7],
        ]
    }

    #[inline(always)]
    fn output<S: Simd>(self, simd: S, m: [S::f32s; 9]) -> [S::f32s; SIDE] {
        let (even, odd) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
        [
            simd.add_f32s(m[5], simd.add_f32s(m[0], simd.add_f32s(even, m[3]))),
            simd.add_f32s(m[6], times(simd, 2.0, m[3], odd)),
            simd.add_f32s(m[7], times(simd, 4.0, m[3], even)),
            simd.add_f32s(m[8], simd.add_f32s(m[4], times(simd, 8.0, m[3], odd))),
        ]
    }
}

/// `B' d B` of one patch, for all its channels.
pub(crate) struct TransformInput<'a, C, const N: usize> {
    pub(crate) scheme: C,
    /// The channels of each position of the patch.
    pub(crate) patch: [[&'a [f32]; N]; N],
    /// The channels of point i go to `i * point_stride`.
    pub(crate) out: &'a mut [f32],
    pub(crate) point_stride: usize,
}

impl<C: Scheme<N>, const N: usize> WithSimd for TransformInput<'_, C, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let scheme = self.scheme;
        let patch: [[&[S::f32s]; N]; N] = self.patch.map(|row| row.map(vectors::<S>));
        let n_vectors = patch[0][0].len();
        let stride = self.point_stride / S::F32_LANES;
        let out = vectors_mut::<S>(self.out);
        for c in 0..n_vectors {
            let mut rows = [[simd.splat_f32s(0.0); N]; N];
            for i in 0..N {
                for j in 0..N {
                    rows[i][j] = patch[i][j][c];
                }
                rows[i] = scheme.input(simd, rows[i]);
            }
            let mut column = [simd.splat_f32s(0.0); N];
            for j in 0..N {
                for i in 0..N {
                    column[i] = rows[i][j];
                }
                let points = scheme.input(simd, column);
                for i in 0..N {
                    out[(i * N + j) * stride + c] = points[i];
                }
            }
        }
    }
}

/// `A' m A` of one tile, for all its channels, with the layer's ending. Positions outside the
/// layer become 0.
pub(crate) struct TransformOutput<'a, C, const N: usize> {
    pub(crate) scheme: C,
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

impl<C: Scheme<N>, const N: usize> WithSimd for TransformOutput<'_, C, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let scheme = self.scheme;
        let bias = vectors::<S>(self.ending.bias);
        let n_vectors = bias.len();
        let stride = self.point_stride / S::F32_LANES;
        let products = vectors::<S>(self.products);
        let shortcut = self.shortcut.map(|tile| vectors::<S>(tile));
        let out = vectors_mut::<S>(self.out);
        for c in 0..n_vectors {
            let mut rows = [[simd.splat_f32s(0.0); SIDE]; N];
            let mut line = [simd.splat_f32s(0.0); N];
            for i in 0..N {
                for j in 0..N {
                    line[j] = products[(i * N + j) * stride + c];
                }
                rows[i] = scheme.output(simd, line);
            }
            for j in 0..SIDE {
                for i in 0..N {
                    line[i] = rows[i][j];
                }
                let column = scheme.output(simd, line);
                for i in 0..SIDE {
                    let position = i * SIDE + j;
                    let at = position * n_vectors + c;
                    out[at] = if is_inside(position, self.inside) {
                        let shortcut = match shortcut {
                            Some(tile) => tile[at],
                            None => simd.splat_f32s(0.0),
                        };
                        let value = simd.add_f32s(simd.add_f32s(column[i], bias[c]), shortcut);
                        rectify(simd, value, self.ending.relu)
                    } else {
                        simd.splat_f32s(0.0)
                    };
                }
            }
        }
    }
}
