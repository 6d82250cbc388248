//! What a node computes for one image: a map or a vector.

use std::fmt;

use pixel_region::Size;

/// The shape of a node's output, without a batch axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Values `[channels, rows, cols]`, row-major.
    Map {
        /// Number of channels.
        channels: usize,
        /// Rows and columns.
        size: Size,
    },
    /// Values without a position, such as a channel's mean or a score.
    Vector {
        /// Number of values.
        len: usize,
    },
}

impl Shape {
    /// How many values a parameter has that holds one a channel: the channels of a map, the values
    /// of a vector.
    pub fn n_channels(self) -> usize {
        match self {
            Self::Map { channels, .. } => channels,
            Self::Vector { len } => len,
        }
    }

    /// Positions that a channel has; 1 for a vector.
    pub fn n_positions(self) -> usize {
        match self {
            Self::Map { size, .. } => size.rows * size.cols,
            Self::Vector { .. } => 1,
        }
    }

    /// Number of values.
    pub fn n_values(self) -> usize {
        self.n_channels() * self.n_positions()
    }

    /// The same positions with another number of channels.
    pub(crate) fn with_channels(self, channels: usize) -> Self {
        match self {
            Self::Map { size, .. } => Self::Map { channels, size },
            Self::Vector { .. } => Self::Vector { len: channels },
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map { channels, size } => write!(f, "a map of {channels} x {size}"),
            Self::Vector { len } => write!(f, "a vector of {len}"),
        }
    }
}
