//! Slices on other grids: to the network's grid, and maps back from it.

mod error;
mod filter;
mod grid;
mod placement;
mod rule;
mod size;
mod weights;

pub use error::ResampleError;
pub use filter::ResampleFilter;
pub use grid::Grid;
pub use placement::{NetworkGrid, Placement};
pub use rule::ResampleRule;
pub use size::resample;
