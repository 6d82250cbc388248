//! h-Shap: which parts of an image make a model say what it says.
//!
//! This page defines what the crate computes. The method is that of Teneggi, Luster and Sulam, "Fast
//! Hierarchical Games for Image Explanations" (IEEE TPAMI 2023, doi:10.1109/TPAMI.2022.3189849); the
//! conventions of their Python package, h-shap 0.1.6, are marked "upstream".
//!
//! The crate calls the model and draws nothing, reads no file and knows nothing of CT. The model is
//! any function from images to outputs on any Burn device, [`Explainer::new`], or a convolutional
//! network of [`masked_cnn`] on the CPU, [`Explainer::masked`], which is many times faster: masked
//! images differ little, and only the differences are computed. Images are `[channels, rows, cols]`;
//! positions are `(row, col)` in pixels from the top left corner.
//!
//! # One game
//!
//! Let x be the image, b the background, and f the output that is explained: one of the model's
//! outputs, or its softmax ([`Settings::label`], [`Settings::softmax`]). For a set R of pixels let
//! f(R) be the output for the image that shows x on R and b elsewhere.
//!
//! A node of the tree is a rectangle, the first one the whole image. It is cut at the middle of its
//! rows and of its columns, rounded down, into four quadrants: 1 top left, 2 top right, 3 bottom
//! left, 4 bottom right. The quadrants are the players; a coalition S of them is worth f(S), so what
//! lies outside the node shows the background. The Shapley value of player i among n (Shapley, "A
//! value for n-person games", 1953) is
//!
//! > phi_i = sum over S without i of |S|! (n - 1 - |S|)! / n! * (f(S + i) - f(S)).
//!
//! A quadrant without pixels, or in which x and b are equal, is no player; its value is exactly 0.
//! The values of the first level share out what the image adds to the background:
//! their sum is f(x) - f(b) ([`Run::top_level_sum`]).
//!
//! # The tree
//!
//! The score of a cell is the product of the Shapley values on its path from the whole image:
//!
//! > score(cell) = phi(cell) * score(parent), score(image) = 1.
//!
//! So a score is no Shapley value below the first level, and its unit is a power of the output's.
//! The cells of a level that pass the [`Threshold`] are cut further, under these rules:
//!
//! | threshold | a cell is kept if |
//! | --- | --- |
//! | [`Threshold::Absolute`]`(t)` | score > t |
//! | [`Threshold::Percentile`]`(p)` | score >= q for q > 0, score > q otherwise; q is the p-th percentile of all scores of the level under this shift, linear between order statistics |
//!
//! There are [`Depth::Levels`] levels, or for a smallest size s ([`Depth::MinSize`])
//!
//! > n_levels = floor(log2(min(rows, cols) / s)) + 1,
//!
//! in both cases only as many as lead to single pixels. The rule is upstream's, and ends below s: 512
//! pixels and s = 64 are 4 levels and cells of 32 pixels. The real size is [`Explanation::leaf_px`]. A
//! leaf is a kept cell of the last level, or of a single pixel.
//!
//! # Shifts and the map
//!
//! Results depend on where the grid lies, so a cycle explains under several [`Shifts`] of it. A
//! shift (r, c) moves all cells r rows down and c columns to the right, around the border. Each is a
//! [`Run`] with leaves L of its own, and the map is
//!
//! > map(p) = 1/D * sum over runs, and over the leaves c in L that hold p, of score(c).
//!
//! | [`Convention`] | what a shift moves | D | equal shifts |
//! | --- | --- | --- | --- |
//! | [`Aligned`](Convention::Aligned) | the grid; x and b stay aligned with each other | number of distinct shifts | count once |
//! | [`Upstream`](Convention::Upstream) | the grid and b with it | `(n_radii - 1) * n_angles + 1`; of a list its length | count as often as they are given |
//!
//! Upstream rolls the image by the shift's inverse, masks it with the background as it is and rolls
//! back, which is the same as to roll the background forth. Where b is an image in its own right,
//! such as a mean image, the model then sees both displaced. Upstream's divisor is the number of
//! shifts where the radii hold 0 and the angles hold 0. [`Shifts::default`] are the 25 of its
//! tutorial.
//!
//! A run without a leaf counts as a map of zeros (upstream: an error); no leaf in any run is
//! [`Error::NothingImportant`]. [`Settings::binary_map`] puts 1 in place of every score.
//!
//! Over several backgrounds ([`Explainer::and_background`]) the map is the mean of their maps. How much it
//! depends on the grid and on the background say [`Explanation::spread_over_shifts`] and
//! [`Explanation::spread_over_backgrounds`].
//!
//! # Evidence and counter-evidence
//!
//! The sign of a score is that of the whole path: two negative values make a positive score. With an
//! absolute threshold of 0 or more no such cell is kept. For every other threshold two more maps
//! tell apart what speaks for and against the output:
//!
//! - [`Explanation::evidence`], at least 0, is the map of the leaves whose whole path is positive;
//! - [`Explanation::counter_evidence`], at most 0, is the map of the cells, kept or dropped, whose
//!   own value is negative and all before it on the path positive.
//!
//! With an absolute threshold of 0 or more the evidence is the map itself.
//!
//! # Ending early
//!
//! [`Settings::stop`] ends an exploration before every kept cell is cut. The nodes are then cut first
//! that can change the map most, whatever their level and shift, and the map holds the leaves that were
//! reached. For probabilities, an absolute threshold of 0 or more and no binary map, what is missing has
//! a bound. Kept scores are positive, and no Shapley value exceeds 1. Of a node with score s that is not
//! cut, with n players, f0 = f(nothing) and f1 = f(the node alone), a child has
//!
//! > phi <= (f(c) - f0) / n + (f1 - f(others)) / n + (n - 2) / n <= 1 - f0 / n - (1 - f1) / n,
//!
//! since coalitions of nobody and of all others weigh 1 / n each, and every difference is at most 1;
//! n = 1 attains it. Further down f1 <= 1 and n <= 4 leave phi <= 1 - f0 / 4. The product of these with s
//! bounds every leaf below, and with E(p) the mean over the shifts of the bound of the node on p,
//!
//! > map(p) <= exact map(p) <= map(p) + E(p).
//!
//! [`Unexplored`] holds E, its largest value, and the ratio of that to the largest value of the map, which
//! is at least the ratio to that of the exact map. [`Observed::refine`] goes on from where an explanation
//! has ended.
//!
//! # Cost
//!
//! A game of four players has 16 coalitions. Nothing and everything are evaluated once per
//! background, and f of the node alone is known from its parent's game, so a node costs at most 14
//! evaluations, fewer with fewer players. Equal masks over the same background are evaluated once,
//! whichever runs ask for them. All runs advance together, level by level, so that batches are full.
//! How many nodes are cut depends on the threshold: under each shift at most 4^(k - 1) at level k.
//! Where every kept cell leads to one of m leaves, at most 14 m n_levels evaluations are made, which
//! grows with the logarithm of the image's side. [`Explanation::n_evaluations`] says how many there
//! were. Sums are `f64`; the map is `f32`.
//!
//! # What differs from h-shap 0.1.6
//!
//! With [`Settings::upstream`] maps are equal within 1e-4 of their maximum. There, phi are sums of
//! `f32` products, so a null player gets some 1e-8, passes a threshold of 0 and is explored by chance;
//! here phi are sums of `f64` differences. There, softmax over one output makes every value 0; here
//! it is an error.
//!
//! # A worked example
//!
//! Four pixels, one level, and an output with an interaction:
//! f = 1/2 + x1 + x1 x2 / 2 - x4 / 4, with x = 1 everywhere and b = 0. The interaction is shared by
//! halves, so phi = 5/4, 1/4, 0 and -1/4, whose sum is f(x) - f(b) = 7/4 - 1/2.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use hshap::{Convention, Depth, Explainer, Settings, Shift, Shifts};
//!
//! let device = Device::flex();
//! let model = |images: Tensor<4>| {
//!     let pixel = |row, col| -> Tensor<2> {
//!         images.clone().narrow(2, row, 1).narrow(3, col, 1).flatten(1, 3)
//!     };
//!     let interaction = pixel(0, 0) * pixel(0, 1) / 2.0;
//!     pixel(0, 0) + interaction - pixel(1, 1) / 4.0 + 0.5
//! };
//! let image = Tensor::ones([1, 2, 2], &device);
//! let settings = Settings::default().with_depth(Depth::Levels(1));
//!
//! let black = Tensor::zeros([1, 2, 2], &device);
//! let explanation = Explainer::new(model, black).explain(&image, &settings)?;
//! assert_eq!(explanation.output, 1.75);
//! assert_eq!(explanation.map.values(), [1.25, 0.25, 0.0, 0.0]);
//! assert_eq!(explanation.counter_evidence.values(), [0.0, 0.0, 0.0, -0.25]);
//! assert_eq!(explanation.runs[0].background_output, 0.5);
//! // Nothing, everything, and 14 coalitions between them.
//! assert_eq!(explanation.n_evaluations, 16);
//!
//! // A background that equals the image in pixel 2, which therefore is no player: phi_1 = 3/2.
//! let background = Tensor::from_data([[[0.0, 1.0], [0.0, 0.0]]], &device);
//! let explainer = Explainer::new(model, background);
//! let shifts = Shifts::List(vec![Shift::default(), Shift { rows: 0, cols: 1 }]);
//! let aligned = explainer.cycle_explain(&image, &shifts, &settings)?;
//! assert_eq!(aligned.map.values(), [1.5, 0.0, 0.0, 0.0]);
//! // Upstream moves the background one column to the right with the second grid: there pixel 1 is no
//! // player and phi_2 = 1/2. Both maps are divided by 2.
//! let settings = settings.with_convention(Convention::Upstream);
//! let upstream = explainer.cycle_explain(&image, &shifts, &settings)?;
//! assert_eq!(upstream.map.values(), [0.75, 0.25, 0.0, 0.0]);
//! # Ok::<(), hshap::Error>(())
//! ```
//!
//! The map holds values of one image, model and background. It says what changes this output, not
//! what is in the image.

mod drawing;
mod earlier;
mod error;
mod evaluator;
mod explainer;
mod explanation;
mod exploration;
mod explorer;
mod game;
mod masked_model;
mod model;
mod pixel_counts;
mod pixels;
mod progress;
mod saliency_map;
mod settings;
mod shapley;
mod shift;
mod spread;
mod stop;
mod work;

pub use masked_cnn;

pub use error::Error;
pub use explainer::{Explainer, Observed};
pub use explanation::{Bound, Cell, EndedBy, Explanation, Level, Run, Traffic, Unexplored};
pub use model::ModelAnswer;
pub use progress::{Interrupt, Progress};
pub use saliency_map::SaliencyMap;
pub use settings::{Convention, Depth, Settings, Threshold};
pub use shapley::shapley_values;
pub use shift::{Shift, Shifts};
pub use stop::{Outputs, Stop};
pub use work::share_of_work;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
