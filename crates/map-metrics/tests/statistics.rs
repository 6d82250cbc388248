//! Means, intervals and p values against closed forms, against enumeration and against their promises.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use map_metrics::{Error, Interval, Sample, Undefined, bootstrap, holm, sign_flip};

/// A generator of its own, so that the tests do not share what they test: SplitMix64.
use test_kit::random::Random;

/// Slices with a value each, the patient first.
fn sample(slices: &[(&str, f64)]) -> Sample {
    Sample::new(slices.iter().map(|&(patient, value)| (patient, Ok(value)))).unwrap()
}

/// One slice a patient.
fn patients(values: &[f64]) -> Sample {
    Sample::new(values.iter().copied().map(Ok).enumerate()).unwrap()
}

/// About normal, with mean 0 and variance 1.
fn normal(random: &mut Random) -> f64 {
    let uniform = |random: &mut Random| random.below(1 << 30) as f64 / f64::from(1 << 30);
    (0..12).map(|_| uniform(random)).sum::<f64>() - 6.0
}

#[test]
fn a_mean_is_that_of_slices_whose_value_is_defined() {
    let slices = [
        ("b", Ok(1.0)),
        ("a", Err(Undefined::EmptyTruth)),
        ("b", Ok(2.0)),
        ("c", Ok(6.0)),
        ("b", Err(Undefined::NoPositiveValue)),
    ];
    let sample = Sample::new(slices).unwrap();
    assert_eq!(sample.mean(), Ok(3.0));
    assert_eq!(sample.n_slices(), 3);
    assert_eq!(sample.n_patients(), 2, "a has no value");
    assert_eq!(sample.n_undefined(), 2);
}

#[test]
fn nothing_has_no_mean_no_interval_and_no_p_value() {
    let nothing = Sample::new([("a", Err(Undefined::EmptyTruth))]).unwrap();
    assert_eq!(nothing.mean(), Err(Undefined::NoValues));
    assert_eq!(nothing.share_above_zero(), Err(Undefined::NoValues));
    assert_eq!(bootstrap(&nothing, 0), Err(Undefined::NoValues));
    assert_eq!(sign_flip(&nothing, 0), Err(Undefined::NoValues));
}

#[test]
fn rejects_a_value_that_is_not_finite() {
    let error = Sample::new([("a", Ok(1.0)), ("a", Ok(f64::NAN))]).unwrap_err();
    assert!(matches!(error, Error::Value { index: 1, value } if value.is_nan()));
}

#[test]
fn one_patient_has_no_interval_however_many_slices() {
    let one = sample(&[("a", 1.0), ("a", 2.0), ("a", 3.0)]);
    assert_eq!(bootstrap(&one, 0), Err(Undefined::FewerThanTwoPatients));
}

#[test]
fn two_patients_have_the_interval_from_one_to_the_other() {
    // Both ends are drawn in a quarter of the resamples: more than 2.5 %.
    let interval = bootstrap(&sample(&[("a", 1.0), ("b", 4.0), ("b", 6.0)]), 7).unwrap();
    assert_eq!((interval.low, interval.high), (1.0, 5.0));
}

#[test]
fn slices_of_a_patient_that_are_alike_narrow_nothing() {
    let mut random = Random::new(3);
    let values: Vec<f64> = (0..30).map(|_| normal(&mut random)).collect();
    let often = values.iter().enumerate();
    let often = often.flat_map(|(patient, &value)| [(patient, Ok(value)); 8]);
    let single = bootstrap(&patients(&values), 1).unwrap();
    let often = bootstrap(&Sample::new(often).unwrap(), 1).unwrap();
    assert!((single.low - often.low).abs() < 1e-14);
    assert!((single.high - often.high).abs() < 1e-14);
}

