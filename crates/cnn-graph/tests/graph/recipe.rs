//! Random graphs.

use cnn_graph::{
    Activation, Axis, Conv, End, Graph, GraphBuilder, NodeId, Op, PadMode, Pads, Shape, Size,
    Window,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A graph in words: steps that are built as far as they fit, then a pooled head.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    /// `[channels, rows, cols]`.
    pub(crate) image: [usize; 3],
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Clone)]
pub(crate) struct Step {
    kind: Kind,
    /// How far back the maps are that it reads.
    back: [usize; 2],
    seed: u64,
}

#[derive(Debug, Clone)]
enum Kind {
    Conv {
        window: Window,
        group: usize,
        c_out: usize,
    },
    MaxPool {
        window: Window,
        ceil_mode: bool,
    },
    AveragePool {
        window: Window,
        ceil_mode: bool,
        count_include_pad: bool,
    },
    Affine,
    Activation(Activation),
    Add,
    Mul,
    Gate,
    Concat,
    Gather {
        n: usize,
    },
    Pad {
        pads: Pads,
        mode: PadMode,
    },
    Resize {
        rows: usize,
        cols: usize,
    },
    LayerNormalization,
    InstanceNormalization,
    Lrn {
        size: usize,
    },
}

/// Numbers between -1 and 1 that a seed decides. Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", 2014.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u32 << 24) as f32;
        2.0 * unit - 1.0
    }

    pub(crate) fn take(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.draw()).collect()
    }

    pub(crate) fn image(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| f64::from(self.draw())).collect()
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.draw().abs() * n as f32) as usize).min(n - 1)
    }
}

/// A graph, and how many steps did not fit.
pub(crate) struct Built {
    pub(crate) graph: Graph,
    pub(crate) n_refused: usize,
}

impl Recipe {
    pub(crate) fn build(&self) -> Built {
        let [channels, rows, cols] = self.image;
        let mut graph = GraphBuilder::new(channels, Size { rows, cols }).unwrap();
        let mut maps = vec![graph.input()];
        let mut read = Vec::new();
        let mut n_refused = 0;
        for (at, step) in self.steps.iter().enumerate() {
            let (op, inputs) = step.op(&mut graph, &maps);
            match graph.add(format!("step {at}"), op, &inputs) {
                Ok(node) => {
                    maps.push(node);
                    read.extend(inputs);
                }
                Err(_) => n_refused += 1,
            }
        }
        let unread: Vec<_> = maps.into_iter().filter(|map| !read.contains(map)).collect();
        let graph = head(graph, &unread);
        Built { graph, n_refused }
    }
}

/// Three answers from the means of maps.
fn head(mut graph: GraphBuilder, maps: &[NodeId]) -> Graph {
    let mean = |&map| graph.add("mean", Op::GlobalAveragePool, &[map]).unwrap();
    let vectors: Vec<_> = maps.iter().map(mean).collect();
    let all = graph.add("all", Op::Concat, &vectors).unwrap();
    let n_inputs = graph.shape(all).unwrap().n_values();
    let mut numbers = Numbers(1);
    let gemm = Op::Gemm {
        weight: numbers.take(3 * n_inputs),
        bias: numbers.take(3),
    };
    let logits = graph.add("head", gemm, &[all]).unwrap();
    graph.finish(logits, End::Sigmoid).unwrap()
}

impl Step {
    /// The node that it adds, and what that reads. A gate is added here.
    fn op(&self, graph: &mut GraphBuilder, maps: &[NodeId]) -> (Op, Vec<NodeId>) {
        let behind = |back: usize| maps[maps.len() - 1 - back % maps.len()];
        let first = behind(self.back[0]);
        let c = graph.shape(first).unwrap().n_channels();
        let second = alike(graph, maps, first, behind(self.back[1]), &self.kind);
        let numbers = &mut Numbers(self.seed);
        let inputs = match self.kind {
            Kind::Gate => {
                let mean = graph.add("mean", Op::GlobalAveragePool, &[first]).unwrap();
                let sigmoid = Op::Activation(Activation::Sigmoid);
                vec![first, graph.add("gate", sigmoid, &[mean]).unwrap()]
            }
            Kind::Add | Kind::Mul | Kind::Concat => vec![first, second],
            _ => vec![first],
        };
        (
            self.kind.op(c, numbers, graph.shape(first).unwrap()),
            inputs,
        )
    }
}

/// The map, or the input where its size does not fit.
fn alike(
    graph: &GraphBuilder,
    maps: &[NodeId],
    first: NodeId,
    wanted: NodeId,
    kind: &Kind,
) -> NodeId {
    let size = |id| match graph.shape(id) {
        Some(Shape::Map { size, .. }) => size,
        other => panic!("{other:?}"),
    };
    let fits = |id| match kind {
        Kind::Concat => size(id) == size(first),
        _ => graph.shape(id) == graph.shape(first),
    };
    let mut candidates = [wanted].into_iter().chain(maps.iter().copied());
    candidates.find(|&id| fits(id)).unwrap_or(first)
}

