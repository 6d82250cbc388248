//! DICOM files: those written here, byte by byte, and those of pydicom.
#![cfg(feature = "dicom")]

mod capture;
mod damage;
mod faults;
mod fragments;
mod good;
mod headers;
mod malformed;
mod objects;
mod pydicom;
mod turns;
