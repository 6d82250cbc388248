//! Matrix products with weights packed beforehand.
//!
//! Every output is one chain of fused products over the inner dimension, in order, whatever the
//! number of rows: so it does not depend on what else is computed beside it.

use std::array::from_fn;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Kernels, mul_add, vectors, vectors_mut};
use crate::buffer::Buffer;

/// Rows of the left side that are multiplied together where there are 32 registers.
const WIDE_ROWS: usize = 6;
/// Rows where there are 16 registers: 8 sums, 2 weights, 4 values. The compiler loads the values of
/// all rows before the first product; with 6 rows it keeps sums in memory instead.
const NARROW_ROWS: usize = 4;

/// Vectors of a panel where there are 32 registers: 24 sums, 4 weights, one value.
const WIDE: usize = 4;
/// Vectors of a panel where there are 16 registers.
const NARROW: usize = 2;

/// Right sides `[inner, columns]`, several of one shape: in panels of a few vectors of columns, in
/// a panel matrix by matrix, row by row. Columns are filled up to a full vector with zeros.
#[derive(Debug)]
pub(crate) struct Packed {
    values: Buffer,
    n_matrices: usize,
    inner: usize,
    /// Columns with the zeros behind them.
    pub(crate) columns: usize,
}

impl Packed {
    /// Packs matrices of which `entries(k, column, ..)` writes row k and a column, one value a
    /// matrix.
    pub(crate) fn new(
        kernels: Kernels,
        n_matrices: usize,
        inner: usize,
        n_columns: usize,
        entries: impl Fn(usize, usize, &mut [f32]) + Sync,
    ) -> Self {
        let lanes = kernels.lanes();
        let columns = n_columns.next_multiple_of(lanes);
        let panel = kernels.run(PanelVectors) * lanes;
        let mut values = Buffer::zeroed(n_matrices * inner * columns);
        values
            .par_chunks_mut(n_matrices * inner * panel)
            .enumerate()
            .for_each(|(index, values)| {
                let first = index * panel;
                let width = panel.min(columns - first);
                let mut entry = vec![0.0; n_matrices];
                for k in 0..inner {
                    for column in first..(first + width).min(n_columns) {
                        entries(k, column, &mut entry);
                        for (matrix, &value) in entry.iter().enumerate() {
                            values[(matrix * inner + k) * width + column - first] = value;
                        }
                    }
                }
            });
        Self {
            values,
            n_matrices,
            inner,
            columns,
        }
    }

    /// Rows of each matrix.
    pub(crate) fn inner(&self) -> usize {
        self.inner
    }

    /// Weights, with the zeros between them.
    pub(crate) fn n_values(&self) -> usize {
        self.values.len()
    }
}

struct PanelVectors;

impl WithSimd for PanelVectors {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> usize {
        panel_vectors::<S>()
    }
}

#[inline(always)]
fn panel_vectors<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 {
        WIDE
    } else {
        NARROW
    }
}

/// Where the rows of a left side are: row i is runs of equal length, each at one of the offsets from
/// `starts[i]` on. A window of an image in memory is such a row without being copied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) starts: &'a [usize],
    pub(crate) offsets: &'a [usize],
    pub(crate) run_len: usize,
}

/// `out[i, j] = sum over k of rows[i, k] * matrix[k, j]`, `out` with the columns of `packed`.
pub(crate) struct Gemm<'a> {
    pub(crate) rows: Rows<'a>,
    pub(crate) packed: &'a Packed,
    /// Which of the packed matrices.
    pub(crate) matrix: usize,
    pub(crate) out: &'a mut [f32],
}

impl WithSimd for Gemm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            rows,
            packed,
            matrix,
            out,
        } = self;
        debug_assert_eq!(rows.offsets.len() * rows.run_len, packed.inner);
        let n_vectors = packed.columns / S::F32_LANES;
        let mut done = 0;
        while done < n_vectors {
            let width = (n_vectors - done).min(panel_vectors::<S>());
            let lanes = done * S::F32_LANES;
            let panel_len = width * S::F32_LANES * packed.inner;
            let start = lanes * packed.inner * packed.n_matrices + matrix * panel_len;
            let panel = vectors::<S>(&packed.values[start..start + panel_len]);
            let out = &mut *out;
            match width {
                1 => multiply_panel::<S, 1>(simd, rows, panel, out, packed.columns, lanes),
                2 => multiply_panel::<S, 2>(simd, rows, panel, out, packed.columns, lanes),
                3 => multiply_panel::<S, 3>(simd, rows, panel, out, packed.columns, lanes),
                _ => multiply_panel::<S, 4>(simd, rows, panel, out, packed.columns, lanes),
            }
            done += width;
        }
    }
}

/// All rows times one panel, into the columns from `column` on.
#[inline(always)]
fn multiply_panel<S: Simd, const VECTORS: usize>(
    simd: S,
    rows: Rows<'_>,
    panel: &[S::f32s],
    out: &mut [f32],
    columns: usize,
    column: usize,
) {
    let panel = panel.as_chunks::<VECTORS>().0;
    let n_rows = rows.starts.len();
    let mut done = 0;
    while done < n_rows {
        let left = n_rows - done;
        let out = &mut out[done * columns + column..];
        done += match left {
            1 | 2 => multiply_block::<S, 2, VECTORS>(simd, rows, done, panel, out, columns),
            5.. if S::REGISTER_COUNT >= 32 => {
                multiply_block::<S, WIDE_ROWS, VECTORS>(simd, rows, done, panel, out, columns)
            }
            _ => multiply_block::<S, NARROW_ROWS, VECTORS>(simd, rows, done, panel, out, columns),
        };
    }
}

/// Up to `ROWS` rows from `first` on times one panel; the number of rows.
#[inline(always)]
fn multiply_block<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    rows: Rows<'_>,
    first: usize,
    panel: &[[S::f32s; VECTORS]],
    out: &mut [f32],
    columns: usize,
) -> usize {
    let starts = &rows.starts[first..];
    let n_rows = starts.len().min(ROWS);
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    let mut panel = panel;
    for &offset in rows.offsets {
        // Rows past the last one repeat it, and their sums are dropped.
        let left: [&[f32]; ROWS] =
            from_fn(|i| &rows.values[starts[i.min(n_rows - 1)] + offset..][..rows.run_len]);
        let (right, rest) = panel.split_at(rows.run_len);
        for (k, right) in right.iter().enumerate() {
            for i in 0..ROWS {
                let value = simd.splat_f32s(left[i][k]);
                for v in 0..VECTORS {
                    sums[i][v] = mul_add(simd, value, right[v], sums[i][v]);
                }
            }
        }
        panel = rest;
    }
    for (sums, out) in sums.iter().zip(out.chunks_mut(columns)).take(n_rows) {
        vectors_mut::<S>(out)[..VECTORS].copy_from_slice(sums);
    }
    n_rows
}
