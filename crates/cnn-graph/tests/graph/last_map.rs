//! The last map that dominates the logits, in networks of known forms.

use cnn_graph::{Activation, Graph, GraphBuilder, NodeId, Op};

use crate::single::{FLAT, builder, finish};

fn relu(graph: &mut GraphBuilder, name: &str, input: NodeId) -> NodeId {
    let op = Op::Activation(Activation::Relu);
    graph.add(name, op, &[input]).unwrap()
}

fn last_map(graph: &Graph) -> &str {
    &graph.nodes()[graph.last_map().index()].name
}

#[test]
fn before_a_pooled_head() {
    let mut graph = builder([2, 3, 3]);
    let first = graph.input();
    let second = relu(&mut graph, "branch", first);
    let sum = graph.add("sum", Op::Add, &[second, first]).unwrap();
    let end = relu(&mut graph, "end", sum);
    let mean = graph.add("mean", Op::GlobalAveragePool, &[end]).unwrap();
    assert_eq!(last_map(&finish(graph, mean)), "end");
}

#[test]
fn before_a_flattened_head() {
    let mut graph = builder([2, 3, 3]);
    let input = graph.input();
    let end = relu(&mut graph, "end", input);
    let flat = graph.add("flat", FLAT, &[end]).unwrap();
    let softmax = graph.add("softmax", Op::Softmax, &[flat]).unwrap();
    assert_eq!(last_map(&finish(graph, softmax)), "end");
}

#[test]
fn behind_a_gate() {
    let mut graph = builder([2, 3, 3]);
    let input = graph.input();
    let mean = graph.add("mean", Op::GlobalAveragePool, &[input]).unwrap();
    let gated = graph.add("gated", Op::Mul, &[input, mean]).unwrap();
    let pooled = graph.add("pooled", Op::GlobalMaxPool, &[gated]).unwrap();
    assert_eq!(last_map(&finish(graph, pooled)), "gated");
}

#[test]
fn before_two_heads_that_meet_as_vectors() {
    let mut graph = builder([2, 3, 3]);
    let input = graph.input();
    let stem = relu(&mut graph, "stem", input);
    let branch = relu(&mut graph, "branch", stem);
    let mean = graph.add("mean", Op::GlobalAveragePool, &[stem]).unwrap();
    let largest = graph.add("largest", Op::GlobalMaxPool, &[branch]).unwrap();
    let both = graph.add("both", Op::Concat, &[mean, largest]).unwrap();
    assert_eq!(last_map(&finish(graph, both)), "stem");
}

#[test]
fn the_image_if_nothing_else_is_on_every_path() {
    let mut graph = builder([2, 3, 3]);
    let input = graph.input();
    let branch = relu(&mut graph, "branch", input);
    let mean = graph.add("mean", Op::GlobalAveragePool, &[input]).unwrap();
    let largest = graph.add("largest", Op::GlobalMaxPool, &[branch]).unwrap();
    let sum = graph.add("sum", Op::Add, &[mean, largest]).unwrap();
    let graph = finish(graph, sum);
    assert_eq!(graph.last_map(), graph.input());
    assert_eq!(graph.find("branch"), Some(branch));
    assert_eq!(graph.find("none"), None);
}
