//! A convolutional network at one image size.

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
pub use problem::Problem;
pub use resize::Axis;
pub use shape::{Shape, Size};
pub use window::{Window, WindowSide};
