//! DICOM files: those written here, byte by byte, and those of pydicom.
#![cfg(feature = "dicom")]

mod capture;
mod good;
mod malformed;
mod pydicom;
