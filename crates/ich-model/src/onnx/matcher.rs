//! Finds the classifier in a graph, by structure: an export keeps neither names nor, where batch
//! normalisation was folded, the layers themselves.
//!
//! The walk begins at the input. At every value it asks which nodes compute with it, and these must
//! be exactly those of the network, so nothing that changes the answer can be passed over.

use super::attributes::{float, int, ints, is_padded_as_written};
use super::graph::Graph;
use super::model::{Node, Tensor, is_standard};
use super::values;
use crate::Error;
use crate::checkpoint::malformed;
use crate::entry::Entry;
use crate::layout::{BlockLayers, ConvLayer, Layout, LinearLayer};

/// Epsilon of batch normalisation, in PyTorch, in Burn and as the default of ONNX.
const EPSILON: f32 = 1e-5;

/// The tensors of the network that the graph is, by their names in a PyTorch state dict.
pub(super) fn find<'f>(graph: &Graph<'_, 'f>) -> Result<Vec<Entry<'f>>, Error> {
    let mut walk = Walk {
        graph,
        found: Vec::new(),
    };
    // Names, kernels and strides are the same whatever the width; shapes are checked later, with
    // those of all formats.
    walk.network(&Layout::of_width(1))?;
    Ok(walk.found)
}

struct Walk<'g, 'f> {
    graph: &'g Graph<'g, 'f>,
    found: Vec<Entry<'f>>,
}

impl<'g, 'f> Walk<'g, 'f> {
    fn network(&mut self, layout: &Layout) -> Result<(), Error> {
        let x = self.graph.input;
        let stem = self.only(x, &["Conv"], "at the input")?;
        let x = self.convolution(stem, x, &layout.stem)?;
        let x = self.relu(x, &layout.stem.norm)?;
        let pool = self.only(x, &["MaxPool"], "behind the stem")?;
        let mut x = max_pool(pool)?;
        for block in &layout.blocks {
            x = self.block(x, block)?;
        }
        x = self.mean(x)?;
        x = self.linear(x, &layout.features)?;
        x = self.linear(x, &layout.classifier)?;
        let sigmoid = self.only(x, &["Sigmoid"], "behind classifier.0")?;
        let probability = self.graph.resolve(output(sigmoid)?);
        if let Some(node) = self.graph.consumers(probability).first() {
            return Err(misfit(node, "nothing behind the sigmoid"));
        }
        if probability != self.graph.resolve(self.graph.output) {
            return Err(misfit(
                sigmoid,
                "a node whose output is the graph's: the probability",
            ));
        }
        Ok(())
    }

    /// The one node that computes with a value.
    fn only(&self, value: &'f str, ops: &[&str], place: &str) -> Result<&'g Node<'f>, Error> {
        let expected = format!("{} {place}", ops.join(" or "));
        match self.graph.consumers(value)[..] {
            [node] if is(node, ops) => Ok(node),
            [] => Err(Error::OnnxEnds { expected }),
            [first, second, ..] if is(first, ops) => {
                Err(misfit(second, &format!("{expected} and nothing else")))
            }
            [node, ..] => Err(misfit(node, &expected)),
        }
    }

