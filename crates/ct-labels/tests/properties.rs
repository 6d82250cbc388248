//! What must hold for all cases.

use ct_labels::{
    Cases, Interval, OperatingPoint, Predictions, average_precision, brier_score, calibration,
    roc_auc, roc_curve, youden_threshold,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// Sums of at most 60 terms of at most 1.
const TOLERANCE: f64 = 1e-13;

type Pairs = Vec<(f64, bool)>;

/// Cases of both classes; probabilities are twentieths, for ties.
fn pairs() -> impl Strategy<Value = Pairs> {
    let pair = (0..=20_u8, any::<bool>()).prop_map(|(p, truth)| (f64::from(p) / 20.0, truth));
    let of_class = |truth| (0..=20_u8).prop_map(move |p| (f64::from(p) / 20.0, truth));
    let rest = proptest::collection::vec(pair, 0..58);
    (of_class(true), of_class(false), rest).prop_map(|(positive, negative, mut rest)| {
        rest.extend([positive, negative]);
        rest
    })
}

fn with_permutation() -> impl Strategy<Value = (Pairs, Pairs)> {
    pairs().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle()))
}

fn cases(pairs: &[(f64, bool)]) -> Result<Cases, TestCaseError> {
    Cases::new(pairs.iter().copied()).map_err(|error| TestCaseError::fail(error.to_string()))
}

/// A value that must be defined.
fn defined<T>(value: Result<T, ct_labels::Undefined>) -> Result<T, TestCaseError> {
    value.map_err(|reason| TestCaseError::fail(reason.to_string()))
}

fn at(cases: &Cases, threshold: f64) -> Result<OperatingPoint, TestCaseError> {
    OperatingPoint::new(cases, threshold).map_err(|error| TestCaseError::fail(error.to_string()))
}

fn check(interval: Interval, estimate: f64) -> Result<(), TestCaseError> {
    prop_assert!(0.0 <= interval.low && interval.low <= estimate);
    prop_assert!(estimate <= interval.high && interval.high <= 1.0);
    Ok(())
}

