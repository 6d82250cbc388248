//! PyTorch's files: how they lay out networks, and what stands beside them.

mod layouts;
mod network;
mod objects;
mod writer;
