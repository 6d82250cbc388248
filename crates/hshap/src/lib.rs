//! h-Shap: which parts of an image make a model say what it says.
//!
//! Teneggi, Luster and Sulam, "Fast Hierarchical Games for Image Explanations" (IEEE TPAMI 2023),
//! explain an image by a tree of small games. The image is cut into four quadrants, the players; a
//! coalition S of players is the image that shows them and a background elsewhere, and its worth
//! f(S) is the model's output. The Shapley value of player i among n is
//!
//! > phi_i = sum over S without i of |S|! (n - 1 - |S|)! / n! * (f(S + i) - f(S)).
//!
//! Quadrants that matter are cut again, down to the smallest cells. A cell's score is the product
//! of the Shapley values on its path, and the saliency map holds the scores of the smallest cells.
//! The [`Explanation`] holds every cell that was looked at, kept or dropped, and says apart from
//! the map what speaks for the output and what speaks against it.
//!
//! [`Explainer::explain`] does this once; [`Explainer::cycle_explain`] does it for many [`Shifts`]
//! of the grid, cells wrapping around the border, and averages the maps, which frees the result
//! from the grid's position. All shifts advance together, level by level, so that the model is
//! called on full batches and a masked image that several shifts ask for is evaluated once.
//!
//! Images are `[channels, rows, cols]`; positions are `(row, col)` in pixels from the top left
//! corner. Coalition values are differences of `f64`, and a quadrant in which image and background
//! are equal is a null player by construction: its value is exactly 0.
//!
//! The crate calls the model and draws nothing, reads no file and knows nothing of CT. The model is
//! any `Fn(Tensor<4>) -> Tensor<2>` on any Burn device ([`Explainer::new`]), or a convolutional
//! network of [`masked_cnn`] on the CPU ([`Explainer::masked`]), which is many times faster: masked
//! images differ little, and only the differences are computed.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use hshap::{Depth, Explainer, Settings};
//!
//! let device = Device::flex();
//! // A model that sees one thing: how bright the top left corner is.
//! let model = |images: Tensor<4>| {
//!     let corner = images.narrow(2, 0, 2).narrow(3, 0, 2);
//!     corner.mean_dims(&[2, 3]).flatten(1, 3)
//! };
//! let image = Tensor::ones([1, 8, 8], &device);
//! let background = Tensor::zeros([1, 8, 8], &device);
//!
//! let settings = Settings::default().with_depth(Depth::Levels(2));
//! let explanation = Explainer::new(model, background).explain(&image, &settings)?;
//! assert_eq!(explanation.leaf_px, (2, 2));
//! assert_eq!(explanation.map.get(0, 0), 1.0);
//! assert_eq!(explanation.map.get(4, 4), 0.0);
//! # Ok::<(), hshap::Error>(())
//! ```

mod drawing;
mod error;
mod evaluator;
mod explainer;
mod explanation;
mod explorer;
mod masked_model;
mod model;
mod pixel_counts;
mod pixels;
mod progress;
mod saliency_map;
mod settings;
mod shapley;
mod shift;

pub use masked_cnn;

pub use error::Error;
pub use explainer::{Explainer, Observed};
pub use explanation::{Cell, Explanation, Level, Run, Traffic};
pub use model::ModelAnswer;
pub use progress::Progress;
pub use saliency_map::SaliencyMap;
pub use settings::{Convention, Depth, Settings, Threshold};
pub use shapley::shapley_values;
pub use shift::{Shift, Shifts};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
