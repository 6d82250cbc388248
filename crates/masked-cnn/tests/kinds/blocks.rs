//! Blocks of well-known networks, whose nodes are computed together, with channels that are full
//! vectors and others that are not.

use cnn_graph::{Activation, Conv, End, Graph, GraphBuilder, NodeId, Op, Shape, Size, Window};
use masked_cnn::{Error, InstructionSet, Rect, Region};

use crate::recipe::Numbers;
use crate::regions::{bits, masks, mix};
use crate::{OF_DENSE, OF_REFERENCE, difference, engine, narrow};

/// Tiles do not divide it.
const SIZE: Size = Size { rows: 22, cols: 19 };

struct Block {
    graph: GraphBuilder,
    numbers: Numbers,
}

impl Block {
    fn new() -> Self {
        Self {
            graph: GraphBuilder::new(3, SIZE).unwrap(),
            numbers: Numbers(7),
        }
    }

    fn add(&mut self, op: Op, inputs: &[NodeId]) -> NodeId {
        self.graph.add("node", op, inputs).unwrap()
    }

    fn n_channels(&self, id: NodeId) -> usize {
        match self.graph.shape(id) {
            Some(Shape::Map { channels, .. }) => channels,
            Some(Shape::Vector { len }) => len,
            None => 0,
        }
    }

    fn conv(&mut self, input: NodeId, c_out: usize, window: Window, group: usize) -> NodeId {
        let [rows, cols] = window.kernel_shape;
        let n_read = self.n_channels(input) / group * rows * cols;
        let factor = (3.0 / n_read as f32).sqrt();
        let weight = self.numbers.take(c_out * n_read);
        let conv = Conv {
            weight: weight.iter().map(|w| w * factor).collect(),
            bias: self.numbers.take(c_out),
            window,
            group,
        };
        self.add(Op::Conv(conv), &[input])
    }

    fn affine(&mut self, input: NodeId) -> NodeId {
        let n = self.n_channels(input);
        let [scale, shift] = [self.numbers.take(n), self.numbers.take(n)];
        self.add(Op::Affine { scale, shift }, &[input])
    }

    fn then(&mut self, activation: Activation, input: NodeId) -> NodeId {
        self.add(Op::Activation(activation), &[input])
    }

    fn gate(&mut self, input: NodeId) -> NodeId {
        let n = self.n_channels(input);
        let mean = self.add(Op::GlobalAveragePool, &[input]);
        let (weight, bias) = (self.numbers.take(n * n), self.numbers.take(n));
        let linear = self.add(Op::Gemm { weight, bias }, &[mean]);
        let factors = self.then(Activation::Sigmoid, linear);
        self.add(Op::Mul, &[input, factors])
    }

    fn finish(mut self, last: NodeId) -> Graph {
        let mean = self.add(Op::GlobalAveragePool, &[last]);
        let (weight, bias) = (self.numbers.take(2 * self.n_channels(last)), vec![0.0; 2]);
        let logits = self.add(Op::Gemm { weight, bias }, &[mean]);
        self.graph.finish(logits, End::Logits).unwrap()
    }
}

fn point() -> Window {
    Window::new([1, 1])
}

fn square(side: usize, stride: usize) -> Window {
    Window {
        strides: [stride; 2],
        pads: [side / 2; 4],
        ..Window::new([side; 2])
    }
}

/// Masked and dense answers, with all instructions, against each other and the reference.
fn compare(what: &str, graph: &Graph) {
    let n = graph.nodes()[0].shape.n_values();
    let numbers = &mut Numbers(11);
    let (image, background) = (narrow(&numbers.image(n)), narrow(&numbers.image(n)));
    let rects = [[0, 0, 9, 7], [5, 6, 10, 13], [20, 3, 1, 1], [0, 0, 22, 19]];
    let shown = rects.map(|[row, col, n_rows, n_cols]| {
        let rect = Rect {
            row,
            col,
            n_rows,
            n_cols,
        };
        (0, Region::union([rect], SIZE))
    });
    let mut expected = Vec::new();
    let mut images = Vec::new();
    for (_, region) in &shown {
        let mixed = mix(&image, &background, region, SIZE);
        let wide: Vec<f64> = mixed.iter().map(|&pixel| f64::from(pixel)).collect();
        let values = graph.reference_values(&wide).unwrap();
        expected.extend(&values[graph.logits().index()]);
        images.extend(mixed);
    }
    for set in InstructionSet::available() {
        let engine = engine(graph, |settings| settings.with_instruction_set(set));
        let dense = engine.forward(&images).unwrap();
        let off = difference(&dense, &expected);
        assert!(
            off <= OF_REFERENCE,
            "{what}, {set:?}, dense: off by {off:e}"
        );
        let mut masked = engine.mask(&image, &[&background]).unwrap();
        let found = masked.evaluate(&masks(&shown, 2)).unwrap();
        let wide: Vec<f64> = dense.iter().map(|&logit| f64::from(logit)).collect();
        let off = difference(&found, &wide);
        assert!(off <= OF_DENSE, "{what}, {set:?}, masked: off by {off:e}");
    }
}

