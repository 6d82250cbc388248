//! One convolutional network on thousands of masked versions of one image.
//!
//! A mask M shows the image x on some pixels and a background b on the others. Run on x and on b
//! alone, every layer's activations are stored. For a masked image, a position of a layer is
//! known already if its receptive field shows only x or only b, and masks of a group that agree
//! inside the receptive field share its value. What is left are bands along the masks' edges: only
//! these are computed. Nothing is approximated: answers equal those of the dense network up to rounding
//! in `f32`. Measured: probabilities of a ResNet-18 at 512 x 512 within 3e-7 of a framework's dense
//! forward, small random networks within 1.1e-6 of the definition in `f64`.
//!
//! A network is a [`cnn_graph::Graph`], of any of its kinds of nodes and for one image size. An
//! [`Engine`] packs it for the machine and runs it on whole images, [`Engine::forward`], or on masks
//! of one image, [`Engine::mask`]; [`MaskedImage::evaluate_observed`] tells how far it is and can be
//! stopped. Work is done in tiles of 4 x 4 positions; 3 x 3 convolutions of stride 1 and 2 by
//! Winograd's algorithm, others as products of gathered windows. Answers are the same to the last
//! bit whatever the batch and the threads.
//!
//! How much is saved depends on the network. Where a map is multiplied by a vector that was made of
//! the whole image, as in squeeze-and-excitation, or divided by statistics of the whole image, every
//! position behind it differs for every mask: from there on all is computed.
//!
//! There is no answer where a value leaves the range of `f32` on the way: it becomes NaN, which
//! every later layer hands on, and ends as [`Error::Overflow`]. A value that a mask hides, and one
//! that no window reads, does no harm.
//!
//! Images are `[channels, rows, cols]`, row-major `f32`; positions are `(row, col)`. The crate
//! runs on the CPU, with AVX-512, AVX2, NEON or none of them, chosen at run time. It knows nothing
//! of CT, of tensors of a framework and of what the masks are for.
//!
//! Earlier work reuses a network's activations around an occluding patch: Nakandala et al.,
//! "Incremental and Approximate Inference for Faster Occlusion-based Deep CNN Explanations"
//! (Krypton, SIGMOD 2019), about which a patent exists (US 12346812 B2). Whoever wants to stay
//! clear of it has [`Engine::forward`], which computes every masked image in full.
//!
//! ```
//! use masked_cnn::cnn_graph::{Conv, End, GraphBuilder, Op, Window};
//! use masked_cnn::{Engine, Mask, Rect, Region, Settings, Size};
//!
//! // The mean of twice the image.
//! let size = Size { rows: 8, cols: 8 };
//! let mut graph = GraphBuilder::new(1, size)?;
//! let window = Window::new([1, 1]);
//! let double = Conv { weight: vec![2.0], bias: vec![0.0], window, group: 1 };
//! let doubled = graph.add("double", Op::Conv(double), &[graph.input()])?;
//! let mean = graph.add("mean", Op::GlobalAveragePool, &[doubled])?;
//! let engine = Engine::new(&graph.finish(mean, End::Logits)?, &Settings::default())?;
//!
//! let (image, background) = ([1.0; 64], [0.0; 64]);
//! let mut masked = engine.mask(&image, &[&background])?;
//! let quarter = Rect { row: 6, col: 6, n_rows: 4, n_cols: 4 };
//! let shown = Region::union([quarter], size);
//! let answers = masked.evaluate(&[Mask { background: 0, shown: &shown, group: 0 }])?;
//! assert_eq!(answers, [0.5]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffer;
mod conv_run;
mod convolution;
mod engine;
mod error;
mod kernels;
mod layer_run;
mod lower;
mod masked;
mod memory;
mod plan;
mod program;
mod region;
mod run;
mod tile;
mod unplanned;
mod vector_run;
mod vector_step;
mod view;

pub use cnn_graph;
pub use engine::{Engine, Settings};
pub use error::Error;
pub use kernels::InstructionSet;
pub use masked::{Mask, MaskedImage};
pub use pixel_region::{Rect, Region, Size};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
