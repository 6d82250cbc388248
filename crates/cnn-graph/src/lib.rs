//! A convolutional network for images of one size, as a graph of few kinds of nodes.
//!
//! A [`Graph`] says what a network computes, in the terms of ONNX and without a batch axis: maps
//! `[channels, rows, cols]` and vectors, row-major, weights in `f32`. The image's size is part of
//! it, because padding, interpolation and flattening depend on it. [`GraphBuilder`] checks every
//! node as it is added: shapes, finite weights, and the [`limits`] that keep a graph from a file
//! from asking for more memory or time than there is. A [`Graph`] therefore needs no more checks.
//!
//! What a graph knows of itself:
//!
//! - [`Graph::fields`]: which pixels each position of a map depends on;
//! - [`Graph::last_map`]: the map that explanations such as Grad-CAM start from;
//! - [`Graph::n_macs`]: how much there is to compute;
//! - [`Graph::reference`]: its answers by plain loops in `f64`, slow and easy to read, with which
//!   faster implementations are compared.
//!
//! The crate reads no files, knows no masks and no tensors of a framework, and trains nothing.
//! There are no graphs of one-dimensional or three-dimensional data, no recurrent layers and no
//! attention. Names and definitions are those of the [ONNX
//! operators](https://onnx.ai/onnx/operators/), where ONNX has them.
//!
//! ```
//! use cnn_graph::{Activation, Conv, End, GraphBuilder, Interval, Op, Size, Window};
//!
//! // A 3 x 3 convolution of two channels to one, rectified, then the mean: one score.
//! let mut graph = GraphBuilder::new(2, Size { rows: 4, cols: 6 })?;
//! let conv = Conv {
//!     weight: vec![1.0; 2 * 3 * 3],
//!     bias: vec![-10.0],
//!     window: Window { strides: [1, 2], pads: [1, 1, 1, 0], ..Window::new([3, 3]) },
//!     group: 1,
//! };
//! let conv = graph.add("conv", Op::Conv(conv), &[graph.input()])?;
//! let relu = graph.add("relu", Op::Activation(Activation::Relu), &[conv])?;
//! let mean = graph.add("mean", Op::GlobalAveragePool, &[relu])?;
//! let graph = graph.finish(mean, End::Logits)?;
//!
//! // The last of the three columns of windows sees columns 3, 4 and 5 of the image.
//! let fields = graph.fields();
//! let fields = fields[conv.index()].as_ref().expect("the convolution is a map");
//! assert_eq!(fields.cols[2], Interval { start: 3, end: 6 });
//! assert_eq!(graph.last_map(), relu);
//! assert_eq!(graph.n_macs(), 4 * 3 * 18);
//!
//! // Each row of windows at the border sees 8, 12 and 12 pixels, each of the two others 12, 18 and
//! // 18; all pixels are 1.
//! let scores = graph.reference(&[1.0; 2 * 4 * 6])?;
//! assert_eq!(scores, [(2.0 * (0.0 + 2.0 + 2.0) + 2.0 * (2.0 + 8.0 + 8.0)) / 12.0]);
//! # Ok::<(), cnn_graph::Error>(())
//! ```

mod activation;
mod builder;
mod cost;
mod end;
mod error;
mod fields;
mod functions;
mod graph;
mod last_map;
pub mod limits;
mod node;
mod op;
mod output_shape;
mod pad;
mod problem;
mod reference;
mod resize;
mod shape;
mod window;

pub use activation::Activation;
pub use builder::GraphBuilder;
pub use end::End;
pub use error::Error;
pub use fields::{Fields, Interval};
pub use graph::Graph;
pub use node::{Node, NodeId};
pub use op::{Conv, Op, Order};
pub use pad::{PadMode, Pads};
pub use pixel_region::Size;
pub use problem::Problem;
pub use resize::Axis;
pub use shape::Shape;
pub use window::{Window, WindowSide};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
