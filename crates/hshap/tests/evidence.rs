//! What speaks for an output and what speaks against it, on games whose values are known.

use burn::tensor::{Device, Tensor, TensorData};
use hshap::{Depth, Error, Explainer, Explanation, Settings, Shift, Shifts, Threshold};

const SIDE: usize = 4;

/// What each pixel of a 4 x 4 image adds to the output, row by row; all numbers are exact in `f32`.
///
/// The upper left quadrant is worth -1/4 and holds a child of +1/2; the upper right one is worth 1
/// and holds a child of -1/4; the lower ones are worth 0, one with children that cancel.
const WEIGHTS: [f32; SIDE * SIDE] = [
    0.5, -0.25, 0.5, 0.25, //
    -0.25, -0.25, 0.5, -0.25, //
    0.0, 0.0, 0.125, -0.125, //
    0.0, 0.0, 0.0, 0.0,
];

/// The output for the background, which is black.
const OFFSET: f64 = 0.125;

fn tensor(values: &[f32]) -> Tensor<3> {
    Tensor::from_data(
        TensorData::new(values.to_vec(), [1, SIDE, SIDE]),
        &Device::flex(),
    )
}

/// An additive game: the Shapley value of a quadrant is the sum of its weights.
fn model(images: Tensor<4>) -> Tensor<2> {
    let device = images.device();
    let n = images.dims()[0];
    let weights = TensorData::new(WEIGHTS.to_vec(), [1, 1, SIDE, SIDE]);
    let products = images * Tensor::from_data(weights, &device);
    products.reshape([n as i32, -1]).sum_dim(1) + OFFSET
}

fn settings(threshold: f64) -> Settings {
    Settings::default()
        .with_depth(Depth::Levels(2))
        .with_threshold(Threshold::Absolute(threshold))
}

fn explain(settings: &Settings) -> Explanation {
    Explainer::new(model, tensor(&[0.0; SIDE * SIDE]))
        .explain(&tensor(&[1.0; SIDE * SIDE]), settings)
        .expect("an explanation")
}

/// The quadrant -1/4 as a whole, and the child -1/4 of the quadrant 1.
const AGAINST: [f32; SIDE * SIDE] = [
    -0.25, -0.25, 0.0, 0.0, //
    -0.25, -0.25, 0.0, -0.25, //
    0.0, 0.0, 0.0, 0.0, //
    0.0, 0.0, 0.0, 0.0,
];

const FOR: [f32; SIDE * SIDE] = [
    0.0, 0.0, 0.5, 0.25, //
    0.0, 0.0, 0.5, 0.0, //
    0.0, 0.0, 0.0, 0.0, //
    0.0, 0.0, 0.0, 0.0,
];

#[test]
fn a_negative_quadrant_that_is_dropped_speaks_against() {
    let explanation = explain(&settings(0.0));
    assert_eq!(explanation.map.values(), FOR);
    assert_eq!(explanation.evidence, explanation.map);
    assert_eq!(explanation.counter_evidence.values(), AGAINST);
}

#[test]
fn scores_under_a_negative_parent_are_no_evidence() {
    let explanation = explain(&settings(-1.0));
    // -1/4 times the children 1/2 and -1/4: two negative values in a row look like evidence.
    assert_eq!(explanation.map.get(0, 0), -0.125);
    assert_eq!(explanation.map.get(0, 1), 0.0625);
    assert_eq!(explanation.evidence.values(), FOR);
    assert_eq!(explanation.counter_evidence.values(), AGAINST);
}

#[test]
fn binary_maps_show_signs() {
    let explanation = explain(&settings(0.0).with_binary_map(true));
    assert_eq!(explanation.map.values(), FOR.map(f32::ceil));
    assert_eq!(explanation.evidence, explanation.map);
    assert_eq!(
        explanation.counter_evidence.values(),
        AGAINST.map(f32::floor)
    );
}

