//! Slices on other grids, and maps back from them.

mod filters;
mod placement;
mod torch;
