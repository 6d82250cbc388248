//! A graph under construction.

use pixel_region::Size;

use crate::cost::n_operations;
use crate::end::End;
use crate::error::Error;
use crate::graph::Graph;
use crate::limits::{MAX_INPUTS, MAX_NODES, MAX_OPERATIONS, MAX_TOTAL_SIDES};
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::output_shape::{expect_within_limits, output_shape};
use crate::problem::{Problem, expect_at_most};
use crate::shape::Shape;

/// A graph under construction. Every node reads nodes that were added before it.
///
/// ```
/// use cnn_graph::{Activation, End, GraphBuilder, Op, Shape, Size};
///
/// let mut graph = GraphBuilder::new(1, Size { rows: 4, cols: 6 })?;
/// let image = graph.input();
/// let positive = graph.add("relu", Op::Activation(Activation::Relu), &[image])?;
/// let mean = graph.add("mean", Op::GlobalAveragePool, &[positive])?;
/// assert_eq!(graph.shape(mean), Some(Shape::Vector { len: 1 }));
/// let graph = graph.finish(mean, End::Sigmoid)?;
/// assert_eq!(graph.n_outputs(), 1);
/// # Ok::<(), cnn_graph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GraphBuilder {
    channels: usize,
    size: Size,
    nodes: Vec<Node>,
    n_operations: u64,
    total_sides: u64,
}

impl GraphBuilder {
    /// A graph for images `[channels, rows, cols]`.
    ///
    /// # Errors
    ///
    /// [`Error::Node`] if the image is empty or larger than [`crate::limits`] allows.
    pub fn new(channels: usize, size: Size) -> Result<Self, Error> {
        let mut this = Self {
            channels,
            size,
            nodes: Vec::new(),
            n_operations: 0,
            total_sides: 0,
        };
        let shape = Shape::Map { channels, size };
        let node = Node {
            name: "input".to_owned(),
            op: Op::Input,
            inputs: Vec::new(),
            shape,
        };
        let checked = expect_within_limits(shape).and_then(|()| this.count(&node, &[]));
        if let Err(problem) = checked {
            return Err(of_node(node.name, &node.op, problem));
        }
        this.nodes.push(node);
        Ok(this)
    }

    /// The image.
    pub fn input(&self) -> NodeId {
        NodeId(0)
    }

    /// The shape of a node that was added.
    pub fn shape(&self, id: NodeId) -> Option<Shape> {
        self.nodes.get(id.0).map(|node| node.shape)
    }

    /// Adds a node. The name is for errors and users; nothing asks that names differ.
    ///
    /// # Errors
    ///
    /// [`Error::Node`] if it does not fit its inputs, if a weight is not finite, or if the graph
    /// would ask for more than [`crate::limits`] allows. The builder is then as it was before.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        op: Op,
        inputs: &[NodeId],
    ) -> Result<NodeId, Error> {
        let name = name.into();
        let shapes = match self.input_shapes(inputs) {
            Ok(shapes) => shapes,
            Err(problem) => return Err(of_node(name, &op, problem)),
        };
        let shape = match output_shape(&op, &shapes) {
            Ok(shape) => shape,
            Err(problem) => return Err(of_node(name, &op, problem)),
        };
        let node = Node {
            name,
            op,
            inputs: inputs.to_vec(),
            shape,
        };
        if let Err(problem) = self.count(&node, &shapes) {
            return Err(of_node(node.name, &node.op, problem));
        }
        self.nodes.push(node);
        Ok(NodeId(self.nodes.len() - 1))
    }

    /// Ends the graph at its logits, which `end` turns into answers.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownLogits`] and [`Error::LogitsShape`] if the logits are no vector of this graph,
    /// [`Error::Unread`] if nothing reads a node before them or one was added behind them.
    pub fn finish(self, logits: NodeId, end: End) -> Result<Graph, Error> {
        let Some(last) = self.nodes.get(logits.0) else {
            return Err(Error::UnknownLogits);
        };
        if let Shape::Map { .. } = last.shape {
            return Err(Error::LogitsShape {
                name: last.name.clone(),
                shape: last.shape,
            });
        }
        let mut is_read = vec![false; self.nodes.len()];
        is_read[logits.0] = true;
        for input in self.nodes.iter().flat_map(|node| &node.inputs) {
            is_read[input.0] = true;
        }
        if let Some(unread) = is_read.iter().position(|is_read| !is_read) {
            let Node { name, op, .. } = &self.nodes[unread];
            return Err(Error::Unread {
                name: name.clone(),
                kind: op.kind(),
            });
        }
        Ok(Graph::new(self.channels, self.size, self.nodes, end))
    }

    fn input_shapes(&self, inputs: &[NodeId]) -> Result<Vec<Shape>, Problem> {
        expect_at_most("inputs", inputs.len() as u64, MAX_INPUTS as u64)?;
        let shape = |(index, &id)| self.shape(id).ok_or(Problem::UnknownInput { index });
        inputs.iter().enumerate().map(shape).collect()
    }

    /// Adds what a node asks for to what the graph asks for.
    fn count(&mut self, node: &Node, inputs: &[Shape]) -> Result<(), Problem> {
        expect_at_most("nodes", self.nodes.len() as u64 + 1, MAX_NODES as u64)?;
        let n_operations = n_operations(&node.op, inputs, node.shape);
        let n_operations = self.n_operations.saturating_add(n_operations);
        expect_at_most("operations for one image", n_operations, MAX_OPERATIONS)?;
        let sides = match node.shape {
            Shape::Map { size, .. } => (size.rows + size.cols) as u64,
            Shape::Vector { .. } => 0,
        };
        let total_sides = self.total_sides + sides;
        expect_at_most("rows and columns of all maps", total_sides, MAX_TOTAL_SIDES)?;
        self.n_operations = n_operations;
        self.total_sides = total_sides;
        Ok(())
    }
}

fn of_node(name: String, op: &Op, source: Problem) -> Error {
    Error::Node {
        name,
        kind: op.kind(),
        source,
    }
}
