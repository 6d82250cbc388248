//! Networks of several exporters, read from ONNX files, against their definition in `f64`.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use cnn_burn::Net;
use cnn_graph::{Graph, Size};
use cnn_onnx::Model;
use test_kit::{files, in_workspace, max_difference, say, shared, with_causes};

use crate::cases::{in_f64, numbers, tensor, vec};
use crate::devices::devices;

/// What rounding in `f32` may change of an answer.
const TOLERANCE: f32 = 1e-5;

/// What it may change of a derivative along a direction, as a part of it or of 1.
const GRADIENT_TOLERANCE: f64 = 1e-4;

/// The network of a file, at its size or at a small one that is not square.
fn graph(path: &Path) -> Graph {
    let bytes = std::fs::read(path).expect("a file");
    let model = Model::from_bytes(bytes, path.parent()).expect("a model");
    let input = model.input().expect("an image");
    let size = Size {
        rows: input.rows.unwrap_or(72),
        cols: input.cols.unwrap_or(56),
    };
    let graph = model.graph(size);
    graph.unwrap_or_else(|error| panic!("{}: {}", path.display(), with_causes(&error)))
}

/// How far the answers for two images are off.
fn answers_off(graph: &Graph, net: &Net, images: &[Vec<f32>], device: &Device) -> f32 {
    let answers = net.forward(tensor(graph, images, device));
    let reference = images.iter().flat_map(|image| {
        let answers = graph.reference(&in_f64(image));
        answers.expect("an image of the graph")
    });
    let expected: Vec<f32> = reference.map(|x| x as f32).collect();
    let answers = vec(answers.expect("images of the graph"));
    max_difference(&answers, &expected).0
}

/// How far the derivative of the first logit is off at an image. An image can lie so close to a kink that
/// rounding puts a value on its other side, which is no wrong gradient: then two other images decide.
fn gradient_off(graph: &Graph, net: &Net, device: &Device) -> f64 {
    let n_values = graph.nodes()[0].shape.n_values();
    let off = |seed| derivative_off(graph, net, &numbers(seed, n_values), device);
    let first = off(1);
    if first <= GRADIENT_TOLERANCE {
        return first;
    }
    off(2).max(off(3))
}

/// How far the derivative of the first logit along a random direction is off.
fn derivative_off(graph: &Graph, net: &Net, image: &[f32], device: &Device) -> f64 {
    let images = tensor(graph, std::slice::from_ref(&image.to_vec()), device);
    let found = net.gradient(images, graph.input(), 0).expect("a gradient");
    let direction = in_f64(&numbers(5, image.len()));
    let gradient = in_f64(&vec(found.gradient));
    let derivative: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
    // So short a step that no kink lies on it.
    let step = 1e-7;
    let logit = |step: f64| {
        let moved = in_f64(image).into_iter().zip(&direction);
        let moved: Vec<f64> = moved.map(|(x, d)| x + step * d).collect();
        let values = graph.reference_values(&moved);
        values.expect("an image of the graph")[graph.logits().index()][0]
    };
    let expected = (logit(step) - logit(-step)) / (2.0 * step);
    (derivative - expected).abs() / expected.abs().max(1.0)
}

/// Compares all files of a folder, on every device.
fn compare(test: &str, folder: &Path, n_files: usize) {
    let paths = files(folder, "onnx", n_files);
    for (name, device) in devices(test) {
        compare_on(name, &device, &paths);
    }
}

fn compare_on(device_name: &str, device: &Device, paths: &[PathBuf]) {
    let mut worst = (0.0_f32, 0.0_f64);
    for path in paths {
        let graph = graph(path);
        let net = Net::new(&graph, device).expect("a network");
        let n_values = graph.nodes()[0].shape.n_values();
        let images = [numbers(1, n_values), numbers(2, n_values)];
        let answers = answers_off(&graph, &net, &images, device);
        let gradient = gradient_off(&graph, &net, device);
        let name = path.file_name().expect("a file").display();
        say(&format!(
            "{name} on {device_name}: answers {answers:.1e} off, gradient {gradient:.1e}"
        ));
        worst = (worst.0.max(answers), worst.1.max(gradient));
        assert!(answers <= TOLERANCE, "{name}: {answers}");
        assert!(gradient <= GRADIENT_TOLERANCE, "{name}: {gradient}");
    }
    let (answers, gradients) = worst;
    say(&format!(
        "{} files on {device_name}: answers {answers:.1e} off, gradients {gradients:.1e}",
        paths.len()
    ));
}

#[test]
fn networks_from_files_are_what_the_reference_says() {
    let test = "networks_from_files_are_what_the_reference_says";
    let folder = in_workspace("crates/cnn-onnx/tests/fixtures");
    compare(test, &folder, 12);
}

#[test]
fn all_networks_from_files_are_what_the_reference_says() {
    let test = "all_networks_from_files_are_what_the_reference_says";
    let Some(index) = shared(test, "any-cnn/fixtures/index.json") else {
        return;
    };
    compare(test, index.parent().expect("a folder"), 57);
}
