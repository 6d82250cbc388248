//! Slices, stacks of slices and images in `.npy` files.

mod good;
mod malformed;
mod mutations;
