//! Tables of boxes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixture;
mod skipped_rows;
mod tables;