#[test]
fn dense_blocks_equal_the_reference() {
    for (n_first, n_more) in [(32, 16), (20, 12), (24, 7)] {
        for activation in [Activation::Relu, Activation::LeakyRelu { alpha: 0.25 }] {
            let mut block = Block::new();
            let image = block.graph.input();
            let first = block.conv(image, n_first, square(3, 1), 1);
            let mut parts = vec![block.then(Activation::Relu, first)];
            for _ in 0..2 {
                let mut next = match parts.len() {
                    1 => parts[0],
                    _ => block.add(Op::Concat, &parts),
                };
                next = block.affine(next);
                next = block.then(activation.clone(), next);
                next = block.conv(next, 32, point(), 1);
                next = block.then(Activation::Relu, next);
                parts.push(block.conv(next, n_more, square(3, 1), 1));
            }
            let last = block.add(Op::Concat, &parts);
            let last = block.affine(last);
            let last = block.then(Activation::Relu, last);
            let what = format!("{n_first} and {n_more} channels, {activation:?}");
            compare(&what, &block.finish(last));
        }
    }
}

/// Two nodes read what is in front of the convolutions, so it has to be kept.
#[test]
fn what_two_convolutions_read_equals_the_reference() {
    let mut block = Block::new();
    let image = block.graph.input();
    let [a, b] = [16, 24].map(|n| block.conv(image, n, square(3, 2), 1));
    let both = block.add(Op::Concat, &[a, b]);
    let [a, b] = [(); 2].map(|()| block.conv(both, 32, point(), 1));
    let sum = block.add(Op::Add, &[a, b]);
    compare("read twice", &block.finish(sum));
}

#[test]
fn gated_and_inverted_blocks_equal_the_reference() {
    for n in [32, 20] {
        let mut block = Block::new();
        let image = block.graph.input();
        let first = block.conv(image, n, square(3, 2), 1);
        let wide = block.conv(first, 2 * n, point(), 1);
        let wide = block.then(Activation::Silu, wide);
        let apart = block.conv(wide, 2 * n, square(5, 1), 2 * n);
        let apart = block.then(Activation::HardSwish, apart);
        let gated = block.gate(apart);
        let narrow = block.conv(gated, n, point(), 1);
        let sum = block.add(Op::Add, &[narrow, first]);
        let gated = block.gate(sum);
        let gated = block.then(Activation::Gelu { tanh: false }, gated);
        compare(&format!("{n} channels"), &block.finish(gated));
    }
}

#[test]
fn windows_of_one_position_equal_the_reference() {
    let padded = Window {
        strides: [2, 3],
        pads: [1, 0, 2, 1],
        ..point()
    };
    for (c_out, window, group) in [
        (40, padded, 1),
        (24, point(), 24),
        (24, padded, 24),
        (20, point(), 4),
        (20, padded, 4),
        (48, point(), 2),
    ] {
        let mut block = Block::new();
        let image = block.graph.input();
        let first = block.conv(image, 24, square(3, 1), 1);
        let next = block.conv(first, c_out, window, group);
        let last = block.conv(next, 16, square(3, 1), 1);
        let what = format!("{c_out} channels in {group} groups, {window:?}");
        compare(&what, &block.finish(last));
    }
}

/// What an image left behind in memory that is used again does not reach the next one: groups of 20
/// channels get the memory of 64 channels that are no numbers.
#[test]
fn an_overflow_leaves_nothing_behind() {
    let mut block = Block::new();
    let mut next = block.graph.input();
    for (c_out, group) in [(60, 3), (64, 1), (64, 1)] {
        next = block.conv(next, c_out, point(), group);
        next = block.then(Activation::Relu, next);
    }
    let graph = block.finish(next);
    let n = graph.nodes()[0].shape.n_values();
    let image = narrow(&Numbers(3).image(n));
    let engine = engine(&graph, |settings| settings);
    let fresh = engine.forward(&image).unwrap();
    for _ in 0..3 {
        let overflow = engine.forward(&vec![f32::MAX; n]);
        assert!(matches!(overflow, Err(Error::Overflow { index: 0 })));
        assert_eq!(bits(&engine.forward(&image).unwrap()), bits(&fresh));
    }
}