proptest! {
    #[test]
    fn auc_and_interval_stay_under_rising_maps(pairs in pairs()) {
        let squared: Vec<_> = pairs.iter().map(|&(p, truth)| (p * p, truth)).collect();
        let squeezed: Vec<_> = pairs.iter().map(|&(p, truth)| (0.25 + p / 4.0, truth)).collect();
        let auc = defined(roc_auc(&cases(&pairs)?))?;
        prop_assert_eq!(auc, defined(roc_auc(&cases(&squared)?))?);
        prop_assert_eq!(auc, defined(roc_auc(&cases(&squeezed)?))?);
    }

    #[test]
    fn auc_of_flipped_labels_is_the_rest(pairs in pairs()) {
        let flipped: Vec<_> = pairs.iter().map(|&(p, truth)| (p, !truth)).collect();
        let (auc, rest) = (defined(roc_auc(&cases(&pairs)?))?, defined(roc_auc(&cases(&flipped)?))?);
        prop_assert!((auc.estimate + rest.estimate - 1.0).abs() <= f64::EPSILON);
        match (auc.interval, rest.interval) {
            (Ok(interval), Ok(mirrored)) => {
                prop_assert!((interval.low + mirrored.high - 1.0).abs() <= TOLERANCE);
                prop_assert!((interval.high + mirrored.low - 1.0).abs() <= TOLERANCE);
            }
            (interval, mirrored) => prop_assert_eq!(interval.err(), mirrored.err()),
        }
    }

    #[test]
    fn auc_is_the_share_of_pairs_in_order(pairs in pairs()) {
        let of_class = |class| pairs.iter().filter(move |(_, truth)| *truth == class);
        let mut in_order = 0.0;
        for (x, _) in of_class(true) {
            for (y, _) in of_class(false) {
                in_order += if x > y { 1.0 } else if x == y { 0.5 } else { 0.0 };
            }
        }
        let n_pairs = of_class(true).count() * of_class(false).count();
        prop_assert_eq!(defined(roc_auc(&cases(&pairs)?))?.estimate, in_order / n_pairs as f64);
    }

    #[test]
    fn area_under_the_corners_is_the_auc(pairs in pairs()) {
        let cases = cases(&pairs)?;
        let curve = defined(roc_curve(&cases))?;
        let area: f64 = curve
            .windows(2)
            .map(|ends| {
                let width = ends[1].false_positive_rate - ends[0].false_positive_rate;
                width * (ends[0].true_positive_rate + ends[1].true_positive_rate) / 2.0
            })
            .sum();
        prop_assert!((area - defined(roc_auc(&cases))?.estimate).abs() <= TOLERANCE);
        let falls = curve.windows(2).all(|ends| {
            ends[1].threshold < ends[0].threshold || ends[0].threshold.is_none()
        });
        prop_assert!(falls);
        let ends = [curve.first(), curve.last()].map(|end| {
            end.map(|end| (end.false_positive_rate, end.true_positive_rate))
        });
        prop_assert_eq!(ends, [Some((0.0, 0.0)), Some((1.0, 1.0))]);
    }

    #[test]
    fn intervals_hold_their_estimates_and_stay_in_0_to_1(pairs in pairs(), threshold in 0..=20_u8) {
        let cases = cases(&pairs)?;
        let auc = defined(roc_auc(&cases))?;
        if let Ok(interval) = auc.interval {
            check(interval, auc.estimate)?;
        }
        let at = at(&cases, f64::from(threshold) / 20.0)?;
        for share in [at.sensitivity, at.specificity, at.ppv, at.npv, at.accuracy].into_iter().flatten() {
            check(share.interval, share.estimate)?;
        }
        for share in calibration(&cases).iter().filter_map(|bin| bin.positives.ok()) {
            check(share.interval, share.estimate)?;
        }
    }

    #[test]
    fn wilson_interval_holds_its_estimate(n_hits in 0..2000_usize, n_misses in 0..2000_usize) {
        prop_assume!(n_hits + n_misses > 0);
        let hits = std::iter::repeat_n((1.0, true), n_hits);
        let pairs: Vec<_> = hits.chain(std::iter::repeat_n((0.0, true), n_misses)).collect();
        let share = defined(at(&cases(&pairs)?, 0.5)?.sensitivity)?;
        prop_assert_eq!((share.n_hits, share.n_cases), (n_hits, n_hits + n_misses));
        check(share.interval, share.estimate)?;
        prop_assert!(share.interval.low < share.interval.high);
    }

    #[test]
    fn order_does_not_matter((pairs, shuffled) in with_permutation()) {
        prop_assert_eq!(cases(&pairs)?, cases(&shuffled)?);
    }

    #[test]
    fn no_threshold_beats_the_youden_threshold(pairs in pairs(), other in 0..=20_u8) {
        let cases = cases(&pairs)?;
        let index = |at: OperatingPoint| Ok::<_, TestCaseError>(
            defined(at.sensitivity)?.estimate + defined(at.specificity)?.estimate - 1.0
        );
        let (threshold, best) = defined(youden_threshold(&cases))?;
        prop_assert!((index(at(&cases, threshold)?)? - best).abs() <= TOLERANCE);
        prop_assert!(index(at(&cases, f64::from(other) / 20.0)?)? <= best + TOLERANCE);
    }

    #[test]
    fn scores_stay_in_0_to_1(pairs in pairs()) {
        let cases = cases(&pairs)?;
        for score in [defined(average_precision(&cases))?, defined(brier_score(&cases))?] {
            prop_assert!((0.0..=1.0).contains(&score));
        }
        let n_binned: usize = calibration(&cases)
            .iter()
            .filter_map(|bin| bin.positives.ok())
            .map(|positives| positives.n_cases)
            .sum();
        prop_assert_eq!(n_binned, pairs.len());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Predictions::from_reader(&bytes[..]);
        let _ = ct_labels::Labels::from_reader(&bytes[..]);
    }

    #[test]
    fn no_table_makes_a_reader_panic(rows in "[ab01,;\t'=\"\r\n_.{}:/]{0,60}") {
        for header in [
            "id,label\n",
            "ID,Label\n",
            "ID;any\n",
            "SOPInstanceUID,labelName\n",
            "id,probability\n",
            "id\tprobability\n",
            "{",
        ] {
            let text = format!("{header}{rows}");
            let _ = Predictions::from_reader(text.as_bytes());
            let _ = ct_labels::Labels::from_reader(text.as_bytes());
        }
    }
}
