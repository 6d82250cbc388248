//! Networks of several kinds and exporters.

use std::path::Path;

use cnn_graph::{Graph, Size};
use cnn_onnx::{Layout, Model};
use masked_cnn::{Engine, Mask, Rect, Region, Settings};
use ndarray::{Array2, Array4};
use test_kit::{files, in_workspace, say, shared};

use crate::{OF_DENSE, OF_REFERENCE, difference};

/// A network, an image and ONNX Runtime's answers.
fn read(path: &Path) -> (Graph, Vec<f32>, Vec<f64>) {
    let bytes = std::fs::read(path).expect("a file");
    let image: Array4<f32> = ndarray_npy::read_npy(path.with_extension("input.npy")).expect("npy");
    let expected: Array2<f32> =
        ndarray_npy::read_npy(path.with_extension("output.npy")).expect("npy");
    let model = Model::from_bytes(bytes, path.parent()).expect("a model");
    let image = match model.input().expect("an image").layout {
        Layout::Nchw => image,
        Layout::Nhwc => image.permuted_axes([0, 3, 1, 2]),
    };
    let (_, _, rows, cols) = image.dim();
    let graph = model.graph(Size { rows, cols }).expect("a graph");
    let expected = expected.iter().map(|&score| f64::from(score)).collect();
    (graph, image.iter().copied().collect(), expected)
}

/// How far dense answers are off, and masked ones from dense ones.
fn differences(path: &Path) -> [f64; 2] {
    let (graph, image, expected) = read(path);
    let engine = Engine::new(&graph, &Settings::default()).expect("an engine");
    let dense = engine.forward(&image).expect("an answer");
    let size = graph.size();
    let background: Vec<f32> = image.iter().rev().map(|pixel| 0.5 - pixel).collect();
    let half = Rect {
        row: size.rows / 3,
        col: size.cols / 2,
        n_rows: size.rows.div_ceil(2),
        n_cols: size.cols.div_ceil(4),
    };
    let whole = Rect {
        row: 0,
        col: 0,
        n_rows: size.rows,
        n_cols: size.cols,
    };
    let regions = [vec![], vec![half], vec![whole]].map(|rects| Region::union(rects, size));
    let masks = regions.each_ref().map(|shown| Mask {
        background: 0,
        shown,
        group: 0,
    });
    let mut masked = engine.mask(&image, &[&background]).expect("an image");
    let found = masked.evaluate(&masks).expect("answers");
    let images = regions.each_ref();
    let images = images.map(|region| crate::regions::mix(&image, &background, region, size));
    let composed = engine.forward(&images.concat()).expect("answers");
    let composed: Vec<f64> = composed.iter().map(|&score| f64::from(score)).collect();
    let off = [difference(&dense, &expected), difference(&found, &composed)];
    let [dense, masked] = off;
    say(&format!(
        "{}: dense off by {dense:.1e}, masked by {masked:.1e}",
        path.display()
    ));
    off
}

/// Compares all files of a folder.
fn compare(folder: &Path, n_files: usize) {
    for path in &files(folder, "onnx", n_files) {
        let [dense, masked] = differences(path);
        assert!(dense <= OF_REFERENCE, "{}: {dense:e}", path.display());
        assert!(masked <= OF_DENSE, "{}: {masked:e}", path.display());
    }
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
