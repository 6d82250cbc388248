//! DICOM files: those written here, byte by byte, and those of pydicom.
#![cfg(feature = "dicom")]

mod capture;
mod good;
mod kinds;
mod malformed;
mod mutations;
#[cfg(feature = "nifti")]
mod places;
mod pydicom;
mod tolerated;
