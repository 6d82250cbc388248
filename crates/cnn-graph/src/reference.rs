//! The definition of a graph's values: plain loops in `f64`.

mod layout;
mod norms;
mod value;
mod windows;

use crate::error::Error;
use crate::functions::{activate, softmax};
use crate::graph::Graph;
use crate::node::Node;
use crate::op::Op;
use crate::shape::Shape;

use value::Value;

impl Graph {
    /// The answers for an image `[channels, rows, cols]`, in `f64`.
    ///
    /// This is the definition that faster implementations are compared with: it is easy to read and
    /// slow, and a value that is no number stays none. Weights are those of the graph, in `f32`. A
    /// node's values are freed behind its last reader.
    ///
    /// # Errors
    ///
    /// [`Error::ImageLength`] if the image has another number of values.
    pub fn reference(&self, image: &[f64]) -> Result<Vec<f64>, Error> {
        self.expect_image(image)?;
        let last_readers = self.last_readers();
        let mut values = Vec::with_capacity(self.nodes().len());
        for (index, node) in self.nodes().iter().enumerate() {
            values.push(self.node_values(node, image, &values));
            for input in &node.inputs {
                if last_readers[input.index()] == index {
                    values[input.index()] = Vec::new();
                }
            }
        }
        Ok(self.end().apply(&values[self.logits().index()]))
    }

    /// The values of every node for an image `[channels, rows, cols]`, in `f64`: maps row-major, the
    /// logits as the last. It keeps all of them, 8 bytes each.
    ///
    /// # Errors
    ///
    /// [`Error::ImageLength`] if the image has another number of values.
    pub fn reference_values(&self, image: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        self.expect_image(image)?;
        let mut values = Vec::with_capacity(self.nodes().len());
        for node in self.nodes() {
            values.push(self.node_values(node, image, &values));
        }
        Ok(values)
    }

    fn expect_image(&self, image: &[f64]) -> Result<(), Error> {
        let found = image.len();
        let expected = self.nodes()[0].shape.n_values();
        if found == expected {
            return Ok(());
        }
        Err(Error::ImageLength { found, expected })
    }

    /// For each node the last one that reads it, and itself where none does.
    fn last_readers(&self) -> Vec<usize> {
        let mut last: Vec<usize> = (0..self.nodes().len()).collect();
        for (index, node) in self.nodes().iter().enumerate() {
            for input in &node.inputs {
                last[input.index()] = index;
            }
        }
        last
    }

    fn node_values(&self, node: &Node, image: &[f64], known: &[Vec<f64>]) -> Vec<f64> {
        let inputs: Vec<Value> = node
            .inputs
            .iter()
            .map(|input| Value {
                shape: self.nodes()[input.index()].shape,
                values: &known[input.index()],
            })
            .collect();
        match inputs[..] {
            [] => image.to_vec(),
            [first, ..] => evaluate(&node.op, node.shape, first, &inputs),
        }
    }
}

impl Op {
    /// What a node computes that reads vectors and gives one, by the same definition: few values,
    /// which an implementation of the maps may leave to it.
    ///
    /// `inputs` are those of a node that a [`crate::GraphBuilder`] accepted.
    pub fn reference_of_vectors(&self, inputs: &[&[f64]]) -> Vec<f64> {
        let vector = |values: &&[f64]| Shape::Vector { len: values.len() };
        let shapes: Vec<_> = inputs.iter().map(vector).collect();
        let pairs = shapes.into_iter().zip(inputs);
        let values: Vec<_> = pairs
            .map(|(shape, values)| Value { shape, values })
            .collect();
        match values[..] {
            [] => Vec::new(),
            [first, ..] => evaluate(self, first.shape, first, &values),
        }
    }
}

/// The values of a node that has inputs; `first` is the first of them.
fn evaluate(op: &Op, output: Shape, first: Value, inputs: &[Value]) -> Vec<f64> {
    match op {
        Op::Input => first.values.to_vec(),
        Op::Conv(conv) => windows::conv(conv, first, output),
        Op::MaxPool { window, .. } => windows::max_pool(window, first, output),
        Op::AveragePool {
            window,
            count_include_pad,
            ..
        } => windows::average_pool(window, *count_include_pad, first, output),
        Op::GlobalAveragePool => {
            let n = first.shape.n_positions() as f64;
            first.per_channel(|channel| channel.iter().sum::<f64>() / n)
        }
        Op::GlobalMaxPool => first.per_channel(|channel| windows::largest(channel.iter().copied())),
        Op::Affine { scale, shift } => {
            first.map(|c, x| x * f64::from(scale[c]) + f64::from(shift[c]))
        }
        Op::Activation(activation) => first.map(|c, x| activate(activation, c, x)),
        Op::Add => both(inputs, |x, y| x + y),
        Op::Mul => both(inputs, |x, y| x * y),
        Op::Concat => inputs
            .iter()
            .flat_map(|input| input.values)
            .copied()
            .collect(),
        Op::Gather { channels } => channels
            .iter()
            .flat_map(|&channel| first.channel(channel as usize))
            .copied()
            .collect(),
        Op::Pad { pads, mode } => layout::pad(pads, *mode, first, output),
        Op::Resize { rows, cols } => layout::resize(rows, cols, first),
        Op::LayerNormalization {
            scale,
            shift,
            epsilon,
        } => norms::layer(first, scale, shift, *epsilon),
        Op::InstanceNormalization {
            groups,
            scale,
            shift,
            epsilon,
        } => norms::instance(first, *groups, scale, shift, *epsilon),
        Op::Lrn {
            size,
            alpha,
            beta,
            bias,
        } => norms::local_response(first, *size, *alpha, *beta, *bias),
        Op::Flatten { order } => layout::flatten(*order, first),
        Op::Gemm { weight, bias } => gemm(weight, bias, first.values),
        Op::Softmax => softmax(first.values),
    }
}

/// Two values of one shape, or a map and a vector with one value a channel.
fn both(inputs: &[Value], function: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let (first, second) = (inputs[0], inputs[1]);
    if first.shape != second.shape {
        return first.map(|channel, x| function(x, second.values[channel]));
    }
    let pairs = first.values.iter().zip(second.values);
    pairs.map(|(&x, &y)| function(x, y)).collect()
}

fn gemm(weight: &[f32], bias: &[f32], x: &[f64]) -> Vec<f64> {
    let dot = |row: &[f32]| -> f64 { row.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum() };
    let rows = weight.chunks_exact(x.len());
    rows.zip(bias)
        .map(|(row, b)| dot(row) + f64::from(*b))
        .collect()
}
