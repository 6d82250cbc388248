//! Sets of pixels of an image, as few rectangles: what a mask shows of it.
//!
//! - [`Region`] is a set of pixels in canonical form: two regions are equal, and have equal hashes,
//!   exactly if they hold the same pixels.
//! - [`Rect`] is a rectangle that may wrap around the border of an image, as those of a grid do
//!   that is moved.
//! - [`CellGrid`] cuts an image into rows and columns of cells, unions of which are regions.
//!
//! The crate knows no pixel values, no networks and no files. Rows come before columns, both are
//! counted from 0 at the upper left corner, and the end of a range is not part of it.
//!
//! ```
//! use pixel_region::{Rect, Region, Size};
//!
//! let size = Size { rows: 4, cols: 6 };
//! let left = Rect { row: 0, col: 0, n_rows: 4, n_cols: 2 };
//! let next = Rect { row: 0, col: 2, n_rows: 4, n_cols: 1 };
//! let one = Region::union([left, next], size);
//!
//! // The same pixels, put together in another way.
//! let mask: Vec<bool> = (0..24).map(|at| at % 6 < 3).collect();
//! assert_eq!(one, Region::from_mask(&mask, size));
//! assert_eq!(one.rects().collect::<Vec<_>>(), [(0..4, 0..3)]);
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod cell_grid;
mod rect;
mod region;
mod size;

pub use cell_grid::CellGrid;
pub use rect::Rect;
pub use region::{Band, Region};
pub use size::Size;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
