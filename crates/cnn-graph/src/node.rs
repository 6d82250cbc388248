//! Nodes of a graph.

use crate::op::Op;
use crate::shape::Shape;

/// A node of a graph or of one under construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) usize);

impl NodeId {
    /// Its place in [`crate::Graph::nodes`].
    pub fn index(self) -> usize {
        self.0
    }
}

/// One step of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What errors and users call it.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// What it reads: nodes before it.
    pub inputs: Vec<NodeId>,
    /// The shape of what it computes.
    pub shape: Shape,
}
