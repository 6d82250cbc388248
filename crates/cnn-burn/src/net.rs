//! A network on a device.

use std::collections::BTreeMap;
use std::fmt;

use burn::tensor::{Device, Tensor, activation};
use cnn_graph::{End, Graph, NodeId};

use crate::error::Error;
use crate::forward::{Step, Values};
use crate::layer::{Layer, dims};
use crate::memory::Memory;
use crate::parameters::DTYPE;
use crate::reads::reads;

/// A network on a device.
///
/// Images are `[n, channels, rows, cols]`, as many as memory allows, in `f32`, with and without
/// autodiff. Each is computed by itself. Values of a node are `[n, channels, rows, cols]` as well; a
/// vector is a map of one position, `[n, len, 1, 1]`.
///
/// Clones share the weights.
#[derive(Clone)]
pub struct Net {
    steps: Vec<Step>,
    end: End,
    device: Device,
    memory: Memory,
}

impl Net {
    /// Puts a network on a device. The graph is not needed any more afterwards.
    ///
    /// On an autodiff device the weights are constants all the same: nothing here trains.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a kind of node that this version does not compute,
    /// [`Error::Window`] and [`Error::Memory`] for a network beyond the [limits](crate::limits).
    pub fn new(graph: &Graph, device: &Device) -> Result<Self, Error> {
        let reads = reads(graph);
        let memory = Memory::new(graph, &reads)?;
        let device = device.clone().without_autodiff();
        let nodes = graph.nodes();
        let mut steps = Vec::with_capacity(nodes.len());
        for (node, reads) in nodes.iter().zip(reads) {
            let output = dims(node.shape);
            let first = reads.first();
            let input = first.map_or(output, |read| dims(nodes[read.node].shape));
            let Some(layer) = Layer::new(&node.op, input, output, &device) else {
                return Err(Error::Unsupported {
                    name: node.name.clone(),
                    kind: node.op.kind(),
                });
            };
            steps.push(Step {
                name: node.name.clone(),
                dims: output,
                reads,
                layer,
            });
        }
        Ok(Self {
            steps,
            end: graph.end(),
            device,
            memory,
        })
    }

    /// The answers `[n, n_outputs]`: probabilities if the graph ends in a sigmoid or a softmax.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`], [`Error::DType`] and [`Error::Device`] if the images are not such as the
    /// network takes.
    pub fn forward(&self, images: Tensor<4>) -> Result<Tensor<2>, Error> {
        let logits = self.logits(images)?;
        Ok(match self.end {
            End::Logits => logits,
            End::Sigmoid => activation::sigmoid(logits),
            End::Softmax => activation::softmax(logits, 1),
        })
    }

    /// What a sigmoid or a softmax would turn into probabilities, `[n, n_outputs]`.
    ///
    /// # Errors
    ///
    /// As [`Net::forward`].
    pub fn logits(&self, images: Tensor<4>) -> Result<Tensor<2>, Error> {
        self.logits_of(&mut self.values(0, images)?)
    }

    /// The logits, and the values of some nodes, in the order in which they are asked for.
    ///
    /// # Errors
    ///
    /// As [`Net::forward`], and [`Error::UnknownNode`] for a node of another graph.
    pub fn forward_with(
        &self,
        images: Tensor<4>,
        nodes: &[NodeId],
    ) -> Result<(Tensor<2>, Vec<Tensor<4>>), Error> {
        let mut values = self.values(0, images)?;
        let mut taps: BTreeMap<_, _> = nodes.iter().map(|node| (node.index(), None)).collect();
        for (&node, tap) in &mut taps {
            *tap = Some(values.compute(node)?);
        }
        let logits = self.logits_of(&mut values)?;
        let tap = |node: &NodeId| taps.get(&node.index()).cloned().flatten();
        Ok((logits, nodes.iter().filter_map(tap).collect()))
    }

    /// The logits for given values of a node, through which every path from the image to the logits
    /// must lead; [`Graph::last_map`] is such a node.
    ///
    /// # Errors
    ///
    /// As [`Net::forward`] for the values, [`Error::UnknownNode`] for a node of another graph, and
    /// [`Error::GoneAround`] if the logits depend on an earlier node by another path.
    pub fn forward_from(&self, node: NodeId, value: Tensor<4>) -> Result<Tensor<2>, Error> {
        let mut values = self.values(node.index(), value)?;
        self.expect_only_way(node.index())?;
        self.logits_of(&mut values)
    }

    /// The most values that are held at once for one image, up to what a layer takes while it is
    /// computed: times 4 bytes and the images of a batch, this is the memory beside the weights.
    pub fn n_held_values(&self) -> u64 {
        self.memory.n_held
    }

    /// Values that start with those of a node.
    pub(crate) fn values(&self, node: usize, value: Tensor<4>) -> Result<Values<'_>, Error> {
        let step = self.step(node)?;
        let found = value.dims();
        if found[0] == 0 || found[1..] != step.dims {
            return Err(Error::Shape {
                name: step.name.clone(),
                found,
                expected: step.dims,
            });
        }
        if value.dtype() != DTYPE {
            return Err(Error::DType {
                found: value.dtype(),
                expected: DTYPE,
            });
        }
        // Devices are equal whether they are for autodiff or not.
        if value.device() != self.device {
            return Err(Error::Device {
                found: format!("{:?}", value.device()),
                expected: format!("{:?}", self.device),
            });
        }
        Ok(Values::of_node(&self.steps, node, value))
    }

    /// Computes up to the logits, `[n, n_outputs]`.
    pub(crate) fn logits_of(&self, values: &mut Values) -> Result<Tensor<2>, Error> {
        let logits = values.compute(self.steps.len() - 1)?;
        let [n, n_outputs, _, _] = logits.dims();
        Ok(logits.reshape([n, n_outputs]))
    }

    #[cfg(feature = "autodiff")]
    pub(crate) fn n_outputs(&self) -> usize {
        self.steps.last().map_or(0, |logits| logits.dims[0])
    }

    #[cfg(feature = "autodiff")]
    pub(crate) fn memory(&self) -> Memory {
        self.memory
    }

    fn step(&self, node: usize) -> Result<&Step, Error> {
        self.steps.get(node).ok_or(Error::UnknownNode {
            index: node,
            n_nodes: self.steps.len(),
        })
    }

    /// No node behind this one reads one before it. Every node leads to the logits, so every path to
    /// them then passes this one.
    fn expect_only_way(&self, node: usize) -> Result<(), Error> {
        let reads_earlier = |step: &&Step| step.reads.iter().any(|read| read.node < node);
        match self.steps[node + 1..].iter().find(reads_earlier) {
            None => Ok(()),
            Some(reader) => Err(Error::GoneAround {
                name: self.steps[node].name.clone(),
                reader: reader.name.clone(),
            }),
        }
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net")
            .field("n_nodes", &self.steps.len())
            .field("end", &self.end)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}
