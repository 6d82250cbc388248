//! Finds the network in a graph.
//!
//! Each node of the network must be one node of the graph that reads the same nodes, and none may
//! be left over, so nothing that changes the answer can be passed over. The order of nodes and of
//! the terms of a sum does not matter.

use cnn_graph::{End, Graph, Node, NodeId, Op};

use super::network::{Kind, NetworkNode, nodes};
use crate::Error;
use crate::entry::Entry;
use crate::layout::Layout;
use crate::net::MAX_WIDTH;

/// Epsilon of batch normalisation, in PyTorch and in Burn.
const EPSILON: f32 = 1e-5;

/// The tensors of the network that the graph is, by their names in a PyTorch state dict.
///
/// A graph has batch normalisation folded into its convolutions: the one behind each adds the bias
/// and changes nothing else.
pub(super) fn entries(graph: &Graph) -> Result<Vec<Entry<'static>>, Error> {
    let width = width(graph)?;
    let layout = Layout::of_width(width);
    let network = nodes(&layout);
    let places = places(&network, graph)?;
    let mut entries = Vec::new();
    for (node, place) in network.iter().zip(places) {
        match (&node.kind, &graph.nodes()[place].op) {
            (Kind::Conv(layer), Op::Conv(conv)) => {
                let (c_out, norm) = (layer.c_out, &layer.norm);
                let shape = vec![c_out, layer.c_in, layer.kernel, layer.kernel];
                let per_channel =
                    |part, value| Entry::constant(format!("{norm}.{part}"), vec![c_out], value);
                entries.extend([
                    values(format!("{}.weight", layer.conv), shape, &conv.weight),
                    per_channel("weight", (1.0 + EPSILON).sqrt()),
                    values(format!("{norm}.bias"), vec![c_out], &conv.bias),
                    per_channel("running_mean", 0.0),
                    per_channel("running_var", 1.0),
                ]);
            }
            (Kind::Linear(layer), Op::Gemm { weight, bias }) => {
                let shape = vec![layer.n_out, layer.n_in];
                entries.extend([
                    values(format!("{}.weight", layer.name), shape, weight),
                    values(format!("{}.bias", layer.name), vec![layer.n_out], bias),
                ]);
            }
            _ => {}
        }
    }
    Ok(entries)
}

fn values(name: String, shape: Vec<usize>, values: &[f32]) -> Entry<'static> {
    Entry::values(name, shape, values.to_vec())
}

/// The channels of the first convolution of the image; 1 where there is none, which then is the
/// node that does not fit.
fn width(graph: &Graph) -> Result<usize, Error> {
    let stem = graph.nodes().iter().find_map(|node| match &node.op {
        Op::Conv(conv) if node.inputs == [graph.input()] => Some(conv.bias.len()),
        _ => None,
    });
    let width = stem.unwrap_or(1);
    if width > MAX_WIDTH {
        return Err(Error::Width {
            width,
            limit: MAX_WIDTH,
        });
    }
    Ok(width)
}

