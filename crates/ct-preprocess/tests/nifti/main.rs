//! NIfTI files: those written here, byte by byte, and those of nibabel.
#![cfg(feature = "nifti")]

mod good;
mod malformed;
mod maps;
mod nibabel;
mod orientation;
mod volume;