    fn relu(&self, x: &'f str, behind: &str) -> Result<&'f str, Error> {
        output(self.only(x, &["Relu"], &format!("behind {behind}"))?)
    }

    /// A convolution of `x`, with the batch normalisation behind it where that was not folded.
    fn convolution(
        &mut self,
        node: &'g Node<'f>,
        x: &'f str,
        layer: &ConvLayer,
    ) -> Result<&'f str, Error> {
        let (weight, bias) = self.weights(node, x)?;
        let kernel = layer.kernel as i64;
        let pad = kernel / 2;
        let stride = layer.stride as i64;
        let lists = [
            ("kernel_shape", vec![kernel; 2], vec![kernel; 2]),
            ("strides", vec![1; 2], vec![stride; 2]),
            ("pads", vec![0; 4], vec![pad; 4]),
            ("dilations", vec![1; 2], vec![1; 2]),
        ];
        let fits = lists
            .iter()
            .all(|(name, default, wanted)| ints(node, name, default) == *wanted)
            && int(node, "group", 1) == Some(1)
            && is_padded_as_written(node)
            && matches!(weight.shape[..], [_, _, rows, cols] if rows == kernel && cols == kernel);
        if !fits {
            return Err(misfit(
                node,
                &format!(
                    "the convolution {}: {kernel} x {kernel}, stride {stride}, padding {pad}",
                    layer.conv
                ),
            ));
        }
        self.add(format!("{}.weight", layer.conv), weight)?;

        let x = output(node)?;
        match self.graph.consumers(x)[..] {
            [norm] if is(norm, &["BatchNormalization"]) => {
                if let Some(bias) = bias
                    && !is_zero(&self.entry(format!("{}.bias", layer.conv), bias)?)?
                {
                    return Err(misfit(
                        node,
                        "a convolution without a bias in front of batch normalisation",
                    ));
                }
                self.batch_norm(norm, &layer.norm)
            }
            _ => {
                self.folded_norm(&layer.norm, weight.shape[0], bias)?;
                Ok(x)
            }
        }
    }

