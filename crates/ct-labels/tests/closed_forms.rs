//! Statistics beside values that can be worked out on paper.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::{
    Cases, Error, OperatingPoint, Undefined, average_precision, brier_score, calibration, roc_auc,
    roc_curve, youden_threshold,
};

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A few roundings of numbers of at most 1.
const TOLERANCE: f64 = 1e-15;

fn cases(positives: &[f64], negatives: &[f64]) -> Cases {
    let positives = positives.iter().map(|&p| (p, true));
    Cases::new(positives.chain(negatives.iter().map(|&p| (p, false)))).unwrap()
}

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    assert!(
        (actual - expected).abs() <= TOLERANCE,
        "{actual} is not {expected}"
    );
}

#[test]
fn auc_counts_pairs_in_order() {
    let auc = roc_auc(&cases(&[0.9, 0.3], &[0.4, 0.1])).unwrap();
    assert_eq!(auc.estimate, 0.75);
    let auc = roc_auc(&cases(&[0.5], &[0.5, 0.1, 0.9, 0.5])).unwrap();
    assert_eq!(auc.estimate, 0.5);
}

#[test]
fn delong_by_hand() {
    // V10 = 1, 1/2 and V01 = 1/2, 1: both sample variances are 1/8, and 1/8 / 2 + 1/8 / 2 = 1/8.
    let auc = roc_auc(&cases(&[0.9, 0.3], &[0.4, 0.1])).unwrap();
    assert_close(auc.standard_error.unwrap().powi(2), 0.125);
    // logit 3/4 = ln 3, and its error is sqrt(1/8) / (3/16).
    let half = Z * 0.125_f64.sqrt() / 0.1875;
    let odds = |logit: f64| logit.exp() / (1.0 + logit.exp());
    let interval = auc.interval.unwrap();
    assert_close(interval.low, odds(3_f64.ln() - half));
    assert_close(interval.high, odds(3_f64.ln() + half));
}

#[test]
fn a_perfect_auc_has_no_interval() {
    for (positives, negatives, estimate) in [
        ([0.8, 0.9], [0.1, 0.2], 1.0),
        ([0.1, 0.2], [0.8, 0.9], 0.0),
        ([0.5, 0.5], [0.5, 0.5], 0.5),
    ] {
        let auc = roc_auc(&cases(&positives, &negatives)).unwrap();
        assert_eq!(auc.estimate, estimate);
        assert_eq!(auc.interval, Err(Undefined::ZeroVariance));
    }
}

#[test]
fn one_case_of_a_class_has_no_interval() {
    let auc = roc_auc(&cases(&[0.5], &[0.1, 0.7, 0.2])).unwrap();
    assert_eq!(auc.interval, Err(Undefined::FewerThanTwo));
}

#[test]
fn one_class_alone_has_no_curve() {
    let (positives, negatives) = (cases(&[0.5, 0.7], &[]), cases(&[], &[0.5, 0.7]));
    assert_eq!(roc_auc(&positives), Err(Undefined::NoNegatives));
    assert_eq!(roc_auc(&negatives), Err(Undefined::NoPositives));
    assert_eq!(roc_curve(&positives), Err(Undefined::NoNegatives));
    assert_eq!(youden_threshold(&negatives), Err(Undefined::NoPositives));
    assert_eq!(average_precision(&negatives), Err(Undefined::NoPositives));
}

#[test]
fn shares_of_nothing_have_reasons() {
    let none = OperatingPoint::new(&cases(&[], &[0.1]), 0.5).unwrap();
    assert_eq!(none.sensitivity, Err(Undefined::NoPositives));
    assert_eq!(none.ppv, Err(Undefined::NoPredictedPositives));
    assert_eq!(none.f1, Err(Undefined::NoPositives));
    let all = OperatingPoint::new(&cases(&[0.9], &[]), 0.5).unwrap();
    assert_eq!(all.specificity, Err(Undefined::NoNegatives));
    assert_eq!(all.npv, Err(Undefined::NoPredictedNegatives));
    let empty = cases(&[], &[]);
    assert_eq!(brier_score(&empty), Err(Undefined::NoCases));
    let at = OperatingPoint::new(&empty, 0.5).unwrap();
    assert_eq!(at.accuracy, Err(Undefined::NoCases));
}

