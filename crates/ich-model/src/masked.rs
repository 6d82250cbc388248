//! The network for the CPU engine of `masked-cnn`.

use burn::nn::conv::Conv2d;
use burn::nn::pool::MaxPool2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Tensor, TensorData};
use masked_cnn::{
    Activation, Convolution, Engine, Head, LayerId, MaxPool, Network, NetworkBuilder, Settings,
    Size,
};

use crate::resnet::{BasicBlock, ResNet18};
use crate::{Error, RsnaHemorrhageNet};

/// Side of the image on which both networks are compared, in pixels.
const PROBE_SIDE: usize = 64;

/// Largest difference accepted between the two logits, of the larger of 1 and the logit. Both
/// are computed in `f32`; 2e-5 was the most seen, over random networks of width 4 to 64.
const TOLERANCE: f32 = 1e-3;

impl RsnaHemorrhageNet {
    /// The same network as an engine on the CPU, batch normalisation folded into the convolutions
    /// and the two linear maps multiplied. Its one output is the probability.
    ///
    /// Both are run on one small image of noise and must agree.
    ///
    /// # Errors
    ///
    /// [`Error::Masked`] for settings that the machine cannot serve and for weights with which that
    /// image overflows, [`Error::MaskedDiffers`], and [`Error::Device`] where the weights cannot be
    /// read from the device.
    pub fn to_masked(&self, settings: &Settings) -> Result<Engine, Error> {
        // The probe takes what it needs; images have to keep to the budget.
        let engine = Engine::new(self.describe()?, &settings.with_memory_bytes(None))?;
        self.check(&engine)?;
        Ok(engine
            .with_activation(Activation::Sigmoid)
            .with_memory_bytes(settings.memory_bytes))
    }

    /// The network up to the logit.
    fn describe(&self) -> Result<Network, Error> {
        let mut network = NetworkBuilder::new(3);
        let last = self.encoder.describe(&mut network)?;
        let [classifier] = &self.classifier;
        Ok(network.finish(last, head(&self.encoder.fc, classifier)?)?)
    }

    /// Compares the logits for an image of noise.
    fn check(&self, engine: &Engine) -> Result<(), Error> {
        let noise: Vec<f32> = (0_u32..3 * (PROBE_SIDE * PROBE_SIDE) as u32)
            .map(|index| {
                // Knuth's multiplicative hash (The Art of Computer Programming 3, section 6.4).
                let hash = index.wrapping_add(1).wrapping_mul(2_654_435_761);
                (hash >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect();
        let size = Size {
            rows: PROBE_SIDE,
            cols: PROBE_SIDE,
        };
        let masked = engine.forward(&noise, size)?[0];
        let device = self.encoder.conv1.weight.val().device();
        let image = TensorData::new(noise, [1, 3, PROBE_SIDE, PROBE_SIDE]);
        let expected = values(self.logits(Tensor::from_data(image, &device)))?[0];
        // False for a NaN of this network: the engine itself answers no NaN.
        let is_close = (masked - expected).abs() <= TOLERANCE * expected.abs().max(1.0);
        if is_close {
            Ok(())
        } else {
            Err(Error::MaskedDiffers { masked, expected })
        }
    }
}

impl ResNet18 {
    /// Adds every layer up to the last block.
    fn describe(&self, network: &mut NetworkBuilder) -> Result<LayerId, Error> {
        let stem = convolution(&self.conv1, &self.bn1)?.with_relu();
        let stem = network.convolution(network.input(), stem)?;
        let pooled = network.max_pool(stem, max_pool(&self.maxpool))?;
        self.blocks()
            .try_fold(pooled, |x, block| block.describe(network, x))
    }
}

impl BasicBlock {
    fn describe(&self, network: &mut NetworkBuilder, x: LayerId) -> Result<LayerId, Error> {
        let shortcut = match &self.downsample {
            Some((conv, bn)) => network.convolution(x, convolution(conv, bn)?)?,
            None => x,
        };
        let first = convolution(&self.conv1, &self.bn1)?.with_relu();
        let first = network.convolution(x, first)?;
        let second = convolution(&self.conv2, &self.bn2)?;
        Ok(network.convolution(first, second.with_shortcut(shortcut).with_relu())?)
    }
}

fn convolution(conv: &Conv2d, norm: &BatchNorm) -> Result<Convolution, Error> {
    let [c_out, _, kernel, _] = conv.weight.dims();
    let weight = values(conv.weight.val())?;
    let norm = masked_cnn::BatchNorm {
        gamma: values(norm.gamma.val())?,
        beta: values(norm.beta.val())?,
        mean: values(norm.running_mean.value())?,
        variance: values(norm.running_var.value())?,
        epsilon: norm.epsilon,
    };
    Ok(Convolution::new(weight, c_out, kernel, conv.stride[0]).with_batch_norm(&norm)?)
}

fn max_pool(pool: &MaxPool2d) -> MaxPool {
    let kernel = pool.kernel_size[0];
    MaxPool {
        kernel,
        stride: pool.stride[0],
        padding: kernel / 2,
    }
}

/// Both linear maps as one, multiplied in `f64`: nothing stands between them.
fn head(features: &Linear, classifier: &Linear) -> Result<Head, Error> {
    let [n_channels, n_features] = features.weight.dims();
    // Burn keeps weights as `[inputs, outputs]`.
    let inner = values(features.weight.val())?;
    let outer = values(classifier.weight.val())?;
    let through = |row: &[f32]| -> f64 {
        let products = row.iter().zip(&outer);
        products.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    let bias = |linear: &Linear, n: usize| match &linear.bias {
        Some(bias) => values(bias.val()),
        None => Ok(vec![0.0; n]),
    };
    let offset = through(&bias(features, n_features)?) + f64::from(bias(classifier, 1)?[0]);
    let rows = inner.chunks_exact(n_features);
    Ok(Head {
        weight: rows
            .map(|row| through(row) as f32)
            .take(n_channels)
            .collect(),
        bias: vec![offset as f32],
        activation: Activation::Identity,
    })
}

fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    let data = tensor.try_into_data();
    let data = data.map_err(|error| Error::Device(error.to_string()))?;
    Ok(data.iter::<f32>().collect())
}
