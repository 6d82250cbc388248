use std::ops::RangeInclusive;

use ct_io::{HuSlice, Warning};

use super::error::ResampleError;
use super::filter::ResampleFilter;
use super::grid::{Grid, check_side};
use super::rule::{ResampleRule, ratio};
use super::weights::{Edge, Weights, separable};
use crate::Error;

/// What lies around a slice that is narrower than the network's field of view.
const AIR_HU: f64 = -1000.0;

/// Up to this ratio a pixel counts as square, and two sides as equally long: 5 pixels of 512.
const MAX_RATIO: f64 = 1.01;

/// The grid a network was trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkGrid {
    /// Rows and columns.
    pub side: usize,
    /// How wide the scanned circle is in what the network knows, in millimetres.
    pub field_of_view_mm: RangeInclusive<f64>,
}

impl NetworkGrid {
    /// 512 x 512 pixels of 0.3 to 0.7 mm; that of a head CT is mostly 200 to 250 mm wide.
    pub const HEAD_CT: Self = Self {
        side: 512,
        field_of_view_mm: 150.0..=360.0,
    };

    /// A warning, of code `field-of-view`, for a slice of known spacing whose field of view the
    /// network does not know, whether the slice is resampled or not.
    pub fn check_field_of_view(&self, grid: &Grid) -> Option<Warning> {
        let (rows_mm, cols_mm) = grid.spacing_mm?;
        let view_mm = (grid.rows as f64 * rows_mm).max(grid.cols as f64 * cols_mm);
        let known_mm = &self.field_of_view_mm;
        (!known_mm.contains(&view_mm)).then(|| {
            let (from_mm, to_mm) = (known_mm.start(), known_mm.end());
            Warning::new(
                "field-of-view",
                format!(
                    "a field of view of {view_mm:.0} mm, the network knows {from_mm} to {to_mm} mm"
                ),
            )
        })
    }
}

/// How a slice lies on the network's grid, to bring it there and maps back.
///
/// Both grids are measured in their pixels: pixel `i` covers the stretch from `i` to `i + 1`.
///
/// ```
/// use ct_preprocess::{Grid, HuSlice, NetworkGrid, Placement, ResampleFilter, ResampleRule};
///
/// let slice = HuSlice::new(vec![40.0; 256 * 192], 256, 192)?;
/// let grid = Grid::of_slice(&slice, Some((0.9, 0.9)));
/// let placement = Placement::plan(grid, &NetworkGrid::HEAD_CT, ResampleRule::BySpacing)?;
/// // 230 x 173 mm: twice as many pixels, and 64 columns of air on both sides.
/// assert_eq!(placement.to_network((0.0, 0.0)), (0.0, 64.0));
/// let seen = placement.apply(&slice, ResampleFilter::Triangle)?;
/// assert_eq!((seen.rows(), seen.cols()), (512, 512));
///
/// let map = placement.map_back(&vec![1.0; 512 * 512])?;
/// assert_eq!(map.len(), 256 * 192);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    rows: Axis,
    cols: Axis,
}

/// One direction: network coordinate `v` is at `v * scale - offset` of the slice.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    n_slice: usize,
    n_network: usize,
    scale: f64,
    offset: f64,
    is_padded: bool,
}

impl Placement {
    /// Decides how a slice of this grid is brought to the network's.
    ///
    /// | slice | result |
    /// | --- | --- |
    /// | as many pixels as the network, square or of unknown size | left as it is |
    /// | field of view as wide as high, within 1 % | stretched over the whole grid |
    /// | field of view of another shape | the same scale both ways, air on both sides |
    ///
    /// # Errors
    ///
    /// [`ResampleError::Grid`] for no or too many pixels, [`ResampleError::Spacing`] for one that
    /// is no size. By [`ResampleRule::BySpacing`] also [`ResampleError::UnknownSpacing`],
    /// [`ResampleError::SpacingRatio`] and [`ResampleError::FieldOfView`].
    pub fn plan(
        grid: Grid,
        network: &NetworkGrid,
        rule: ResampleRule,
    ) -> Result<Self, ResampleError> {
        let side = network.side;
        for side in [grid.rows, grid.cols, side] {
            check_side(side)?;
        }
        let is_on_grid = (grid.rows, grid.cols) == (side, side);
        let (rows_mm, cols_mm) = match grid.spacing_mm {
            Some(spacing_mm) => checked(spacing_mm)?,
            None if is_on_grid || rule == ResampleRule::Force => (1.0, 1.0),
            None => {
                return Err(ResampleError::UnknownSpacing {
                    rows: grid.rows,
                    cols: grid.cols,
                    side,
                });
            }
        };
        if is_on_grid && ratio(rows_mm, cols_mm) <= MAX_RATIO {
            let same = Axis::stretched(side, side);
            return Ok(Self {
                rows: same,
                cols: same,
            });
        }
        let (height_mm, width_mm) = (grid.rows as f64 * rows_mm, grid.cols as f64 * cols_mm);
        let view_mm = height_mm.max(width_mm);
        let is_forced = rule == ResampleRule::Force;
        if !rule.allows(rows_mm, cols_mm) {
            return Err(ResampleError::SpacingRatio {
                rows_mm,
                cols_mm,
                limit: rule.max_ratio(),
            });
        }
        let known_mm = &network.field_of_view_mm;
        if !known_mm.contains(&view_mm) && !is_forced {
            return Err(ResampleError::FieldOfView {
                found_mm: view_mm,
                from_mm: *known_mm.start(),
                to_mm: *known_mm.end(),
            });
        }
        let axis = |n_slice: usize, extent_mm: f64, pixel_mm: f64| {
            if view_mm / extent_mm <= MAX_RATIO {
                Axis::stretched(n_slice, side)
            } else {
                Axis::padded(n_slice, side, view_mm / pixel_mm)
            }
        };
        Ok(Self {
            rows: axis(grid.rows, height_mm, rows_mm),
            cols: axis(grid.cols, width_mm, cols_mm),
        })
    }

