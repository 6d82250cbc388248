//! From a CT slice on disk to the tensor a network reads.
//!
//! The types follow the data: a [`HuSlice`] holds Hounsfield units, a [`Window`] turns it into a
//! [`WindowedSlice`] of grey values in `[0, 1]`, and [`WindowedSlice::to_tensor`] repeats the grey
//! values on three channels and applies the ImageNet normalisation. For networks trained on three
//! windows, [`ChannelWindows`] gives each channel one of its own.
//!
//! Slices come as `.npy` arrays ([`NpyStack`]) or, with the feature `dicom`, in DICOM files
//! (`DicomFile`) and, with the feature `nifti`, in NIfTI volumes (`NiftiVolume`); which of them a
//! file is, its [`Content`] says. A [`Placement`] brings a slice of another size to the network's
//! grid, and maps back.
//!
//! Every image is row-major and described as `(rows, cols)`, in that order; tensors are
//! `[channels, rows, cols]`. Arithmetic on the default path is `f32`, in the order in which NumPy
//! and torchvision perform it, so that the tensor equals theirs bit for bit.
//!
//! The crate knows nothing of networks. It does not guess units and does not repair values: a file
//! that is not what it says is an [`Error`]. What does not decide the values, or makes them
//! implausible as Hounsfield units, is a [`Warning`]; NaN around the head counts as air, with one.
//!
//! ```
//! use ct_preprocess::{HuSlice, Window};
//!
//! // One row: air, water, the middle of the brain window, bone.
//! let slice = HuSlice::new(vec![-1000.0, 0.0, 40.0, 900.0], 1, 4)?;
//! let grey = Window::BRAIN.apply(&slice);
//! assert_eq!(grey.values(), [0.0, 0.0, 0.5, 1.0]);
//!
//! let tensor = grey.to_tensor(&burn::tensor::Device::flex());
//! assert_eq!(tensor.dims(), [3, 1, 4]);
//! # Ok::<(), ct_preprocess::Error>(())
//! ```
//!
//! Research use only; not a medical device.

mod channels;
mod content;
#[cfg(feature = "dicom")]
mod dicom;
mod element;
mod error;
mod gzip;
mod hu_slice;
#[cfg(feature = "nifti")]
mod nifti;
mod npy;
mod plausibility;
mod resample;
mod turn;
mod warning;
mod window;
mod windowed_slice;

pub use channels::{ChannelStack, ChannelWindows};
pub use content::{Content, Foreign};
#[cfg(feature = "dicom")]
pub use dicom::{
    DicomError, DicomFile, DicomHeader, DicomSlice, Identity, NotASlice, RsnaRepair,
    SecondaryCapture, SliceGeometry, SliceStack,
};
pub use error::Error;
pub use hu_slice::HuSlice;
#[cfg(feature = "nifti")]
pub use nifti::{
    Affine, AffineSource, NiftiEncoding, NiftiError, NiftiHeader, NiftiMap, NiftiSlice, NiftiVolume,
};
pub use npy::{NpyHeader, NpySlice, NpyStack};
pub use resample::{Grid, NetworkGrid, Placement, ResampleError, ResampleFilter, ResampleRule};
pub use turn::Turn;
pub use warning::Warning;
pub use window::{Window, WindowFunction};
pub use windowed_slice::{IMAGENET_MEAN, IMAGENET_STD, WindowedSlice};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
