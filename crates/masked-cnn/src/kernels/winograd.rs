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

/// `factor * x`.
#[inline(always)]
fn scaled<S: Simd>(simd: S, factor: f64, x: S::f32s) -> S::f32s {
    simd.mul_f32s(simd.splat_f32s(factor as f32), x)
}

/// F(4, 3) at the points 0, +-11/16, +-3/2 and infinity.
///
/// With these the outputs' error is 2.1 times that of direct sums in `f32`; with the usual 0, +-1,
/// +-2 it is 5 times (64 channels of rectified normal noise, `f64` as the truth).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stride1;

impl Stride1 {
    pub(crate) const POINTS: usize = 6;
    const NEAR: f64 = 11.0 / 16.0;
    const FAR: f64 = 3.0 / 2.0;
}

impl Scheme<{ Stride1::POINTS }> for Stride1 {
    const FILTER: [[f64; 3]; FILTERS] = {
        let (a, b) = (Self::NEAR, Self::FAR);
        let near = 1.0 / (2.0 * a * a * (a * a - b * b));
        let far = 1.0 / (2.0 * b * b * (b * b - a * a));
        [
            [1.0 / (a * a * b * b), 0.0, 0.0],
            [near, near * a, near * a * a],
            [near, -near * a, near * a * a],
            [far, far * b, far * b * b],
            [far, -far * b, far * b * b],
            [0.0, 0.0, 1.0],
        ]
    };

    #[inline(always)]
    fn input<S: Simd>(self, simd: S, d: [S::f32s; 6]) -> [S::f32s; 6] {
        let (a, b) = (Self::NEAR, Self::FAR);
        let near = pair(simd, a, b, [d[1], d[2], d[3], d[4]]);
        let far = pair(simd, b, a, [d[1], d[2], d[3], d[4]]);
        let first = squares(simd, a, b, [d[0], d[2], d[4]]);
        let last = squares(simd, a, b, [d[1], d[3], d[5]]);
        [first, near[0], near[1], far[0], far[1], last]
    }

    #[inline(always)]
    fn output<S: Simd>(self, simd: S, m: [S::f32s; 6]) -> [S::f32s; SIDE] {
        let pairs = [m[1], m[2], m[3], m[4]];
        let y = powers(simd, Self::NEAR, Self::FAR, pairs);
        [
            simd.add_f32s(m[0], y[0]),
            y[1],
            y[2],
            simd.add_f32s(m[5], y[3]),
        ]
    }
}

/// Two filters of stride 1: the outer taps over the even inputs, as F(4, 2) at the points +-1/2,
/// +-5/4 and infinity, and the inner tap over the odd ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stride2;

impl Stride2 {
    pub(crate) const POINTS: usize = 9;
    const NEAR: f64 = 1.0 / 2.0;
    const FAR: f64 = 5.0 / 4.0;
}

impl Scheme<{ Stride2::POINTS }> for Stride2 {
    const FILTER: [[f64; 3]; FILTERS] = {
        let (a, b) = (Self::NEAR, Self::FAR);
        let near = 1.0 / (2.0 * a * (a * a - b * b));
        let far = 1.0 / (2.0 * b * (b * b - a * a));
        [
            [near, 0.0, near * a],
            [-near, 0.0, near * a],
            [far, 0.0, far * b],
            [-far, 0.0, far * b],
            [0.0, 0.0, 1.0],
            [0.0, 1.0, 0.0],
        ]
    };

    #[inline(always)]
    fn input<S: Simd>(self, simd: S, d: [S::f32s; 9]) -> [S::f32s; 9] {
        let (a, b) = (Self::NEAR, Self::FAR);
        let near = pair(simd, a, b, [d[0], d[2], d[4], d[6]]);
        let far = pair(simd, b, a, [d[0], d[2], d[4], d[6]]);
        let last = squares(simd, a, b, [d[0], d[4], d[8]]);
        [
            near[0], near[1], far[0], far[1], last, d[1], d[3], d[5], d[7],
        ]
    }

    #[inline(always)]
    fn output<S: Simd>(self, simd: S, m: [S::f32s; 9]) -> [S::f32s; SIDE] {
        let y = powers(simd, Self::NEAR, Self::FAR, [m[0], m[1], m[2], m[3]]);
        [
            simd.add_f32s(m[5], y[0]),
            simd.add_f32s(m[6], y[1]),
            simd.add_f32s(m[7], y[2]),
            simd.add_f32s(m[8], simd.add_f32s(m[4], y[3])),
        ]
    }
}

/// The inputs times `(x + p) (x^2 - q^2)` and `(x - p) (x^2 - q^2)`, the polynomials that are 0 at
/// all points but p and -p.
#[inline(always)]
fn pair<S: Simd>(simd: S, p: f64, q: f64, d: [S::f32s; 4]) -> [S::f32s; 2] {
    let square = -(q * q) as f32;
    let even = times(simd, square, d[1], d[3]);
    let odd = times(simd, square, d[0], d[2]);
    [
        times(simd, p as f32, odd, even),
        times(simd, -p as f32, odd, even),
    ]
}

/// The inputs times `(x^2 - a^2) (x^2 - b^2)`, in powers of `x^2`.
#[inline(always)]
fn squares<S: Simd>(simd: S, a: f64, b: f64, d: [S::f32s; 3]) -> S::f32s {
    let (a, b) = (a * a, b * b);
    times(
        simd,
        (a * b) as f32,
        d[0],
        times(simd, -(a + b) as f32, d[1], d[2]),
    )
}

/// The sums of the products m at a, -a, b and -b, each times its point to the powers 0 to 3.
#[inline(always)]
fn powers<S: Simd>(simd: S, a: f64, b: f64, m: [S::f32s; 4]) -> [S::f32s; SIDE] {
    let (near_even, near_odd) = (simd.add_f32s(m[0], m[1]), simd.sub_f32s(m[0], m[1]));
    let (far_even, far_odd) = (simd.add_f32s(m[2], m[3]), simd.sub_f32s(m[2], m[3]));
    [
        simd.add_f32s(near_even, far_even),
        times(simd, b as f32, far_odd, scaled(simd, a, near_odd)),
        times(
            simd,
            (b * b) as f32,
            far_even,
            scaled(simd, a * a, near_even),
        ),
        times(
            simd,
            (b * b * b) as f32,
            far_odd,
            scaled(simd, a * a * a, near_odd),
        ),
    ]
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
                for (value, row) in line.iter_mut().zip(&rows) {
                    *value = row[j];
                }
                let column = scheme.output(simd, line);
                for (i, &value) in column.iter().enumerate() {
                    let position = i * SIDE + j;
                    let at = position * n_vectors + c;
                    out[at] = if is_inside(position, self.inside) {
                        let shortcut = match shortcut {
                            Some(tile) => tile[at],
                            None => simd.splat_f32s(0.0),
                        };
                        let value = simd.add_f32s(simd.add_f32s(value, bias[c]), shortcut);
                        rectify(simd, value, self.ending.relu)
                    } else {
                        simd.splat_f32s(0.0)
                    };
                }
            }
        }
    }
}
