//! What a graph may ask for, so that a file from outside cannot exhaust memory or time.
//!
//! A graph beyond a limit is refused while it is built, before anything is computed.

/// Nodes of a graph, the input included.
pub const MAX_NODES: usize = 10_000;

/// Inputs of a node. DenseNet-264 concatenates 65.
pub const MAX_INPUTS: usize = 1_024;

/// Channels of a map.
pub const MAX_CHANNELS: usize = 65_536;

/// Rows, and columns, of a map.
pub const MAX_SIDE: usize = 65_536;

/// Rows and columns of all maps of a graph together, which is what fields take memory for.
pub const MAX_TOTAL_SIDES: u64 = 1 << 24;

/// Values of a map or a vector.
pub const MAX_VALUES: u64 = 1 << 28;

/// Rows, and columns, of a window, its strides and its dilations.
pub const MAX_WINDOW: usize = 1_024;

/// Padding on one side of a map.
pub const MAX_PAD: usize = 1 << 20;

/// What all nodes of a graph do for one image: multiply-accumulate operations, values that pooling
/// and interpolation read, and values that are written.
pub const MAX_OPERATIONS: u64 = 10_000_000_000_000;
