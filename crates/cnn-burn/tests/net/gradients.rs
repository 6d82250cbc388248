//! Gradients against differences of the definition in `f64`.

use burn::tensor::{Device, Tensor};
use cnn_burn::Net;
use cnn_graph::{End, Graph, GraphBuilder, Op};
use test_kit::{assert_close, say};

use crate::cases::{self, CHANNELS, SIZE, case, images, in_f64, linear_head, numbers, tensor, vec};
use crate::devices::devices;

/// What rounding in `f32` may change, as a part of the largest derivative or of 1.
const TOLERANCE: f32 = 1e-5;

/// Central differences `[n_outputs][n_values]` of the logits with respect to the pixels; their error
/// is about 1e-9.
pub(crate) fn differences(graph: &Graph, image: &[f32]) -> Vec<Vec<f32>> {
    let step = 1e-5;
    let mut image = in_f64(image);
    let mut gradients = vec![Vec::new(); graph.n_outputs()];
    for at in 0..image.len() {
        let pixel = image[at];
        let mut logits = |x| {
            image[at] = x;
            graph.reference(&image).expect("an image of the graph")
        };
        let (above, below) = (logits(pixel + step), logits(pixel - step));
        image[at] = pixel;
        for (gradient, (above, below)) in gradients.iter_mut().zip(above.iter().zip(below)) {
            gradient.push(((above - below) / (2.0 * step)) as f32);
        }
    }
    gradients
}

#[test]
fn every_kind_has_the_gradient_of_its_definition() {
    for (name, device) in devices("every_kind_has_the_gradient_of_its_definition") {
        compare(name, &device);
    }
}

/// Compares the gradients of all cases on a device.
fn compare(device_name: &str, device: &Device) {
    let mut worst = (0.0, String::new());
    for case in cases::all() {
        let graph = &case.graph;
        let net = Net::new(graph, device).expect("a network");
        let images = images(graph, 2, 700);
        let expected: Vec<_> = images
            .iter()
            .map(|image| differences(graph, image))
            .collect();
        for output in 0..graph.n_outputs() {
            let expected: Vec<f32> = expected.iter().flat_map(|of| of[output].clone()).collect();
            let gradient = net
                .gradient(tensor(graph, &images, device), graph.input(), output)
                .expect("a gradient");
            assert!(!gradient.gradient.is_autodiff());
            let largest = expected.iter().fold(1.0, |m: f32, x| m.max(x.abs()));
            let actual = vec(gradient.gradient / largest);
            let expected: Vec<f32> = expected.iter().map(|x| x / largest).collect();
            let error = test_kit::max_difference(&actual, &expected).0;
            if error > worst.0 {
                worst = (error, case.name.clone());
            }
            if error.is_nan() || error > TOLERANCE {
                say(&case.name);
            }
            assert_close(&actual, &expected, TOLERANCE);
        }
    }
    say(&format!(
        "gradients on {device_name}: at most {:.1e} off ({})",
        worst.0, worst.1
    ));
}

#[test]
fn a_gradient_counts_all_paths_behind_a_layer_and_none_around_it() {
    let device = Device::flex();
    let mut ids = None;
    let case = case("product", |graph, image| {
        let scale = vec![2.0; CHANNELS];
        let shift = numbers(10, CHANNELS);
        let layer = graph.add("layer", Op::Affine { scale, shift }, &[image])?;
        let product = graph.add("product", Op::Mul, &[image, layer])?;
        ids = Some(layer);
        graph.add("sum", Op::Add, &[product, layer])
    });
    let layer = ids.expect("a layer");
    let graph = &case.graph;
    let net = Net::new(graph, &device).expect("a network");
    let images = images(graph, 1, 800);
    let found = net
        .gradient(tensor(graph, &images, &device), layer, 1)
        .expect("a gradient");
    let Op::Gemm { weight, .. } = &graph.nodes()[graph.logits().index()].op else {
        panic!("the head is linear");
    };
    let weights = weight
        .chunks_exact(images[0].len())
        .nth(1)
        .expect("weights");
    // The logit is the sum of w (x + 1) layer, without the way from x to the layer.
    let pixels = weights.iter().zip(&images[0]);
    let expected: Vec<f32> = pixels.map(|(w, x)| w * (x + 1.0)).collect();
    assert_close(&vec(found.gradient), &expected, 1e-6);
    let logits = net.logits(tensor(graph, &images, &device)).expect("logits");
    assert_eq!(vec(found.logits), vec(logits));
    assert_eq!(found.value.dims(), [1, CHANNELS, SIZE.rows, SIZE.cols]);
}

