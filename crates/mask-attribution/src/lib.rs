//! Explanations of an image classifier that need masks and outputs only: no gradients, no layers.
//!
//! A [`MaskedModel`] says what it answers where a region of an image is shown and a background is seen
//! elsewhere. A [`Method`] chooses the masks:
//!
//! - [`Partition`]: Owen values of pixels on a tree of halves, within a budget;
//! - [`Occlusion`]: what the output falls by when a window is hidden;
//! - [`Rise`]: random masks of coarse cells, hard and centred;
//! - [`KernelShap`]: Shapley values of cells by regression;
//! - [`Lime`]: a linear model of cells near the image.
//!
//! Each gives an [`Attribution`]: a map, what its values mean ([`Kind`]), how many masks it took and, where
//! something was sampled, how far it may be off. Values are not scaled, and keep their sign.
//!
//! An [`Evaluator`] stands between: it asks for each distinct mask once, whichever method comes with it,
//! in batches, tells an observer how far it is, and ends when that says so. The same seed and outputs
//! give the same bits. The outputs explained are the model's: probabilities saturate, logits do not; decide
//! and say which.
//!
//! The crate knows no network, no tensors, no CT and no files. The background is the model's. Images are
//! `[rows, cols]`, maps row-major `f32`, sums `f64`. Occlusion with a model that reuses activations may be
//! subject to a patent (US 12346812 B2, Krypton); a model that computes every masked image in full is not
//! concerned.
//!
//! ```
//! use mask_attribution::{Evaluator, KernelShap, Method, Region, Size};
//!
//! // A model that adds up what it sees: 2 in the upper left quarter, -1 in the lower right one.
//! let size = Size { rows: 4, cols: 4 };
//! let mut model = |shown: &[Region]| {
//!     let answer = |region: &Region| {
//!         let mut mask = [false; 16];
//!         region.fill(&mut mask, size);
//!         f64::from(u8::from(mask[0])) * 2.0 - f64::from(u8::from(mask[15]))
//!     };
//!     Ok(shown.iter().map(answer).collect())
//! };
//! let mut evaluator = Evaluator::new(&mut model, size)?;
//! let method = KernelShap { n_cells: 2, n_samples: 14, seed: 0 };
//! let found = method.explain(&mut evaluator)?;
//!
//! // The value of a quarter is spread over its four pixels.
//! assert!((found.values[0] - 0.5).abs() < 1e-6);
//! assert!((found.values[15] + 0.25).abs() < 1e-6);
//! assert_eq!(evaluator.n_evaluations(), 16);
//! # Ok::<(), mask_attribution::Error>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod attribution;
mod error;
mod evaluator;

mod occlusion;
mod partition;
mod rise;

mod cells;
mod kernel_shap;
mod lime;
mod moments;

pub use attribution::{Attribution, Kind, Method};
pub use error::Error;
pub use evaluator::{Evaluator, MaskedModel};
pub use kernel_shap::KernelShap;
pub use lime::Lime;
pub use occlusion::Occlusion;
pub use partition::{Context, Partition};
pub use pixel_region::{Region, Size};
pub use rise::Rise;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
