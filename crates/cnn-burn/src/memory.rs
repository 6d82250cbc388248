//! How much memory a network takes for one image.

use cnn_graph::{Conv, Graph, Node, Op, Window};

use crate::error::Error;
use crate::layer::dims;
use crate::limits::{MAX_HELD_VALUES, MAX_WINDOW_VALUES};
use crate::padding::padding;
use crate::reads::Read;

/// Values that a network has for one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Held at once, if every value is freed behind its last reader.
    pub(crate) n_held: u64,
    /// All of them, which a gradient may need.
    pub(crate) n_kept: u64,
}

impl Memory {
    /// Counts the values of a graph whose nodes have these reads, within the limits.
    pub(crate) fn new(graph: &Graph, reads: &[Vec<Read>]) -> Result<Self, Error> {
        let nodes = graph.nodes();
        let n_values = |node: usize| nodes[node].shape.n_values() as u64;
        let mut held = nodes.iter().map(|node| n_table_values(graph, node)).sum();
        let mut memory = Self {
            n_held: held,
            n_kept: held,
        };
        for (index, node) in nodes.iter().enumerate() {
            expect_small_windows(node)?;
            let n_temporary = n_temporary_values(graph, node);
            held += n_values(index);
            memory.n_held = memory.n_held.max(held.saturating_add(n_temporary));
            let n_new = n_temporary.saturating_add(n_values(index));
            memory.n_kept = memory.n_kept.saturating_add(n_new);
            let freed = reads[index].iter().filter(|read| read.is_last);
            held -= freed.map(|read| n_values(read.node)).sum::<u64>();
        }
        expect_few("values held at once", memory.n_held)?;
        Ok(memory)
    }

    /// Few enough values to keep all of them.
    pub(crate) fn expect_keepable(self) -> Result<(), Error> {
        expect_few("values kept for a gradient", self.n_kept)
    }
}

fn expect_few(what: &'static str, found: u64) -> Result<(), Error> {
    let limit = MAX_HELD_VALUES;
    if found <= limit {
        return Ok(());
    }
    Err(Error::Memory { what, found, limit })
}

fn expect_small_windows(node: &Node) -> Result<(), Error> {
    let Op::Conv(Conv { weight, bias, .. }) = &node.op else {
        return Ok(());
    };
    let found = (weight.len() / bias.len()) as u64;
    let limit = MAX_WINDOW_VALUES;
    if found <= limit {
        return Ok(());
    }
    let name = node.name.clone();
    Err(Error::Window { name, found, limit })
}

/// Channels, rows and columns of a node's first input.
fn input_dims(graph: &Graph, node: &Node) -> Option<[usize; 3]> {
    let first = node.inputs.first()?;
    Some(dims(graph.nodes()[first.index()].shape))
}

/// Values of the matrices of an interpolation.
fn n_table_values(graph: &Graph, node: &Node) -> u64 {
    match (&node.op, input_dims(graph, node)) {
        (Op::Resize { rows, cols }, Some([_, n_rows, n_cols])) => {
            (rows.taps.len() * n_rows + cols.taps.len() * n_cols) as u64
        }
        _ => 0,
    }
}

/// Values that are there only while a node is computed, and that may be many more than its own.
fn n_temporary_values(graph: &Graph, node: &Node) -> u64 {
    let Some(input) = input_dims(graph, node) else {
        return 0;
    };
    let output = dims(node.shape);
    match &node.op {
        Op::Conv(Conv { window, .. })
        | Op::MaxPool { window, .. }
        | Op::AveragePool { window, .. } => n_padded_values(window, input, output),
        Op::Resize { .. } => n_values([input[0], output[1], input[2]]),
        _ => 0,
    }
}

/// Values of a map with the padding that its windows need.
fn n_padded_values(window: &Window, input: [usize; 3], output: [usize; 3]) -> u64 {
    let [channels, n_rows, n_cols] = input;
    let [of_rows, of_cols] = padding(window, input, output);
    n_values([
        channels,
        of_rows.0 + n_rows + of_rows.1,
        of_cols.0 + n_cols + of_cols.1,
    ])
}

fn n_values(dims: [usize; 3]) -> u64 {
    dims.into_iter()
        .map(|len| len as u64)
        .fold(1, u64::saturating_mul)
}
