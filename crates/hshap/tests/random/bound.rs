//! Explorations that end early: the bound holds at every pixel whenever they end, snapshots are
//! free, and budgets are kept.

use std::ops::ControlFlow;
use std::time::Duration;

use burn::tensor::Tensor;
use hshap::{
    Depth, EndedBy, Error, Explainer, Explanation, Interrupt, Outputs, Settings, Stop, Threshold,
};
use proptest::prelude::*;

use crate::game::{COLS, ROWS, example, explainer, games, settings, shifts, tensor};

/// `map <= exact <= map + bound` up to rounding to f32, and the summary of the bound is its own.
fn check_bound(found: &Explanation, exact: &[f32]) -> Result<(), TestCaseError> {
    let map = found.map.values();
    let close = 1e-6;
    let Some(unexplored) = &found.unexplored else {
        for (m, e) in map.iter().zip(exact) {
            prop_assert!((m - e).abs() <= close, "{} {}", m, e);
        }
        return Ok(());
    };
    let bound = unexplored.bound.as_ref().expect("a bound");
    for ((m, e), b) in map.iter().zip(exact).zip(bound.map.values()) {
        prop_assert!(*m <= e + close, "{} above the exact {}", m, e);
        prop_assert!(*e <= m + b + close, "{} above {} + {}", e, m, b);
    }
    let largest = |values: &[f32]| values.iter().fold(0.0_f32, |a, b| a.max(*b));
    prop_assert_eq!(f64::from(largest(bound.map.values())), bound.largest);
    let ratio = bound.largest / f64::from(largest(map));
    prop_assert!(bound.relative == ratio, "{} {}", bound.relative, ratio);
    prop_assert!(unexplored.n_cells > 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every snapshot of a run that is explored to the end is within its bound, bounds never grow,
    /// and the last is exact.
    #[test]
    fn the_bound_holds_at_every_stopping_point(
        (weights, offset, image, background) in games(),
        n_shifts in 1_usize..5,
        threshold in prop_oneof![Just(0.0), 0.0..0.05],
    ) {
        let explainer = explainer(&weights, offset, &background);
        let settings = settings(threshold);
        let shifts = shifts(n_shifts);
        let exact = explainer.cycle_explain(&tensor(&image), &shifts, &settings);
        let exact = match exact {
            Ok(exact) => exact.map.values().to_vec(),
            Err(Error::NothingImportant { .. }) => vec![0.0; ROWS * COLS],
            Err(error) => panic!("{error}"),
        };
        let mut snapshots = Vec::new();
        let mut bounds = Vec::new();
        let all = settings.with_stop(Stop::default().or_evaluations(1_000_000));
        let found = explainer
            .observed(|progress| {
                if progress.level > 0 {
                    snapshots.push(progress.snapshot().expect("a snapshot"));
                    bounds.push(progress.bound.expect("a bound"));
                }
                ControlFlow::Continue(())
            })
            .cycle_explain(&tensor(&image), &shifts, &all);
        for snapshot in &snapshots {
            check_bound(snapshot, &exact)?;
        }
        if let Ok(found) = found {
            prop_assert!(found.unexplored.is_none());
            check_bound(&found, &exact)?;
            prop_assert_eq!(snapshots.last(), Some(&found));
            prop_assert_eq!(bounds.last(), Some(&0.0));
        }
    }

    /// The tolerance that is asked for is met, with fewer evaluations than the whole takes.
    #[test]
    fn a_tolerance_is_met(
        (weights, offset, image, background) in games(),
        tolerance in prop_oneof![Just(0.01), Just(0.1), Just(0.5)],
    ) {
        let explainer = explainer(&weights, offset, &background);
        let settings = settings(0.0);
        let image = tensor(&image);
        let exact = explainer.cycle_explain(&image, &shifts(4), &settings);
        let Ok(exact) = exact else { return Ok(()); };
        let stop = Stop::at_tolerance(tolerance);
        let found = explainer
            .cycle_explain(&image, &shifts(4), &settings.with_stop(stop))
            .expect("an explanation");
        check_bound(&found, exact.map.values())?;
        prop_assert!(found.n_evaluations <= exact.n_evaluations);
        if let Some(unexplored) = &found.unexplored {
            prop_assert_eq!(unexplored.ended_by, EndedBy::Tolerance);
            prop_assert!(unexplored.bound.as_ref().expect("a bound").relative <= tolerance);
        }
        let largest = exact.map.values().iter().fold(0.0_f32, |a, b| a.max(*b));
        for (m, e) in found.map.values().iter().zip(exact.map.values()) {
            prop_assert!(f64::from(e - m) <= tolerance * f64::from(largest) + 1e-6);
        }
    }

    /// A budget is never exceeded, used but for less than a node, and repeats bit for bit.
    #[test]
    fn a_number_of_evaluations_is_kept((weights, offset, image, background) in games(), n in 2_usize..400) {
        let explainer = explainer(&weights, offset, &background);
        let image = tensor(&image);
        for outputs in [Outputs::Probabilities, Outputs::Numbers] {
            let stop = Stop::default().or_evaluations(n);
            let settings = settings(0.0).with_stop(stop).with_outputs(outputs);
            let explain = || explainer.cycle_explain(&image, &shifts(3), &settings);
            let Ok(found) = explain() else { continue; };
            prop_assert!(found.n_evaluations <= n.max(2));
            prop_assert_eq!(&explain().expect("an explanation"), &found);
            if let Some(unexplored) = found.unexplored {
                prop_assert_eq!(unexplored.ended_by, EndedBy::Evaluations);
                prop_assert!(found.n_evaluations + 14 > n);
                prop_assert_eq!(unexplored.bound.is_some(), outputs == Outputs::Probabilities);
            }
        }
    }
}

#[test]
fn a_percentile_ends_at_a_whole_level() {
    let (explainer, image) = example();
    let settings = settings(0.0).with_threshold(Threshold::Percentile(50.0));
    let exact = explainer
        .explain(&image, &settings)
        .expect("an explanation");
    let n = exact.n_evaluations - 1;
    let settings = settings.with_stop(Stop::default().or_evaluations(n));
    let found = explainer
        .explain(&image, &settings)
        .expect("an explanation");
    let unexplored = found.unexplored.expect("it ended early");
    assert_eq!(
        (unexplored.ended_by, unexplored.bound),
        (EndedBy::Evaluations, None)
    );
    let two_levels = settings
        .with_depth(Depth::Levels(2))
        .with_stop(Stop::default());
    let two_levels = explainer
        .explain(&image, &two_levels)
        .expect("an explanation");
    assert_eq!(found.map, two_levels.map);
    assert_eq!(found.leaf_px, two_levels.leaf_px);
    assert_eq!(found.runs, two_levels.runs);
}

#[test]
fn an_observer_keeps_what_there_is() {
    let (explainer, image) = example();
    let settings = settings(0.0);
    let mut last = None;
    let found = explainer
        .observed(|progress| {
            if progress.level < 2 {
                return ControlFlow::Continue(());
            }
            last = Some(progress.snapshot().expect("a snapshot"));
            ControlFlow::Break(Interrupt::Keep)
        })
        .explain(&image, &settings)
        .expect("what there is");
    let unexplored = found.unexplored.as_ref().expect("it ended early");
    assert_eq!(unexplored.ended_by, EndedBy::Interrupt);
    assert_eq!(found.runs[0].levels.len(), 1);
    let last = last.expect("a snapshot");
    assert_eq!(
        (&last.map, &last.unexplored),
        (&found.map, &found.unexplored)
    );
}

#[test]
fn no_time_leaves_the_whole_image_unexplored() {
    let (explainer, image) = example();
    let settings = settings(0.0).with_stop(Stop::default().or_time(Duration::ZERO));
    let found = explainer
        .explain(&image, &settings)
        .expect("an explanation");
    let unexplored = found.unexplored.expect("it ended early");
    assert_eq!(
        (unexplored.ended_by, unexplored.n_cells),
        (EndedBy::Time, 1)
    );
    assert_eq!(found.n_evaluations, 2);
    assert!(found.map.values().iter().all(|&value| value == 0.0));
    assert!(unexplored.bound.expect("a bound").relative.is_infinite());
}

#[test]
fn a_tolerance_without_a_bound_is_refused() {
    let (explainer, image) = example();
    let at = |settings: Settings, tolerance| {
        let settings = settings.with_stop(Stop::at_tolerance(tolerance));
        explainer.explain(&image, &settings).map(drop)
    };
    let fine = settings(0.0);
    assert!(at(fine, 0.01).is_ok());
    for (settings, tolerance) in [
        (fine.with_outputs(Outputs::Numbers), 0.01),
        (fine.with_threshold(Threshold::Percentile(50.0)), 0.01),
        (fine.with_threshold(Threshold::Absolute(-0.1)), 0.01),
        (fine.with_binary_map(true), 0.01),
        (fine, -0.01),
        (fine, f64::NAN),
    ] {
        let error = at(settings, tolerance).expect_err("no bound");
        assert!(
            matches!(
                error,
                Error::InvalidSetting {
                    setting: "tolerance",
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn numbers_that_are_no_probabilities_are_an_error() {
    let model = |images: Tensor<4>| images.mean_dims(&[2, 3]).flatten::<2>(1, 3);
    let explainer = Explainer::new(model, tensor(&[0.0; ROWS * COLS]));
    let image = tensor(&[2.0; ROWS * COLS]);
    assert!(
        explainer
            .explain(&image, &settings(0.0).with_outputs(Outputs::Numbers))
            .is_ok()
    );
    let error = explainer
        .explain(&image, &settings(0.0))
        .expect_err("2 is none");
    assert!(
        matches!(error, Error::OutputNotProbability { value: 2.0 }),
        "{error}"
    );
}
