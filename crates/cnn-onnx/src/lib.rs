//! Reads convolutional classifiers from ONNX files.

mod array;
mod axes;
mod broadcast;
mod call;
mod draft;
mod error;
mod external;
mod finish;
mod fold;
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

pub use error::Error;
pub use model::{Input, Layout, Model};
