//! Slices on other grids: to the network's grid, and maps back from it.

mod placement;
mod weights;

pub use placement::{NetworkGrid, Placement, ResampleRule};

use ct_io::HuSlice;

use crate::Error;
use weights::{Edge, Weights, separable};

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

/// How the value between pixels is found. When an image becomes smaller, filters are as much wider,
/// so that no pixel is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResampleFilter {
    /// Bilinear: `1 - |x|` up to 1. Stays within the range of the pixels.
    #[default]
    Triangle,
    /// Cubic with a = -1/2 (Keys, "Cubic convolution interpolation for digital image processing",
    /// 1981, equation 15): sharper, but beside an edge it leaves the range of the pixels by up to
    /// 7 % of the step in each direction. Beside bone that is more than a bleed differs from brain.
    CatmullRom,
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

impl ResampleFilter {
    /// Where the filter ends on both sides.
    fn reach(self) -> f64 {
        match self {
            Self::Triangle => 1.0,
            Self::CatmullRom => 2.0,
        }
    }

    fn at(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Self::Triangle => (1.0 - x).max(0.0),
            Self::CatmullRom if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Self::CatmullRom if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Self::CatmullRom => 0.0,
        }
    }
}

/// The slice with another number of pixels over the same field of view.
///
/// As `torch.nn.functional.interpolate` with `antialias=True` and `align_corners=False`, in f64:
/// mode `bilinear` for [`ResampleFilter::Triangle`], `bicubic` for [`ResampleFilter::CatmullRom`]. A
/// slice of this size is returned as it is.
///
/// # Errors
///
/// [`ResampleError::Grid`] for no or too many pixels, and [`Error::Image`] where a cubic filter
/// leaves the range of an `f32`.
pub fn resample(
    slice: &HuSlice,
    rows: usize,
    cols: usize,
    filter: ResampleFilter,
) -> Result<HuSlice, Error> {
    for side in [rows, cols] {
        check_side(side)?;
    }
    if (rows, cols) == (slice.rows(), slice.cols()) {
        return Ok(slice.clone());
    }
    let weights = |n_in: usize, n_out: usize| {
        let scale = n_in as f64 / n_out as f64;
        Weights::sampling(filter, (n_in, n_out), (scale, 0.0), Edge::Renormalised)
    };
    let (along_rows, along_cols) = (weights(slice.rows(), rows), weights(slice.cols(), cols));
    let values = separable(slice.values_hu(), &along_rows, &along_cols);
    Ok(HuSlice::new(values, rows, cols)?)
}

impl ResampleError {
    /// True where [`ResampleRule::Force`] would bring the slice to the network's grid.
    pub fn can_be_forced(&self) -> bool {
        match *self {
            Self::UnknownSpacing { .. } | Self::FieldOfView { .. } => true,
            Self::SpacingRatio {
                rows_mm, cols_mm, ..
            } => placement::ratio(rows_mm, cols_mm) <= placement::MAX_FORCED_RATIO,
            _ => false,
        }
    }
}

fn check_side(side: usize) -> Result<(), ResampleError> {
    if (1..=MAX_SIDE).contains(&side) {
        Ok(())
    } else {
        Err(ResampleError::Grid {
            side,
            limit: MAX_SIDE,
        })
    }
}

/// Why a slice is not brought to another grid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// A grid without pixels, or of too many.
    #[error("a side of {side} pixels, expected from 1 to {limit}")]
    Grid {
        /// Rows or columns.
        side: usize,
        /// Largest number accepted.
        limit: usize,
    },
    /// A spacing that is no size.
    #[error("pixels of {rows_mm} x {cols_mm} mm, expected numbers above 0")]
    Spacing {
        /// Distance between rows.
        rows_mm: f64,
        /// Distance between columns.
        cols_mm: f64,
    },
    /// The file does not say how large its pixels are.
    #[error(
        "a slice of {rows} x {cols} pixels of unknown size, the network expects {side} x {side}"
    )]
    UnknownSpacing {
        /// Rows of the slice.
        rows: usize,
        /// Columns of the slice.
        cols: usize,
        /// Side of the network's grid.
        side: usize,
    },
    /// Pixels much longer than wide.
    #[error("pixels of {rows_mm} x {cols_mm} mm, expected a ratio of at most {limit}")]
    SpacingRatio {
        /// Distance between rows.
        rows_mm: f64,
        /// Distance between columns.
        cols_mm: f64,
        /// Largest ratio accepted by the rule.
        limit: f64,
    },
    /// A field of view that the network does not know.
    #[error("a field of view of {found_mm} mm, the network knows {from_mm} to {to_mm} mm")]
    FieldOfView {
        /// The longer side of the slice.
        found_mm: f64,
        /// Smallest that is known.
        from_mm: f64,
        /// Largest that is known.
        to_mm: f64,
    },
    /// Values of another grid.
    #[error("{found} values, expected those of a grid of {rows} x {cols}")]
    Length {
        /// Number of values.
        found: usize,
        /// Rows expected.
        rows: usize,
        /// Columns expected.
        cols: usize,
    },
}
