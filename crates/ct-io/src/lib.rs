//! Head-CT slices from DICOM, NIfTI and `.npy` files, in Hounsfield units.
//!
//! [`SliceFile`] reads any of them, told apart by content, and gives each slice as a [`Slice`]: its
//! [`HuSlice`] of Hounsfield units, what the file says of it, and warnings of what a user should
//! know. Behind it are the formats, for what only they have:
//!
//! | format | whole file | without pixels | written |
//! | --- | --- | --- | --- |
//! | DICOM, feature `dicom` | `DicomFile` | `DicomHeader` | `SecondaryCapture`, a picture of a slice |
//! | NIfTI-1, feature `nifti` | `NiftiVolume` | `NiftiHeader` | `NiftiMap`, values for each voxel |
//! | `.npy` | [`NpyStack`] | [`NpyHeader`] | [`Image`], numbers without a unit |
//!
//! Both features are on by default. [`Content`] says what any file holds, also one that is not read.
//!
//! Every image is row-major and described as `(rows, cols)`, in that order; slices, voxels and frames
//! are counted from 0. Lengths are in millimetres, values in Hounsfield units. Patient coordinates
//! of DICOM grow to the left, the back and the head (LPS+), those of NIfTI to the right, the front
//! and the head (RAS+). Slices of NIfTI volumes lie as a radiologist sees them; those of DICOM lie as
//! in the file, with the [`Turn`] that lays them so.
//!
//! The crate knows nothing of windows, networks or tensors. It does not guess units and does not
//! repair values: a file that is not what it says is an [`Error`]. What does not decide the values,
//! or makes them implausible as Hounsfield units, is a [`Warning`]; NaN around the head counts as
//! air, with one. A file from outside is checked before memory is asked for in its name.
//!
//! ```
//! use ct_io::{Content, Image, SliceFile};
//!
//! // Two rows and three columns of stored Hounsfield units.
//! let bytes = Image::new(vec![-1000.0, 0.0, 35.0, 65.0, 900.0, -80.0], 2, 3)?.to_npy();
//!
//! let file = SliceFile::from_reader(&bytes[..], Content::of(&bytes), |_| true)?;
//! assert_eq!(file.n_slices(), 1);
//! let slice = file.slice(0)?;
//! assert_eq!((slice.hu.rows(), slice.hu.cols()), (2, 3));
//! assert_eq!(slice.hu.values_hu()[3], 65.0);
//! assert!(slice.warnings.is_empty());
//! # Ok::<(), ct_io::Error>(())
//! ```
//!
//! Research use only; not a medical device.

mod content;
#[cfg(feature = "dicom")]
mod dicom;
mod element;
mod error;
mod file;
mod geometry;
mod gzip;
mod hu_slice;
mod image;
#[cfg(feature = "nifti")]
mod nifti;
mod npy;
mod orientation;
mod plausibility;
mod slice;
mod slice_file;
mod turn;
mod warning;

pub use content::{Content, Foreign};
#[cfg(feature = "dicom")]
pub use dicom::{
    DicomError, DicomFile, DicomHeader, Identity, NotASlice, RsnaRepair, SecondaryCapture,
    SliceStack,
};
pub use error::Error;
pub use geometry::SliceGeometry;
pub use hu_slice::HuSlice;
pub use image::Image;
#[cfg(feature = "nifti")]
pub use nifti::{
    Affine, AffineSource, NiftiEncoding, NiftiError, NiftiHeader, NiftiMap, NiftiVolume,
};
pub use npy::{NpyError, NpyHeader, NpyStack};
pub use slice::Slice;
pub use slice_file::SliceFile;
pub use turn::Turn;
pub use warning::Warning;