#[test]
fn many_patients_have_the_interval_of_the_central_limit() {
    // mean -+ 1.96 sd / sqrt(n), the standard deviation of the n values themselves. The ends of 10,000
    // resamples scatter by about 0.026 of the standard error.
    let mut random = Random::new(4);
    let values: Vec<f64> = (0..400).map(|_| normal(&mut random)).collect();
    let mean = values.iter().sum::<f64>() / 400.0;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 400.0;
    let error = (variance / 400.0).sqrt();
    let Interval { low, high, .. } = bootstrap(&patients(&values), 5).unwrap();
    assert!((low - (mean - 1.96 * error)).abs() < 0.13 * error, "{low}");
    assert!(
        (high - (mean + 1.96 * error)).abs() < 0.13 * error,
        "{high}"
    );
}

#[test]
fn intervals_hold_the_true_mean_about_as_often_as_they_say() {
    // 30 patients of 1 to 4 slices that share most of their variance. Of 200 intervals 95 % are 190, with
    // a standard deviation of 3; with 30 patients a percentile interval holds some 93 %.
    let mut random = Random::new(8);
    let n_held = (0..200)
        .filter(|&seed| {
            let mut slices = Vec::new();
            for patient in 0..30 {
                let shared = normal(&mut random);
                for _ in 0..1 + random.below(4) {
                    slices.push((patient, Ok(shared + 0.3 * normal(&mut random))));
                }
            }
            let Interval { low, high, .. } =
                bootstrap(&Sample::new(slices).unwrap(), seed).unwrap();
            low <= 0.0 && 0.0 <= high
        })
        .count();
    assert!((176..=198).contains(&n_held), "{n_held}");
}

#[test]
fn the_order_of_slices_and_the_names_of_patients_change_nothing() {
    let slices = [("a", 0.1), ("b", 0.7), ("a", 0.4), ("c", 0.2), ("b", 0.9)];
    let mut turned = slices;
    turned.reverse();
    let (one, other) = (
        bootstrap(&sample(&slices), 2),
        bootstrap(&sample(&turned), 2),
    );
    assert!((one.unwrap().low - other.unwrap().low).abs() < 1e-15);
    assert_eq!(one, bootstrap(&sample(&slices), 2));
}

#[test]
fn fewer_than_six_patients_have_no_p_value() {
    let five = patients(&[1.0; 5]);
    assert_eq!(sign_flip(&five, 0), Err(Undefined::FewerThanSixPatients));
    assert_eq!(sign_flip(&patients(&[1.0; 6]), 0), Ok(2.0 / 64.0));
}

/// By bits of a number, all assignments.
fn enumerated(sums: &[f64]) -> f64 {
    let signed = |signs: u32| {
        let terms = sums.iter().enumerate();
        let terms = terms.map(|(at, sum)| if signs >> at & 1 == 0 { *sum } else { -sum });
        terms.sum::<f64>().abs()
    };
    let n = 1_u32 << sums.len();
    let observed = signed(0);
    let far = (0..n).filter(|&signs| signed(signs) >= observed * (1.0 - 1e-12));
    far.count() as f64 / f64::from(n)
}

#[test]
fn p_values_are_those_of_all_assignments() {
    let mut random = Random::new(9);
    for n in 6..=13 {
        let values: Vec<f64> = (0..n).map(|_| normal(&mut random) + 0.5).collect();
        assert_eq!(
            sign_flip(&patients(&values), 0).unwrap(),
            enumerated(&values)
        );
    }
    // Whole numbers, where many assignments are tied with the observed one.
    let tied = [1.0, 2.0, 3.0, -1.0, 2.0, 0.0, 1.0, -2.0];
    assert_eq!(sign_flip(&patients(&tied), 0).unwrap(), enumerated(&tied));
    // As tenths are not exact, sums that are equal on paper differ in their last bits.
    let tenths = tied.map(|value| value / 10.0);
    assert_eq!(sign_flip(&patients(&tenths), 0).unwrap(), enumerated(&tied));
}

