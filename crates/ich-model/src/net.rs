use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use crate::Error;
use crate::resnet::{BasicBlock, ResNet18};

/// Widest network accepted; bounds what a weights file can ask for.
pub(crate) const MAX_WIDTH: usize = 512;

/// Features between the two linear maps.
pub(crate) fn n_features(width: usize) -> usize {
    2 * width
}

/// Configuration of a [`RsnaHemorrhageNet`].
#[derive(Config, Debug)]
pub struct RsnaHemorrhageNetConfig {
    /// Channels behind the stem, from 1 to 512. ResNet-18 has 64; tests use fewer.
    #[config(default = 64)]
    pub width: usize,
}

impl RsnaHemorrhageNetConfig {
    /// A network with random weights, fixed for inference: batch normalisation uses the stored
    /// statistics and never updates them.
    ///
    /// # Errors
    ///
    /// [`Error::AutodiffDevice`] and [`Error::Width`].
    pub fn init(&self, device: &Device) -> Result<RsnaHemorrhageNet, Error> {
        if device.is_autodiff() {
            return Err(Error::AutodiffDevice);
        }
        if !(1..=MAX_WIDTH).contains(&self.width) {
            return Err(Error::Width {
                width: self.width,
                limit: MAX_WIDTH,
            });
        }
        let n_features = n_features(self.width);
        let net = RsnaHemorrhageNet {
            encoder: ResNet18::init(self.width, n_features, device),
            classifier: [LinearConfig::new(n_features, 1).init(device)],
        };
        Ok(net.freeze())
    }
}

/// The classifier: ResNet-18, a linear map to features, one logistic output.
///
/// Field names equal the keys of the PyTorch state dict (`encoder.layer1.0.conv1.weight`,
/// `classifier.0.bias`, ...).
#[derive(Module, Debug)]
pub struct RsnaHemorrhageNet {
    pub(crate) encoder: ResNet18,
    pub(crate) classifier: [Linear; 1],
}

impl RsnaHemorrhageNet {
    /// The logit of a hemorrhage: what the logistic function turns into the probability.
    ///
    /// # Shapes
    ///
    /// - input: `[n, 3, rows, cols]`, normalised
    /// - output: `[n, 1]`
    pub fn logits(&self, images: Tensor<4>) -> Tensor<2> {
        let [linear] = &self.classifier;
        linear.forward(self.encoder.forward(images))
    }

    /// The probability of a hemorrhage of any kind; NaN where a value on the way to it leaves the
    /// range of `f32`.
    ///
    /// # Shapes
    ///
    /// - input: `[n, 3, rows, cols]`, normalised
    /// - output: `[n, 1]`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let logits = self.logits(images);
        // The logistic function alone would make 0 or 1 of an infinity.
        sigmoid(logits.clone()) + logits * 0.0
    }

    /// Channels behind the stem.
    pub fn width(&self) -> usize {
        let [width, ..] = self.encoder.conv1.weight.dims();
        width
    }

    /// How many layers with weights the network has.
    pub fn layer_counts(&self) -> LayerCounts {
        let blocks = self.encoder.blocks();
        LayerCounts {
            convolutions: 1 + blocks.map(BasicBlock::n_convolutions).sum::<usize>(),
            linear_maps: 1 + self.classifier.len(),
        }
    }

    /// The probabilities as numbers, one for each image of a batch and in its order; NaN where
    /// [`Self::forward`] says so. On a GPU a batch takes less time than its images one by one, and
    /// as many times the memory of one ([`Self::largest_tensor_bytes`]).
    ///
    /// # Shapes
    ///
    /// - input: `[n, 3, rows, cols]`, normalised
    ///
    /// # Errors
    ///
    /// [`Error::Device`] where the device fails, such as a GPU that is lost or out of memory.
    pub fn predict(&self, images: Tensor<4>) -> Result<Vec<Prediction>, Error> {
        let probabilities = self.forward(images).try_into_data();
        let probabilities = probabilities.map_err(|error| Error::Device(error.to_string()))?;
        Ok(probabilities
            .iter::<f32>()
            .map(|probability| Prediction { probability })
            .collect())
    }

    /// Bytes of the largest tensor that computing one image takes, in `f32`: the windows of the
    /// first convolution, where a device unfolds them.
    pub fn largest_tensor_bytes(&self, rows: usize, cols: usize) -> u64 {
        let [width, channels, kernel_rows, kernel_cols] = self.encoder.conv1.weight.dims();
        let n_positions = rows.div_ceil(2) * cols.div_ceil(2);
        let values = width.max(channels * kernel_rows * kernel_cols) * n_positions;
        (values * size_of::<f32>()) as u64
    }
}

/// Layers with weights; batch normalisation belongs to the convolution before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerCounts {
    /// Convolutions, those of shortcuts included.
    pub convolutions: usize,
    /// Linear maps.
    pub linear_maps: usize,
}

/// What the network says of one slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Probability of a hemorrhage of any kind.
    pub probability: f32,
}

impl Prediction {
    /// True where the probability exceeds 0.5.
    pub fn is_hemorrhage(&self) -> bool {
        self.probability > 0.5
    }
}
