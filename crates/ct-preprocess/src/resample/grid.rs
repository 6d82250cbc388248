use ct_io::HuSlice;

use super::error::ResampleError;

/// Largest side of a grid.
const MAX_SIDE: usize = 8192;

/// The pixels of a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// Distance between the centres of rows and of columns, in millimetres, where it is known.
    pub spacing_mm: Option<(f64, f64)>,
}

impl Grid {
    /// The pixels of a slice, of this size in millimetres if it is known.
    pub fn of_slice(slice: &HuSlice, spacing_mm: Option<(f64, f64)>) -> Self {
        Self {
            rows: slice.rows(),
            cols: slice.cols(),
            spacing_mm,
        }
    }
}

/// An error for a side of no or too many pixels.
pub(super) fn check_side(side: usize) -> Result<(), ResampleError> {
    if (1..=MAX_SIDE).contains(&side) {
        Ok(())
    } else {
        Err(ResampleError::Grid {
            side,
            limit: MAX_SIDE,
        })
    }
}
