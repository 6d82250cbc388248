//! Against shap, captum and RISE: `tests/golden/methods` of the workspace holds values and scripts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../../tests/golden/methods/network.rs"]
mod network;

mod engine;
mod phantom;
mod tiny;