#[test]
fn wilson_at_the_ends() {
    // No hit in n: from 0 to z^2 / (n + z^2).
    let at = OperatingPoint::new(&cases(&[0.1; 10], &[0.1; 10]), 0.5).unwrap();
    let (none, all) = (at.sensitivity.unwrap(), at.specificity.unwrap());
    assert_eq!(none.interval.low, 0.0);
    assert_close(none.interval.high, Z * Z / (10.0 + Z * Z));
    assert_close(all.interval.low, 10.0 / (10.0 + Z * Z));
    assert_eq!(all.interval.high, 1.0);
    // Half of n: 1/2 -+ z / (2 sqrt(n + z^2)).
    let at = OperatingPoint::new(&cases(&[0.1, 0.9, 0.2, 0.8], &[]), 0.5).unwrap();
    let half = at.sensitivity.unwrap();
    assert_close(half.interval.low, 0.5 - Z / (2.0 * (4.0 + Z * Z).sqrt()));
}

#[test]
fn a_case_at_the_threshold_is_positive() {
    let at = OperatingPoint::new(&cases(&[0.5], &[0.499_999]), 0.5).unwrap();
    assert_eq!((at.n_true_positives, at.n_true_negatives), (1, 1));
    assert_eq!(at.f1, Ok(1.0));
}

#[test]
fn the_curve_keeps_its_corners_only() {
    let curve = roc_curve(&cases(&[0.9, 0.8, 0.7, 0.3], &[0.4, 0.2])).unwrap();
    let points: Vec<_> = curve
        .iter()
        .map(|p| (p.threshold, p.false_positive_rate, p.true_positive_rate))
        .collect();
    assert_eq!(
        points,
        [
            (None, 0.0, 0.0),
            (Some(0.7), 0.0, 0.75),
            (Some(0.4), 0.5, 0.75),
            (Some(0.3), 0.5, 1.0),
            (Some(0.2), 1.0, 1.0),
        ]
    );
}

#[test]
fn youden_takes_the_highest_of_equal_thresholds() {
    let cases = cases(&[0.9, 0.3], &[0.4, 0.1]);
    assert_eq!(youden_threshold(&cases), Ok((0.9, 0.5)));
}

#[test]
fn precision_averages_over_recall() {
    // Positives at ranks 1 and 3: (1/1 + 2/3) / 2.
    let precision = average_precision(&cases(&[0.9, 0.3], &[0.4, 0.1])).unwrap();
    assert_close(precision, (1.0 + 2.0 / 3.0) / 2.0);
}

#[test]
fn brier_score_of_certainty_and_of_doubt() {
    assert_eq!(brier_score(&cases(&[1.0], &[0.0])), Ok(0.0));
    assert_eq!(brier_score(&cases(&[0.0], &[1.0])), Ok(1.0));
    assert_eq!(brier_score(&cases(&[0.5], &[0.5])), Ok(0.25));
}

#[test]
fn a_bin_holds_its_upper_end() {
    let bins = calibration(&cases(&[0.1, 0.3, 1.0], &[0.0, 0.300_001]));
    let n: Vec<_> = bins
        .iter()
        .map(|bin| bin.positives.map_or(0, |positives| positives.n_cases))
        .collect();
    assert_eq!(n, [2, 0, 1, 1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(bins[1].mean_probability, Err(Undefined::EmptyBin));
    assert_eq!(bins[0].positives.unwrap().estimate, 0.5);
}

#[test]
fn refuses_what_is_no_probability() {
    for bad in [f64::NAN, -0.1, 1.000_001, f64::INFINITY] {
        let error = Cases::new([(0.5, true), (bad, false)]).unwrap_err();
        assert!(matches!(error, Error::Probability { index: 1, .. }));
        let error = OperatingPoint::new(&cases(&[0.5], &[]), bad).unwrap_err();
        assert!(matches!(error, Error::Threshold(_)));
    }
}

#[test]
fn minus_0_is_0() {
    let signed = cases(&[-0.0], &[0.0]);
    assert_eq!(roc_auc(&signed).unwrap().estimate, 0.5);
    assert!(youden_threshold(&signed).unwrap().0.is_sign_positive());
}
