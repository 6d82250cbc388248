use burn::tensor::{Device, Tensor, TensorData};
use masked_cnn::Size;

use crate::error::device_failed;
use crate::pixel_counts::PixelCounts;
use crate::{Error, Shift};

/// An image or a background in main memory, `[channels, rows, cols]`.
pub(crate) struct Pixels {
    pub(crate) values: Vec<f32>,
    pub(crate) n_channels: usize,
    pub(crate) size: Size,
}

impl Pixels {
    /// The values of a tensor, finite ones; `what` it is, for the error.
    pub(crate) fn of(what: &'static str, tensor: Tensor<3>) -> Result<Self, Error> {
        let [n_channels, rows, cols] = tensor.dims();
        let data = tensor.try_into_data().map_err(device_failed)?;
        let values: Vec<f32> = data.iter::<f32>().collect();
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::PixelNotFinite {
                what,
                channel: at / (rows * cols),
                row: at / cols % rows,
                col: at % cols,
                value: values[at],
            });
        }
        Ok(Self {
            values,
            n_channels,
            size: Size { rows, cols },
        })
    }

    /// Moves every pixel down and to the right, around the border.
    pub(crate) fn rolled(&self, shift: Shift) -> Self {
        let Size { rows, cols } = self.size;
        let down = wrap(shift.rows, rows);
        let right = wrap(shift.cols, cols);
        let mut values = self.values.clone();
        for channel in values.chunks_exact_mut(rows * cols) {
            channel.rotate_right(down * cols);
            for row in channel.chunks_exact_mut(cols) {
                row.rotate_right(right);
            }
        }
        Self { values, ..*self }
    }

    /// Marks the pixels in which two images differ in any channel.
    pub(crate) fn differing(&self, other: &Self) -> PixelCounts {
        let n_pixels = self.size.rows * self.size.cols;
        let mut marked = vec![false; n_pixels];
        let channels = self.values.chunks_exact(n_pixels);
        for (a, b) in channels.zip(other.values.chunks_exact(n_pixels)) {
            for (mark, (a, b)) in marked.iter_mut().zip(a.iter().zip(b)) {
                *mark |= a != b;
            }
        }
        PixelCounts::new(&marked, self.size)
    }

    pub(crate) fn to_device(&self, device: &Device) -> Tensor<4> {
        let shape = [1, self.n_channels, self.size.rows, self.size.cols];
        Tensor::from_data(TensorData::new(self.values.clone(), shape), device)
    }
}

/// A displacement as an offset from 0 to the side, exclusive.
pub(crate) fn wrap(shift: i64, side: usize) -> usize {
    shift.rem_euclid(side as i64) as usize
}
