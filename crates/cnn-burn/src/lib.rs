//! A convolutional network on any Burn device: answers, values of any layer, gradients.
//!
//! A [`Net`] runs a [`cnn_graph::Graph`] node by node. Burn's own models are Rust types that are
//! compiled; a graph comes from a file at run time, and runs on every device that Burn opens. Weights
//! are put on the device once. A value is freed behind the last node that reads it.
//!
//! | question | answer |
//! | --- | --- |
//! | what does the network say? | [`Net::forward`], [`Net::logits`] |
//! | what does a layer see? | [`Net::forward_with`] |
//! | what would it say if a layer saw this? | [`Net::forward_from`] |
//! | which values does an output depend on? | `Net::gradient`, with the feature `autodiff` |
//!
//! The last two are what Grad-CAM and integrated gradients are made of. Gradients are those of
//! logits: behind a sigmoid that is nearly 0 or 1 they vanish.
//!
//! Answers agree with the graph's definition in `f64` ([`cnn_graph::Graph::reference`]) up to
//! rounding in `f32`. They may differ in the last bits between devices and between batches of
//! different sizes. A value that leaves the range of `f32` becomes infinite or NaN; the caller
//! decides what NaN among the answers means.
//!
//! The crate reads no file, knows nothing of what images show, and does not train. Libraries name no
//! device: features bring them into the build, and the caller passes one.
//!
//! ```
//! # #[cfg(feature = "flex")]
//! # {
//! use burn::tensor::{Device, Tensor};
//! use cnn_burn::Net;
//! use cnn_graph::{End, GraphBuilder, Op, Size};
//!
//! // Twice the mean of an image.
//! let mut graph = GraphBuilder::new(1, Size { rows: 4, cols: 6 })?;
//! let image = graph.input();
//! let mean = graph.add("mean", Op::GlobalAveragePool, &[image])?;
//! let double = Op::Affine { scale: vec![2.0], shift: vec![0.0] };
//! let doubled = graph.add("double", double, &[mean])?;
//! let graph = graph.finish(doubled, End::Logits)?;
//!
//! let device = Device::flex();
//! let net = Net::new(&graph, &device)?;
//! let images = Tensor::ones([3, 1, 4, 6], &device);
//! let (logits, taps) = net.forward_with(images, &[mean])?;
//! assert_eq!(logits.into_data().iter::<f32>().collect::<Vec<_>>(), [2.0, 2.0, 2.0]);
//! assert_eq!(taps[0].dims(), [3, 1, 1, 1]);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activation;
mod error;
mod forward;
#[cfg(feature = "autodiff")]
mod gradient;
mod layer;
mod layout;
pub mod limits;
mod memory;
mod net;
mod norms;
mod padding;
mod parameters;
mod reads;
mod vectors;
mod windows;

pub use error::Error;
#[cfg(feature = "autodiff")]
pub use gradient::Gradient;
pub use net::Net;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
