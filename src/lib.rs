//! Explains why a convolutional network sees an intracranial hemorrhage on a head-CT slice.
//!
//! This crate joins the others and adds what none of them may know: the weights that the project
//! ships. A slice goes one way through them:
//!
//! | step | crate | from | to |
//! | --- | --- | --- | --- |
//! | read | [`ct_io`] | file | slice in Hounsfield units |
//! | window, normalise | [`ct_preprocess`] | slice | tensor `[3, rows, cols]` |
//! | classify | [`ich_model`] | tensor | probability |
//! | explain | [`hshap`], fast on the CPU with [`masked_cnn`] | tensor, model, background | saliency map |
//! | draw | [`ct_figure`] | grey slice, map, boxes | PNG |
//!
//! [`ct_phantom`] makes synthetic slices to try all this on; [`phantom_slice`] and [`phantom_box`]
//! hand them to the other crates. [`Material`] lists the files of the original demonstration, which
//! [`pinned_fetch`] brings from the web. Any Burn device does: the caller chooses one and passes it on;
//! [`device`] opens them by name.
//!
//! ```no_run
//! use burn::tensor::Device;
//! use ich::ct_io::SliceFile;
//! use ich::ct_preprocess::Window;
//! use ich::hshap::{Explainer, Settings};
//! use ich::masked_cnn;
//!
//! let device = Device::flex();
//! let net = ich::default_network(&device)?;
//! let background = ich::default_background()?.to_tensor(&device);
//!
//! let slice = SliceFile::open("slice.dcm")?.slice(0)?;
//! let slice = Window::BRAIN.apply(&slice.hu).to_tensor(&device);
//! let [_, rows, cols] = slice.dims();
//! let size = masked_cnn::Size { rows, cols };
//! let engine = net.to_masked(size, &masked_cnn::Settings::default())?;
//! let explanation =
//!     Explainer::masked(engine, background).explain(&slice, &Settings::default())?;
//! println!("{} evaluations", explanation.n_evaluations);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whole studies go through the layers [`study`], which finds and reads slices, [`session`], which holds
//! network and device, and [`results`], which writes:
//!
//! ```no_run
//! use std::ops::ControlFlow;
//!
//! use ich::results::{Look, OutputOptions, Writer, plan};
//! use ich::study::Listing;
//! use ich::{Method, Options, Session};
//!
//! let listing = Listing::expand(&["study".into()], None, None, |_, _| {})?;
//! let session = Session::open(&Options::default())?;
//! let method = Method::default();
//! let outputs = plan(&listing.slices, &OutputOptions::new("results"), false)?;
//! let writer = Writer::new(&session, &method, Look::default());
//! let mut reader = session.reader();
//! for (slice, outputs) in listing.slices.iter().zip(&outputs) {
//!     let slice = reader.read(slice)?;
//!     let explained = session.explain(&slice, &method, |_| ControlFlow::Continue(()))?;
//!     writer.write(&slice, &explained, outputs)?;
//! }
//! # Ok::<(), ich::Error>(())
//! ```
//!
//! Research use only; not a medical device.

#[cfg(not(any(feature = "flex", feature = "ndarray", feature = "wgpu")))]
compile_error!("one of the features flex, ndarray and wgpu is needed");

pub use {
    cnn_burn, cnn_graph, cnn_onnx, ct_figure, ct_io, ct_labels, ct_phantom, ct_preprocess, hshap,
    ich_model, masked_cnn, pinned_fetch,
};

pub mod device;
mod error;
pub mod network;
mod phantom;
pub mod results;
pub mod session;
pub mod study;

pub use error::{Error, message};
pub use network::{
    Background, BackgroundError, DEFAULT_BACKGROUND, DefaultNetworkError, Material, MaterialPaths,
    default_background, default_network, default_weights, read_background,
};
pub use phantom::{phantom_box, phantom_slice};
pub use session::{Method, Options, Session};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
