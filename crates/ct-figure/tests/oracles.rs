//! Thresholds and what is drawn against scikit-image and numpy: `golden/make_golden.py` wrote the values.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_figure::{Heat, Limits, Saliency, otsu};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    dims: (usize, usize),
    values: Vec<f32>,
    otsu: f32,
    largest_drawn: f32,
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
fn the_scale_is_the_largest_magnitude_above_the_threshold() {
    for case in cases() {
        let map = Saliency::new(&case.values, case.dims).unwrap();
        let largest = Heat::new(map).largest();
        assert_eq!(largest, case.largest_drawn, "{}", case.name);
        let scale = Limits::default().scale(largest).unwrap();
        assert_eq!(scale, case.largest_drawn, "{}", case.name);
    }
}
