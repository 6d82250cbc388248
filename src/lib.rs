//! Explains why a convolutional network sees an intracranial hemorrhage on a head-CT slice.
//!
//! This crate joins the others and adds what none of them may know: the weights that the project
//! ships. A slice goes one way through them:
//!
//! | step | crate | from | to |
//! | --- | --- | --- | --- |
//! | read, window, normalise | [`ct_preprocess`] | file | tensor `[3, rows, cols]` |
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
//! use ich::ct_preprocess::{HuSlice, Window};
//! use ich::hshap::{Explainer, Settings};
//! use ich::masked_cnn;
//!
//! let device = Device::flex();
//! let net = ich::default_network(&device)?;
//! let background = ich::default_background()?.to_tensor(&device);
//!
//! let slice = Window::BRAIN.apply(&HuSlice::read("slice.npy")?).to_tensor(&device);
//! let engine = net.to_masked(&masked_cnn::Settings::default())?;
//! let explanation =
//!     Explainer::masked(engine, background).explain(&slice, &Settings::default())?;
//! println!("{} evaluations", explanation.n_evaluations);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Research use only; not a medical device.

#[cfg(not(any(feature = "flex", feature = "ndarray", feature = "wgpu")))]
compile_error!("one of the features flex, ndarray and wgpu is needed");

pub use {
    ct_figure, ct_labels, ct_phantom, ct_preprocess, hshap, ich_model, masked_cnn, pinned_fetch,
};

mod background;
pub mod device;
mod original;
mod phantom;
mod shipped;

pub use background::{Background, BackgroundError, read_background};
pub use original::{Material, MaterialPaths};
pub use phantom::{phantom_box, phantom_slice};
pub use shipped::{DEFAULT_BACKGROUND, DEFAULT_WEIGHTS, default_background, default_network};