impl Kind {
    fn op(&self, c: usize, numbers: &mut Numbers, shape: Shape) -> Op {
        let Shape::Map { size, .. } = shape else {
            panic!("{shape}");
        };
        match *self {
            Self::Conv {
                window,
                group,
                c_out,
            } => {
                let divisors: Vec<_> = (1..=c).filter(|n| c.is_multiple_of(*n)).collect();
                let group = divisors[group % divisors.len()];
                let c_out = c_out * group;
                let [rows, cols] = window.kernel_shape;
                Op::Conv(Conv {
                    weight: numbers.take(c_out * (c / group) * rows * cols),
                    bias: numbers.take(c_out),
                    window,
                    group,
                })
            }
            Self::MaxPool { window, ceil_mode } => Op::MaxPool { window, ceil_mode },
            Self::AveragePool {
                window,
                ceil_mode,
                count_include_pad,
            } => Op::AveragePool {
                window,
                ceil_mode,
                count_include_pad,
            },
            Self::Affine => Op::Affine {
                scale: numbers.take(c),
                shift: numbers.take(c),
            },
            Self::Activation(Activation::PRelu { .. }) => Op::Activation(Activation::PRelu {
                slope: numbers.take(c),
            }),
            Self::Activation(ref activation) => Op::Activation(activation.clone()),
            Self::Add => Op::Add,
            Self::Mul | Self::Gate => Op::Mul,
            Self::Concat => Op::Concat,
            Self::Gather { n } => Op::Gather {
                channels: (0..n).map(|_| numbers.below(c) as u32).collect(),
            },
            Self::Pad { pads, mode } => Op::Pad { pads, mode },
            Self::Resize { rows, cols } => Op::Resize {
                rows: axis(rows, size.rows, numbers),
                cols: axis(cols, size.cols, numbers),
            },
            Self::LayerNormalization => Op::LayerNormalization {
                scale: numbers.take(c),
                shift: numbers.take(c),
                epsilon: 1e-3,
            },
            Self::InstanceNormalization => {
                let divisors: Vec<_> = (1..=c).filter(|n| c.is_multiple_of(*n)).collect();
                Op::InstanceNormalization {
                    groups: divisors[numbers.below(divisors.len())],
                    scale: numbers.take(c),
                    shift: numbers.take(c),
                    epsilon: 1e-3,
                }
            }
            Self::Lrn { size } => Op::Lrn {
                size,
                alpha: 0.5,
                beta: 0.75,
                bias: 1.0,
            },
        }
    }
}

/// One or two neighbours for each output.
fn axis(n_outputs: usize, len: usize, numbers: &mut Numbers) -> Axis {
    let mut taps = || {
        let at = numbers.below(len);
        let next = (at + 1).min(len - 1);
        vec![(at, numbers.draw()), (next, numbers.draw())]
    };
    Axis {
        taps: (0..n_outputs).map(|_| taps()).collect(),
    }
}

pub(crate) fn window() -> impl Strategy<Value = Window> {
    let side = || {
        (
            1..=4_usize,
            1..=3_usize,
            0..=4_usize,
            0..=4_usize,
            1..=3_usize,
        )
    };
    (side(), side()).prop_map(|(rows, cols)| Window {
        kernel_shape: [rows.0, cols.0],
        strides: [rows.1, cols.1],
        pads: [rows.2, cols.2, rows.3, cols.3],
        dilations: [rows.4, cols.4],
    })
}

fn activation() -> impl Strategy<Value = Activation> {
    let (alpha, beta, gamma) = (0.3, 0.5, 1.1);
    prop::sample::select(vec![
        Activation::Relu,
        Activation::Clip {
            min: -0.2,
            max: 0.3,
        },
        Activation::LeakyRelu { alpha },
        Activation::PRelu { slope: Vec::new() },
        Activation::Elu { alpha },
        Activation::Selu { alpha, gamma },
        Activation::Celu { alpha },
        Activation::Sigmoid,
        Activation::HardSigmoid { alpha, beta },
        Activation::HardSwish,
        Activation::Silu,
        Activation::Gelu { tanh: false },
        Activation::Gelu { tanh: true },
        Activation::Erf,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Softsign,
        Activation::Mish,
        Activation::ThresholdedRelu { alpha },
    ])
}

fn pads() -> impl Strategy<Value = (Pads, PadMode)> {
    let modes = vec![PadMode::Constant(0.5), PadMode::Edge, PadMode::Reflect];
    let side = || -2..=3_i64;
    let sides = (side(), side(), side(), side());
    (sides, prop::sample::select(modes)).prop_map(|((top, left, bottom, right), mode)| {
        let pads = Pads {
            top,
            left,
            bottom,
            right,
        };
        (pads, mode)
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => (window(), any::<usize>(), 1..=4_usize).prop_map(|(window, group, c_out)| {
            Kind::Conv { window, group, c_out }
        }),
        2 => (window(), any::<bool>())
            .prop_map(|(window, ceil_mode)| Kind::MaxPool { window, ceil_mode }),
        2 => (window(), any::<[bool; 2]>()).prop_map(|(window, [ceil_mode, count_include_pad])| {
            Kind::AveragePool { window, ceil_mode, count_include_pad }
        }),
        2 => activation().prop_map(Kind::Activation),
        1 => Just(Kind::Affine),
        2 => Just(Kind::Add),
        1 => Just(Kind::Mul),
        1 => Just(Kind::Gate),
        2 => Just(Kind::Concat),
        1 => (1..=8_usize).prop_map(|n| Kind::Gather { n }),
        2 => pads().prop_map(|(pads, mode)| Kind::Pad { pads, mode }),
        1 => (1..=9_usize, 1..=9_usize).prop_map(|(rows, cols)| Kind::Resize { rows, cols }),
        1 => Just(Kind::LayerNormalization),
        1 => Just(Kind::InstanceNormalization),
        1 => (1..=5_usize).prop_map(|size| Kind::Lrn { size }),
    ]
}

pub(crate) fn recipe() -> impl Strategy<Value = Recipe> {
    let step = (kind(), [0..3_usize, 0..6_usize], any::<u64>())
        .prop_map(|(kind, back, seed)| Step { kind, back, seed });
    let image = [1..=6_usize, 1..=14_usize, 1..=14_usize];
    (image, vec(step, 1..=8)).prop_map(|(image, steps)| Recipe { image, steps })
}
