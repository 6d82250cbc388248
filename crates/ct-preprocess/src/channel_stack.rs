use burn::tensor::{Device, Tensor, TensorData};

use crate::blur::gaussian_blur;
use crate::{Error, WindowedSlice};

/// A slice as a network takes it: its channels, normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelStack {
    grey: WindowedSlice,
    n_channels: usize,
    normalised: Vec<f32>,
}

impl ChannelStack {
    pub(crate) fn new(grey: WindowedSlice, n_channels: usize, normalised: Vec<f32>) -> Self {
        Self {
            grey,
            n_channels,
            normalised,
        }
    }

    /// The first channel as a picture, which figures show.
    pub fn grey(&self) -> &WindowedSlice {
        &self.grey
    }

    /// Number of channels.
    pub fn n_channels(&self) -> usize {
        self.n_channels
    }

    /// The network's input as numbers `[channels, rows, cols]`, row by row.
    pub fn normalised(&self) -> &[f32] {
        &self.normalised
    }

    /// The same, each channel blurred by a Gaussian of this standard deviation in pixels, as
    /// `scipy.ndimage.gaussian_filter` does it: out to 4 sigma, mirrored at the edges.
    ///
    /// # Errors
    ///
    /// [`Error::Blur`] for a standard deviation that is not from 0.1 to 1,000.
    pub fn blurred(&self, sigma_px: f64) -> Result<Vec<f32>, Error> {
        if !(0.1..=1e3).contains(&sigma_px) {
            return Err(Error::Blur { sigma_px });
        }
        let shape = (self.grey.rows(), self.grey.cols());
        Ok(gaussian_blur(&self.normalised, shape, sigma_px))
    }

    /// The network's input as a tensor: [`ChannelStack::normalised`] on a device.
    ///
    /// # Shapes
    ///
    /// - output: `[channels, rows, cols]`
    pub fn to_tensor(&self, device: &Device) -> Tensor<3> {
        let shape = [self.n_channels, self.grey.rows(), self.grey.cols()];
        let values = TensorData::new(self.normalised.clone(), shape);
        Tensor::from_data(values, device)
    }
}
