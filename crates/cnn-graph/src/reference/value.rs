//! A node's values, with their shape.

use pixel_region::Size;

use crate::shape::Shape;

/// The values of a map or of a vector.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) shape: Shape,
    pub(super) values: &'a [f64],
}

impl<'a> Value<'a> {
    /// Rows and columns; a vector has one position.
    pub(super) fn size(self) -> Size {
        size(self.shape)
    }

    /// The values of a channel, or the one value of a vector.
    pub(super) fn channel(self, channel: usize) -> &'a [f64] {
        let n_positions = self.shape.n_positions();
        &self.values[channel * n_positions..][..n_positions]
    }

    /// A function of each channel's number and of each of its values.
    pub(super) fn map(self, function: impl Fn(usize, f64) -> f64) -> Vec<f64> {
        let n_positions = self.shape.n_positions();
        let numbered = self.values.iter().enumerate();
        numbered
            .map(|(at, &x)| function(at / n_positions, x))
            .collect()
    }

    /// A function of each channel.
    pub(super) fn per_channel(self, function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        let channels = self.values.chunks_exact(self.shape.n_positions());
        channels.map(function).collect()
    }
}

/// Rows and columns; a vector has one position.
pub(super) fn size(shape: Shape) -> Size {
    match shape {
        Shape::Map { size, .. } => size,
        Shape::Vector { .. } => Size { rows: 1, cols: 1 },
    }
}

/// A function of every `(channel, row, col)` of a map.
pub(super) fn fill(shape: Shape, mut function: impl FnMut(usize, usize, usize) -> f64) -> Vec<f64> {
    let Size { rows, cols } = size(shape);
    let mut values = Vec::with_capacity(shape.n_values());
    for channel in 0..shape.n_channels() {
        for row in 0..rows {
            for col in 0..cols {
                values.push(function(channel, row, col));
            }
        }
    }
    values
}
