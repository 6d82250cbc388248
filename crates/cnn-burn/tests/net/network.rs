//! Networks as a whole: batches, layers, devices, overflow.

use burn::tensor::{Device, Tensor};
use cnn_burn::Net;
use cnn_graph::{Activation, End, Graph, GraphBuilder, NodeId, Op, Window};
use test_kit::assert_close;

use crate::cases::windows::conv;
use crate::cases::{CHANNELS, SIZE, images, linear_head, tensor, vec};

/// A residual block, a gate and a concatenation, with the nodes that tests ask for.
struct Network {
    graph: Graph,
    first: NodeId,
    gate: NodeId,
    last_map: NodeId,
}

fn network() -> Result<Network, cnn_graph::Error> {
    let window = Window {
        pads: [1; 4],
        ..Window::new([3, 3])
    };
    let convolution = |c_in, c_out| Op::Conv(conv(window, c_in, c_out, 1));
    let mut graph = GraphBuilder::new(CHANNELS, SIZE)?;
    let image = graph.input();
    let first = graph.add("first", convolution(CHANNELS, 8), &[image])?;
    let relu = graph.add("relu", Op::Activation(Activation::Relu), &[first])?;
    let second = graph.add("second", convolution(8, 8), &[relu])?;
    let sum = graph.add("sum", Op::Add, &[second, relu])?;
    let mean = graph.add("mean", Op::GlobalAveragePool, &[sum])?;
    let gate = graph.add("gate", Op::Activation(Activation::Sigmoid), &[mean])?;
    let gated = graph.add("gated", Op::Mul, &[sum, gate])?;
    let both = graph.add("both", Op::Concat, &[gated, sum])?;
    let last_map = graph.add("last map", Op::Activation(Activation::Silu), &[both])?;
    let pooled = graph.add("pooled", Op::GlobalAveragePool, &[last_map])?;
    let logits = linear_head(&mut graph, pooled, 3);
    Ok(Network {
        graph: graph.finish(logits, End::Sigmoid)?,
        first,
        gate,
        last_map,
    })
}

#[test]
fn an_image_has_the_same_answers_in_any_company() {
    let Network { graph, .. } = network().expect("a graph");
    let device = Device::flex();
    let net = Net::new(&graph, &device).expect("a network");
    let images = images(&graph, 3, 300);
    let logits = |images: &[Vec<f32>]| {
        let logits = net.logits(tensor(&graph, images, &device));
        vec(logits.expect("images of the graph"))
    };
    let together = logits(&images);
    for (image, of_image) in images.iter().zip(together.chunks_exact(3)) {
        let alone = logits(std::slice::from_ref(image));
        assert_close(&alone, of_image, 1e-6);
    }
}

#[test]
fn layers_come_in_the_order_in_which_they_are_asked_for() {
    let network = network().expect("a graph");
    let graph = &network.graph;
    let device = Device::flex();
    let net = Net::new(graph, &device).expect("a network");
    let images = tensor(graph, &images(graph, 2, 400), &device);
    let asked = [network.gate, graph.input(), network.gate, graph.logits()];
    let (logits, taps) = net.forward_with(images.clone(), &asked).expect("values");
    let [gate, image, again, last] = &taps[..] else {
        panic!("{} values", taps.len());
    };
    assert_eq!(gate.dims(), [2, 8, 1, 1]);
    assert_eq!(vec(gate.clone()), vec(again.clone()));
    assert_eq!(vec(image.clone()), vec(images.clone()));
    assert_eq!(last.dims(), [2, 3, 1, 1]);
    assert_eq!(vec(last.clone()), vec(logits.clone()));
    assert_eq!(vec(logits), vec(net.logits(images).expect("logits")));
}

#[test]
fn the_logits_follow_from_the_last_map() {
    let network = network().expect("a graph");
    let graph = &network.graph;
    assert_eq!(graph.last_map(), network.last_map);
    let device = Device::flex();
    let net = Net::new(graph, &device).expect("a network");
    let images = tensor(graph, &images(graph, 2, 500), &device);
    let asked = [network.first, network.last_map];
    let (logits, taps) = net.forward_with(images.clone(), &asked).expect("values");
    let expected = vec(logits);
    for (node, value) in asked.into_iter().zip(taps) {
        let logits = net.forward_from(node, value).expect("logits");
        assert_eq!(vec(logits), expected);
    }
    let logits = net.forward_from(graph.input(), images).expect("logits");
    assert_eq!(vec(logits), expected);
    let zeros = Tensor::zeros([1, 16, SIZE.rows, SIZE.cols], &device);
    let logits = net.forward_from(network.last_map, zeros).expect("logits");
    let Op::Gemm { bias, .. } = &graph.nodes()[graph.logits().index()].op else {
        panic!("the head is linear");
    };
    assert_eq!(&vec(logits), bias);
}

#[test]
fn values_are_freed_behind_their_last_reader() {
    let network = network().expect("a graph");
    let graph = &network.graph;
    let net = Net::new(graph, &Device::flex()).expect("a network");
    // While the last map is computed there are `both` and itself, of 16 channels each. While `both` is,
    // there are `gated` and `sum` beside it, as many.
    let map = (SIZE.rows * SIZE.cols) as u64;
    assert_eq!(net.n_held_values(), 32 * map);
}

#[test]
fn an_overflow_does_not_become_a_number() {
    let device = Device::flex();
    let channels = |x: f32| vec![x; CHANNELS];
    let norms = [
        Op::LayerNormalization {
            scale: channels(1.0),
            shift: channels(0.0),
            epsilon: 1e-5,
        },
        Op::InstanceNormalization {
            groups: 2,
            scale: channels(1.0),
            shift: channels(0.0),
            epsilon: 1e-5,
        },
        Op::Lrn {
            size: 3,
            alpha: 1.0,
            beta: 0.5,
            bias: 1.0,
        },
    ];
    for op in norms {
        let case = crate::cases::one(op.kind(), op);
        let graph = &case.graph;
        let net = Net::new(graph, &device).expect("a network");
        let images: Vec<Vec<f32>> = images(graph, 1, 600)
            .into_iter()
            .map(|image| image.into_iter().map(|x| x * 1e30).collect())
            .collect();
        let logits = net.logits(tensor(graph, &images, &device)).expect("logits");
        assert!(vec(logits).iter().all(|x| x.is_nan()), "{}", case.name);
    }
}
