//! The description of a network: what to compute, not how.

use crate::Error;
use crate::error::{expect_finite, expect_length};

/// A layer of a network under construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerId(pub(crate) usize);

/// Batch normalisation with fixed statistics, one value a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNorm {
    /// Scale.
    pub gamma: Vec<f32>,
    /// Offset.
    pub beta: Vec<f32>,
    /// Running mean.
    pub mean: Vec<f32>,
    /// Running variance.
    pub variance: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f64,
}

/// A square convolution with everything that follows it up to the next one.
///
/// The output is `relu(weight * input + bias + shortcut)`, the shortcut and the rectifier where
/// asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// Weights `[c_out, c_in, kernel, kernel]`, row-major.
    pub weight: Vec<f32>,
    /// Bias `[c_out]`.
    pub bias: Vec<f32>,
    /// Side of the window.
    pub kernel: usize,
    /// Step between windows.
    pub stride: usize,
    /// Zeros around the input, fewer than the window's side.
    pub padding: usize,
    /// A layer of the output's shape that is added.
    pub shortcut: Option<LayerId>,
    /// Whether negative values become 0.
    pub relu: bool,
}

impl Convolution {
    /// A convolution without bias, padded so that stride 1 keeps the size.
    pub fn new(weight: Vec<f32>, c_out: usize, kernel: usize, stride: usize) -> Self {
        Self {
            weight,
            bias: vec![0.0; c_out],
            kernel,
            stride,
            padding: kernel / 2,
            shortcut: None,
            relu: false,
        }
    }

    /// Folds a batch normalisation that follows into weights and bias, in `f64`:
    /// `scale = gamma / sqrt(variance + epsilon)`, `bias = (bias - mean) * scale + beta`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if it has another number of channels, [`Error::NotFinite`] if a value of it
    /// or of the result is not finite.
    pub fn with_batch_norm(mut self, norm: &BatchNorm) -> Result<Self, Error> {
        let c_out = self.bias.len();
        let parts = [
            ("batch norm gamma", &norm.gamma),
            ("batch norm beta", &norm.beta),
            ("batch norm mean", &norm.mean),
            ("batch norm variance", &norm.variance),
        ];
        for (what, values) in parts {
            expect_length(what, values.len(), c_out)?;
            expect_finite(what, values)?;
        }
        let n_per_channel = self.weight.len() / c_out.max(1);
        for (c, bias) in self.bias.iter_mut().enumerate() {
            let deviation = (f64::from(norm.variance[c]) + norm.epsilon).sqrt();
            let scale = f64::from(norm.gamma[c]) / deviation;
            for weight in &mut self.weight[c * n_per_channel..][..n_per_channel] {
                *weight = (f64::from(*weight) * scale) as f32;
            }
            let centred = f64::from(*bias) - f64::from(norm.mean[c]);
            *bias = (centred * scale + f64::from(norm.beta[c])) as f32;
        }
        expect_finite("convolution weights times batch norm", &self.weight)?;
        expect_finite("convolution bias under batch norm", &self.bias)?;
        Ok(self)
    }

    /// Adds the output of an earlier layer.
    pub fn with_shortcut(self, layer: LayerId) -> Self {
        Self {
            shortcut: Some(layer),
            ..self
        }
    }

    /// Ends with a rectifier.
    pub fn with_relu(self) -> Self {
        Self { relu: true, ..self }
    }
}

/// The largest value of a square window; padding never wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxPool {
    /// Side of the window.
    pub kernel: usize,
    /// Step between windows.
    pub stride: usize,
    /// Positions around the input, fewer than the window's side.
    pub padding: usize,
}

/// What turns a network's linear output into its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activation {
    /// The linear output itself: logits.
    Identity,
    /// The logistic function of each output: probabilities.
    Sigmoid,
}

/// The end of a network: the mean over all positions, then a linear map.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Weights `[n_outputs, channels]`, row-major.
    pub weight: Vec<f32>,
    /// Bias `[n_outputs]`.
    pub bias: Vec<f32>,
    /// What follows.
    pub activation: Activation,
}

#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Input,
    Convolution(Convolution),
    MaxPool(MaxPool),
}

#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) operation: Operation,
    /// Position of the layer it reads; the input reads itself.
    pub(crate) input: usize,
    pub(crate) n_channels: usize,
}

/// A window sliding over a layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}

impl Window {
    /// Number of windows along a side; none if the padded side is shorter than a window.
    pub(crate) fn count(self, side: usize) -> usize {
        match (side + 2 * self.padding).checked_sub(self.kernel) {
            Some(room) if side > 0 => room / self.stride + 1,
            _ => 0,
        }
    }
}

impl Layer {
    /// The window of a layer other than the input.
    pub(crate) fn window(&self) -> Option<Window> {
        match &self.operation {
            Operation::Input => None,
            Operation::Convolution(conv) => Some(Window {
                kernel: conv.kernel,
                stride: conv.stride,
                padding: conv.padding,
            }),
            Operation::MaxPool(pool) => Some(Window {
                kernel: pool.kernel,
                stride: pool.stride,
                padding: pool.padding,
            }),
        }
    }

    pub(crate) fn shortcut(&self) -> Option<usize> {
        match &self.operation {
            Operation::Convolution(conv) => conv.shortcut.map(|layer| layer.0),
            _ => None,
        }
    }
}

