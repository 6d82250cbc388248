//! Small networks by their definition, and the same for the engine.

use crate::values::{Measure, Values};
use masked_cnn::Size;
use masked_cnn::cnn_graph::{Activation, Conv, End, Graph, GraphBuilder, Op, Window};

/// A network in words.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    pub(crate) n_channels: usize,
    pub(crate) parts: Vec<Part>,
    pub(crate) n_outputs: usize,
    pub(crate) sigmoid: bool,
    pub(crate) seed: u64,
    /// A layer whose weights are all this number or minus it, and whose norm does nothing. Counted
    /// from 0, the head behind the last.
    pub(crate) huge: Option<(usize, f32)>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Convolution {
        c_out: usize,
        kernel: usize,
        stride: usize,
        relu: bool,
    },
    MaxPool {
        kernel: usize,
        stride: usize,
    },
    /// Two 3 x 3 convolutions; around them the input itself or a 1 x 1 convolution of it.
    Residual {
        c_out: usize,
        stride: usize,
    },
}

/// A layer and the layers it reads, by position; the image is 0.
enum Layer {
    Convolution {
        plain: Plain,
        input: usize,
        shortcut: Option<usize>,
        relu: bool,
    },
    MaxPool {
        kernel: usize,
        stride: usize,
        input: usize,
    },
}

/// A convolution with batch normalisation.
struct Plain {
    weight: Vec<f32>,
    norm: BatchNorm,
    kernel: usize,
    stride: usize,
}

/// Batch normalisation with fixed statistics, one value a channel.
struct BatchNorm {
    gamma: Vec<f32>,
    beta: Vec<f32>,
    mean: Vec<f32>,
    variance: Vec<f32>,
    epsilon: f64,
}

/// The linear map at the end.
struct Head {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// Numbers between -1 and 1 that look random (splitmix64; Steele, Lea and Flood, 2014).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0) as f32
    }

    pub(crate) fn values(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next()).collect()
    }
}

impl Design {
    /// The layers with random weights, and the head.
    fn layers(&self) -> (Vec<Layer>, Head) {
        let mut noise = Noise(self.seed);
        let mut layers = Vec::new();
        let mut c_in = self.n_channels;
        for part in &self.parts {
            let input = layers.len();
            match *part {
                Part::Convolution {
                    c_out,
                    kernel,
                    stride,
                    relu,
                } => {
                    let plain = Plain::random(&mut noise, c_in, c_out, kernel, stride);
                    layers.push(Layer::Convolution {
                        plain,
                        input,
                        shortcut: None,
                        relu,
                    });
                    c_in = c_out;
                }
                Part::MaxPool { kernel, stride } => {
                    layers.push(Layer::MaxPool {
                        kernel,
                        stride,
                        input,
                    });
                }
                Part::Residual { c_out, stride } => {
                    let mut convolve = |input, c_in, kernel, stride, shortcut, relu| {
                        let plain = Plain::random(&mut noise, c_in, c_out, kernel, stride);
                        layers.push(Layer::Convolution {
                            plain,
                            input,
                            shortcut,
                            relu,
                        });
                        layers.len()
                    };
                    let around = if (c_in, stride) == (c_out, 1) {
                        input
                    } else {
                        convolve(input, c_in, 1, stride, None, false)
                    };
                    let first = convolve(input, c_in, 3, stride, None, true);
                    convolve(first, c_out, 3, 1, Some(around), true);
                    c_in = c_out;
                }
            }
        }
        let mut head = Head {
            weight: noise.values(self.n_outputs * c_in),
            bias: noise.values(self.n_outputs),
        };
        if let Some((index, weight)) = self.huge {
            let enlarge = |values: &mut [f32]| {
                values.iter_mut().for_each(|v| *v = weight.copysign(*v));
            };
            match layers.get_mut(index) {
                Some(Layer::Convolution { plain, .. }) => {
                    enlarge(&mut plain.weight);
                    plain.norm = no_norm(plain.norm.gamma.len());
                }
                Some(Layer::MaxPool { .. }) => {}
                None => enlarge(&mut head.weight),
            }
        }
        (layers, head)
    }

    /// Layers but the head.
    pub(crate) fn n_layers(&self) -> usize {
        self.layers().0.len()
    }

