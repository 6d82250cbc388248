//! Matrix products with weights packed beforehand.
//!
//! Every output is one chain of fused products over the inner dimension, in order, whatever the
//! number of rows: so it does not depend on what else is computed beside it.

use std::array::from_fn;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::rows::Ending;
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

/// A row of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Holds the values of the left side: runs of equal length, each at one of [`Gemm`]'s offsets.
    pub(crate) values: &'a [f32],
    /// Where its first output goes.
    pub(crate) to: usize,
    /// What an ending adds to its outputs.
    pub(crate) shortcut: Option<&'a [f32]>,
}

/// `out[rows[i].to + j] = sum over k of rows[i].values[k] * matrix[k, j]`, with an ending if there is
/// one. A window of an image in memory is such a row without being copied.
pub(crate) struct Gemm<'a> {
    pub(crate) rows: &'a [Row<'a>],
    /// Where the runs of a row start.
    pub(crate) offsets: &'a [usize],
    pub(crate) run_len: usize,
    pub(crate) packed: &'a Packed,
    /// Which of the packed matrices.
    pub(crate) matrix: usize,
    pub(crate) ending: Option<Ending<'a>>,
    pub(crate) out: &'a mut [f32],
}

impl WithSimd for Gemm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let packed = self.packed;
        debug_assert_eq!(self.offsets.len() * self.run_len, packed.inner);
        let n_vectors = packed.columns / S::F32_LANES;
        let mut done = 0;
        while done < n_vectors {
            let width = (n_vectors - done).min(panel_vectors::<S>());
            let column = done * S::F32_LANES;
            let panel_len = width * S::F32_LANES * packed.inner;
            let start = column * packed.inner * packed.n_matrices + self.matrix * panel_len;
            let panel = vectors::<S>(&packed.values[start..start + panel_len]);
            match width {
                1 => self.multiply_panel::<S, 1>(simd, panel, column),
                2 => self.multiply_panel::<S, 2>(simd, panel, column),
                3 => self.multiply_panel::<S, 3>(simd, panel, column),
                _ => self.multiply_panel::<S, 4>(simd, panel, column),
            }
            done += width;
        }
    }
}

impl Gemm<'_> {
    /// All rows times one panel, into the columns from `column` on.
    #[inline(always)]
    fn multiply_panel<S: Simd, const VECTORS: usize>(
        &mut self,
        simd: S,
        panel: &[S::f32s],
        column: usize,
    ) {
        let panel = panel.as_chunks::<VECTORS>().0;
        let mut rows = self.rows;
        while !rows.is_empty() {
            let n_rows = match rows.len() {
                1 | 2 => self.multiply_block::<S, 2, VECTORS>(simd, rows, panel, column),
                5.. if S::REGISTER_COUNT >= 32 => {
                    self.multiply_block::<S, WIDE_ROWS, VECTORS>(simd, rows, panel, column)
                }
                _ => self.multiply_block::<S, NARROW_ROWS, VECTORS>(simd, rows, panel, column),
            };
            rows = &rows[n_rows..];
        }
    }

    /// Up to `ROWS` of the rows times one panel; the number of rows.
    #[inline(always)]
    fn multiply_block<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        rows: &[Row<'_>],
        panel: &[[S::f32s; VECTORS]],
        column: usize,
    ) -> usize {
        let n_rows = rows.len().min(ROWS);
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        let mut panel = panel;
        for &offset in self.offsets {
            // Rows past the last one repeat it, and their sums are dropped.
            let left: [&[f32]; ROWS] =
                from_fn(|i| &rows[i.min(n_rows - 1)].values[offset..][..self.run_len]);
            let (right, rest) = panel.split_at(self.run_len);
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
        let columns = column..column + VECTORS * S::F32_LANES;
        for (row, mut sums) in rows.iter().zip(sums) {
            if let Some(ending) = self.ending {
                let shortcut = row.shortcut.map(|values| &values[columns.clone()]);
                ending.apply(simd, &ending.bias[columns.clone()], shortcut, &mut sums);
            }
            let out = &mut self.out[row.to..][columns.clone()];
            vectors_mut::<S>(out).copy_from_slice(&sums);
        }
        n_rows
    }
}
