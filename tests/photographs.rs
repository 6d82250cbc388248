//! The crates know nothing of heads: a network of photographs, with a softmax over five classes, is
//! explained by the libraries alone (`tests/networks`).

use burn::tensor::{Device, Tensor, TensorData};
use ich::cnn_burn::Net;
use ich::cnn_graph::Size;
use ich::cnn_onnx::Model;
use ich::hshap::{Depth, Explainer, Outputs, Settings};
use ich::masked_cnn::{self, Engine};
use ndarray::Array;
use ndarray_npy::read_npy;
use serde_json::Value;
use test_kit::in_workspace;

/// Between a probability and that of ONNX Runtime; 6e-7 was the most seen.
const TOLERANCE: f64 = 5e-6;

/// Between maps, of the largest value of a map; 2e-5 was the most seen.
const MAP_TOLERANCE: f32 = 1e-4;

#[test]
fn a_network_of_photographs_is_explained_by_the_libraries_alone() {
    let image: Array<f32, ndarray::Ix3> =
        read_npy(in_workspace("tests/networks/photograph.npy")).expect("an image");
    let (channels, rows, cols) = image.dim();
    let pixels = image.into_raw_vec_and_offset().0;
    let bytes = std::fs::read(in_workspace("tests/networks/photographs.onnx")).expect("a file");
    let model = Model::from_bytes(bytes, None).expect("a model");
    let graph = model.graph(Size { rows, cols }).expect("a graph");
    let text = std::fs::read_to_string(in_workspace("tests/networks/expected.json"));
    let all: Value = serde_json::from_str(&text.expect("a file")).expect("JSON");
    let expected: Vec<f64> = all["photographs"]["photograph"]["probabilities"]
        .as_array()
        .expect("probabilities")
        .iter()
        .map(|number| number.as_f64().expect("a number"))
        .collect();
    let class = (0..5)
        .max_by(|a, b| expected[*a].total_cmp(&expected[*b]))
        .expect("a class");

    let device = Device::flex();
    let tensor = |values: Vec<f32>| {
        Tensor::<3>::from_data(TensorData::new(values, [channels, rows, cols]), &device)
    };
    let (image, grey) = (
        tensor(pixels.clone()),
        tensor(vec![0.5; channels * rows * cols]),
    );
    let engine = Engine::new(&graph, &masked_cnn::Settings::default()).expect("an engine");
    for (found, expected) in engine
        .forward(&pixels)
        .expect("answers")
        .iter()
        .zip(&expected)
    {
        assert!((f64::from(*found) - expected).abs() <= TOLERANCE);
    }
    let net = Net::new(&graph, &device).expect("a network");
    let settings = Settings::default()
        .with_label(class)
        .with_depth(Depth::Levels(3))
        .with_outputs(Outputs::Probabilities);
    let cells: Array<f32, ndarray::Ix2> =
        read_npy(in_workspace("tests/networks/photographs.map.npy")).expect("a map");
    let (n_rows, n_cols) = cells.dim();
    let expected: Vec<f32> = (0..rows * cols)
        .map(|pixel| cells[(pixel / cols * n_rows / rows, pixel % cols * n_cols / cols)])
        .collect();
    for explainer in [
        Explainer::masked(engine, grey.clone()),
        Explainer::new(move |images| net.forward(images), grey),
    ] {
        let found = explainer
            .explain(&image, &settings)
            .expect("an explanation");
        let limit = MAP_TOLERANCE * expected.iter().copied().fold(0.0, f32::max);
        for (found, expected) in found.map.values().iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= limit,
                "{found}, expected {expected}"
            );
        }
    }
}
