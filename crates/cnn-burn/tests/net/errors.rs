//! One test for each way of asking for the impossible.

use burn::tensor::{DType, Device, Tensor};
use cnn_burn::{Error, Net, limits};
use cnn_graph::{Axis, Conv, End, Graph, GraphBuilder, NodeId, Op, Size, Window};

use crate::cases::{CHANNELS, SIZE, case, one};

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    }
}

/// The mean of each channel.
fn mean() -> (Graph, Net) {
    let mut graph = GraphBuilder::new(CHANNELS, SIZE).expect("a small image");
    let mean = graph.add("mean", Op::GlobalAveragePool, &[graph.input()]);
    let graph = graph
        .finish(mean.expect("a map"), End::Logits)
        .expect("a graph");
    let net = Net::new(&graph, &Device::flex()).expect("a network");
    (graph, net)
}

fn images(shape: [usize; 4]) -> Tensor<4> {
    Tensor::zeros(shape, &Device::flex())
}

/// A node of a larger graph.
fn foreign_node() -> NodeId {
    one("other", Op::GlobalAveragePool).graph.logits()
}

#[test]
fn rejects_images_of_another_size() {
    let (_, net) = mean();
    assert_eq!(
        message(net.forward(images([1, CHANNELS, 5, 7]))),
        "values of node input are [1, 4, 5, 7], expected [n, 4, 7, 5] with n of 1 or more"
    );
}

#[test]
fn rejects_a_batch_without_images() {
    let (_, net) = mean();
    let error = message(net.forward(images([0, CHANNELS, 7, 5])));
    assert!(
        error.starts_with("values of node input are [0, 4, 7, 5]"),
        "{error}"
    );
}

#[test]
fn rejects_values_of_another_shape_than_the_node() {
    let (graph, net) = mean();
    let error = message(net.forward_from(graph.logits(), images([1, 1, 1, CHANNELS])));
    assert!(error.contains("expected [n, 4, 1, 1]"), "{error}");
}

#[test]
fn rejects_images_in_f64() {
    let (_, net) = mean();
    let images = images([1, CHANNELS, 7, 5]).cast(DType::F64);
    assert_eq!(
        message(net.forward(images)),
        "values of type F64, expected F32"
    );
}

#[test]
fn rejects_a_node_of_another_graph() {
    let (_, net) = mean();
    let images = || images([1, CHANNELS, 7, 5]);
    let node = foreign_node();
    let expected = "node 2: the network has 2 nodes, counted from 0";
    assert_eq!(message(net.forward_with(images(), &[node])), expected);
    assert_eq!(message(net.forward_from(node, images())), expected);
    assert_eq!(message(net.gradient(images(), node, 0)), expected);
}

#[test]
fn rejects_an_output_that_there_is_not() {
    let (graph, net) = mean();
    let images = images([1, CHANNELS, 7, 5]);
    assert_eq!(
        message(net.gradient(images, graph.input(), 4)),
        "output 4: the network has 4 outputs, counted from 0"
    );
}

#[test]
fn rejects_a_layer_that_a_shortcut_goes_around() {
    let mut layer = None;
    let case = case("shortcut", |graph, image| {
        let scale = vec![2.0; CHANNELS];
        let shift = vec![0.0; CHANNELS];
        let doubled = graph.add("doubled", Op::Affine { scale, shift }, &[image])?;
        layer = Some(doubled);
        graph.add("sum", Op::Add, &[doubled, image])
    });
    let net = Net::new(&case.graph, &Device::flex()).expect("a network");
    let layer = layer.expect("a layer");
    assert_eq!(
        message(net.forward_from(layer, images([1, CHANNELS, 7, 5]))),
        "the logits do not depend on node doubled alone: node sum reads an earlier one"
    );
}

/// A graph of one node behind an image of one channel.
fn large(size: Size, op: Op) -> Graph {
    let mut graph = GraphBuilder::new(1, size).expect("an image");
    let node = graph.add("large", op, &[graph.input()]).expect("a node");
    let mean = graph
        .add("mean", Op::GlobalAveragePool, &[node])
        .expect("a map");
    graph.finish(mean, End::Logits).expect("a graph")
}

fn conv(window: Window, weight: Vec<f32>) -> Op {
    Op::Conv(Conv {
        weight,
        bias: vec![0.0],
        window,
        group: 1,
    })
}

#[test]
fn rejects_padding_beyond_all_memory() {
    let window = Window {
        strides: [1024, 1024],
        pads: [1 << 20, 1 << 20, (1 << 20) - 1024, (1 << 20) - 1024],
        ..Window::new([1, 1])
    };
    let graph = large(SIZE, conv(window, vec![1.0]));
    let error = message(Net::new(&graph, &Device::flex()));
    assert!(error.starts_with("values held at once: "), "{error}");
    assert!(
        error.ends_with("for one image, expected at most 1073741824"),
        "{error}"
    );
}

#[test]
fn rejects_interpolation_tables_beyond_all_memory() {
    let axis = |len| Axis {
        taps: vec![vec![(0, 1.0)]; len],
    };
    let size = Size {
        rows: 1 << 15,
        cols: 1,
    };
    let op = Op::Resize {
        rows: axis(1 << 16),
        cols: axis(1),
    };
    let graph = large(size, op);
    let error = message(Net::new(&graph, &Device::flex()));
    assert!(error.starts_with("values held at once: 21"), "{error}");
}

#[test]
fn rejects_windows_beyond_all_memory() {
    let window = Window {
        pads: [512; 4],
        ..Window::new([512, 513])
    };
    let graph = large(SIZE, conv(window, vec![1.0; 512 * 513]));
    assert_eq!(
        message(Net::new(&graph, &Device::flex())),
        format!(
            "node large (Conv): a window reads 262656 values, expected at most {}",
            limits::MAX_WINDOW_VALUES
        )
    );
}
