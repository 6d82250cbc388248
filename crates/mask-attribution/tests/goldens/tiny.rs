//! Methods on a network of two convolutions.

use mask_attribution::{
    Attribution, Context, Evaluator, KernelShap, Kind, Method, Occlusion, Partition, Region, Size,
};
use pixel_region::CellGrid;
use serde::Deserialize;
use test_kit::{in_workspace, max_difference};

use crate::network::{Layers, Network};

/// Probabilities of PyTorch in `f32` against those of plain loops in `f64`, and their differences.
const PROBABILITY: f32 = 2e-6;

#[derive(Deserialize)]
pub(crate) struct Tiny {
    network: Layers,
    image: Vec<Vec<Vec<f64>>>,
    background: Vec<Vec<Vec<f64>>>,
    occlusion_8px_stride4: Values<Vec<Vec<f32>>>,
    occlusion_6px_stride5: Values<Vec<Vec<f32>>>,
    shapley_4x4: Values<Vec<f32>>,
    owen_4x4: Owen,
}

#[derive(Deserialize)]
struct Values<V> {
    prob: V,
}

#[derive(Deserialize)]
struct Owen {
    exact_full: OwenValues,
    exact_context0: OwenValues,
    exact_context1: OwenValues,
    full_20: OwenValues,
    full_60: OwenValues,
    context0_12: OwenValues,
}

#[derive(Deserialize)]
struct OwenValues {
    values: Vec<f32>,
    evaluations: usize,
}

pub(crate) fn load() -> (Network, Tiny) {
    let file = std::fs::read(in_workspace("tests/golden/methods/tiny.json")).unwrap();
    let mut tiny: Tiny = serde_json::from_slice(&file).unwrap();
    let layers = std::mem::replace(
        &mut tiny.network,
        serde_json::from_slice::<Tiny>(&file).unwrap().network,
    );
    let network = Network::new(layers, &tiny.image, &tiny.background);
    (network, tiny)
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32]) {
    let (difference, _) = max_difference(found, expected);
    assert!(difference <= PROBABILITY, "{difference:e}");
}

/// Explains an image of 4 x 4 pixels, each of which stands for a cell of the network's image.
fn on_cells(network: &Network, method: &dyn Method) -> Attribution {
    let grid = CellGrid::new(network.size(), 4, 4).unwrap();
    let cells = Size { rows: 4, cols: 4 };
    let mut model = |shown: &[Region]| {
        let masks = shown.iter().map(|region| {
            let mut is_shown = [false; 16];
            region.fill(&mut is_shown, cells);
            grid.region(&is_shown)
        });
        Ok(network.probabilities(&masks.collect::<Vec<_>>()))
    };
    let mut evaluator = Evaluator::new(&mut model, cells).unwrap();
    method.explain(&mut evaluator).unwrap()
}

fn in_full(network: &Network, method: &dyn Method) -> Attribution {
    let mut model = |shown: &[Region]| Ok(network.probabilities(shown));
    let mut evaluator = Evaluator::new(&mut model, network.size()).unwrap();
    method.explain(&mut evaluator).unwrap()
}

#[test]
fn occlusion_equals_captum_also_where_windows_are_cut_off() {
    let (network, tiny) = load();
    for (side, stride, expected) in [
        (8, 4, tiny.occlusion_8px_stride4),
        (6, 5, tiny.occlusion_6px_stride5),
    ] {
        let found = in_full(&network, &Occlusion { side, stride });
        assert_close(&found.values, &expected.prob.concat());
        assert_eq!(found.kind, Kind::Drop);
    }
}

#[test]
fn owen_values_equal_shap_in_full_and_under_budgets() {
    let (network, tiny) = load();
    let owen = &tiny.owen_4x4;
    for (context, budget, expected) in [
        (Context::Both, 1000, &owen.exact_full),
        (Context::Hidden, 1000, &owen.exact_context0),
        (Context::Shown, 1000, &owen.exact_context1),
        (Context::Both, 20, &owen.full_20),
        (Context::Both, 60, &owen.full_60),
        (Context::Hidden, 12, &owen.context0_12),
    ] {
        let found = on_cells(&network, &Partition { context, budget });
        assert_close(&found.values, &expected.values);
        assert_eq!(
            found.n_masks + 2,
            expected.evaluations,
            "{context:?} {budget}"
        );
        let sum: f64 = found.values.iter().map(|&value| f64::from(value)).sum();
        let rise = found.image_output - found.background_output;
        assert!((sum - rise).abs() < 1e-6, "{sum}, {rise}");
    }
}

#[test]
fn kernel_shap_of_all_coalitions_of_four_cells_equals_their_definition() {
    let (network, _) = load();
    let found = in_full(
        &network,
        &KernelShap {
            n_cells: 2,
            n_samples: 14,
            seed: 0,
        },
    );
    let grid = CellGrid::new(network.size(), 2, 2).unwrap();
    let worth: Vec<f64> = network.probabilities(
        &(0..16)
            .map(|set: usize| grid.region(&[0, 1, 2, 3].map(|cell| set >> cell & 1 == 1)))
            .collect::<Vec<_>>(),
    );
    // phi_i = sum over S without i of |S|! (3 - |S|)! / 4! (v(S + i) - v(S))
    let weights = [1.0 / 4.0, 1.0 / 12.0, 1.0 / 12.0, 1.0 / 4.0];
    for (cell, (rows, cols)) in grid.cells().enumerate() {
        let without = (0..16).filter(|set| set >> cell & 1 == 0);
        let value: f64 = without
            .map(|set: usize| {
                weights[set.count_ones() as usize] * (worth[set | 1 << cell] - worth[set])
            })
            .sum();
        let pixel = found.values[rows.start * network.size().cols + cols.start];
        assert!((f64::from(pixel) * 256.0 - value).abs() < 1e-6);
    }
    assert_eq!(found.standard_error, None, "nothing is drawn");
}

/// Of 65,534 coalitions of 16 cells a sample, and how far it says it may be off.
#[test]
fn kernel_shap_of_a_sample_is_near_the_exact_values() {
    let (network, tiny) = load();
    let method = KernelShap {
        n_cells: 4,
        n_samples: 800,
        seed: 1,
    };
    let found = on_cells(&network, &method);
    let expected = &tiny.shapley_4x4.prob;
    let error = found.standard_error.unwrap() as f32;
    let (difference, _) = max_difference(&found.values, expected);
    assert!((1e-3..0.02).contains(&error), "{error}");
    assert!(difference < 4.0 * error, "{difference}, {error}");
    let sum: f32 = found.values.iter().sum();
    let rise = found.image_output - found.background_output;
    assert!((f64::from(sum) - rise).abs() < 1e-6);
}