#[test]
fn the_gradient_of_a_logit_with_respect_to_the_logits_is_1() {
    let device = Device::flex();
    let case = cases::one("mean", Op::GlobalAveragePool);
    let graph = &case.graph;
    let net = Net::new(graph, &device).expect("a network");
    let images = tensor(graph, &images(graph, 2, 900), &device);
    let gradient = net.gradient(images, graph.logits(), 1).expect("a gradient");
    assert_eq!(vec(gradient.gradient), [0.0, 1.0, 0.0, 1.0]);
}

#[test]
fn a_gradient_is_a_number_where_a_hidden_branch_overflows() {
    use cnn_graph::Activation;
    let device = Device::flex();
    let functions = [
        Activation::Elu { alpha: 1.0 },
        Activation::Selu {
            alpha: 1.0,
            gamma: 1.0,
        },
        Activation::Celu { alpha: 1.0 },
        Activation::Softplus,
        Activation::Mish,
        Activation::Silu,
        Activation::Gelu { tanh: false },
        Activation::HardSwish,
    ];
    for function in functions {
        let case = cases::one("large", Op::Activation(function.clone()));
        let graph = &case.graph;
        let net = Net::new(graph, &device).expect("a network");
        let shape = [1, CHANNELS, SIZE.rows, SIZE.cols];
        let images = Tensor::full(shape, 200.0, &device);
        let gradient = net.gradient(images, graph.input(), 0).expect("a gradient");
        let Op::Gemm { weight, .. } = &graph.nodes()[graph.logits().index()].op else {
            panic!("the head is linear");
        };
        let n_values = weight.len() / 2;
        say(&format!("{function:?}"));
        assert_close(&vec(gradient.gradient), &weight[..n_values], 1e-6);
    }
}

#[test]
fn a_device_with_and_without_autodiff_gives_the_same() {
    let plain = Device::flex();
    let autodiff = Device::flex().autodiff();
    let mut graph = GraphBuilder::new(CHANNELS, SIZE).expect("a small image");
    let image = graph.input();
    let largest = graph.add("largest", Op::GlobalMaxPool, &[image]);
    let logits = linear_head(&mut graph, largest.expect("a vector"), 2);
    let graph = graph.finish(logits, End::Sigmoid).expect("a graph");
    let images = images(&graph, 2, 1000);
    let mut found = Vec::new();
    for (of_net, of_images) in [
        (&plain, &plain),
        (&plain, &autodiff),
        (&autodiff, &plain),
        (&autodiff, &autodiff),
        (&autodiff, &autodiff.clone().gradient_checkpointing()),
    ] {
        let net = Net::new(&graph, of_net).expect("a network");
        let images = tensor(&graph, &images, of_images);
        let answers = net.forward(images.clone()).expect("answers");
        assert_eq!(answers.is_autodiff(), of_images.is_autodiff());
        let gradient = net.gradient(images, graph.input(), 1).expect("a gradient");
        found.push((vec(answers), vec(gradient.gradient)));
    }
    assert!(found.iter().all(|other| *other == found[0]));
}

#[test]
fn a_caller_can_go_backward_by_itself() {
    let device = Device::flex().autodiff();
    let case = cases::one("mean", Op::GlobalAveragePool);
    let graph = &case.graph;
    let net = Net::new(graph, &device).expect("a network");
    let images = tensor(graph, &images(graph, 2, 1100), &device).require_grad();
    let expected = net
        .gradient(images.clone(), graph.input(), 0)
        .expect("a gradient");
    let logits = net.logits(images.clone()).expect("logits");
    let gradients = logits.narrow(1, 0, 1).sum().backward();
    let gradient = images.grad(&gradients).expect("a gradient");
    assert_eq!(vec(gradient), vec(expected.gradient));
}