/// The place of each node of the network in the graph.
fn places(network: &[NetworkNode<'_>], graph: &Graph) -> Result<Vec<usize>, Error> {
    let nodes = graph.nodes();
    let mut places: Vec<usize> = Vec::with_capacity(network.len());
    let mut is_found = vec![false; nodes.len()];
    for expected in network {
        let reads: Vec<usize> = expected.inputs.iter().map(|&input| places[input]).collect();
        let fits = |&place: &usize| {
            !is_found[place]
                && reads_only(&nodes[place], &reads)
                && expected.kind.is(&nodes[place].op)
        };
        let Some(place) = (0..nodes.len()).find(fits) else {
            let kind = expected.kind.to_string();
            let mut left = nodes
                .iter()
                .zip(&is_found)
                .filter(|(_, is_found)| !**is_found);
            let reads_first = |(node, _): &(&Node, _)| {
                let mut inputs = node.inputs.iter().copied().map(NodeId::index);
                inputs.any(|input| Some(&input) == reads.first())
            };
            return Err(match left.find(reads_first) {
                Some((node, _)) => misfit(node, kind),
                None => Error::OnnxEnds { expected: kind },
            });
        };
        is_found[place] = true;
        places.push(place);
    }
    let end = "Sigmoid behind classifier.0";
    if let Some(place) = is_found.iter().position(|is_found| !is_found) {
        return Err(misfit(&nodes[place], format!("nothing but {end}")));
    }
    match graph.end() {
        End::Sigmoid => Ok(places),
        _ => Err(Error::OnnxEnds {
            expected: end.to_owned(),
        }),
    }
}

/// Whether a node reads these nodes and no others, in any order.
fn reads_only(node: &Node, places: &[usize]) -> bool {
    let sorted = |mut places: Vec<usize>| {
        places.sort_unstable();
        places
    };
    let inputs = node.inputs.iter().map(|input| input.index());
    sorted(inputs.collect()) == sorted(places.to_vec())
}

fn misfit(node: &Node, expected: String) -> Error {
    Error::OnnxNode {
        node: node.name.clone(),
        op: node.op.kind().to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use cnn_graph::{Activation, Conv, GraphBuilder, Size, Window};

    use super::*;
    use crate::layout::Naming;

    type Added = Result<NodeId, cnn_graph::Error>;

    fn conv(
        graph: &mut GraphBuilder,
        c_out: usize,
        kernel: usize,
        stride: usize,
        x: NodeId,
    ) -> Added {
        let c_in = graph.shape(x).map_or(0, |shape| shape.n_channels());
        let conv = Conv {
            weight: vec![0.5; c_out * c_in * kernel * kernel],
            bias: vec![c_out as f32; c_out],
            window: Window {
                strides: [stride; 2],
                pads: [kernel / 2; 4],
                ..Window::new([kernel; 2])
            },
            group: 1,
        };
        graph.add("conv", Op::Conv(conv), &[x])
    }

    fn relu(graph: &mut GraphBuilder, x: NodeId) -> Added {
        graph.add("relu", Op::Activation(Activation::Relu), &[x])
    }

    fn linear(graph: &mut GraphBuilder, n_out: usize, x: NodeId) -> Added {
        let n_in = graph.shape(x).map_or(0, |shape| shape.n_values());
        let (weight, bias) = (vec![0.25; n_out * n_in], vec![1.5; n_out]);
        graph.add("linear", Op::Gemm { weight, bias }, &[x])
    }

    /// The features of a network, shortcuts before what they lead around.
    fn features(graph: &mut GraphBuilder, width: usize) -> Added {
        let stem = conv(graph, width, 7, 2, graph.input())?;
        let stem = relu(graph, stem)?;
        let window = Window {
            strides: [2, 2],
            pads: [1; 4],
            ..Window::new([3, 3])
        };
        let ceil_mode = false;
        let mut x = graph.add("pool", Op::MaxPool { window, ceil_mode }, &[stem])?;
        for layer in 0..4 {
            for block in 0..2 {
                let c_out = width << layer;
                let stride = if layer > 0 && block == 0 { 2 } else { 1 };
                let shortcut = match stride {
                    1 => x,
                    _ => conv(graph, c_out, 1, 2, x)?,
                };
                let first = conv(graph, c_out, 3, stride, x)?;
                let first = relu(graph, first)?;
                let second = conv(graph, c_out, 3, 1, first)?;
                let sum = graph.add("sum", Op::Add, &[shortcut, second])?;
                x = relu(graph, sum)?;
            }
        }
        let mean = graph.add("mean", Op::GlobalAveragePool, &[x])?;
        linear(graph, 2 * width, mean)
    }

    fn graph(end: End, head: impl FnOnce(&mut GraphBuilder, NodeId) -> Added) -> Graph {
        let build = || {
            let mut graph = GraphBuilder::new(3, Size { rows: 64, cols: 48 })?;
            let features = features(&mut graph, 2)?;
            let logits = head(&mut graph, features)?;
            graph.finish(logits, end)
        };
        build().expect("a graph")
    }

    fn refusal(graph: &Graph) -> String {
        match entries(graph) {
            Ok(_) => panic!("it was recognised"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_order_of_nodes_and_terms_does_not_matter() {
        let graph = graph(End::Sigmoid, |graph, features| linear(graph, 1, features));
        let mut found: Vec<_> = entries(&graph)
            .expect("the network")
            .into_iter()
            .map(|entry| (entry.name, entry.shape))
            .collect();
        let mut expected = Layout::of_width(2).tensors(Naming::PyTorch);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn nothing_may_be_left_over() {
        let second_head = graph(End::Sigmoid, |graph, features| {
            let logits = [linear(graph, 1, features)?, linear(graph, 1, features)?];
            graph.add("both", Op::Add, &logits)
        });
        assert!(refusal(&second_head).contains("expected nothing but Sigmoid behind classifier.0"));
        let second_relu = graph(End::Sigmoid, |graph, features| {
            let features = relu(graph, features)?;
            linear(graph, 1, features)
        });
        assert!(refusal(&second_relu).contains("expected the linear map classifier.0 of 4 to 1"));
    }

    #[test]
    fn the_answer_is_one_probability() {
        let ends = "the graph ends where Sigmoid behind classifier.0 is expected";
        for end in [End::Logits, End::Softmax] {
            let graph = graph(end, |graph, features| linear(graph, 1, features));
            assert_eq!(refusal(&graph), ends);
        }
        let two = graph(End::Sigmoid, |graph, features| linear(graph, 2, features));
        assert!(refusal(&two).contains("expected the linear map classifier.0 of 4 to 1"));
    }

    #[test]
    fn the_width_is_limited() {
        let build = || {
            let mut graph = GraphBuilder::new(3, Size { rows: 8, cols: 8 })?;
            let image = graph.input();
            let stem = conv(&mut graph, MAX_WIDTH + 1, 7, 2, image)?;
            let mean = graph.add("mean", Op::GlobalAveragePool, &[stem])?;
            graph.finish(mean, End::Sigmoid)
        };
        let graph = build().expect("a graph");
        assert_eq!(refusal(&graph), "width 513, expected 1 to 512");
    }
}
