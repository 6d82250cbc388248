//! Against `torch.nn.functional.interpolate`; `make_golden.py` made the numbers.

use std::process::Command;

use ct_io::HuSlice;
use ct_preprocess::{ResampleFilter, resample};
use serde::Deserialize;
use test_kit::{in_workspace, say, skipped};

/// Both compute in f64 and round once: one step of an f32 between 2048 and 4096 HU.
const TOLERANCE_HU: f32 = 2.5e-4;

#[derive(Deserialize)]
struct Case {
    rows: usize,
    cols: usize,
    values: Vec<f32>,
    to_rows: usize,
    to_cols: usize,
    bilinear: Vec<f32>,
    bicubic: Vec<f32>,
}

#[test]
fn small_images_equal_those_of_torch() {
    let golden: Vec<Case> =
        serde_json::from_str(include_str!("golden.json")).expect("what make_golden.py writes");
    for case in golden {
        let slice = HuSlice::new(case.values, case.rows, case.cols).expect("a slice");
        for (filter, expected) in [
            (ResampleFilter::Triangle, &case.bilinear),
            (ResampleFilter::CatmullRom, &case.bicubic),
        ] {
            let resampled = resample(&slice, case.to_rows, case.to_cols, filter);
            let resampled = resampled.expect("a slice");
            test_kit::assert_close(resampled.values_hu(), expected, TOLERANCE_HU);
        }
    }
}

/// `ICH_PYTHON` names a Python with torch and NumPy.
#[test]
fn large_images_equal_those_of_torch() {
    const NAME: &str = "large_images_equal_those_of_torch";
    let Some(python) = std::env::var_os("ICH_PYTHON") else {
        skipped(NAME, "ICH_PYTHON is not set");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let script = in_workspace("crates/ct-preprocess/tests/resample/make_golden.py");
    let run = Command::new(python).arg(script).arg(folder.path()).output();
    let run = run.expect("Python runs");
    if run.status.code() == Some(3) {
        skipped(NAME, "the Python of ICH_PYTHON has no torch");
        return;
    }
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let (mut n_images, mut of_f64, mut of_f32) = (0, 0.0_f32, 0.0_f32);
    for line in String::from_utf8_lossy(&run.stdout).lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[mode, image, double, single] = fields.as_slice() else {
            panic!("{line}");
        };
        let image = test_kit::read_npy(image);
        let (rows, cols) = image.dim();
        let slice = HuSlice::new(image.into_iter().collect(), rows, cols).expect("a slice");
        let filter = match mode {
            "bilinear" => ResampleFilter::Triangle,
            "bicubic" => ResampleFilter::CatmullRom,
            other => panic!("mode {other}"),
        };
        let double = test_kit::read_npy(double);
        let (rows, cols) = double.dim();
        let resampled = resample(&slice, rows, cols, filter).expect("a slice");
        let expected: Vec<f32> = double.into_iter().collect();
        test_kit::assert_close(resampled.values_hu(), &expected, TOLERANCE_HU);
        of_f64 = of_f64.max(test_kit::max_difference(resampled.values_hu(), &expected).0);
        let single: Vec<f32> = test_kit::read_npy(single).into_iter().collect();
        of_f32 = of_f32.max(test_kit::max_difference(resampled.values_hu(), &single).0);
        n_images += 1;
    }
    say(&format!(
        "{n_images} resampled images: at most {of_f64:e} HU from torch in f64, {of_f32:e} HU in f32"
    ));
    assert_eq!(n_images, 12);
}
