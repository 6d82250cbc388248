//! `RSNAHemorrhageNet`: the probability of an intracranial hemorrhage on a head-CT slice.
//!
//! A ResNet-18 (He et al., "Deep Residual Learning for Image Recognition", 2016) whose last layer
//! is replaced by a linear map to 128 features, followed by one logistic output. Modules and
//! fields bear the names of the PyTorch state dict, so weights load without a map of names.
//!
//! [`RsnaHemorrhageNet::load`] reads PyTorch, TorchScript, ONNX, safetensors and burnpack files, told
//! apart by content, and is strict: every tensor of the network must be there, with its shape and
//! with finite values, and nothing else may be. [`WeightsFile`] says what a file holds before that
//! and hashes the bytes that are used; its [`Selection`] chooses one of several networks and leaves
//! out what a network does not use. [`TensorFile`] reads the one tensor of a file such as a
//! background image.
//!
//! With the feature `download`, `RsnaHemorrhageNet::pretrained` brings the weights of the original
//! demonstration from the web.
//!
//! [`RsnaHemorrhageNet::to_masked`] makes the network an engine of [`masked_cnn`] on the CPU, which
//! answers faster than any of Burn's CPU devices and many times faster for masked images;
//! [`RsnaHemorrhageNet::to_graph`] describes it for any other.
//!
//! Input is `[n, 3, rows, cols]`, normalised; the network was made for 512 x 512 and takes any
//! size. The crate does not read slices and knows nothing of explanations. It runs on every Burn
//! device except an autodiff device, on which batch normalisation would silently train.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use ich_model::RsnaHemorrhageNetConfig;
//!
//! let device = Device::flex();
//! // A narrow network with random weights; `RsnaHemorrhageNet::load` gives a trained one.
//! let net = RsnaHemorrhageNetConfig::new().with_width(4).init(&device)?;
//! let predictions = net.predict(Tensor::zeros([2, 3, 64, 64], &device))?;
//! assert_eq!(predictions.len(), 2);
//! assert_eq!(predictions[0].is_hemorrhage(), predictions[0].probability > 0.5);
//! # Ok::<(), ich_model::Error>(())
//! ```
//!
//! Research use only; not a medical device.

mod checkpoint;
mod detection;
mod entry;
mod error;
mod fit;
mod foreign;
mod format;
mod layout;
mod masked;
mod net;
mod onnx;
#[cfg(feature = "download")]
pub mod pretrained;
mod pytorch;
mod resnet;
mod selection;
mod tensor_file;
mod weights;
mod weights_file;

pub use cnn_graph;
pub use cnn_onnx;
pub use glob;
pub use masked_cnn;

pub use checkpoint::{read_file, sha256};
pub use entry::TensorInfo;
pub use error::Error;
pub use fit::{Fit, Misshapen};
pub use foreign::Foreign;
pub use format::Format;
pub use net::{LayerCounts, Prediction, RsnaHemorrhageNet, RsnaHemorrhageNetConfig};
pub use onnx::ExternalFile;
pub use selection::Selection;
pub use tensor_file::TensorFile;
pub use weights::{Container, Precision};
pub use weights_file::WeightsFile;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
