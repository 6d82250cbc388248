//! Graphs of one node.

use cnn_graph::{End, Error, Graph, GraphBuilder, NodeId, Op, Order, Shape, Size};

pub(crate) const FLAT: Op = Op::Flatten { order: Order::Chw };

/// A map's shape from `[channels, rows, cols]`.
pub(crate) fn map(channels: usize, rows: usize, cols: usize) -> Shape {
    let size = Size { rows, cols };
    Shape::Map { channels, size }
}

pub(crate) fn vector(len: usize) -> Shape {
    Shape::Vector { len }
}

/// A graph of maps and vectors that starts with an image `[channels, rows, cols]`.
pub(crate) fn builder([channels, rows, cols]: [usize; 3]) -> GraphBuilder {
    GraphBuilder::new(channels, Size { rows, cols }).unwrap()
}

/// Ends a graph; a map is flattened.
pub(crate) fn finish(mut graph: GraphBuilder, last: NodeId) -> Graph {
    let logits = match graph.shape(last) {
        Some(Shape::Map { .. }) => graph.add("flat", FLAT, &[last]).unwrap(),
        _ => last,
    };
    graph.finish(logits, End::Logits).unwrap()
}

/// The shape and the values of one node that reads the image.
pub(crate) fn on_map(image: [usize; 3], pixels: &[f64], op: Op) -> (Shape, Vec<f64>) {
    let mut graph = builder(image);
    let node = graph.add("node", op, &[graph.input()]).unwrap();
    let shape = graph.shape(node).unwrap();
    let graph = finish(graph, node);
    (shape, graph.reference(pixels).unwrap())
}

/// The values of one node that reads a vector.
pub(crate) fn on_vector(values: &[f64], op: Op) -> Vec<f64> {
    let mut graph = builder([1, 1, values.len()]);
    let flat = graph.add("flat", FLAT, &[graph.input()]).unwrap();
    let node = graph.add("node", op, &[flat]).unwrap();
    finish(graph, node).reference(values).unwrap()
}

/// Why a node that reads the image is refused.
pub(crate) fn refusal(image: [usize; 3], op: Op) -> String {
    let mut graph = builder(image);
    match graph.add("node", op, &[graph.input()]) {
        Ok(node) => panic!("{:?} was added", graph.shape(node)),
        Err(error) => message(&error),
    }
}

/// An error's message and its cause's.
pub(crate) fn message(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Panics unless values agree within `1e-12`.
#[track_caller]
pub(crate) fn assert_close(found: &[f64], expected: &[f64]) {
    let close = |(found, expected): (&f64, &f64)| (found - expected).abs() <= 1e-12;
    let agree = found.len() == expected.len() && found.iter().zip(expected).all(close);
    assert!(agree, "{found:?}, expected {expected:?}");
}