    fn batch_norm(&mut self, node: &'g Node<'f>, name: &str) -> Result<&'f str, Error> {
        let epsilon = float(node, "epsilon", EPSILON);
        // Before version 14 more than one output meant training, and 9 dropped `spatial`.
        let is_inference = int(node, "training_mode", 0) == Some(0)
            && int(node, "is_test", 1) == Some(1)
            && int(node, "spatial", 1) == Some(1)
            && node.outputs.iter().skip(1).all(|output| output.is_empty());
        if !is_inference {
            return Err(misfit(
                node,
                "batch normalisation for inference (export the model in evaluation mode)",
            ));
        }
        if epsilon != Some(EPSILON) {
            return Err(misfit(node, "batch normalisation with an epsilon of 1e-5"));
        }
        let parts = ["weight", "bias", "running_mean", "running_var"];
        let inputs = node.inputs.get(1..5).unwrap_or_default();
        for (index, part) in parts.into_iter().enumerate() {
            let tensor = inputs.get(index).and_then(|name| self.graph.constant(name));
            let tensor = tensor
                .ok_or_else(|| misfit(node, "batch normalisation with constant statistics"))?;
            self.add(format!("{name}.{part}"), tensor)?;
        }
        output(node)
    }

    /// The batch normalisation that adds the bias of a convolution and changes nothing else.
    fn folded_norm(
        &mut self,
        name: &str,
        c_out: i64,
        bias: Option<&'g Tensor<'f>>,
    ) -> Result<(), Error> {
        let c_out = usize::try_from(c_out).unwrap_or(0);
        let constant =
            |part: &str, value: f32| Entry::constant(format!("{name}.{part}"), vec![c_out], value);
        self.found.push(constant("weight", (1.0 + EPSILON).sqrt()));
        match bias {
            Some(bias) => self.add(format!("{name}.bias"), bias)?,
            None => self.found.push(constant("bias", 0.0)),
        }
        self.found.push(constant("running_mean", 0.0));
        self.found.push(constant("running_var", 1.0));
        Ok(())
    }

    fn block(&mut self, x: &'f str, block: &BlockLayers) -> Result<&'f str, Error> {
        let (first, other) = self.branches(x, block)?;
        let main = self.convolution(first, x, &block.first)?;
        let main = self.relu(main, &block.first.norm)?;
        let behind = format!("behind {}", block.first.norm);
        let second = self.only(main, &["Conv"], &behind)?;
        let main = self.convolution(second, main, &block.second)?;
        let shortcut = match &block.downsample {
            Some(layer) => self.convolution(other, x, layer)?,
            None => self.graph.resolve(x),
        };
        let add = self.only(main, &["Add"], &format!("behind {}", block.second.norm))?;
        let mut terms: Vec<_> = add.inputs.iter().map(|i| self.graph.resolve(i)).collect();
        let mut wanted = [main, shortcut].map(|value| self.graph.resolve(value));
        terms.sort_unstable();
        wanted.sort_unstable();
        if terms != wanted {
            return Err(misfit(
                add,
                &format!("the sum of {} and its block's shortcut", block.second.norm),
            ));
        }
        self.relu(output(add)?, &format!("the sum of {}", block.second.norm))
    }

    /// The nodes at the input of a block: the first convolution, and what begins or ends the
    /// shortcut.
    fn branches(
        &self,
        x: &'f str,
        block: &BlockLayers,
    ) -> Result<(&'g Node<'f>, &'g Node<'f>), Error> {
        let beside = match block.downsample {
            Some(_) => "Conv",
            None => "Add",
        };
        let expected = format!("Conv and {beside} at the input of {}", block.first.conv);
        let is_first = |node: &&Node<'f>| {
            is(node, &["Conv"]) && self.kernel(node) == Some(block.first.kernel as i64)
        };
        match self.graph.consumers(x)[..] {
            [a, b] if is_first(&a) && is(b, &[beside]) => Ok((a, b)),
            [a, b] if is_first(&b) && is(a, &[beside]) => Ok((b, a)),
            [] => Err(Error::OnnxEnds { expected }),
            [a, b, c, ..] if is(a, &["Conv", beside]) && is(b, &["Conv", beside]) => {
                Err(misfit(c, &expected))
            }
            [a, b, ..] if is(a, &["Conv", beside]) => Err(misfit(b, &expected)),
            [node, ..] => Err(misfit(node, &expected)),
        }
    }

    /// The mean over rows and columns, flat or not.
    fn mean(&self, x: &'f str) -> Result<&'f str, Error> {
        let place = "behind the last block";
        let node = self.only(x, &["GlobalAveragePool", "ReduceMean"], place)?;
        if node.op == "ReduceMean" {
            let mut axes = match node.inputs.get(1) {
                Some(axes) => self.graph.ints(axes)?.unwrap_or_default(),
                None => ints(node, "axes", &[]),
            };
            // Of four: rows and columns, counted from either end.
            axes.iter_mut()
                .filter(|axis| **axis < 0)
                .for_each(|axis| *axis += 4);
            axes.sort_unstable();
            if axes != [2, 3] {
                return Err(misfit(node, "the mean over rows and columns"));
            }
        }
        let mut x = output(node)?;
        // The map behind them takes rows of one number a channel: they can only drop the two
        // dimensions of size 1.
        while let [node] = self.graph.consumers(x)[..]
            && is(node, &["Flatten", "Reshape", "Squeeze"])
            && node.inputs.first().map(|input| self.graph.resolve(input))
                == Some(self.graph.resolve(x))
        {
            // Along another axis the images of a batch would become one.
            if node.op == "Flatten" && !matches!(int(node, "axis", 1), Some(1 | -3)) {
                return Err(misfit(node, "Flatten along axis 1"));
            }
            x = output(node)?;
        }
        Ok(x)
    }

    /// A linear map: `Gemm`, or `MatMul` and `Add`.
    fn linear(&mut self, x: &'f str, layer: &LinearLayer) -> Result<&'f str, Error> {
        let node = self.only(x, &["Gemm", "MatMul"], &format!("for {}", layer.name))?;
        let (weight, mut bias) = self.weights(node, x)?;
        let mut result = output(node)?;
        let mut outputs_first = false;
        if node.op == "Gemm" {
            outputs_first = int(node, "transB", 0) == Some(1);
            let is_plain = int(node, "transA", 0) == Some(0)
                && float(node, "alpha", 1.0) == Some(1.0)
                && float(node, "beta", 1.0) == Some(1.0);
            if !is_plain {
                return Err(misfit(node, "a linear map that scales nothing"));
            }
        } else {
            let behind = format!("behind the product of {}", layer.name);
            let add = self.only(result, &["Add"], &behind)?;
            let mut terms = add.inputs.iter();
            bias = terms.find_map(|name| self.graph.constant(name));
            result = output(add)?;
        }
        let bias = bias.ok_or_else(|| misfit(node, "a linear map with a constant bias"))?;
        self.add(format!("{}.bias", layer.name), bias)?;
        let weight_name = format!("{}.weight", layer.name);
        if outputs_first {
            self.add(weight_name, weight)?;
        } else {
            let entry = self.entry(weight_name, weight)?;
            self.found.push(entry.transposed()?);
        }
        Ok(result)
    }

    /// The constant weight and bias of a node whose first input is `x`.
    fn weights(
        &self,
        node: &'g Node<'f>,
        x: &'f str,
    ) -> Result<(&'g Tensor<'f>, Option<&'g Tensor<'f>>), Error> {
        let constant = |index: usize| {
            let name = node.inputs.get(index).filter(|name| !name.is_empty())?;
            Some(self.graph.constant(name))
        };
        let is_first = node
            .inputs
            .first()
            .is_some_and(|input| self.graph.resolve(input) == self.graph.resolve(x));
        match (is_first, constant(1), constant(2)) {
            (true, Some(Some(weight)), None) => Ok((weight, None)),
            (true, Some(Some(weight)), Some(Some(bias))) => Ok((weight, Some(bias))),
            _ => Err(misfit(node, "a layer whose weights are constants")),
        }
    }

    fn kernel(&self, node: &'g Node<'f>) -> Option<i64> {
        let weight = self.graph.constant(node.inputs.get(1)?)?;
        weight.shape.get(2).copied()
    }

    fn add(&mut self, name: String, tensor: &'g Tensor<'f>) -> Result<(), Error> {
        let entry = self.entry(name, tensor)?;
        self.found.push(entry);
        Ok(())
    }

    fn entry(&self, name: String, tensor: &'g Tensor<'f>) -> Result<Entry<'f>, Error> {
        let (data, shape) = (self.graph.data, values::shape(tensor)?);
        let tensor = tensor.clone();
        Ok(Entry::new(name, shape, move || values::read(&tensor, data)))
    }
}

