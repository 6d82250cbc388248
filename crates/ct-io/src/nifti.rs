//! CT volumes in NIfTI-1 files.
//!
//! The header is checked before any voxel is read, and no more is inflated than the header asks
//! for. Slices are axial and lie as a radiologist sees them, whatever the order in which the file
//! stores its voxels: rows from the front of the patient to the back, columns from the patient's
//! right to the left, slices from the feet to the head.

mod affine;
mod error;
mod format;
mod header;
mod layout;
mod map;
mod volume;
mod voxels;

pub use affine::{Affine, AffineSource};
pub use error::NiftiError;
pub use header::NiftiHeader;
pub use map::{NiftiEncoding, NiftiMap};
pub use volume::NiftiVolume;