    /// Whether every window finds room.
    pub(crate) fn fits(&self, size: Size) -> bool {
        let mut sides = [size.rows, size.cols];
        self.parts.iter().all(|part| {
            let (kernel, stride) = match *part {
                Part::Convolution { kernel, stride, .. } | Part::MaxPool { kernel, stride } => {
                    (kernel, stride)
                }
                Part::Residual { stride, .. } => (3, stride),
            };
            let fits = sides.iter().all(|side| side + 2 * (kernel / 2) >= kernel);
            sides = sides.map(|side| (side + 2 * (kernel / 2)).saturating_sub(kernel) / stride + 1);
            fits
        })
    }

    /// The network for images of a size, batch normalisation folded into the convolutions; none if
    /// a weight is then no finite number.
    pub(crate) fn graph(&self, size: Size) -> Option<Graph> {
        let (layers, head) = self.layers();
        let mut graph = GraphBuilder::new(self.n_channels, size).expect("an image");
        let mut ids = vec![graph.input()];
        let window = |kernel: usize, stride: usize| Window {
            strides: [stride; 2],
            pads: [kernel / 2; 4],
            ..Window::new([kernel; 2])
        };
        for layer in layers {
            let id = match layer {
                Layer::MaxPool {
                    kernel,
                    stride,
                    input,
                } => {
                    let pool = Op::MaxPool {
                        window: window(kernel, stride),
                        ceil_mode: false,
                    };
                    graph.add("pool", pool, &[ids[input]]).ok()?
                }
                Layer::Convolution {
                    plain,
                    input,
                    shortcut,
                    relu,
                } => {
                    let (weight, bias) = plain.folded();
                    let conv = Op::Conv(Conv {
                        weight,
                        bias,
                        window: window(plain.kernel, plain.stride),
                        group: 1,
                    });
                    let mut id = graph.add("conv", conv, &[ids[input]]).ok()?;
                    if let Some(shortcut) = shortcut {
                        id = graph.add("add", Op::Add, &[id, ids[shortcut]]).ok()?;
                    }
                    if relu {
                        let relu = Op::Activation(Activation::Relu);
                        id = graph.add("relu", relu, &[id]).ok()?;
                    }
                    id
                }
            };
            ids.push(id);
        }
        let mean = graph
            .add("mean", Op::GlobalAveragePool, &ids[ids.len() - 1..])
            .ok()?;
        let head = Op::Gemm {
            weight: head.weight,
            bias: head.bias,
        };
        let logits = graph.add("head", head, &[mean]).ok()?;
        let end = match self.sigmoid {
            true => End::Sigmoid,
            false => End::Logits,
        };
        Some(graph.finish(logits, end).expect("a graph"))
    }

    /// The answer to one image, in `f64`; NaN where a value on the way exceeds `f32`.
    pub(crate) fn answer(&self, image: &[f32], size: Size) -> Vec<f64> {
        let logits = self.measure(image, size, Measure::Value);
        let activation = |logit: f64| {
            if self.sigmoid {
                1.0 / (1.0 + (-logit).exp())
            } else {
                logit
            }
        };
        logits.into_iter().map(activation).collect()
    }

    /// The sums of absolute values that the logits come from.
    pub(crate) fn magnitude(&self, image: &[f32], size: Size) -> Vec<f64> {
        self.measure(image, size, Measure::Magnitude)
    }