    /// True where slice and network have the same grid, so that nothing is computed.
    pub fn is_identity(&self) -> bool {
        self.rows.is_identity() && self.cols.is_identity()
    }

    /// Rows and columns of the slice.
    pub fn slice_shape(&self) -> (usize, usize) {
        (self.rows.n_slice, self.cols.n_slice)
    }

    /// Rows and columns of the network's grid.
    pub fn network_shape(&self) -> (usize, usize) {
        (self.rows.n_network, self.cols.n_network)
    }

    /// Where a point `(row, col)` of the network's grid is in the slice; outside of it in the air.
    pub fn to_slice(&self, (row, col): (f64, f64)) -> (f64, f64) {
        (self.rows.to_slice(row), self.cols.to_slice(col))
    }

    /// Where a point `(row, col)` of the slice is in the network's grid.
    pub fn to_network(&self, (row, col): (f64, f64)) -> (f64, f64) {
        (self.rows.to_network(row), self.cols.to_network(col))
    }

    /// Brings the slice to the network's grid.
    ///
    /// # Errors
    ///
    /// [`ResampleError::Length`] for a slice of another grid, and [`Error::Image`] where a
    /// cubic filter leaves the range of an `f32`.
    pub fn apply(&self, slice: &HuSlice, filter: ResampleFilter) -> Result<HuSlice, Error> {
        self.check(
            slice.values_hu().len(),
            (slice.rows(), slice.cols()),
            self.slice_shape(),
        )?;
        if self.is_identity() {
            return Ok(slice.clone());
        }
        let (rows, cols) = (self.rows.sampling(filter), self.cols.sampling(filter));
        let values = separable(slice.values_hu(), &rows, &cols);
        Ok(HuSlice::new(
            values,
            self.rows.n_network,
            self.cols.n_network,
        )?)
    }

    /// Brings a map from the network's grid to that of the slice: every pixel of the slice has the
    /// mean of what covers it, by area.
    ///
    /// Kept exactly, up to rounding: a map that is the same everywhere, the range of values, and
    /// the integral over the slice, that is, the sum of all values times the area of a pixel. What
    /// lies on the air beside the slice is left out. The sum over a region is kept in the same
    /// sense, except for the pixels on its border.
    ///
    /// # Errors
    ///
    /// [`ResampleError::Length`] for another number of values than the network's grid has.
    pub fn map_back(&self, map: &[f32]) -> Result<Vec<f32>, ResampleError> {
        self.check(map.len(), self.network_shape(), self.network_shape())?;
        if self.is_identity() {
            return Ok(map.to_vec());
        }
        Ok(separable(map, &self.rows.means(), &self.cols.means()))
    }

    fn check(
        &self,
        found: usize,
        shape: (usize, usize),
        (rows, cols): (usize, usize),
    ) -> Result<(), ResampleError> {
        if shape == (rows, cols) && found == rows * cols {
            Ok(())
        } else {
            Err(ResampleError::Length { found, rows, cols })
        }
    }
}

/// A spacing, if it is one.
fn checked((rows_mm, cols_mm): (f64, f64)) -> Result<(f64, f64), ResampleError> {
    if [rows_mm, cols_mm]
        .iter()
        .all(|mm| mm.is_normal() && *mm > 0.0)
    {
        Ok((rows_mm, cols_mm))
    } else {
        Err(ResampleError::Spacing { rows_mm, cols_mm })
    }
}

impl Axis {
    /// The line covers the whole grid.
    fn stretched(n_slice: usize, n_network: usize) -> Self {
        let scale = n_slice as f64 / n_network as f64;
        Self {
            n_slice,
            n_network,
            scale,
            offset: 0.0,
            is_padded: false,
        }
    }

    /// The line lies in the middle of a view of this many of its pixels.
    fn padded(n_slice: usize, n_network: usize, view: f64) -> Self {
        let scale = view / n_network as f64;
        let offset = (view - n_slice as f64) / 2.0;
        // Without scaling pixels are copied; half a pixel beside them, they would be blurred.
        let offset = if scale == 1.0 { offset.floor() } else { offset };
        Self {
            n_slice,
            n_network,
            scale,
            offset,
            is_padded: true,
        }
    }

    fn is_identity(&self) -> bool {
        self.scale == 1.0 && self.offset == 0.0 && self.n_slice == self.n_network
    }

    fn to_slice(self, network: f64) -> f64 {
        network * self.scale - self.offset
    }

    fn to_network(self, slice: f64) -> f64 {
        (slice + self.offset) / self.scale
    }

    fn sampling(&self, filter: ResampleFilter) -> Weights {
        let edge = if self.is_padded {
            Edge::Constant(AIR_HU)
        } else {
            Edge::Renormalised
        };
        Weights::sampling(
            filter,
            (self.n_slice, self.n_network),
            (self.scale, self.offset),
            edge,
        )
    }

    fn means(&self) -> Weights {
        let (scale, offset) = (1.0 / self.scale, self.offset / self.scale);
        Weights::means((self.n_network, self.n_slice), (scale, offset))
    }
}
