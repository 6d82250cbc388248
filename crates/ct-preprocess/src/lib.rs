//! From a CT slice in Hounsfield units to the tensor a network reads.
//!
//! The types follow the data: a [`HuSlice`] holds Hounsfield units, a [`Window`] turns it into a
//! [`WindowedSlice`] of grey values in `[0, 1]`, and [`WindowedSlice::to_tensor`] repeats the grey
//! values on three channels and applies the ImageNet normalisation. For other networks a
//! [`NetworkInput`] says what each channel shows, a window or Hounsfield units, and how it is
//! normalised. A [`Placement`] brings a slice of another size to the network's grid, and maps back.
//!
//! Every image is row-major and described as `(rows, cols)`, in that order; tensors are
//! `[channels, rows, cols]`. Arithmetic on the default path is `f32`, in the order in which NumPy
//! and torchvision perform it, so that the tensor equals theirs bit for bit.
//!
//! The crate knows nothing of networks, and of files only a background's: slices are read by
//! [`ct_io`].
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
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Research use only; not a medical device.

mod blur;
mod channel;
mod channel_stack;
mod channels;
mod error;
mod network_input;
mod resample;
mod window;
mod windowed_slice;

pub use channel::Channel;
pub use channel_stack::ChannelStack;
pub use channels::Channels;
pub use ct_io::HuSlice;
pub use error::Error;
pub use network_input::{IMAGENET_MEAN, IMAGENET_STD, NetworkInput};
pub use resample::{
    Grid, NetworkGrid, Placement, ResampleError, ResampleFilter, ResampleRule, resample,
};
pub use window::{Window, WindowFunction};
pub use windowed_slice::WindowedSlice;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
