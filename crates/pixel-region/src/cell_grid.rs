use std::ops::Range;

use crate::region::{Band, Region};
use crate::size::Size;

/// Rows and columns of cells that an image is cut into.
///
/// The edges of `n` rows of cells are `floor(i * rows / n)`, and those of columns likewise. Where the
/// image does not divide evenly, some cells are therefore larger by one pixel. Cells are counted row
/// by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellGrid {
    size: Size,
    rows: Vec<Range<usize>>,
    cols: Vec<Range<usize>>,
}

impl CellGrid {
    /// Cuts an image into `n_rows * n_cols` cells; none where that leaves a cell without a pixel, or
    /// no cell.
    #[must_use]
    pub fn new(size: Size, n_rows: usize, n_cols: usize) -> Option<CellGrid> {
        Some(CellGrid {
            size,
            rows: cut(size.rows, n_rows)?,
            cols: cut(size.cols, n_cols)?,
        })
    }

    /// Of the image.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Number of cells.
    #[must_use]
    pub fn n_cells(&self) -> usize {
        self.rows.len() * self.cols.len()
    }

    /// Rows and columns of pixels of each cell.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = (Range<usize>, Range<usize>)> {
        let n_cols = self.cols.len();
        (0..self.n_cells()).map(move |at| {
            let (row, col) = (at / n_cols, at % n_cols);
            (self.rows[row].clone(), self.cols[col].clone())
        })
    }

    /// The union of the cells that are true in `is_in`; cells for which it has no value are not.
    #[must_use]
    pub fn region(&self, is_in: &[bool]) -> Region {
        let chosen = is_in.chunks(self.cols.len());
        Region::stack(self.rows.iter().zip(chosen).map(|(rows, chosen)| {
            let cells = self.cols.iter().zip(chosen);
            Band::new(
                rows.clone(),
                cells.filter(|cell| *cell.1).map(|cell| cell.0.clone()),
            )
        }))
    }
}

fn cut(side: usize, n: usize) -> Option<Vec<Range<usize>>> {
    // The product may be larger than a `usize`.
    let edge = |i: usize| (i as u128 * side as u128 / n as u128) as usize;
    (1..=side)
        .contains(&n)
        .then(|| (0..n).map(|i| edge(i)..edge(i + 1)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn larger_cells_are_where_the_rounding_puts_them() {
        let grid = CellGrid::new(Size { rows: 7, cols: 2 }, 3, 1).unwrap();
        let rows: Vec<_> = grid.cells().map(|(rows, _)| rows).collect();
        assert_eq!(rows, [0..2, 2..4, 4..7]);
    }

    #[test]
    fn every_cell_has_a_pixel() {
        let size = Size { rows: 4, cols: 6 };
        for (n_rows, n_cols) in [(0, 1), (1, 0), (5, 1), (1, 7)] {
            assert_eq!(CellGrid::new(size, n_rows, n_cols), None);
        }
        assert_eq!(CellGrid::new(size, 4, 6).unwrap().n_cells(), 24);
    }

    proptest! {
        #[test]
        fn a_region_holds_the_pixels_of_its_cells(
            (rows, cols) in (1_usize..9, 1_usize..9),
            (n_rows, n_cols) in (1_usize..9, 1_usize..9),
            is_in in prop::collection::vec(any::<bool>(), 0..70),
        ) {
            let size = Size { rows, cols };
            let Some(grid) = CellGrid::new(size, n_rows, n_cols) else {
                prop_assert!(n_rows > rows || n_cols > cols);
                return Ok(());
            };
            let mut mask = vec![false; rows * cols];
            let mut n_pixels = 0;
            for (at, (rows, columns)) in grid.cells().enumerate() {
                n_pixels += rows.len() * columns.len();
                for row in rows {
                    let is_in = is_in.get(at).copied().unwrap_or_default();
                    mask[row * cols..][columns.clone()].fill(is_in);
                }
            }
            prop_assert_eq!(n_pixels, rows * cols);
            prop_assert_eq!(grid.region(&is_in), Region::from_mask(&mask, size));
        }
    }
}