#[test]
fn slices_of_a_patient_change_their_sign_together() {
    let slices: Vec<(usize, f64)> = (0..24).map(|at| (at % 8, at as f64 - 9.0)).collect();
    let sums: Vec<f64> = (0..8)
        .map(|patient| slices.iter().filter(|s| s.0 == patient).map(|s| s.1).sum())
        .collect();
    let sample = Sample::new(
        slices
            .into_iter()
            .map(|(patient, value)| (patient, Ok(value))),
    );
    assert_eq!(sign_flip(&sample.unwrap(), 0).unwrap(), enumerated(&sums));
}

#[test]
fn no_difference_at_all_has_the_p_value_1() {
    assert_eq!(sign_flip(&patients(&[0.0; 9]), 0), Ok(1.0));
    assert_eq!(sign_flip(&patients(&[0.0; 40]), 0), Ok(1.0));
}

#[test]
fn drawn_p_values_are_near_those_of_all_assignments() {
    // 21 patients: 2 million assignments by enumeration. A share of 0.02 in 100,000 draws has a standard
    // deviation of 0.00044.
    let mut random = Random::new(10);
    let values: Vec<f64> = (0..21).map(|_| normal(&mut random) + 0.45).collect();
    let exact = enumerated(&values);
    let drawn = sign_flip(&patients(&values), 6).unwrap();
    assert!((0.005..0.2).contains(&exact), "{exact}");
    let deviation = (exact * (1.0 - exact) / 1e5).sqrt();
    assert!((drawn - exact).abs() < 4.0 * deviation, "{drawn}, {exact}");
    assert_eq!(sign_flip(&patients(&values), 6), Ok(drawn));
}

#[test]
fn a_drawn_p_value_is_never_0() {
    let drawn = sign_flip(&patients(&[1.0; 60]), 0).unwrap();
    assert_eq!(drawn, 1.0 / 100_001.0);
}

#[test]
fn p_values_of_no_difference_are_spread_evenly() {
    // Of 400 p values of exchangeable differences 5 % are 20, with a standard deviation of 4.4.
    let mut random = Random::new(12);
    let p_values: Vec<f64> = (0..400)
        .map(|_| {
            let values: Vec<f64> = (0..10).map(|_| normal(&mut random).powi(3)).collect();
            sign_flip(&patients(&values), 0).unwrap()
        })
        .collect();
    let n_below = |level: f64| p_values.iter().filter(|&&p| p <= level).count();
    assert!((8..=34).contains(&n_below(0.05)), "{}", n_below(0.05));
    assert!((165..=235).contains(&n_below(0.5)), "{}", n_below(0.5));
}

#[test]
fn holm_adjusts_as_in_r() {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    let found = holm(&[0.01, 0.04, 0.03, 0.005].map(Ok));
    let expected = [0.03, 0.06, 0.06, 0.02];
    for (found, expected) in found.iter().zip(expected) {
        assert!((found.unwrap() - expected).abs() < 1e-15);
    }
    // p.adjust(c(0.7, 0.6), "holm")
    assert_eq!(holm(&[Ok(0.7), Ok(0.6)]), [Ok(1.0), Ok(1.0)]);
}

#[test]
fn holm_does_not_count_tests_that_were_not_made() {
    let missing = Err(Undefined::FewerThanSixPatients);
    assert_eq!(
        holm(&[Ok(0.02), missing, Ok(0.5)]),
        [Ok(0.04), missing, Ok(0.5)]
    );
    assert_eq!(holm(&[]), []);
}

#[test]
fn differences_are_of_slices_on_which_both_are_defined() {
    let reason = Undefined::NoPositiveValue;
    let slices = [
        ("a", Ok(0.5), Ok(0.25)),
        ("a", Ok(0.5), Err(reason)),
        ("b", Err(reason), Ok(0.1)),
        ("b", Ok(0.25), Ok(0.25)),
        ("c", Ok(0.0), Ok(1.0)),
    ];
    let sample = Sample::differences(slices).unwrap();
    assert_eq!((sample.n_slices(), sample.n_undefined()), (3, 2));
    assert_eq!(sample.mean(), Ok(-0.25));
    // One higher, one equal, one lower.
    assert_eq!(sample.share_above_zero(), Ok(0.5));
}
