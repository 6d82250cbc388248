//! Networks of several kinds and exporters, against the answers of ONNX Runtime.
//! `fixtures/make_fixtures.py` made them.

use std::path::Path;

use cnn_graph::Size;
use cnn_onnx::{Layout, Model};
use ndarray::{Array2, Array4};
use test_kit::{files, in_workspace, max_difference, say, shared};

/// Largest difference of an answer from ONNX Runtime's in f32, which is up to 1.7e-6 from f64.
const TOLERANCE: f32 = 3e-6;

/// Lowers a file at the size of its recorded image; how far the answer is off.
fn difference(path: &Path) -> f32 {
    let name = path.display();
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let image: Array4<f32> =
        ndarray_npy::read_npy(path.with_extension("input.npy")).expect("an image");
    let expected: Array2<f32> =
        ndarray_npy::read_npy(path.with_extension("output.npy")).expect("an answer");
    let model = Model::from_bytes(bytes, path.parent()).expect("a model");
    let image = match model.input().expect("an image").layout {
        Layout::Nchw => image,
        Layout::Nhwc => image.permuted_axes([0, 3, 1, 2]),
    };
    let (_, channels, rows, cols) = image.dim();
    let graph = model.graph(Size { rows, cols });
    let graph = graph.unwrap_or_else(|error| panic!("{name}: {}", test_kit::with_causes(&error)));
    assert_eq!(graph.n_channels(), channels, "{name}");
    let pixels: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel)).collect();
    let answer = graph.reference(&pixels).expect("an answer");
    let answer: Vec<f32> = answer.iter().map(|&score| score as f32).collect();
    let expected: Vec<f32> = expected.iter().copied().collect();
    let (difference, _) = max_difference(&answer, &expected);
    let n_nodes = graph.nodes().len();
    say(&format!("{name}: {n_nodes} nodes, off by {difference:.1e}"));
    difference
}

/// Compares all files of a folder.
fn compare(folder: &Path, n_files: usize) {
    let worst = files(folder, "onnx", n_files)
        .iter()
        .map(|path| difference(path))
        .fold(0.0, f32::max);
    say(&format!("{n_files} files, the worst off by {worst:.1e}"));
    assert!(worst <= TOLERANCE, "off by {worst}");
}

#[test]
fn networks_answer_as_in_onnx_runtime() {
    compare(&in_workspace("crates/cnn-onnx/tests/fixtures"), 12);
}

#[test]
fn all_networks_answer_as_in_onnx_runtime() {
    let test = "all_networks_answer_as_in_onnx_runtime";
    let Some(index) = shared(test, "any-cnn/fixtures/index.json") else {
        return;
    };
    compare(index.parent().expect("a folder"), 57);
}
