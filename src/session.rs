//! A network that is open on a device: predictions and explanations of slices.
//!
//! [`Session::open`] brings up the device, the network and the background once; after that
//! [`Session::predict`] and [`Session::explain`] take any number of slices, from any thread.

mod classifier;
mod compute;
mod labels;
mod method;
mod network;
mod options;
mod origin;
mod prepared;
#[expect(
    clippy::module_inception,
    reason = "the type that the module is named after"
)]
mod session;
mod survey;

pub use classifier::Classifier;
pub use compute::Compute;
pub use labels::{Labels, Output, Prediction};
pub use method::{EarlierRuns, Explained, Method};
pub use network::OpenNetwork;
pub use options::{ComputeOptions, EngineKind, Options};
pub use origin::{Content, Origin};
pub use session::Session;
pub use survey::Survey;
