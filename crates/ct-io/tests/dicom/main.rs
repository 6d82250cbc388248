//! DICOM files: those written here, byte by byte, and those of pydicom.
#![cfg(feature = "dicom")]

mod capture;
mod control;
mod damage;
mod fragments;
mod good;
mod headers;
mod kinds;
mod malformed;
mod mutations;
#[cfg(feature = "nifti")]
mod places;
mod pydicom;
mod tolerated;
mod turns;
