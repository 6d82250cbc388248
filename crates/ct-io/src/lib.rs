//! Head-CT slices from DICOM, NIfTI and `.npy` files, in Hounsfield units.

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
