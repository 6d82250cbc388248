//! NIfTI files: those written here, byte by byte, and those of nibabel.
#![cfg(feature = "nifti")]

mod chosen;
mod good;
mod malformed;
mod maps;
mod mutations;
mod nibabel;
mod orientation;
mod volume;
