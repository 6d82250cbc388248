//! Small networks by their definition, and the same for the engine.

use crate::plain::{Noise, Plain, no_norm};
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

/// The linear map at the end.
struct Head {
    weight: Vec<f32>,
    bias: Vec<f32>,
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
