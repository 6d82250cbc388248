//! Layers in `f64`.

use masked_cnn::Size;

/// What to compute of a network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    /// Values, NaN where one leaves the range of `f32`, and in all that depends on it.
    Value,
    /// The sums of the absolute values of all terms: how large what is added up may get.
    Magnitude,
}

impl Measure {
    pub(crate) fn term(self, value: f64) -> f64 {
        match self {
            Self::Value => value,
            Self::Magnitude => value.abs(),
        }
    }

    pub(crate) fn stored(self, value: f64) -> f64 {
        if self == Self::Value && !(value as f32).is_finite() {
            f64::NAN
        } else {
            value
        }
    }
}

/// A layer's values `[channels, rows, cols]`.
pub(crate) struct Values {
    pub(crate) data: Vec<f64>,
    pub(crate) size: Size,
}

impl Values {
    /// Zero-based, none in the padding.
    pub(crate) fn at(&self, c: usize, row: isize, col: isize) -> Option<f64> {
        let row = usize::try_from(row)
            .ok()
            .filter(|&row| row < self.size.rows)?;
        let col = usize::try_from(col)
            .ok()
            .filter(|&col| col < self.size.cols)?;
        Some(self.data[(c * self.size.rows + row) * self.size.cols + col])
    }

    /// The input positions of every window, with the channel.
    pub(crate) fn over_windows(
        &self,
        n_channels: usize,
        (kernel, stride, padding): (usize, usize, usize),
        value: impl Fn(usize, &[(isize, isize)]) -> f64,
    ) -> Self {
        let count = |side: usize| (side + 2 * padding - kernel) / stride + 1;
        let size = Size {
            rows: count(self.size.rows),
            cols: count(self.size.cols),
        };
        let mut data = Vec::with_capacity(n_channels * size.rows * size.cols);
        for c in 0..n_channels {
            for row in 0..size.rows {
                for col in 0..size.cols {
                    let window: Vec<(isize, isize)> = (0..kernel * kernel)
                        .map(|tap| {
                            let (i, j) = (tap / kernel, tap % kernel);
                            let at = |start: usize, k: usize| {
                                (start * stride + k) as isize - padding as isize
                            };
                            (at(row, i), at(col, j))
                        })
                        .collect();
                    data.push(value(c, &window));
                }
            }
        }
        Self { data, size }
    }
}