#[test]
fn every_node_is_told_with_its_place() {
    let run = &explain(&settings(0.0)).runs[0];
    let top: Vec<_> = run.levels[0].cells.iter().collect();
    assert_eq!(
        top.iter()
            .map(|c| (c.quadrant, c.phi, c.is_kept, c.parent))
            .collect::<Vec<_>>(),
        [
            (1, -0.25, false, None),
            (2, 1.0, true, None),
            (3, 0.0, false, None),
            (4, 0.0, false, None)
        ]
    );
    let below: Vec<_> = run.levels[1].cells.iter().collect();
    assert_eq!(
        below
            .iter()
            .map(|c| (c.row, c.col, c.score, c.is_kept))
            .collect::<Vec<_>>(),
        [
            (0, 2, 0.5, true),
            (0, 3, 0.25, true),
            (1, 2, 0.5, true),
            (1, 3, -0.25, false)
        ]
    );
    assert!(below.iter().all(|cell| cell.parent == Some(1)));
    assert_eq!(run.path(0, 2), Some(vec![3]));
    assert_eq!(run.path(1, 3), Some(vec![2, 4]));
    assert_eq!((run.path(1, 99), run.path(2, 0)), (None, None));
    let all = &explain(&settings(-1.0)).runs[0];
    assert_eq!(all.levels[1].cells.len(), 16);
    assert_eq!(all.path(1, 9), Some(vec![3, 2]));
}

#[test]
fn the_first_level_shares_out_the_output() {
    let explanation = explain(&settings(0.0));
    let run = &explanation.runs[0];
    assert_eq!(explanation.output, 0.875);
    assert_eq!(run.background_output, OFFSET);
    assert_eq!(run.top_level_sum(), 0.75);
}

/// Half of the runs move the negative quadrant: means, with the divisor of the map.
#[test]
fn a_cycle_averages_what_speaks_against() {
    let shifts = Shifts::List(vec![Shift::default(), Shift { rows: 2, cols: 0 }]);
    let explanation = Explainer::new(model, tensor(&[0.0; SIDE * SIDE]))
        .cycle_explain(&tensor(&[1.0; SIDE * SIDE]), &shifts, &settings(0.0))
        .expect("an explanation");
    // Moved by half the side the grid has the same cells, in another order.
    assert_eq!(explanation.counter_evidence.values(), AGAINST);
    assert_eq!(explanation.runs[1].levels[0].cells[2].phi, -0.25);
    let odd = Shifts::List(vec![Shift::default(), Shift { rows: 1, cols: 0 }]);
    let explanation = Explainer::new(model, tensor(&[0.0; SIDE * SIDE]))
        .cycle_explain(&tensor(&[1.0; SIDE * SIDE]), &odd, &settings(0.0))
        .expect("an explanation");
    // Rows 1 and 2 in the second run: -1/2 upper left; 1/4 upper right with the child -1/4.
    let second = &explanation.runs[1].levels;
    let phi = |level: usize| {
        second[level]
            .cells
            .iter()
            .map(|c| c.phi)
            .collect::<Vec<_>>()
    };
    assert_eq!(phi(0), [-0.5, 0.25, 0.25, 0.75]);
    assert_eq!(explanation.counter_evidence.get(1, 0), (-0.25 - 0.5) / 2.0);
    assert_eq!(
        explanation.counter_evidence.get(1, 3),
        (-0.25 - 0.25 * 0.25) / 2.0
    );
}

#[test]
fn scores_that_no_map_holds_are_an_error() {
    let huge = |images: Tensor<4>| model(images) * 1e30;
    let error = Explainer::new(huge, tensor(&[0.0; SIDE * SIDE]))
        .explain(&tensor(&[1.0; SIDE * SIDE]), &settings(0.0))
        .expect_err("1e30 squared");
    assert!(matches!(error, Error::MapNotFinite), "{error}");
}
