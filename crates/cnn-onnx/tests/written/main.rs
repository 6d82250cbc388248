//! Files that the tests write: hostile and damaged ones and networks that are not evaluated, which
//! end with a named error and without a panic, and one network in many forms.

mod attributes;
mod bombs;
mod files;
mod forms;
mod insertions;
mod networks;
mod writer;

use cnn_graph::{Graph, Node, Op, Size};
use cnn_onnx::{Error, Model};
use test_kit::with_causes;

use writer::{Message, graph, model};

/// Rows and columns of the images, of three channels.
const SIZE: Size = Size { rows: 8, cols: 10 };

fn lowered(bytes: &[u8]) -> Result<Graph, Error> {
    Model::from_bytes(bytes.to_vec(), None)?.graph(SIZE)
}

/// Asserts that a file is refused with these words.
#[track_caller]
fn assert_refused(file: &Message, says: &str) {
    match lowered(&file.0) {
        Ok(_) => panic!("it was read"),
        Err(error) => {
            let text = with_causes(&error);
            assert!(text.contains(says), "no {says:?} in: {text}");
        }
    }
}

/// Asserts that nodes from `x` to `y` are refused with these words.
#[track_caller]
fn assert_nodes_refused(nodes: &[Message], initializers: &[Message], says: &str) {
    let graph = graph(nodes, initializers, &[-1, 3, 8, 10]);
    assert_refused(&model(20, graph), says);
}

/// Kinds and inputs of nodes, whatever their names.
fn kinds(graph: &Graph) -> Vec<(Op, Vec<usize>)> {
    let of_node = |node: &Node| {
        let inputs = node.inputs.iter().map(|input| input.index()).collect();
        (node.op.clone(), inputs)
    };
    graph.nodes().iter().map(of_node).collect()
}
