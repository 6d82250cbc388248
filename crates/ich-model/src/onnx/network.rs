//! The network as a graph has it: its nodes without their weights.

use std::fmt;

use cnn_graph::{Activation, Conv, Op, Window};

use crate::layout::{BlockLayers, ConvLayer, Layout, LinearLayer};

/// A node of the network.
pub(super) struct NetworkNode<'l> {
    pub(super) kind: Kind<'l>,
    /// Places of the nodes that it reads.
    pub(super) inputs: Vec<usize>,
}

/// What a node computes.
pub(super) enum Kind<'l> {
    Input,
    /// A convolution and the batch normalisation behind it.
    Conv(&'l ConvLayer),
    MaxPool,
    Relu {
        /// What stands before it.
        behind: &'l str,
    },
    /// The sum of a block and its shortcut.
    Add(&'l BlockLayers),
    GlobalAveragePool,
    Linear(&'l LinearLayer),
}

/// The nodes of a network up to the logit, each behind those that it reads.
pub(super) fn nodes(layout: &Layout) -> Vec<NetworkNode<'_>> {
    let mut network = Network { nodes: Vec::new() };
    let image = network.add(Kind::Input, &[]);
    let stem = network.conv(&layout.stem, image);
    let stem = network.relu(&layout.stem.norm, stem);
    let pooled = network.add(Kind::MaxPool, &[stem]);
    let last = layout
        .blocks
        .iter()
        .fold(pooled, |x, block| network.block(block, x));
    let mean = network.add(Kind::GlobalAveragePool, &[last]);
    let features = network.add(Kind::Linear(&layout.features), &[mean]);
    network.add(Kind::Linear(&layout.classifier), &[features]);
    network.nodes
}

struct Network<'l> {
    nodes: Vec<NetworkNode<'l>>,
}

impl<'l> Network<'l> {
    fn add(&mut self, kind: Kind<'l>, inputs: &[usize]) -> usize {
        let inputs = inputs.to_vec();
        self.nodes.push(NetworkNode { kind, inputs });
        self.nodes.len() - 1
    }

    fn conv(&mut self, layer: &'l ConvLayer, x: usize) -> usize {
        self.add(Kind::Conv(layer), &[x])
    }

    fn relu(&mut self, behind: &'l str, x: usize) -> usize {
        self.add(Kind::Relu { behind }, &[x])
    }

    fn block(&mut self, block: &'l BlockLayers, x: usize) -> usize {
        let first = self.conv(&block.first, x);
        let first = self.relu(&block.first.norm, first);
        let second = self.conv(&block.second, first);
        let shortcut = match &block.downsample {
            Some(layer) => self.conv(layer, x),
            None => x,
        };
        let sum = self.add(Kind::Add(block), &[second, shortcut]);
        self.relu("the sum of a block", sum)
    }
}

impl Kind<'_> {
    /// Whether a node of a graph computes this, with any weights.
    pub(super) fn is(&self, op: &Op) -> bool {
        match (self, op) {
            (Self::Input, Op::Input)
            | (Self::Relu { .. }, Op::Activation(Activation::Relu))
            | (Self::Add(_), Op::Add)
            | (Self::GlobalAveragePool, Op::GlobalAveragePool) => true,
            (Self::Conv(layer), Op::Conv(conv)) => is_conv(layer, conv),
            (Self::MaxPool, Op::MaxPool { window, ceil_mode }) => {
                *window == square(3, 2) && !ceil_mode
            }
            (Self::Linear(layer), Op::Gemm { weight, bias }) => {
                bias.len() == layer.n_out && weight.len() == layer.n_in * layer.n_out
            }
            _ => false,
        }
    }
}

fn is_conv(layer: &ConvLayer, conv: &Conv) -> bool {
    let n_weights = layer.c_out * layer.c_in * layer.kernel * layer.kernel;
    conv.window == square(layer.kernel, layer.stride)
        && conv.group == 1
        && conv.bias.len() == layer.c_out
        && conv.weight.len() == n_weights
}

/// A square window that keeps the size at stride 1.
fn square(kernel: usize, stride: usize) -> Window {
    Window {
        strides: [stride; 2],
        pads: [kernel / 2; 4],
        ..Window::new([kernel; 2])
    }
}

/// What an error says is expected.
impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => write!(f, "an image"),
            Self::Conv(layer) => write!(
                f,
                "the convolution {}: {kernel} x {kernel}, stride {}, padding {}, {} to {} channels",
                layer.conv,
                layer.stride,
                layer.kernel / 2,
                layer.c_in,
                layer.c_out,
                kernel = layer.kernel
            ),
            Self::MaxPool => {
                write!(f, "MaxPool of 3 x 3, stride 2, padding 1, rounding down")
            }
            Self::Relu { behind } => write!(f, "Relu behind {behind}"),
            Self::Add(block) => {
                write!(
                    f,
                    "the sum of {} and its block's shortcut",
                    block.second.norm
                )
            }
            Self::GlobalAveragePool => write!(f, "the mean over rows and columns"),
            Self::Linear(layer) => write!(
                f,
                "the linear map {} of {} to {} values",
                layer.name, layer.n_in, layer.n_out
            ),
        }
    }
}
