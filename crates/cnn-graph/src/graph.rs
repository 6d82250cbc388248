//! A network as a graph.

use pixel_region::Size;

use crate::cost::n_macs;
use crate::end::End;
use crate::node::{Node, NodeId};
use crate::shape::Shape;

/// A convolutional classifier for images of one size, as nodes in order of computation.
///
/// The first node is the image. Every node reads nodes before it, and is read or is the logits,
/// which are the last one and a vector. [`crate::GraphBuilder`] makes and checks it.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    channels: usize,
    size: Size,
    nodes: Vec<Node>,
    end: End,
}

impl Graph {
    pub(crate) fn new(channels: usize, size: Size, nodes: Vec<Node>, end: End) -> Self {
        Self {
            channels,
            size,
            nodes,
            end,
        }
    }

    /// Channels of the image.
    pub fn n_channels(&self) -> usize {
        self.channels
    }

    /// Rows and columns of the image.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The nodes in order of computation; [`NodeId::index`] is a place in it.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The image.
    pub fn input(&self) -> NodeId {
        NodeId(0)
    }

    /// The vector before [`Graph::end`].
    pub fn logits(&self) -> NodeId {
        NodeId(self.nodes.len() - 1)
    }

    /// What turns the logits into answers.
    pub fn end(&self) -> End {
        self.end
    }

    /// The same network with other answers of its logits.
    #[must_use]
    pub fn with_end(self, end: End) -> Self {
        Self { end, ..self }
    }

    /// Number of answers.
    pub fn n_outputs(&self) -> usize {
        self.nodes[self.logits().0].shape.n_values()
    }

    /// Multiply-accumulate operations for one image: those of convolutions and linear maps.
    pub fn n_macs(&self) -> u64 {
        let of_node = |node: &Node| n_macs(&node.op, &self.input_shapes(node), node.shape);
        self.nodes.iter().map(of_node).sum()
    }

    /// The first node of a name.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes
            .iter()
            .position(|node| node.name == name)
            .map(NodeId)
    }

    /// Shapes of a node's inputs.
    fn input_shapes(&self, node: &Node) -> Vec<Shape> {
        node.inputs
            .iter()
            .map(|input| self.nodes[input.0].shape)
            .collect()
    }
}
