//! The network as a graph, and for the CPU engine of `masked-cnn`.

use burn::nn::conv::Conv2d;
use burn::nn::pool::MaxPool2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Tensor, TensorData};
use cnn_graph::{Activation, Conv, End, Graph, GraphBuilder, NodeId, Op, Size, Window};
use masked_cnn::{Engine, Settings};

use crate::resnet::{BasicBlock, ResNet18};
use crate::{Error, RsnaHemorrhageNet};

/// Side of the image on which both networks are compared, in pixels.
const PROBE_SIDE: usize = 64;

/// Largest difference accepted between the two logits, of the larger of 1 and the logit. Both
/// are computed in `f32`; 2e-5 was the most seen, over random networks of width 4 to 64.
const TOLERANCE: f32 = 1e-3;

impl RsnaHemorrhageNet {
    /// The same network as a graph for images of a size, batch normalisation folded into the
    /// convolutions and the two linear maps multiplied, in `f64`. Its one answer is the probability.
    /// Nodes have the names of the layers in PyTorch.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] for an image that is too small or too large, and for weights that are no
    /// finite numbers once they are folded; [`Error::Device`] where the weights cannot be read from
    /// the device.
    pub fn to_graph(&self, size: Size) -> Result<Graph, Error> {
        let mut graph = GraphBuilder::new(3, size)?;
        let last = self.encoder.describe(&mut graph)?;
        let pooled = graph.add("encoder.avgpool", Op::GlobalAveragePool, &[last])?;
        let [classifier] = &self.classifier;
        let head = head(&self.encoder.fc, classifier)?;
        let logit = graph.add("classifier.0", head, &[pooled])?;
        Ok(graph.finish(logit, End::Sigmoid)?)
    }

    /// The same network as an engine on the CPU for images of a size. Its one output is the
    /// probability.
    ///
    /// Both are run on one small image of noise and must agree.
    ///
    /// # Errors
    ///
    /// Those of [`Self::to_graph`], [`Error::Masked`] for settings that the machine cannot serve and
    /// for weights with which that image overflows, and [`Error::MaskedDiffers`].
    pub fn to_masked(&self, size: Size, settings: &Settings) -> Result<Engine, Error> {
        let probe = Size {
            rows: PROBE_SIDE,
            cols: PROBE_SIDE,
        };
        // The probe takes what it needs; images have to keep to the budget.
        let small = Engine::new(&self.to_graph(probe)?, &settings.with_memory_bytes(None))?;
        self.check(small.with_end(End::Logits))?;
        Ok(Engine::new(&self.to_graph(size)?, settings)?)
    }

    /// Compares the logits for an image of noise.
    fn check(&self, engine: Engine) -> Result<(), Error> {
        let noise: Vec<f32> = (0_u32..3 * (PROBE_SIDE * PROBE_SIDE) as u32)
            .map(|index| {
                // Knuth's multiplicative hash (The Art of Computer Programming 3, section 6.4).
                let hash = index.wrapping_add(1).wrapping_mul(2_654_435_761);
                (hash >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect();
        let masked = engine.forward(&noise)?[0];
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
    fn describe(&self, graph: &mut GraphBuilder) -> Result<NodeId, Error> {
        let image = graph.input();
        let stem = convolution(graph, "encoder.conv1", &self.conv1, &self.bn1, image)?;
        let stem = relu(graph, "encoder.relu", stem)?;
        let mut x = graph.add("encoder.maxpool", max_pool(&self.maxpool), &[stem])?;
        let layers = [&self.layer1, &self.layer2, &self.layer3, &self.layer4];
        for (layer, number) in layers.into_iter().zip(1..) {
            for (index, block) in layer.iter().enumerate() {
                x = block.describe(graph, &format!("encoder.layer{number}.{index}"), x)?;
            }
        }
        Ok(x)
    }
}

impl BasicBlock {
    fn describe(&self, graph: &mut GraphBuilder, name: &str, x: NodeId) -> Result<NodeId, Error> {
        let named = |part: &str| format!("{name}.{part}");
        let shortcut = match &self.downsample {
            Some((conv, bn)) => convolution(graph, &named("downsample.0"), conv, bn, x)?,
            None => x,
        };
        let first = convolution(graph, &named("conv1"), &self.conv1, &self.bn1, x)?;
        let first = relu(graph, &named("relu"), first)?;
        let second = convolution(graph, &named("conv2"), &self.conv2, &self.bn2, first)?;
        let sum = graph.add(named("add"), Op::Add, &[second, shortcut])?;
        relu(graph, &named("relu_1"), sum)
    }
}

fn relu(graph: &mut GraphBuilder, name: &str, x: NodeId) -> Result<NodeId, Error> {
    Ok(graph.add(name, Op::Activation(Activation::Relu), &[x])?)
}

/// Adds a convolution with the batch normalisation that follows, folded into weights and bias in
/// `f64`: `scale = gamma / sqrt(variance + epsilon)`, `bias = beta - mean * scale`.
fn convolution(
    graph: &mut GraphBuilder,
    name: &str,
    conv: &Conv2d,
    norm: &BatchNorm,
    x: NodeId,
) -> Result<NodeId, Error> {
    let [c_out, _, kernel, _] = conv.weight.dims();
    let mut weight = values(conv.weight.val())?;
    let (gamma, beta) = (values(norm.gamma.val())?, values(norm.beta.val())?);
    let mean = values(norm.running_mean.value())?;
    let variance = values(norm.running_var.value())?;
    let mut bias = Vec::with_capacity(c_out);
    let n_per_channel = weight.len() / c_out;
    for (c, weight) in weight.chunks_exact_mut(n_per_channel).enumerate() {
        let deviation = (f64::from(variance[c]) + norm.epsilon).sqrt();
        let scale = f64::from(gamma[c]) / deviation;
        for weight in weight {
            *weight = (f64::from(*weight) * scale) as f32;
        }
        bias.push((-f64::from(mean[c]) * scale + f64::from(beta[c])) as f32);
    }
    let window = window(kernel, conv.stride[0]);
    let conv = Conv {
        weight,
        bias,
        window,
        group: 1,
    };
    Ok(graph.add(name, Op::Conv(conv), &[x])?)
}

fn max_pool(pool: &MaxPool2d) -> Op {
    Op::MaxPool {
        window: window(pool.kernel_size[0], pool.stride[0]),
        ceil_mode: false,
    }
}

/// A square window, padded so that stride 1 keeps the size.
fn window(kernel: usize, stride: usize) -> Window {
    Window {
        strides: [stride; 2],
        pads: [kernel / 2; 4],
        ..Window::new([kernel; 2])
    }
}

/// Both linear maps as one, multiplied in `f64`: nothing stands between them.
fn head(features: &Linear, classifier: &Linear) -> Result<Op, Error> {
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
    Ok(Op::Gemm {
        weight: rows
            .map(|row| through(row) as f32)
            .take(n_channels)
            .collect(),
        bias: vec![offset as f32],
    })
}

fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    let data = tensor.try_into_data();
    let data = data.map_err(|error| Error::Device(error.to_string()))?;
    Ok(data.iter::<f32>().collect())
}
