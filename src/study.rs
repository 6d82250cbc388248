//! What there is to look at, and reading it: files, folders and lists become slices.
//!
//! A [`Listing`] finds the slices by as little of each file as says so; a [`Reader`] reads them one
//! after the other, as a [`Reading`] says. A [`Slice`] holds the Hounsfield units on the slice's own
//! grid and what the network sees.

mod background_kind;
mod candidate;
mod demo;
mod endings;
mod facts;
mod hashed;
mod inspect;
mod listing;
mod neighbours;
mod numbers;
mod passed_over;
mod reader;
mod reading;
mod seen;
mod series;
mod slice;
mod slice_background;
mod slice_ref;
mod walk;

pub use background_kind::BackgroundKind;
pub use demo::demo;
pub(crate) use endings::{
    AGAINST_NPY, BOUND_NPY, EVIDENCE_NPY, FIGURE_DICOM, SALIENCY_NIFTI, SALIENCY_NPY, SPREAD_NPY,
    SPREAD_OF_BACKGROUNDS_NPY,
};
pub use facts::{DicomFacts, NiftiFacts, SeenFacts};
pub use listing::Listing;
pub use numbers::SliceNumbers;
pub use passed_over::PassedOver;
pub use reader::Reader;
pub use reading::{Reading, Resample};
pub use seen::Seen;
pub use slice::Slice;
pub use slice_background::SliceBackground;
pub use slice_ref::{Place, SliceKind, SliceRef};
