//! CT slices in DICOM files.
//!
//! What decides stored values and their rescale is taken at its word or refused: a missing rescale,
//! a second value where there is one, or a bit layout that leaves a choice is an error that names
//! the attribute. What decides neither is a warning where it is malformed. The structure is checked
//! before any library reads it.

mod attributes;
mod data_set;
mod error;
mod file;
mod frames;
mod header;
mod identity;
mod inflate;
mod items;
mod kind;
mod meta;
mod not_a_slice;
mod pixels;
mod rle;
mod rsna_repair;
mod scan;
mod secondary_capture;
mod slice_stack;
mod stream_size;
mod tags;

pub use error::DicomError;
pub use file::DicomFile;
pub use header::DicomHeader;
pub use identity::Identity;
pub use not_a_slice::NotASlice;
pub use rsna_repair::RsnaRepair;
pub use secondary_capture::SecondaryCapture;
pub use slice_stack::SliceStack;
