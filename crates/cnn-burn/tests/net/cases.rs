//! Small networks with every kind of node, and images for them.

mod functions;
mod maps;
mod merges;
mod norms;
pub(crate) mod windows;

use burn::tensor::{Device, Tensor, TensorData};
use cnn_graph::{End, Error, Graph, GraphBuilder, NodeId, Op, Order, Shape, Size};
use test_kit::random::Random;

/// Images that are not square, so that rows and columns cannot be mistaken for each other.
pub(crate) const CHANNELS: usize = 4;
pub(crate) const SIZE: Size = Size { rows: 7, cols: 5 };

/// A network and what it is for.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) graph: Graph,
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = windows::cases();
    cases.extend(functions::cases());
    cases.extend(norms::cases());
    cases.extend(merges::cases());
    cases.extend(maps::cases());
    cases
}

/// A network of some nodes, which are given the image, and two logits that every value behind them
/// changes.
pub(crate) fn case(
    name: impl Into<String>,
    add: impl FnOnce(&mut GraphBuilder, NodeId) -> Result<NodeId, Error>,
) -> Case {
    let name = name.into();
    let mut graph = GraphBuilder::new(CHANNELS, SIZE).expect("a small image");
    let image = graph.input();
    let last = match add(&mut graph, image) {
        Ok(last) => last,
        Err(error) => panic!("{name}: {}", test_kit::with_causes(&error)),
    };
    let logits = linear_head(&mut graph, last, 2);
    let graph = graph.finish(logits, End::Logits).expect("a graph");
    Case { name, graph }
}

/// One node behind the image, and two logits.
pub(crate) fn one(name: impl Into<String>, op: Op) -> Case {
    case(name, |graph, image| graph.add("one", op, &[image]))
}

/// A random linear map of all values of a node.
pub(crate) fn linear_head(graph: &mut GraphBuilder, node: NodeId, n_outputs: usize) -> NodeId {
    let shape = graph.shape(node).expect("a node");
    let vector = match shape {
        Shape::Vector { .. } => node,
        Shape::Map { .. } => {
            let order = Order::Chw;
            let flat = graph.add("flat", Op::Flatten { order }, &[node]);
            flat.expect("a map")
        }
    };
    let n = shape.n_values();
    // Logits of about 1.
    let scale = 1.0 / (n as f32).sqrt();
    let weight = numbers(7, n_outputs * n)
        .iter()
        .map(|w| w * scale)
        .collect();
    let bias = numbers(8, n_outputs);
    let head = graph.add("head", Op::Gemm { weight, bias }, &[vector]);
    head.expect("a vector")
}

/// Numbers from -1 to 1, the same for the same seed.
pub(crate) fn numbers(seed: u64, n: usize) -> Vec<f32> {
    let mut random = Random::new(seed);
    let mut number = || (random.number() >> 40) as f32 / (1 << 23) as f32 - 1.0;
    (0..n).map(|_| number()).collect()
}

/// Images of a graph, with pixels from -3 to 3.
pub(crate) fn images(graph: &Graph, n_images: usize, seed: u64) -> Vec<Vec<f32>> {
    let n_values = graph.nodes()[0].shape.n_values();
    let image = |index: usize| {
        let numbers = numbers(seed + index as u64, n_values);
        numbers.into_iter().map(|x| 3.0 * x).collect()
    };
    (0..n_images).map(image).collect()
}

/// Images as a tensor.
pub(crate) fn tensor(graph: &Graph, images: &[Vec<f32>], device: &Device) -> Tensor<4> {
    let Size { rows, cols } = graph.size();
    let shape = [images.len(), graph.n_channels(), rows, cols];
    Tensor::from_data(TensorData::new(images.concat(), shape), device)
}

/// An image for the reference.
pub(crate) fn in_f64(image: &[f32]) -> Vec<f64> {
    image.iter().copied().map(f64::from).collect()
}

/// A tensor's values, row-major.
pub(crate) fn vec<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}
