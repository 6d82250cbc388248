//! From a graph to a program: nodes that are computed together become one layer.

use cnn_graph::{Activation, Graph, Node, NodeId, Op, PadMode, Shape, Size, Window};

use crate::Error;
use crate::buffer::Buffer;
use crate::convolution::Convolution;
use crate::kernels::Kernels;
use crate::kernels::functions::is_known;
use crate::program::{MapLayer, Pointwise, Program, Step, VectorLayer, VectorStep};
use crate::tile::Grid;
use crate::unplanned::{self, UnplannedLayer, UnplannedWork, sides};
use crate::vector_step::vector_step;

/// The program of a graph. What follows a map at each position belongs to the map's layer where
/// nothing else reads the map: additions and activations behind a convolution, for example.
pub(crate) fn lower(graph: &Graph, kernels: Kernels) -> Result<Program, Error> {
    let mut n_readers = vec![0; graph.nodes().len()];
    for input in graph.nodes().iter().flat_map(|node| &node.inputs) {
        n_readers[input.index()] += 1;
    }
    let mut lowering = Lowering {
        graph,
        kernels,
        n_readers,
        layers: Vec::new(),
        of_nodes: Vec::new(),
        wide_image: 0,
    };
    for (index, node) in graph.nodes().iter().enumerate() {
        let layer = match node.shape {
            Shape::Map { .. } => lowering.map(index, node)?,
            Shape::Vector { .. } => lowering.vector(index, node),
        };
        lowering.of_nodes.push(layer);
        if index == 0 {
            lowering.widen_image();
        }
    }
    let mut layers = unplanned::finish(lowering.layers, graph);
    for index in 0..layers.len() {
        layers[index].last_reader = index;
        for at in 0..layers[index].reads.len() {
            let read = layers[index].reads[at];
            layers[read].last_reader = index;
        }
    }
    Ok(Program {
        layers,
        n_channels: graph.n_channels(),
        size: graph.size(),
        n_outputs: graph.n_outputs(),
        end: graph.end(),
    })
}

/// Whether every output sees the position that it has itself.
fn is_pointwise(window: &Window) -> bool {
    *window == Window::new([1, 1])
}

struct Lowering<'g> {
    graph: &'g Graph,
    kernels: Kernels,
    n_readers: Vec<usize>,
    layers: Vec<UnplannedLayer>,
    /// The layer that computes each node.
    of_nodes: Vec<usize>,
    /// The image with zeros up to full vectors.
    wide_image: usize,
}

