//! Which nodes a node reads, and which of them nothing reads behind it.

use cnn_graph::Graph;

/// A node's reading of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    /// Place of the node that is read.
    pub(crate) node: usize,
    /// Whether it is never read again, not by this node either.
    pub(crate) is_last: bool,
}

/// For each node what it reads, in order.
pub(crate) fn reads(graph: &Graph) -> Vec<Vec<Read>> {
    let of_node = |node: &cnn_graph::Node| {
        let read = |input: &cnn_graph::NodeId| Read {
            node: input.index(),
            is_last: false,
        };
        node.inputs.iter().map(read).collect()
    };
    let mut reads: Vec<Vec<Read>> = graph.nodes().iter().map(of_node).collect();
    let mut is_read_later = vec![false; reads.len()];
    for read in reads.iter_mut().flatten().rev() {
        read.is_last = !is_read_later[read.node];
        is_read_later[read.node] = true;
    }
    reads
}

#[cfg(test)]
mod tests {
    use cnn_graph::{End, GraphBuilder, Op, Size};

    use super::*;

    #[test]
    fn only_the_last_reading_of_a_node_is_the_last() -> Result<(), cnn_graph::Error> {
        let mut graph = GraphBuilder::new(2, Size { rows: 3, cols: 4 })?;
        let image = graph.input();
        let square = graph.add("square", Op::Mul, &[image, image])?;
        let both = graph.add("both", Op::Concat, &[square, image, square])?;
        let mean = graph.add("mean", Op::GlobalAveragePool, &[both])?;
        let graph = graph.finish(mean, End::Logits)?;
        let is_last: Vec<Vec<bool>> = reads(&graph)
            .iter()
            .map(|reads| reads.iter().map(|read| read.is_last).collect())
            .collect();
        let expected: [&[bool]; 4] = [&[], &[false, false], &[false, true, true], &[true]];
        assert_eq!(is_last, expected);
        Ok(())
    }
}
