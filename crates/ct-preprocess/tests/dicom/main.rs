//! DICOM files: those written here, byte by byte, and those of pydicom.
#![cfg(feature = "dicom")]

mod capture;
mod fragments;
mod good;
mod headers;
mod kinds;
mod malformed;
mod mutations;
mod pydicom;
mod tolerated;
mod turns;
