//! The network of the goldens, by plain loops in `f64`.

use cnn_graph::{Activation, Conv, End, Graph, GraphBuilder, Op, Window};
use pixel_region::{Region, Size};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Layers {
    conv1: Layer<Vec<Vec<Vec<Vec<f32>>>>>,
    conv2: Layer<Vec<Vec<Vec<Vec<f32>>>>>,
    head: Layer<Vec<Vec<f32>>>,
}

#[derive(Deserialize)]
struct Layer<W> {
    weight: W,
    bias: Vec<f32>,
}

/// A network, an image and a background.
pub(crate) struct Network {
    graph: Graph,
    image: Vec<f64>,
    background: Vec<f64>,
    size: Size,
}

impl Network {
    pub(crate) fn new(
        layers: Layers,
        image: &[Vec<Vec<f64>>],
        background: &[Vec<Vec<f64>>],
    ) -> Self {
        let size = Size {
            rows: image[0].len(),
            cols: image[0][0].len(),
        };
        let mut graph = GraphBuilder::new(3, size).unwrap();
        let mut last = graph.input();
        for (name, layer, stride) in [("conv1", layers.conv1, 1), ("conv2", layers.conv2, 2)] {
            let window = Window {
                strides: [stride, stride],
                pads: [1, 1, 1, 1],
                ..Window::new([3, 3])
            };
            let conv = Conv {
                weight: layer.weight.concat().concat().concat(),
                bias: layer.bias,
                window,
                group: 1,
            };
            last = graph.add(name, Op::Conv(conv), &[last]).unwrap();
            let relu = Op::Activation(Activation::Relu);
            last = graph.add(format!("{name}.relu"), relu, &[last]).unwrap();
        }
        last = graph.add("mean", Op::GlobalAveragePool, &[last]).unwrap();
        let head = Op::Gemm {
            weight: layers.head.weight.concat(),
            bias: layers.head.bias,
        };
        last = graph.add("head", head, &[last]).unwrap();
        let flat = |pixels: &[Vec<Vec<f64>>]| pixels.concat().concat();
        Self {
            graph: graph.finish(last, End::Logits).unwrap(),
            image: flat(image),
            background: flat(background),
            size,
        }
    }

    /// The same network for an engine, with logits as its outputs.
    #[allow(dead_code, reason = "not every test has an engine")]
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Image and background, `[channels, rows, cols]`.
    #[allow(dead_code, reason = "not every test has an engine")]
    pub(crate) fn pixels(&self) -> [&[f64]; 2] {
        [&self.image, &self.background]
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    /// Probabilities of masked images.
    pub(crate) fn probabilities(&self, masks: &[Region]) -> Vec<f64> {
        masks.iter().map(|mask| self.probability(mask)).collect()
    }

    fn probability(&self, shown: &Region) -> f64 {
        let mut mask = vec![false; self.size.rows * self.size.cols];
        shown.fill(&mut mask, self.size);
        let pixels = self
            .image
            .iter()
            .zip(&self.background)
            .zip(mask.iter().cycle());
        let masked: Vec<f64> = pixels
            .map(|((image, background), is_shown)| if *is_shown { *image } else { *background })
            .collect();
        let logit = self.graph.reference(&masked).unwrap()[0];
        1.0 / (1.0 + (-logit).exp())
    }
}
