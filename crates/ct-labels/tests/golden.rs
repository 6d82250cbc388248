//! Statistics beside those of scikit-learn, scipy and statsmodels (`golden/make_golden.py`).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::{
    Cases, Interval, OperatingPoint, Proportion, Undefined, average_precision, brier_score,
    calibration, roc_auc, roc_curve, youden_threshold,
};
use serde::Deserialize;

/// Sums of up to 1600 terms, rounded in another order than theirs. Measured: 8.9e-16 at most, in "large".
const TOLERANCE: f64 = 4e-15;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
    proportions: Vec<Count>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    positive: Vec<u8>,
    probability: Vec<f64>,
    auc: f64,
    variance: Option<f64>,
    interval: Option<Range>,
    roc: Vec<Point>,
    youden: Youden,
    average_precision: f64,
    brier: f64,
    bins: Bins,
    at: Vec<At>,
}

#[derive(Deserialize)]
struct Range {
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct Point {
    threshold: Option<f64>,
    fpr: f64,
    tpr: f64,
}

#[derive(Deserialize)]
struct Youden {
    threshold: f64,
    index: f64,
}

#[derive(Deserialize)]
struct Bins {
    n: Vec<usize>,
    observed: Vec<f64>,
    mean: Vec<f64>,
}

#[derive(Deserialize)]
struct At {
    threshold: f64,
    tp: usize,
    fp: usize,
    tn: usize,
    r#fn: usize,
    sensitivity: Option<Ratio>,
    specificity: Option<Ratio>,
    ppv: Option<Ratio>,
    npv: Option<Ratio>,
    accuracy: Option<Ratio>,
    f1: f64,
}

#[derive(Deserialize)]
struct Ratio {
    estimate: f64,
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct Count {
    n_hits: usize,
    n_cases: usize,
    low: f64,
    high: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/golden.json")).unwrap()
}

fn cases(case: &Case) -> Cases {
    let positive = case.positive.iter().map(|&label| label == 1);
    Cases::new(case.probability.iter().copied().zip(positive)).unwrap()
}

#[track_caller]
fn assert_close(what: &str, actual: f64, expected: f64) {
    let difference = (actual - expected).abs();
    assert!(
        difference <= TOLERANCE,
        "{what}: {actual} is not {expected}, off by {difference:e}"
    );
}

#[track_caller]
fn assert_interval(what: &str, actual: Interval, low: f64, high: f64) {
    assert_close(&format!("{what}, low"), actual.low, low);
    assert_close(&format!("{what}, high"), actual.high, high);
}

#[track_caller]
fn assert_ratio(what: &str, actual: Result<Proportion, Undefined>, expected: Option<&Ratio>) {
    match (actual, expected) {
        (Ok(actual), Some(expected)) => {
            assert_close(what, actual.estimate, expected.estimate);
            assert_interval(what, actual.interval, expected.low, expected.high);
        }
        (Err(_), None) => {}
        (actual, expected) => panic!("{what}: {actual:?}, expected {:?}", expected.is_some()),
    }
}

#[test]
fn auc_and_its_interval() {
    for case in golden().cases {
        let auc = roc_auc(&cases(&case)).unwrap();
        assert_close(&case.name, auc.estimate, case.auc);
        match case.variance {
            None => assert_eq!(auc.standard_error, Err(Undefined::FewerThanTwo)),
            Some(0.0) => assert_eq!(auc.standard_error, Err(Undefined::ZeroVariance)),
            Some(variance) => {
                let error = auc.standard_error.unwrap();
                assert_close(&case.name, error * error, variance);
            }
        }
        match case.interval {
            None => assert!(auc.interval.is_err(), "{}", case.name),
            Some(Range { low, high }) => {
                assert_interval(&case.name, auc.interval.unwrap(), low, high);
            }
        }
    }
}

#[test]
fn corners_of_the_roc_curve() {
    for case in golden().cases {
        let curve = roc_curve(&cases(&case)).unwrap();
        assert_eq!(curve.len(), case.roc.len(), "{}", case.name);
        for (point, expected) in curve.iter().zip(&case.roc) {
            assert_eq!(point.threshold, expected.threshold, "{}", case.name);
            assert_close(&case.name, point.false_positive_rate, expected.fpr);
            assert_close(&case.name, point.true_positive_rate, expected.tpr);
        }
    }
}

#[test]
fn youden() {
    for case in golden().cases {
        let (threshold, index) = youden_threshold(&cases(&case)).unwrap();
        assert_eq!(threshold, case.youden.threshold, "{}", case.name);
        assert_close(&case.name, index, case.youden.index);
    }
}

#[test]
fn precision_and_brier_score() {
    for case in golden().cases {
        let cases = cases(&case);
        let precision = average_precision(&cases).unwrap();
        assert_close(&case.name, precision, case.average_precision);
        assert_close(&case.name, brier_score(&cases).unwrap(), case.brier);
    }
}

#[test]
fn calibration_bins() {
    for case in golden().cases {
        let bins = calibration(&cases(&case));
        let n: Vec<_> = bins
            .iter()
            .map(|bin| bin.positives.map_or(0, |positives| positives.n_cases))
            .collect();
        assert_eq!(n, case.bins.n, "{}", case.name);
        let filled: Vec<_> = bins.iter().filter(|bin| bin.positives.is_ok()).collect();
        assert_eq!(filled.len(), case.bins.mean.len(), "{}", case.name);
        for (at, bin) in filled.into_iter().enumerate() {
            let mean = bin.mean_probability.unwrap();
            assert_close(&case.name, mean, case.bins.mean[at]);
            let positives = bin.positives.unwrap();
            assert_close(&case.name, positives.estimate, case.bins.observed[at]);
        }
    }
}

#[test]
fn shares_at_a_threshold() {
    for case in golden().cases {
        let cases = cases(&case);
        for expected in &case.at {
            let at = OperatingPoint::new(&cases, expected.threshold).unwrap();
            let counts = (at.n_true_positives, at.n_false_positives);
            assert_eq!(counts, (expected.tp, expected.fp), "{}", case.name);
            let counts = (at.n_true_negatives, at.n_false_negatives);
            assert_eq!(counts, (expected.tn, expected.r#fn), "{}", case.name);
            assert_ratio(&case.name, at.sensitivity, expected.sensitivity.as_ref());
            assert_ratio(&case.name, at.specificity, expected.specificity.as_ref());
            assert_ratio(&case.name, at.ppv, expected.ppv.as_ref());
            assert_ratio(&case.name, at.npv, expected.npv.as_ref());
            assert_ratio(&case.name, at.accuracy, expected.accuracy.as_ref());
            assert_close(&case.name, at.f1.unwrap(), expected.f1);
        }
    }
}

#[test]
fn wilson_intervals() {
    for expected in golden().proportions {
        let (n_hits, n_cases) = (expected.n_hits, expected.n_cases);
        let cases = (0..n_cases).map(|at| (f64::from(u8::from(at < n_hits)), true));
        let at = OperatingPoint::new(&Cases::new(cases).unwrap(), 1.0).unwrap();
        let what = format!("{n_hits} of {n_cases}");
        let share = Proportion::new(n_hits, n_cases - n_hits, Undefined::NoCases);
        assert_eq!(share, at.sensitivity, "{what}");
        let interval = share.unwrap().interval;
        assert_interval(&what, interval, expected.low, expected.high);
    }
}
