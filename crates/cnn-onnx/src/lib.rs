//! Reads convolutional classifiers from ONNX files, as graphs of few kinds of nodes.
//!
//! [`Model::from_bytes`] reads the messages of a file within limits, and [`Model::graph`] makes the
//! [`Graph`](cnn_graph::Graph) for images of one size: maps `[channels, rows, cols]` without a batch
//! axis, weights in `f32`. A file is read and never executed, and needs no generated code.
//!
//! Four steps lead from nodes to the graph:
//!
//! 1. What does not depend on the image is computed, which is most of what exporters write: shapes.
//! 2. Every other value is a map or a vector whose dimensions have roles. Transpositions and reshapes
//!    only move roles; one that would mix images, rows, columns and channels is refused.
//! 3. Batch normalisation, scales and shifts are folded in `f64` into the layer before them, zero
//!    padding into convolutions. Activations and normalisations in pieces become one node.
//! 4. [`GraphBuilder`](cnn_graph::GraphBuilder) checks every node. A last sigmoid or softmax is the
//!    graph's [`End`](cnn_graph::End) and no node.
//!
//! A network that is not a classifier of that kind is refused with an [`Error`] that names the node:
//! attention, recurrent layers, transposed convolutions, quantisation, control flow, several inputs
//! or outputs, batches larger than 1, training mode. What the image is made of and what the scores
//! mean is not in such a file; [`Model::metadata_props`] gives what its author added.
//!
//! ```
//! use cnn_graph::{End, Size};
//! use cnn_onnx::{Layout, Model};
//!
//! let bytes = std::fs::read("tests/fixtures/xception-legacy-17.onnx")?;
//! let model = Model::from_bytes(bytes, None)?;
//! let input = model.input()?;
//! assert_eq!((input.layout, input.channels), (Layout::Nchw, 3));
//!
//! let graph = model.graph(Size { rows: 73, cols: 57 })?;
//! assert_eq!(graph.end(), End::Sigmoid);
//! let probabilities = graph.reference(&[0.5; 3 * 73 * 57])?;
//! assert_eq!(probabilities.len(), 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod array;
mod axes;
mod broadcast;
mod call;
mod draft;
mod error;
mod external;
mod finish;
mod fold;
mod framework;
mod fuse;
mod graph;
mod idioms;
mod interpolation;
mod lowering;
mod model;
mod ops;
mod proto;
mod reshape;
mod select;
mod values;
mod window;
mod wire;

pub use error::{Error, Framework};
pub use model::{Input, Layout, Model};
pub use values::Initializer;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
