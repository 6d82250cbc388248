//! Every kind of node against its definition in `f64`.

use std::collections::BTreeSet;

use burn::tensor::Device;
use cnn_burn::Net;
use cnn_graph::{End, Graph, GraphBuilder, NodeId, Op};
use test_kit::{assert_close, say};

use crate::cases::{self, CHANNELS, SIZE, images, in_f64, linear_head, tensor, vec};
use crate::devices::devices;

/// What rounding in `f32` may change, as a part of the largest value of a node or of 1.
const TOLERANCE: f32 = 1e-5;

/// Every node but those that nothing reads, which are the logits, and the logits.
fn node_ids(graph: &Graph) -> Vec<NodeId> {
    let read = graph.nodes().iter().flat_map(|node| &node.inputs);
    let ids: BTreeSet<NodeId> = read.copied().chain([graph.logits()]).collect();
    ids.into_iter().collect()
}

#[test]
fn every_node_is_what_the_reference_says() {
    for (name, device) in devices("every_node_is_what_the_reference_says") {
        compare(name, &device);
    }
}

/// Compares all nodes of all cases on a device.
fn compare(device_name: &str, device: &Device) {
    let mut worst = (0.0, String::new());
    for case in cases::all() {
        let graph = &case.graph;
        let ids = node_ids(graph);
        assert_eq!(ids.len(), graph.nodes().len());
        let net = Net::new(graph, device).expect("a network");
        let images = images(graph, 2, 100);
        let (_, taps) = net
            .forward_with(tensor(graph, &images, device), &ids)
            .expect("images of the graph");
        let reference = images.iter().map(|image| {
            let values = graph.reference_values(&in_f64(image));
            values.expect("an image of the graph")
        });
        let reference: Vec<_> = reference.collect();
        for ((tap, id), node) in taps.into_iter().zip(ids).zip(graph.nodes()) {
            let of_images = reference.iter().flat_map(|values| &values[id.index()]);
            let expected: Vec<f32> = of_images.map(|&x| x as f32).collect();
            let largest = expected.iter().fold(1.0, |m: f32, x| m.max(x.abs()));
            let scaled = |values: &[f32]| values.iter().map(|x| x / largest).collect::<Vec<_>>();
            let (actual, expected) = (scaled(&vec(tap)), scaled(&expected));
            let error = test_kit::max_difference(&actual, &expected).0;
            if error > worst.0 {
                worst = (error, format!("{}, node {}", case.name, node.name));
            }
            if error.is_nan() || error > TOLERANCE {
                say(&format!("{}, node {}", case.name, node.name));
            }
            assert_close(&actual, &expected, TOLERANCE);
        }
    }
    say(&format!(
        "values on {device_name}: at most {:.1e} off ({})",
        worst.0, worst.1
    ));
}

#[test]
fn the_end_of_a_graph_makes_probabilities() {
    let device = Device::flex();
    for end in [End::Logits, End::Sigmoid, End::Softmax] {
        let mut graph = GraphBuilder::new(CHANNELS, SIZE).expect("a small image");
        let image = graph.input();
        let largest = graph.add("largest", Op::GlobalMaxPool, &[image]);
        let logits = linear_head(&mut graph, largest.expect("a vector"), 3);
        let graph = graph.finish(logits, end).expect("a graph");
        let net = Net::new(&graph, &device).expect("a network");
        let images = images(&graph, 2, 200);
        let answers = net.forward(tensor(&graph, &images, &device));
        let reference = images.iter().flat_map(|image| {
            let answers = graph.reference(&in_f64(image));
            answers.expect("an image of the graph")
        });
        let expected: Vec<f32> = reference.map(|x| x as f32).collect();
        let answers = answers.expect("images of the graph");
        assert_eq!(answers.dims(), [2, 3]);
        assert_close(&vec(answers), &expected, TOLERANCE);
    }
}