/// A network under construction. Every layer reads the input or a layer added before it.
///
/// ```
/// use masked_cnn::{Activation, Convolution, Head, NetworkBuilder};
///
/// // One 1 x 1 convolution of one channel that doubles, then the mean and its logistic function.
/// let mut network = NetworkBuilder::new(1);
/// let doubled = network.convolution(network.input(), Convolution::new(vec![2.0], 1, 1, 1))?;
/// let head = Head { weight: vec![1.0], bias: vec![0.0], activation: Activation::Sigmoid };
/// let network = network.finish(doubled, head)?;
/// assert_eq!(network.n_outputs(), 1);
/// # Ok::<(), masked_cnn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NetworkBuilder {
    layers: Vec<Layer>,
}

impl NetworkBuilder {
    /// A network of images with `n_channels` channels.
    pub fn new(n_channels: usize) -> Self {
        Self {
            layers: vec![Layer {
                operation: Operation::Input,
                input: 0,
                n_channels,
            }],
        }
    }

    /// The image.
    pub fn input(&self) -> LayerId {
        LayerId(0)
    }

    /// Adds a convolution.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] and [`Error::Length`] if weights, window or shortcut do not fit,
    /// [`Error::NotFinite`] if a weight is not finite.
    pub fn convolution(
        &mut self,
        input: LayerId,
        convolution: Convolution,
    ) -> Result<LayerId, Error> {
        let c_out = convolution.bias.len();
        let Convolution {
            kernel,
            stride,
            padding,
            ..
        } = convolution;
        let c_in = self.expect_layer(input)?.n_channels;
        self.expect_window(kernel, stride, padding)?;
        expect_length(
            "convolution weights",
            convolution.weight.len(),
            c_out * c_in * kernel * kernel,
        )?;
        expect_finite("convolution weights", &convolution.weight)?;
        expect_finite("convolution bias", &convolution.bias)?;
        if let Some(shortcut) = convolution.shortcut {
            let found = self.expect_layer(shortcut)?.n_channels;
            if found != c_out || shortcut.0 == 0 {
                return self.reject(format!(
                    "the shortcut from layer {} has {found} channels, expected a later layer \
                     than the input with {c_out}",
                    shortcut.0
                ));
            }
        }
        self.push(Layer {
            operation: Operation::Convolution(convolution),
            input: input.0,
            n_channels: c_out,
        })
    }

    /// Adds a pooling layer.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if the window does not fit or the layer reads the image itself.
    pub fn max_pool(&mut self, input: LayerId, pool: MaxPool) -> Result<LayerId, Error> {
        let n_channels = self.expect_layer(input)?.n_channels;
        self.expect_window(pool.kernel, pool.stride, pool.padding)?;
        if input.0 == 0 {
            return self.reject("pooling of the image itself".to_owned());
        }
        self.push(Layer {
            operation: Operation::MaxPool(pool),
            input: input.0,
            n_channels,
        })
    }

    /// Ends the network behind a layer. Layers that it does not need are refused.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] if the head does not fit, [`Error::NotFinite`] if a weight of it is not
    /// finite, [`Error::Layer`] if `last` is not the last layer added or a layer's output is never
    /// read.
    pub fn finish(self, last: LayerId, head: Head) -> Result<Network, Error> {
        let n_channels = self.expect_layer(last)?.n_channels;
        expect_length(
            "head weights",
            head.weight.len(),
            head.bias.len() * n_channels,
        )?;
        expect_finite("head weights", &head.weight)?;
        expect_finite("head bias", &head.bias)?;
        if head.bias.is_empty() || self.layers[0].n_channels == 0 {
            return self.reject("no outputs or no channels of the image".to_owned());
        }
        if last.0 == 0 || last.0 + 1 != self.layers.len() {
            return self.reject(format!(
                "the head reads layer {}, expected the last one",
                last.0
            ));
        }
        for unread in 0..last.0 {
            let reads = |layer: &Layer| layer.input == unread || layer.shortcut() == Some(unread);
            if !self.layers[unread + 1..].iter().any(reads) {
                return self.reject(format!("nothing reads the output of layer {unread}"));
            }
        }
        Ok(Network {
            layers: self.layers,
            head,
        })
    }

    fn push(&mut self, layer: Layer) -> Result<LayerId, Error> {
        if layer.n_channels == 0 {
            return self.reject("no channels".to_owned());
        }
        self.layers.push(layer);
        Ok(LayerId(self.layers.len() - 1))
    }

    fn expect_layer(&self, id: LayerId) -> Result<&Layer, Error> {
        match self.layers.get(id.0) {
            Some(layer) => Ok(layer),
            None => self.reject(format!("layer {} does not exist", id.0)),
        }
    }

    fn expect_window(&self, kernel: usize, stride: usize, padding: usize) -> Result<(), Error> {
        if kernel == 0 || stride == 0 || padding >= kernel {
            return self.reject(format!(
                "window of {kernel}, stride {stride}, padding {padding}: expected a window and a \
                 stride of at least 1 and padding below the window"
            ));
        }
        Ok(())
    }

    fn reject<T>(&self, problem: String) -> Result<T, Error> {
        Err(Error::Layer {
            layer: self.layers.len(),
            problem,
        })
    }
}

/// A convolutional network for classification or regression of images.
#[derive(Debug, Clone)]
pub struct Network {
    pub(crate) layers: Vec<Layer>,
    pub(crate) head: Head,
}

impl Network {
    /// Channels of the image.
    pub fn n_channels(&self) -> usize {
        self.layers[0].n_channels
    }

    /// Numbers in an answer.
    pub fn n_outputs(&self) -> usize {
        self.head.bias.len()
    }
}
