//! Burn's devices by name: those that this build has and this machine, opened and tried.
//!
//! Burn opens a device when the first tensor is made on it and panics where that fails, and some
//! devices answer nonsense without an error. Here a device is opened on purpose, and does a sum
//! whose result is known, before it is handed out.

mod error;
mod name;
mod open;
mod open_device;
mod parse;
#[cfg(feature = "remote")]
mod remote;
mod self_test;
#[cfg(feature = "wgpu")]
mod wgpu;

pub use error::DeviceError;
pub use name::DeviceName;
pub use open::devices;
pub use open_device::{Adapter, OpenDevice};
#[cfg(feature = "remote")]
pub use remote::{TOKEN_VARIABLE, serve};
pub use self_test::{SELF_TEST_TOLERANCE, SelfTest, self_test};
