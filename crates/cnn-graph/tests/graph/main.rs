//! Graphs: what their kinds compute, what is refused, and what positions depend on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod activations;
mod elements;
mod fields;
mod identities;
mod last_map;
mod layout;
mod limits;
mod norms;
mod random_graphs;
mod recipe;
mod refusals;
mod single;
mod windows;
