//! Against the definitions in NumPy and the packages of the field: `tests/golden/methods` of the workspace
//! holds values and scripts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod definitions;
#[path = "../../../../tests/golden/methods/network.rs"]
mod network;
mod slices;
mod tiny;

use map_metrics::{Map, Size, Truth, Undefined};
use serde::de::DeserializeOwned;
use test_kit::in_workspace;

/// A golden of `tests/golden/methods`.
fn read<T: DeserializeOwned>(file: &str) -> T {
    let path = in_workspace("tests/golden/methods").join(file);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A square image of rows.
fn image<T: Copy>(rows: &[Vec<T>]) -> (Vec<T>, Size) {
    let size = Size {
        rows: rows.len(),
        cols: rows[0].len(),
    };
    (rows.concat(), size)
}

fn truth(rows: &[Vec<u8>]) -> Truth {
    let (mask, size) = image(rows);
    Truth::from_mask(mask.iter().map(|&pixel| pixel == 1).collect(), size).unwrap()
}

fn map(values: &[f32], size: Size) -> Map<'_> {
    Map::new(values, size).unwrap()
}

/// Asserts that a value is there exactly if one is expected, and close to it.
#[track_caller]
fn assert_near(what: &str, actual: Result<f64, Undefined>, expected: Option<f64>, tolerance: f64) {
    match (actual, expected) {
        (Err(_), None) => {}
        (Ok(actual), Some(expected)) => {
            let off = (actual - expected).abs();
            assert!(off <= tolerance, "{what}: {actual}, expected {expected}");
        }
        _ => panic!("{what}: {actual:?}, expected {expected:?}"),
    }
}
