//! Thresholds and limits against scikit-image and numpy: `golden/make_golden.py` wrote the values.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_figure::{Limits, Saliency, otsu};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    dims: (usize, usize),
    values: Vec<f32>,
    otsu: f32,
    percentiles: Vec<(f64, f64)>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("golden/maps.json")).unwrap()
}

#[test]
fn the_threshold_equals_scikit_image() {
    for case in cases() {
        let map = Saliency::new(&case.values, case.dims).unwrap();
        assert_eq!(otsu(&map), case.otsu, "{}", case.name);
    }
}

#[test]
fn the_percentile_equals_numpy() {
    // numpy in f64, ours in f64 and rounded once to f32: half a unit in the last place, 2^-24.
    let tolerance = 2_f64.powi(-24);
    for case in cases() {
        let map = Saliency::new(&case.values, case.dims).unwrap();
        for (percent, expected) in case.percentiles {
            let vmax = Limits::Percentile(percent).vmax(&map).unwrap();
            // A percentile of 0 is replaced by the largest magnitude.
            let expected = match expected {
                0.0 => f64::from(case.values.iter().fold(0.0_f32, |max, v| max.max(v.abs()))),
                _ => expected,
            };
            assert!(
                (f64::from(vmax) - expected).abs() <= tolerance * expected,
                "{}, percentile {percent}: {vmax}, numpy {expected}",
                case.name
            );
        }
    }
}
