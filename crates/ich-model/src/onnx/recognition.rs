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
