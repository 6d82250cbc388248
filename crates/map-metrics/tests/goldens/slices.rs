//! Maps of slices of 512 x 512 pixels by other programs, with the scores that NumPy gives them. The maps
//! are not in the repository.

use std::collections::BTreeMap;
use std::path::Path;

use ct_labels::{BoundingBox, GroundTruth};
use map_metrics::{
    BoxRule, CellGrid, CellOrder, Curves, Endpoints, Localisation, OTSU_BINS, Rectangle, Size,
    Truth, centre_map, edge_map, gini, negative_share, spearman,
};
use ndarray::Array2;
use serde::Deserialize;
use serde_json::Value;
use test_kit::shared;

use crate::{assert_near, map};

const SIZE: Size = Size {
    rows: 512,
    cols: 512,
};

/// Sums of 262,144 values in another order than NumPy's; the largest difference was 3e-13.
const TOLERANCE: f64 = 1e-12;
/// Maps that are kept in `f64` are scored in `f32`; the largest difference was below 1e-9.
const ROUNDED: f64 = 1e-9;
/// SciPy rounds to `f32` between the two passes of Sobel's filter.
const BASELINE: f64 = 1e-6;

#[derive(Deserialize)]
struct Scores {
    #[serde(rename = "_")]
    slice: Slice,
    #[serde(rename = "_steps")]
    steps: Vec<usize>,
    #[serde(rename = "_agreement_spearman_16px")]
    agreement: Agreement,
    #[serde(flatten)]
    maps: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Slice {
    f_image: f64,
    f_background: f64,
    truth_pixels: usize,
    chance: f64,
    energy_ceiling: BTreeMap<usize, f64>,
}

#[derive(Deserialize)]
struct Agreement {
    names: Vec<String>,
    matrix: Vec<Vec<f64>>,
}

/// A map of a slice, of which every so many pixels are kept.
struct Kept {
    name: &'static str,
    file: &'static str,
    every: usize,
}

const MAPS: [Kept; 4] = [
    Kept {
        name: "hshap_one",
        file: "hshap-one-every32px.npy",
        every: 32,
    },
    Kept {
        name: "hshap_cycle",
        file: "hshap-cycle.npy",
        every: 1,
    },
    Kept {
        name: "partition_fc0",
        file: "partition-fc0-every2px.npy",
        every: 2,
    },
    Kept {
        name: "occlusion_prob",
        file: "occlusion-prob-16x16.npy",
        every: 32,
    },
];

/// A map in full: `f32`, or `f64` rounded, and whether it was.
fn full(path: &Path, every: usize) -> (Vec<f32>, bool) {
    let read = ndarray_npy::read_npy::<_, Array2<f32>>(path);
    let is_rounded = read.is_err();
    let kept = read.unwrap_or_else(|_| {
        let wide: Array2<f64> = ndarray_npy::read_npy(path).unwrap();
        wide.mapv(|value| value as f32)
    });
    let pixels = (0..512 * 512).map(|at| kept[[at / 512 / every, at % 512 / every]]);
    (pixels.collect(), is_rounded)
}

/// Compares the scores of a slice; its files are named by what stands before their own names.
fn check(test: &str, prefix: &str, truth: &Truth) {
    let file = |name: &str| shared(test, &format!("methods/{prefix}{name}"));
    let Some(scores) = file("scores.json") else {
        return;
    };
    let scores: Scores = serde_json::from_slice(&std::fs::read(scores).unwrap()).unwrap();
    check_truth(&scores.slice, truth);
    let endpoints = Endpoints::new(scores.slice.f_image, scores.slice.f_background).unwrap();
    let mut in_full = Vec::new();
    for kept in &MAPS {
        let path = file(kept.file).unwrap();
        let (values, is_rounded) = full(&path, kept.every);
        let tolerance = if is_rounded { ROUNDED } else { TOLERANCE };
        check_map(&values, truth, &scores.maps[kept.name], tolerance);
        check_curves(&values, &scores, &scores.maps[kept.name], &endpoints);
        in_full.push((kept.name, values));
    }
    check_agreement(&in_full, &scores.agreement);
}

fn check_truth(slice: &Slice, truth: &Truth) {
    assert_eq!(truth.n_pixels(), slice.truth_pixels);
    assert_near("chance", Ok(truth.chance()), Some(slice.chance), 0.0);
    for (&side, &expected) in &slice.energy_ceiling {
        let grid = CellGrid::new(SIZE, 512 / side, 512 / side).unwrap();
        let ceiling = truth.energy_ceiling(&grid).unwrap();
        assert_near("ceiling", ceiling, Some(expected), 1e-15);
    }
}

fn check_map(values: &[f32], truth: &Truth, expected: &BTreeMap<String, Value>, tolerance: f64) {
    let map = map(values, SIZE);
    let place = Localisation::new(&map, truth).unwrap();
    let selection = place.at_otsu(OTSU_BINS).unwrap();
    for (metric, found) in [
        ("pointing", place.pointing()),
        ("pointing_15px", place.pointing_within(15.0)),
        ("peak_distance_px", place.peak_distance_px()),
        ("energy", place.energy()),
        ("rank_accuracy", place.rank_accuracy()),
        ("average_precision", place.average_precision()),
        ("best_iou", place.best_iou().map(|best| best.iou)),
        ("best_dice", place.best_iou().map(|best| best.dice)),
        ("iou_otsu", Ok(selection.iou)),
        ("dice_otsu", Ok(selection.dice)),
        ("precision_otsu", selection.precision),
        ("recall_otsu", Ok(selection.recall)),
        ("gini", gini(&map)),
        ("negative_share", negative_share(&map)),
    ] {
        assert_near(metric, found, expected[metric].as_f64(), tolerance);
    }
}

/// The areas under curves whose outputs are known.
fn check_curves(
    values: &[f32],
    scores: &Scores,
    expected: &BTreeMap<String, Value>,
    endpoints: &Endpoints,
) {
    let grid = CellGrid::new(SIZE, 32, 32).unwrap();
    let order = CellOrder::new(&map(values, SIZE), &grid, 0).unwrap();
    assert_eq!(order.steps(), scores.steps);
    assert_eq!(order.masks().len(), 40);
    let outputs = |curve: &str| -> Vec<f64> {
        let curve: Vec<f64> = serde_json::from_value(expected[curve].clone()).unwrap();
        // The last one is that of the background or of the image.
        curve[..curve.len() - 1].to_vec()
    };
    let outputs = [outputs("deletion_curve"), outputs("insertion_curve")].concat();
    let curves: Curves = order.curves(endpoints, &outputs).unwrap();
    for (metric, found) in [
        ("deletion", curves.deletion()),
        ("insertion", curves.insertion()),
        ("deletion_log", curves.deletion_log()),
        ("insertion_log", curves.insertion_log()),
        ("deletion_raw", Ok(curves.deletion_raw())),
        ("insertion_raw", Ok(curves.insertion_raw())),
        (
            "cells_to_half_deletion",
            curves.cells_to_half().map(|n| n as f64),
        ),
    ] {
        // The reference's last outputs are evaluated again, in `f32`.
        assert_near(metric, found, expected[metric].as_f64(), 1e-6);
    }
}

/// Over the whole image, as the reference has it.
fn check_agreement(maps: &[(&str, Vec<f32>)], expected: &Agreement) {
    let grid = CellGrid::new(SIZE, 32, 32).unwrap();
    let everything = vec![true; 512 * 512];
    let at = |name: &str| {
        expected
            .names
            .iter()
            .position(|other| other == name)
            .unwrap()
    };
    for (a, values_of_a) in maps {
        for (b, values_of_b) in maps {
            let (first, second) = (map(values_of_a, SIZE), map(values_of_b, SIZE));
            let found = spearman(&first, &second, &grid, &everything).unwrap();
            let golden = expected.matrix[at(a)][at(b)];
            assert_near(&format!("{a} {b}"), found, Some(golden), ROUNDED);
        }
    }
}

#[test]
fn the_phantom_is_scored_as_by_the_reference() {
    let test = "the_phantom_is_scored_as_by_the_reference";
    if let Some(path) = shared(test, "golden/phantom-bleed-mask.npy") {
        let mask: Array2<bool> = ndarray_npy::read_npy(path).unwrap();
        let truth = Truth::from_mask(mask.into_raw_vec_and_offset().0, SIZE).unwrap();
        check(test, "phantom/", &truth);
    }
}

/// Maps that need no network, of the phantom.
#[test]
fn baselines_are_scored_as_by_the_reference() {
    let test = "baselines_are_scored_as_by_the_reference";
    let Some(slice) = shared(test, "golden/phantom-bleed.npy") else {
        return;
    };
    let hu: Array2<i16> = ndarray_npy::read_npy(slice).unwrap();
    let grey: Vec<f32> = hu
        .iter()
        .map(|&hu| f32::from(hu).clamp(0.0, 80.0) / 80.0)
        .collect();
    let mask = shared(test, "golden/phantom-bleed-mask.npy").unwrap();
    let mask: Array2<bool> = ndarray_npy::read_npy(mask).unwrap();
    let truth = Truth::from_mask(mask.into_raw_vec_and_offset().0, SIZE).unwrap();
    let scores = shared(test, "methods/phantom/scores.json").unwrap();
    let scores: Scores = serde_json::from_slice(&std::fs::read(scores).unwrap()).unwrap();
    for (name, values) in [
        ("centre", centre_map(SIZE)),
        ("edges", edge_map(&grey, SIZE).unwrap()),
        ("intensity", grey),
    ] {
        check_map(&values, &truth, &scores.maps[name], BASELINE);
    }
}

#[test]
fn real_slices_with_boxes_are_scored_as_by_the_reference() {
    let test = "real_slices_with_boxes_are_scored_as_by_the_reference";
    let Some(table) = shared(test, "data/cq500/gt.csv") else {
        return;
    };
    let boxes = GroundTruth::read(&table).unwrap();
    let slices = test_kit::files(table.parent().unwrap(), "npy", 2);
    for (slice, name) in slices.iter().zip(["real0", "real2"]) {
        let bounds = boxes.boxes(slice.file_stem().unwrap().to_str().unwrap());
        let bounds: Vec<Rectangle> = bounds.iter().map(rectangle).collect();
        let truth = Truth::from_boxes(&bounds, BoxRule::Truncated, SIZE).unwrap();
        check(test, &format!("real-derived/{name}-"), &truth);
    }
}

fn rectangle(bounds: &BoundingBox) -> Rectangle {
    Rectangle {
        column: bounds.column,
        row: bounds.row,
        width: bounds.width,
        height: bounds.height,
    }
}