/// True of the standard operators of these names.
fn is(node: &Node<'_>, ops: &[&str]) -> bool {
    is_standard(node.domain) && ops.contains(&node.op)
}

fn misfit(node: &Node<'_>, expected: &str) -> Error {
    Error::OnnxNode {
        node: node.label().to_owned(),
        op: node.op.to_owned(),
        expected: expected.to_owned(),
    }
}

fn is_zero(entry: &Entry<'_>) -> Result<bool, Error> {
    Ok(entry.read_f32()?.iter::<f32>().all(|value| value == 0.0))
}

fn output<'f>(node: &Node<'f>) -> Result<&'f str, Error> {
    let output = node.outputs.first().copied();
    output.ok_or_else(|| malformed("ONNX", format!("node {} computes nothing", node.label())))
}

/// The 3 x 3 maximum at stride 2.
fn max_pool<'f>(node: &Node<'f>) -> Result<&'f str, Error> {
    let fits = ints(node, "kernel_shape", &[]) == [3; 2]
        && ints(node, "strides", &[1; 2]) == [2; 2]
        && ints(node, "pads", &[0; 4]) == [1; 4]
        && ints(node, "dilations", &[1; 2]) == [1; 2]
        && int(node, "ceil_mode", 0) == Some(0)
        && is_padded_as_written(node);
    if !fits {
        return Err(misfit(
            node,
            "MaxPool of 3 x 3, stride 2, padding 1, rounding down",
        ));
    }
    output(node)
}
