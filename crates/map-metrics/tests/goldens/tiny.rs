//! What needs a network, on one of two convolutions: against curves of PyTorch and numbers of captum.

use std::collections::BTreeMap;

use map_metrics::{CellGrid, CellOrder, Endpoints, Localisation, Square, Squares};
use serde::Deserialize;

use crate::network::{Layers, Network};
use crate::{assert_near, image, map, read, truth};

/// Probabilities of PyTorch in `f32` against those of plain loops in `f64`; the largest difference was
/// 3e-7.
const PROBABILITY: f64 = 2e-6;
/// Sums and quotients of such probabilities; the largest difference was 2e-6.
const SCORE: f64 = 1e-5;

#[derive(Deserialize)]
struct Tiny {
    network: Layers,
    image: Vec<Vec<Vec<f64>>>,
    background: Vec<Vec<Vec<f64>>>,
    truth: Vec<Vec<u8>>,
    output: Output,
    windows_8px_stride4: Windows,
    faithfulness: BTreeMap<String, Faithfulness>,
}

#[derive(Deserialize)]
struct Output {
    probability: f64,
    background_probability: f64,
}

#[derive(Deserialize)]
struct Windows {
    drop: Vec<f64>,
}

#[derive(Deserialize)]
struct Faithfulness {
    map: Vec<Vec<f32>>,
    infidelity: f64,
    scaled_infidelity: f64,
    captum_infidelity: f64,
    captum_infidelity_normalize: f64,
    correlation: f64,
    completeness_gap: f64,
    localisation: BTreeMap<String, f64>,
    cells_8px: CurvesGolden,
    cells_4px: CurvesGolden,
}

#[derive(Deserialize)]
struct CurvesGolden {
    order: Vec<usize>,
    insertion: Vec<f64>,
    deletion: Vec<f64>,
}

fn load() -> (Network, Tiny) {
    let tiny: Tiny = read("tiny.json");
    let layers: Tiny = read("tiny.json");
    let network = Network::new(layers.network, &tiny.image, &tiny.background);
    (network, tiny)
}

/// 49 windows of 8 x 8 pixels, 4 apart.
fn windows(network: &Network) -> Squares {
    let corners = (0..49).map(|at| (at / 7 * 4, at % 7 * 4));
    let squares = corners.map(|(row, col)| Square { row, col, side: 8 });
    Squares::new(squares.collect(), network.size()).unwrap()
}

#[test]
fn hidden_windows_change_the_output_as_in_pytorch() {
    let (network, tiny) = load();
    let outputs = network.probabilities(&windows(&network).masks());
    for (output, drop) in outputs.iter().zip(&tiny.windows_8px_stride4.drop) {
        let found = tiny.output.probability - output;
        assert_near("drop", Ok(found), Some(*drop), PROBABILITY);
    }
    assert_eq!(outputs.len(), tiny.windows_8px_stride4.drop.len());
}

#[test]
fn correlation_and_infidelity_equal_captum() {
    let (network, tiny) = load();
    let windows = windows(&network);
    let outputs = network.probabilities(&windows.masks());
    let drops = &tiny.windows_8px_stride4.drop;
    let mean_square = drops.iter().map(|d| d * d).sum::<f64>() / drops.len() as f64;
    for (name, expected) in &tiny.faithfulness {
        let (values, size) = image(&expected.map);
        let map = map(&values, size);
        let scores = windows
            .scores(&map, tiny.output.probability, &outputs)
            .unwrap();
        let near = |actual, expected, tolerance| {
            assert_near(name, actual, Some(expected), tolerance);
        };
        near(scores.correlation, expected.correlation, SCORE);
        near(scores.scaled_infidelity, expected.scaled_infidelity, SCORE);
        // Of captum with `normalize=True`, divided by the mean of the squared drops.
        let captum = expected.captum_infidelity_normalize / mean_square;
        near(scores.scaled_infidelity, captum, SCORE);
        // The infidelity of a map without a scale is a large number.
        let relative = SCORE * expected.infidelity.max(1.0);
        near(scores.infidelity, expected.infidelity, relative);
        near(scores.infidelity, expected.captum_infidelity, relative);
    }
}

#[test]
fn the_gap_of_a_sum_is_that_of_the_definition() {
    let (_, tiny) = load();
    let output = &tiny.output;
    let endpoints = Endpoints::new(output.probability, output.background_probability).unwrap();
    for (name, expected) in &tiny.faithfulness {
        let (values, size) = image(&expected.map);
        let gap = endpoints.completeness_gap(&map(&values, size));
        let relative = expected.completeness_gap.abs() / endpoints.rise();
        // The goldens' maps were not rounded to `f32` where they were summed.
        let rounding = 1e-7 * expected.completeness_gap.abs().max(1.0);
        assert_near(
            name,
            Ok(gap.absolute),
            Some(expected.completeness_gap),
            rounding,
        );
        assert_near(name, gap.relative, Some(relative), 2.0 * rounding);
    }
}

#[test]
fn maps_of_a_network_are_placed_as_in_the_definitions() {
    let (_, tiny) = load();
    let truth = truth(&tiny.truth);
    for (name, expected) in &tiny.faithfulness {
        let (values, size) = image(&expected.map);
        let place = Localisation::new(&map(&values, size), &truth).unwrap();
        for (metric, found) in [
            ("pointing", place.pointing()),
            ("energy", place.energy()),
            ("average_precision", place.average_precision()),
        ] {
            let expected = expected.localisation[metric];
            assert_near(&format!("{name} {metric}"), found, Some(expected), 1e-6);
        }
    }
}

/// The curves of the goldens have every number of cells; they are compared where ours are read.
#[test]
fn curves_equal_those_of_pytorch() {
    let (network, tiny) = load();
    let output = &tiny.output;
    let endpoints = Endpoints::new(output.probability, output.background_probability).unwrap();
    for (name, expected) in &tiny.faithfulness {
        let (values, size) = image(&expected.map);
        for (n, expected) in [(4, &expected.cells_8px), (8, &expected.cells_4px)] {
            let grid = CellGrid::new(size, n, n).unwrap();
            let by_position = (0..n * n).collect();
            let order = CellOrder::with_ties(&map(&values, size), &grid, by_position).unwrap();
            // Cells of Grad-CAM that are equal but for the rounding of their sums are ordered by it.
            if name != "gradcam" {
                assert_eq!(order.order(), expected.order, "{name}");
            }
            // On a constant map the order of ties decides.
            let constant = vec![1.0; values.len()];
            let order = expected.order.clone();
            let order = CellOrder::with_ties(&map(&constant, size), &grid, order).unwrap();
            let outputs = network.probabilities(&order.masks());
            let curves = order.curves(&endpoints, &outputs).unwrap();
            for (at, &n_first) in curves.n_first().iter().enumerate() {
                let golden = [expected.deletion[n_first], expected.insertion[n_first]];
                let found = [
                    curves.deletion_outputs()[at],
                    curves.insertion_outputs()[at],
                ];
                assert_near(name, Ok(found[0]), Some(golden[0]), PROBABILITY);
                assert_near(name, Ok(found[1]), Some(golden[1]), PROBABILITY);
            }
        }
    }
}
