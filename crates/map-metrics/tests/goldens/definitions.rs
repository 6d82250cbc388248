//! Every metric that needs no network, on 14 maps with their truths, ties and degenerate ones included.

use std::collections::BTreeMap;

use map_metrics::{
    CellGrid, Localisation, OTSU_BINS, Size, Truth, Undefined, gini, otsu, spearman, top_jaccard,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{assert_near, image, map, read, truth};

/// Sums of 256 values in another order than NumPy's; the largest difference was below 1e-15.
const TOLERANCE: f64 = 1e-14;

#[derive(Deserialize)]
struct Metrics {
    cases: BTreeMap<String, Case>,
    pairs: BTreeMap<String, Pair>,
}

#[derive(Deserialize)]
struct Case {
    map: Vec<Vec<f32>>,
    truth: Vec<Vec<u8>>,
    definition: Definition,
    packages: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Definition {
    pointing: Option<f64>,
    energy: Option<f64>,
    rank_accuracy: Option<f64>,
    average_precision: Option<f64>,
    gini: Option<f64>,
    otsu_1024: f64,
    otsu_256: f64,
    at_otsu_1024: Option<Overlap>,
    best_iou: Option<Best>,
    chance: f64,
}

#[derive(Deserialize)]
struct Overlap {
    precision: f64,
    recall: f64,
    iou: f64,
    dice: f64,
}

#[derive(Deserialize)]
struct Best {
    iou: f64,
    threshold: f64,
    dice: f64,
}

#[derive(Deserialize)]
struct Pair {
    spearman: Option<f64>,
    top16_jaccard: f64,
}

struct Read {
    name: String,
    values: Vec<f32>,
    size: Size,
    truth: Truth,
    definition: Definition,
    packages: BTreeMap<String, Value>,
}

fn cases() -> Vec<Read> {
    let cases = read::<Metrics>("metrics.json").cases.into_iter();
    let cases: Vec<Read> = cases
        .map(|(name, case)| {
            let (values, size) = image(&case.map);
            Read {
                name,
                values,
                size,
                truth: truth(&case.truth),
                definition: case.definition,
                packages: case.packages,
            }
        })
        .collect();
    assert_eq!(cases.len(), 14);
    cases
}

#[test]
fn localisation_equals_the_definitions() {
    for case in cases() {
        let place = Localisation::new(&map(&case.values, case.size), &case.truth).unwrap();
        let expected = &case.definition;
        let near = |what: &str, actual, expected| {
            assert_near(
                &format!("{} {what}", case.name),
                actual,
                expected,
                TOLERANCE,
            );
        };
        near("pointing", place.pointing(), expected.pointing);
        near("energy", place.energy(), expected.energy);
        near(
            "rank accuracy",
            place.rank_accuracy(),
            expected.rank_accuracy,
        );
        near(
            "average precision",
            place.average_precision(),
            expected.average_precision,
        );
        near("chance", Ok(case.truth.chance()), Some(expected.chance));

        let best = place.best_iou();
        let expected = expected.best_iou.as_ref();
        near("best iou", best.map(|b| b.iou), expected.map(|b| b.iou));
        near("best dice", best.map(|b| b.dice), expected.map(|b| b.dice));
        let threshold = best.map(|b| f64::from(b.threshold));
        near("best threshold", threshold, expected.map(|b| b.threshold));
    }
}

#[test]
fn thresholds_of_otsu_equal_scikit_image() {
    for case in cases() {
        let map = map(&case.values, case.size);
        for (n_bins, expected) in [
            (OTSU_BINS, case.definition.otsu_1024),
            (256, case.definition.otsu_256),
        ] {
            let actual = f64::from(otsu(&map, n_bins));
            assert_near(&case.name, Ok(actual), Some(expected), 0.0);
        }
    }
}

#[test]
fn overlap_at_otsu_equals_the_definition_but_for_the_precision_of_nothing() {
    let mut n_empty = 0;
    for case in cases() {
        let place = Localisation::new(&map(&case.values, case.size), &case.truth).unwrap();
        let Some(expected) = &case.definition.at_otsu_1024 else {
            assert_eq!(place.at_otsu(OTSU_BINS), Err(Undefined::EmptyTruth));
            continue;
        };
        let found = place.at_otsu(OTSU_BINS).unwrap();
        for (actual, expected) in [
            (found.recall, expected.recall),
            (found.iou, expected.iou),
            (found.dice, expected.dice),
        ] {
            assert_near(&case.name, Ok(actual), Some(expected), TOLERANCE);
        }
        if found.n_selected == 0 {
            // The reference says 0.
            n_empty += 1;
            assert_eq!(expected.precision, 0.0);
            assert_eq!(found.precision, Err(Undefined::EmptySelection));
        } else {
            assert_near(
                &case.name,
                found.precision,
                Some(expected.precision),
                TOLERANCE,
            );
        }
    }
    assert_eq!(n_empty, 2, "the constant maps");
}

#[test]
fn the_gini_index_equals_its_definition() {
    for case in cases() {
        let found = gini(&map(&case.values, case.size));
        assert_near(&case.name, found, case.definition.gini, TOLERANCE);
    }
}

#[test]
fn packages_agree_where_they_are_defined_and_nothing_is_tied() {
    for case in cases() {
        let place = Localisation::new(&map(&case.values, case.size), &case.truth).unwrap();
        let package = |name: &str| case.packages[name].as_f64();
        let check = |actual: Result<f64, Undefined>, name: &str| {
            if let Some(expected) = package(name) {
                assert_near(
                    &format!("{} {name}", case.name),
                    actual,
                    Some(expected),
                    1e-6,
                );
            }
        };
        // Scikit-learn says 0 for an empty truth.
        if case.truth.n_pixels() > 0 {
            check(place.average_precision(), "sklearn_average_precision");
            check(
                place.at_otsu(OTSU_BINS).map(|s| s.dice),
                "sklearn_f1_at_otsu",
            );
            check(
                place.at_otsu(OTSU_BINS).map(|s| s.iou),
                "sklearn_jaccard_at_otsu",
            );
        }
        check(place.energy(), "quantus_AttributionLocalisation_positive");
        // Quantus adds 1e-7 to every pixel.
        if let Some(expected) = package("quantus_Sparseness") {
            let found = gini(&map(&case.values, case.size));
            assert_near(&case.name, found, Some(expected), 1e-5);
        }
    }
}

#[test]
fn quantus_differs_where_pixels_are_tied_or_negative() {
    let cases = cases();
    let case = |name: &str| cases.iter().find(|case| case.name == name).unwrap();

    // Some of the highest pixels lie in the truth: Quantus counts a hit, and sorts ties as they come.
    let tied = case("cells_with_ties");
    let place = Localisation::new(&map(&tied.values, tied.size), &tied.truth).unwrap();
    assert_eq!(tied.packages["quantus_PointingGame"], true);
    assert!(place.pointing().unwrap() < 0.2);
    assert_eq!(tied.packages["quantus_RelevanceRankAccuracy"], 0.0);
    assert!(place.rank_accuracy().unwrap() > 0.15);

    // It hits an empty truth.
    let empty = case("empty_truth");
    let place = Localisation::new(&map(&empty.values, empty.size), &empty.truth).unwrap();
    assert_eq!(empty.packages["quantus_PointingGame"], true);
    assert_eq!(place.pointing(), Err(Undefined::EmptyTruth));

    // It divides by a sum in which negative values cancel positive ones.
    let signed = case("signed");
    let place = Localisation::new(&map(&signed.values, signed.size), &signed.truth).unwrap();
    let quantus = &signed.packages["quantus_RelevanceMassAccuracy_signed"];
    assert!(quantus.as_f64().unwrap() < 0.0);
    assert!(place.energy().unwrap() > 0.8);
}

#[test]
fn pairs_of_maps_agree_as_the_definitions_say() {
    let cases = cases();
    let everything = vec![true; 256];
    for (names, expected) in read::<Metrics>("metrics.json").pairs {
        let (a, b) = names.split_once(" | ").unwrap();
        let of = |name: &str| {
            let case = cases.iter().find(|case| case.name == name).unwrap();
            map(&case.values, case.size)
        };
        let (a, b) = (of(a), of(b));
        let pixels = CellGrid::new(a.size(), 16, 16).unwrap();
        let ranks = spearman(&a, &b, &pixels, &everything).unwrap();
        assert_near(&names, ranks, expected.spearman, TOLERANCE);

        // Where all 16 highest pixels of both are without a tie the index is the plain one.
        let found = top_jaccard(&a, &b, 16).unwrap();
        if !names.contains("cells") && !names.contains("zero") {
            assert_near(&names, found, Some(expected.top16_jaccard), TOLERANCE);
        }
    }
}