    /// The logits by a measure.
    fn measure(&self, image: &[f32], size: Size, measure: Measure) -> Vec<f64> {
        let (layers, head) = self.layers();
        let data = image
            .iter()
            .map(|&value| measure.term(f64::from(value)))
            .collect();
        let mut values = vec![Values { data, size }];
        for layer in &layers {
            let next = match layer {
                Layer::MaxPool {
                    kernel,
                    stride,
                    input,
                } => {
                    let input = &values[*input];
                    let n_channels = input.data.len() / (input.size.rows * input.size.cols);
                    let window = (*kernel, *stride, kernel / 2);
                    input.over_windows(n_channels, window, |c, window| {
                        window
                            .iter()
                            .filter_map(|&(row, col)| input.at(c, row, col))
                            .fold(f64::NEG_INFINITY, |most, value| {
                                if value > most || value.is_nan() {
                                    value
                                } else {
                                    most
                                }
                            })
                    })
                }
                Layer::Convolution {
                    plain,
                    input,
                    shortcut,
                    relu,
                } => {
                    let mut out = plain.apply(&values[*input], measure);
                    if let Some(shortcut) = shortcut {
                        for (out, value) in out.data.iter_mut().zip(&values[*shortcut].data) {
                            *out += value;
                        }
                    }
                    for value in &mut out.data {
                        *value = match measure.stored(*value) {
                            negative if *relu && negative < 0.0 => 0.0,
                            value => value,
                        };
                    }
                    out
                }
            };
            values.push(next);
        }
        let last = &values[values.len() - 1];
        let n_positions = last.size.rows * last.size.cols;
        let means: Vec<f64> = last
            .data
            .chunks_exact(n_positions)
            .map(|plane| plane.iter().sum::<f64>() / n_positions as f64)
            .collect();
        let rows = head.weight.chunks_exact(means.len());
        rows.zip(&head.bias)
            .map(|(weights, &bias)| {
                let products = weights.iter().zip(&means);
                let products = products.map(|(&w, m)| measure.term(f64::from(w) * m));
                let logit = products.sum::<f64>() + measure.term(f64::from(bias));
                measure.stored(logit)
            })
            .collect()
    }
}

impl Plain {
    fn random(noise: &mut Noise, c_in: usize, c_out: usize, kernel: usize, stride: usize) -> Self {
        let n = c_in * kernel * kernel;
        let scale = (2.0 / n as f32).sqrt();
        let mut around = |centre: f32, spread: f32| -> Vec<f32> {
            noise
                .values(c_out)
                .iter()
                .map(|value| centre + spread * value)
                .collect()
        };
        let norm = BatchNorm {
            gamma: around(1.0, 0.3),
            beta: around(0.1, 0.3),
            mean: around(0.0, 0.2),
            variance: around(0.6, 0.4),
            epsilon: 1e-5,
        };
        let weight = noise
            .values(c_out * n)
            .iter()
            .map(|value| value * scale)
            .collect();
        Self {
            weight,
            norm,
            kernel,
            stride,
        }
    }

    /// Weights and bias with the batch normalisation in them.
    fn folded(&self) -> (Vec<f32>, Vec<f32>) {
        let norm = &self.norm;
        let n_per_channel = self.weight.len() / norm.gamma.len();
        let scale = |c: usize| {
            let deviation = (f64::from(norm.variance[c]) + norm.epsilon).sqrt();
            f64::from(norm.gamma[c]) / deviation
        };
        let weight = self.weight.iter().enumerate();
        let bias = norm.mean.iter().zip(&norm.beta).enumerate();
        (
            weight
                .map(|(at, &w)| (f64::from(w) * scale(at / n_per_channel)) as f32)
                .collect(),
            bias.map(|(c, (&mean, &beta))| (f64::from(beta) - f64::from(mean) * scale(c)) as f32)
                .collect(),
        )
    }

    fn apply(&self, input: &Values, measure: Measure) -> Values {
        let c_out = self.norm.gamma.len();
        let area = self.kernel * self.kernel;
        let c_in = self.weight.len() / (c_out * area);
        let window = (self.kernel, self.stride, self.kernel / 2);
        input.over_windows(c_out, window, |c, window| {
            let mut sum = 0.0;
            for channel in 0..c_in {
                let filter = &self.weight[(c * c_in + channel) * area..][..area];
                for (&weight, &(row, col)) in filter.iter().zip(window) {
                    let value = input.at(channel, row, col).unwrap_or(0.0);
                    sum += measure.term(f64::from(weight) * value);
                }
            }
            let norm = &self.norm;
            let deviation = (f64::from(norm.variance[c]) + norm.epsilon).sqrt();
            let scale = measure.term(f64::from(norm.gamma[c]) / deviation);
            (sum + measure.term(-f64::from(norm.mean[c]))) * scale
                + measure.term(f64::from(norm.beta[c]))
        })
    }
}

/// A batch normalisation that changes nothing.
fn no_norm(n_channels: usize) -> BatchNorm {
    BatchNorm {
        gamma: vec![1.0; n_channels],
        beta: vec![0.0; n_channels],
        mean: vec![0.0; n_channels],
        variance: vec![1.0; n_channels],
        epsilon: 0.0,
    }
}