impl Lowering<'_> {
    fn node(&self, id: NodeId) -> &Node {
        &self.graph.nodes()[id.index()]
    }

    fn layer_of(&self, id: NodeId) -> usize {
        self.of_nodes[id.index()]
    }

    /// The layer of a map whose positions are full vectors.
    fn wide(&self, id: NodeId) -> usize {
        match self.layer_of(id) {
            0 => self.wide_image,
            layer => layer,
        }
    }

    /// Copies the image where a kernel for full vectors reads it.
    fn widen_image(&mut self) {
        let is_wide = self.graph.n_channels().is_multiple_of(self.kernels.lanes());
        let needs_wide = |node: &Node| {
            let reads_image = node.inputs.iter().any(|input| input.index() == 0);
            let takes_any = match &node.op {
                Op::Conv(conv) => conv.group == 1,
                _ => false,
            };
            let is_map = matches!(node.shape, Shape::Map { .. });
            reads_image && is_map && !takes_any
        };
        if !is_wide && self.graph.nodes().iter().any(needs_wide) {
            self.wide_image = self.push_map(0, Step::Copy { input: 0 }, vec![0]);
        }
    }

    fn push(&mut self, layer: UnplannedLayer) -> usize {
        self.layers.push(layer);
        self.layers.len() - 1
    }

    fn push_map(&mut self, node: usize, step: Step, reads: Vec<usize>) -> usize {
        self.push_map_behind(None, node, step, reads)
    }

    fn push_map_behind(
        &mut self,
        before: Option<Box<MapLayer>>,
        node: usize,
        step: Step,
        reads: Vec<usize>,
    ) -> usize {
        let n_channels = self.graph.nodes()[node].shape.n_channels();
        let channel_stride = match step {
            Step::Input => n_channels,
            _ => n_channels.next_multiple_of(self.kernels.lanes()),
        };
        let layer = UnplannedLayer {
            node,
            work: UnplannedWork::Map {
                before,
                step,
                then: Vec::new(),
                channel_stride,
            },
            is_global: reads.iter().any(|&read| self.layers[read].is_global),
            reads,
        };
        self.push(layer)
    }

    fn push_vector(
        &mut self,
        node: usize,
        step: VectorStep,
        len: usize,
        reads: Vec<usize>,
    ) -> usize {
        let layer = UnplannedLayer {
            node,
            work: UnplannedWork::Vector(VectorLayer { step, len }),
            reads,
            is_global: true,
        };
        self.push(layer)
    }

    /// Adds a node that is a map; the layer that computes it.
    fn map(&mut self, index: usize, node: &Node) -> Result<usize, Error> {
        let Some(&first) = node.inputs.first() else {
            return Ok(self.push_map(index, Step::Input, Vec::new()));
        };
        let n_channels = node.shape.n_channels();
        let wide = self.wide(first);
        let step = match &node.op {
            Op::Conv(conv) => {
                let input = match conv.group {
                    1 => self.layer_of(first),
                    _ => wide,
                };
                let c_in = self.node(first).shape.n_channels();
                let stride = self.layers[input].channel_stride();
                let step = Convolution::new(conv, input, c_in, stride, self.kernels);
                let step = Step::Convolution(Box::new(step));
                let (before, reads) = match conv.group == 1 && is_pointwise(&conv.window) {
                    true => self.take_before(first),
                    false => (None, vec![input]),
                };
                return Ok(self.push_map_behind(before, index, step, reads));
            }
            Op::MaxPool { window, .. } => Step::MaxPool {
                input: wide,
                window: *window,
            },
            Op::AveragePool {
                window,
                count_include_pad,
                ..
            } => Step::AveragePool {
                input: wide,
                window: *window,
                count_include_pad: *count_include_pad,
            },
            Op::Concat => {
                let parts: Vec<usize> = node.inputs.iter().map(|&id| self.wide(id)).collect();
                let reads = parts.clone();
                return Ok(self.push_map(index, Step::Concat { parts }, reads));
            }
            Op::Gather { channels } => Step::Gather {
                input: wide,
                channels: channels.clone(),
            },
            Op::Pad { pads, mode } => self.pad(node, first, [pads.top, pads.left], *mode),
            Op::Resize { rows, cols } => Step::Resize {
                input: wide,
                rows: rows.clone(),
                cols: cols.clone(),
            },
            Op::InstanceNormalization {
                groups,
                scale,
                shift,
                epsilon,
            } => {
                let step = VectorStep::Normalization {
                    input: wide,
                    groups: *groups,
                    scale: scale.clone(),
                    shift: shift.clone(),
                    epsilon: *epsilon,
                };
                let statistics = self.push_vector(index, step, 2 * n_channels, vec![wide]);
                let then = (Pointwise::Normalize(statistics), Some(statistics));
                return Ok(self.follow(index, first, then));
            }
            _ => return self.pointwise(index, node, first),
        };
        Ok(self.push_map(index, step, vec![wide]))
    }

    /// The layer of a map that only one node reads, which looks at single positions and so can compute
    /// it a tile at a time, if the layer does no more than to gather other layers; and what is read.
    fn take_before(&mut self, id: NodeId) -> (Option<Box<MapLayer>>, Vec<usize>) {
        let input = self.layer_of(id);
        let is_last = input + 1 == self.layers.len() && self.n_readers[id.index()] == 1;
        let last = self.layers.pop_if(|layer| is_last && layer.gathers());
        match last.map(|layer| (layer.work, layer.reads)) {
            Some((
                UnplannedWork::Map {
                    before,
                    step,
                    then,
                    channel_stride,
                },
                reads,
            )) => {
                let shape = self.node(id).shape;
                let [rows, cols] = sides(shape);
                let taken = MapLayer {
                    before,
                    step,
                    then,
                    grid: Grid::new(Size { rows, cols }, channel_stride),
                    n_channels: shape.n_channels(),
                    fields: None,
                };
                (Some(Box::new(taken)), reads)
            }
            _ => (None, vec![input]),
        }
    }

    fn pad(&self, node: &Node, input: NodeId, begins: [i64; 2], mode: PadMode) -> Step {
        let lens = sides(self.node(input).shape);
        let outputs = sides(node.shape);
        let sources = |axis: usize| {
            let source = |output| mode.source(output, begins[axis], lens[axis]);
            (0..outputs[axis]).map(source).collect()
        };
        Step::Pad {
            input: self.wide(input),
            rows: sources(0),
            cols: sources(1),
            value: match mode {
                PadMode::Constant(value) => value,
                _ => 0.0,
            },
        }
    }

    /// Adds a node that keeps the positions of a map.
    fn pointwise(&mut self, index: usize, node: &Node, first: NodeId) -> Result<usize, Error> {
        let filled = |values: &[f32]| {
            let mut buffer = Buffer::zeroed(values.len().next_multiple_of(self.kernels.lanes()));
            buffer[..values.len()].copy_from_slice(values);
            buffer
        };
        let then = match &node.op {
            Op::Affine { scale, shift } => Pointwise::Affine {
                scale: filled(scale),
                shift: filled(shift),
            },
            Op::Activation(Activation::PRelu { slope }) => Pointwise::PRelu {
                slope: filled(slope),
            },
            Op::Activation(activation) if is_known(activation) => {
                Pointwise::Activation(activation.clone())
            }
            Op::LayerNormalization {
                scale,
                shift,
                epsilon,
            } => Pointwise::LayerNormalization {
                scale: scale.clone(),
                shift: shift.clone(),
                epsilon: *epsilon,
            },
            Op::Lrn {
                size,
                alpha,
                beta,
                bias,
            } => Pointwise::Lrn {
                size: *size,
                alpha: *alpha,
                beta: *beta,
                bias: *bias,
            },
            Op::Add | Op::Mul => return Ok(self.both(index, node, first)),
            op => {
                return Err(Error::Unsupported {
                    name: node.name.clone(),
                    kind: match op {
                        Op::Activation(activation) => format!("{activation:?}"),
                        op => op.kind().to_owned(),
                    },
                });
            }
        };
        Ok(self.follow(index, first, (then, None)))
    }

    /// Adds a sum or a product of two maps, or of a map and a vector.
    fn both(&mut self, index: usize, node: &Node, first: NodeId) -> usize {
        let second = node.inputs[1];
        let is_sum = node.op == Op::Add;
        if let Shape::Vector { .. } = self.node(second).shape {
            let vector = self.layer_of(second);
            let then = match is_sum {
                true => Pointwise::AddVector(vector),
                false => Pointwise::MulVector(vector),
            };
            return self.follow(index, first, (then, Some(vector)));
        }
        let with = |other: usize| match is_sum {
            true => (Pointwise::Add(other), Some(other)),
            false => (Pointwise::Mul(other), Some(other)),
        };
        // The later one is computed when the other is known.
        let (later, earlier) = match self.layer_of(first) < self.layer_of(second) {
            true => (second, first),
            false => (first, second),
        };
        self.follow(index, later, with(self.wide(earlier)))
    }

    /// Adds what follows a map: to its layer, or as a layer of its own where others read the map, or
    /// where a vector would make all of a convolution depend on the whole image.
    fn follow(
        &mut self,
        index: usize,
        base: NodeId,
        (then, other): (Pointwise, Option<usize>),
    ) -> usize {
        let at = self.layer_of(base);
        let is_alone = self.n_readers[base.index()] == 1 && at != 0;
        let is_known = other.is_none_or(|other| other < at);
        let stays_local =
            self.layers[at].is_global || other.is_none_or(|other| !self.layers[other].is_global);
        let layer = if is_alone && is_known && stays_local {
            at
        } else {
            let input = self.wide(base);
            self.push_map(index, Step::Copy { input }, vec![input])
        };
        let is_global = other.is_some_and(|other| self.layers[other].is_global);
        let followed = &mut self.layers[layer];
        followed.node = index;
        followed.is_global |= is_global;
        followed.reads.extend(other);
        followed.add(then);
        layer
    }

    /// Adds a node that is a vector; the layer that computes it.
    fn vector(&mut self, index: usize, node: &Node) -> usize {
        let inputs: Vec<usize> = node.inputs.iter().map(|&id| self.layer_of(id)).collect();
        let step = vector_step(&node.op, &inputs, self.kernels);
        self.push_vector(index, step, node.shape.n_values(), inputs)
    }
}
