//! The values of a network's nodes, computed in order.

use burn::tensor::Tensor;

use crate::error::Error;
use crate::layer::Layer;
use crate::reads::Read;

/// A node of a network on a device.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// Channels, rows and columns of its values.
    pub(crate) dims: [usize; 3],
    pub(crate) reads: Vec<Read>,
    pub(crate) layer: Layer,
}

/// Values of nodes, each freed behind its last reader.
pub(crate) struct Values<'a> {
    steps: &'a [Step],
    held: Vec<Option<Tensor<4>>>,
    n_done: usize,
}

impl<'a> Values<'a> {
    /// Nothing but the values of one node. No later node may read an earlier one.
    pub(crate) fn of_node(steps: &'a [Step], node: usize, value: Tensor<4>) -> Self {
        let mut this = Self {
            steps,
            held: vec![None; steps.len()],
            n_done: 0,
        };
        this.set(node, value);
        this
    }

    /// Puts values in the place of a node's, for the nodes behind it.
    pub(crate) fn set(&mut self, node: usize, value: Tensor<4>) {
        if let Some(held) = self.held.get_mut(node) {
            *held = Some(value);
            self.n_done = node + 1;
        }
    }

    /// Computes up to a node. Nodes must be asked for in order.
    pub(crate) fn compute(&mut self, node: usize) -> Result<Tensor<4>, Error> {
        let steps = self.steps;
        for (index, step) in steps.iter().enumerate().take(node + 1).skip(self.n_done) {
            let inputs = step.reads.iter().filter_map(|read| self.read(read));
            self.held[index] = step.layer.apply(inputs.collect());
            self.n_done = index + 1;
        }
        let value = self.held.get(node).cloned().flatten();
        value.ok_or(Error::UnknownNode {
            index: node,
            n_nodes: self.steps.len(),
        })
    }

    fn read(&mut self, read: &Read) -> Option<Tensor<4>> {
        if read.is_last {
            self.held[read.node].take()
        } else {
            self.held[read.node].clone()
        }
    }
}
