//! Against pydicom, numpy and torchvision; `golden/make_golden.py` made the numbers.

use std::path::PathBuf;

use burn::tensor::Device;
use ct_io::HuSlice;
use ct_preprocess::{Window, WindowFunction, WindowedSlice};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    hu: Vec<f32>,
    dicom: Vec<Case>,
    brain_grey_bits: Vec<u32>,
    brain_tensor_bits: Vec<u32>,
    odd_window_grey_bits: Vec<u32>,
}

#[derive(Deserialize)]
struct Case {
    level: f32,
    width: f32,
    function: String,
    grey: Vec<f32>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn golden() -> Golden {
    let text = std::fs::read_to_string(folder().join("golden.json")).expect("golden.json");
    serde_json::from_str(&text).expect("the fields that make_golden.py writes")
}

/// Whole HU from -20 to 100.
fn around_the_brain_window() -> HuSlice {
    HuSlice::new((-20..=100).map(|hu| hu as f32).collect(), 11, 11).expect("121 values")
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn the_default_window_equals_numpy_bit_for_bit() {
    let grey = Window::BRAIN.apply(&around_the_brain_window());
    assert_eq!(bits(grey.values()), golden().brain_grey_bits);

    let odd = Window::new(41.0, 17.0, WindowFunction::Notebook).expect("valid");
    let grey = odd.apply(&around_the_brain_window());
    assert_eq!(bits(grey.values()), golden().odd_window_grey_bits);
}

#[test]
fn the_tensor_equals_torchvision_bit_for_bit() {
    let grey = Window::BRAIN.apply(&around_the_brain_window());
    let tensor = grey.to_tensor(&Device::flex());
    assert_eq!(tensor.dims(), [3, 11, 11]);
    let values: Vec<f32> = tensor.into_data().iter::<f32>().collect();
    assert_eq!(bits(&values), golden().brain_tensor_bits);
}

#[test]
fn dicom_windows_equal_pydicom() {
    /// Both compute in f64; the golden went through a scale of 65535 and back.
    const TOLERANCE: f32 = 2e-7;

    let golden = golden();
    let slice = HuSlice::new(golden.hu.clone(), 1, golden.hu.len()).expect("one row");
    for case in golden.dicom {
        let function = match case.function.as_str() {
            "LINEAR" => WindowFunction::Linear,
            "LINEAR_EXACT" => WindowFunction::LinearExact,
            "SIGMOID" => WindowFunction::Sigmoid,
            other => panic!("function {other}"),
        };
        let window = Window::new(case.level, case.width, function).expect("valid");
        println!("{window:?}");
        test_kit::assert_close(window.apply(&slice).values(), &case.grey, TOLERANCE);
    }
}

/// PS3.3 C.11.2.1.2.1, note 3: centre 2^(n-1) and width 2^n select the range from 0 to 2^n - 1.
#[test]
fn linear_spans_the_range_of_the_standards_example() {
    let window = Window::new(2048.0, 4096.0, WindowFunction::Linear).expect("valid");
    let slice = HuSlice::new(vec![-1.0, 0.0, 2047.5, 4095.0, 4096.0], 1, 5).expect("one row");
    assert_eq!(window.apply(&slice).values(), [0.0, 0.0, 0.5, 1.0, 1.0]);
}

#[test]
fn a_background_must_be_grey() {
    let path = test_kit::in_workspace("crates/ct-io/tests/golden/f4le.npy");
    let error = WindowedSlice::read(path).expect_err("Hounsfield units");
    let message = test_kit::with_causes(&error);
    assert!(
        message.contains("f4le.npy") && message.contains("row 0, column 0"),
        "{message}"
    );
}
