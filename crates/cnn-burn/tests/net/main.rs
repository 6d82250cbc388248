//! Networks on a device against their definition.

mod cases;
mod devices;
mod errors;
mod fixtures;
mod gradients;
mod network;
mod random_windows;
mod values;
