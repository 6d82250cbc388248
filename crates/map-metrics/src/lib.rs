//! How well an explanation map agrees with the truth, with the network it explains, and with other maps.
//!
//! - [`Localisation`] compares a map with a [`Truth`], a mask or boxes: energy, pointing game, average
//!   precision, rank accuracy, and the overlap of what lies above a threshold ([`otsu`]).
//! - [`CellOrder`] and [`Squares`] ask the network: what happens if the cells that a map calls important
//!   are hidden, or shown alone, and does a map have much where hiding changes much? [`Truth::alone`] and
//!   [`Truth::removed`] ask whether the truth matters to the network at all. What an output means is
//!   given by [`Endpoints`].
//! - [`overlap`], [`top_jaccard`] and [`spearman`] compare two maps, [`stability`] the runs of one method.
//! - [`random_map`], [`centre_map`] and [`edge_map`] are what a method has to be better than.
//! - [`Sample`] gathers values of slices by patient: means, [`bootstrap`] intervals, [`sign_flip`] tests and
//!   [`holm`]'s correction.
//!
//! # What the network is asked
//!
//! The crate knows no network. What needs one says which masks to evaluate, each a [`Region`] of the
//! image that is shown while the background is seen elsewhere, and takes the outputs in the same order.
//! So the caller decides about batches and devices, evaluates what several maps ask for once, and can
//! score probabilities and logits from the same evaluations.
//!
//! # What has no value
//!
//! A metric that has no value gives the reason ([`Undefined`]), never NaN and never 0, and is no part of a
//! mean. Wrong input is an [`Error`] instead.
//!
//! The crate knows no CT, no tensors and no files, and it does not draw. Maps are `f32`, finite, row-major
//! `[rows, cols]`, higher values speak for the output; sums are `f64`. Results are the same for any number
//! of threads, as there is only one, and for the same seed. For research use only: that a map agrees with
//! a mark or with a network does not make it right.
//!
//! ```
//! use map_metrics::{CellGrid, CellOrder, Endpoints, Localisation, Map, Size, Truth, Undefined};
//!
//! // The finding is in the left half of the middle rows; the map has it, and something beside it.
//! let size = Size { rows: 4, cols: 4 };
//! let truth: Vec<bool> = (0..16).map(|at| (4..12).contains(&at) && at % 4 < 2).collect();
//! let truth = Truth::from_mask(truth, size)?;
//! let values = [0., 0., 0., 0., 2., 2., 0., 0., 2., 2., 0., 0., 0., 0., 1., 1.];
//! let map = Map::new(&values, size)?;
//!
//! let place = Localisation::new(&map, &truth)?;
//! assert_eq!(place.energy()?, 0.8);
//! assert_eq!(place.pointing()?, 1.0);
//! assert_eq!(truth.chance(), 0.25);
//!
//! // A network that answers by how much of the finding it sees.
//! let network = |shown: &map_metrics::Region| {
//!     let mut pixels = vec![false; 16];
//!     shown.fill(&mut pixels, size);
//!     let seen = pixels.iter().zip(truth.mask()).filter(|(p, t)| **p && **t);
//!     seen.count() as f64 / 4.0
//! };
//! let grid = CellGrid::new(size, 4, 4).expect("cells with pixels");
//! let order = CellOrder::new(&map, &grid, 0)?;
//! let outputs: Vec<f64> = order.masks().iter().map(network).collect();
//! let curves = order.curves(&Endpoints::new(1.0, 0.0)?, &outputs)?;
//! assert_eq!(curves.cells_to_half()?, 3);
//!
//! // On an image without a finding the same curves mean nothing.
//! let curves = order.curves(&Endpoints::new(0.02, 0.01)?, &outputs)?;
//! assert_eq!(curves.deletion_log(), Err(Undefined::NotDetected));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod error;
mod map;
mod truth;
mod undefined;

mod distance;
mod levels;
mod localisation;
mod otsu;
mod selection;
mod spread;

mod cell_order;
mod curves;
mod endpoints;
mod squares;

mod agreement;
mod baseline;
mod correlation;

mod bootstrap;
mod sample;
mod sign_flip;

pub use agreement::{Stability, overlap, spearman, stability, top_jaccard};
pub use baseline::{centre_map, edge_map, random_map};
pub use bootstrap::bootstrap;
pub use cell_order::CellOrder;
pub use curves::Curves;
pub use endpoints::{CompletenessGap, Endpoints, LEAST_RISE};
pub use error::Error;
pub use localisation::{BestIou, BoxScore, Localisation, OTSU_BINS};
pub use map::Map;
pub use otsu::otsu;
pub use pixel_region::{CellGrid, Region, Size};
pub use sample::{Interval, Sample};
pub use selection::Selection;
pub use sign_flip::{holm, sign_flip};
pub use spread::{gini, negative_share};
pub use squares::{Square, SquareScores, Squares};
pub use truth::{BoxRule, Rectangle, Truth};
pub use undefined::Undefined;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
