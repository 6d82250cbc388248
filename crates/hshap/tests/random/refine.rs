//! Explanations that go on from where an earlier one has ended.

use std::ops::ControlFlow;

use burn::tensor::Tensor;
use hshap::{Depth, Error, Explainer, Explanation, Run, Settings, Stop, Threshold};
use proptest::prelude::*;

use crate::game::{example, explainer, games, settings, shifts, tensor};

fn refine(
    explainer: &Explainer,
    image: &Tensor<3>,
    settings: &Settings,
    runs: &[Run],
) -> Result<Explanation, Error> {
    explainer
        .observed(|_| ControlFlow::Continue(()))
        .refine(image, &shifts(3), settings, runs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wherever an explanation ended, it goes on to the same map, and evaluates no more than anew.
    #[test]
    fn the_end_is_the_same((weights, offset, image, background) in games(), n in 2_usize..300) {
        let explainer = explainer(&weights, offset, &background);
        let image = tensor(&image);
        let explain = |settings: &Settings| explainer.cycle_explain(&image, &shifts(3), settings);
        let Ok(exact) = explain(&settings(0.0)) else { return Ok(()) };
        let stopped = explain(&settings(0.0).with_stop(Stop::default().or_evaluations(n)));
        let stopped = stopped.expect("what there is");
        let refined = refine(&explainer, &image, &settings(0.0), &stopped.runs).expect("the rest");
        prop_assert_eq!(&refined.map, &exact.map);
        prop_assert_eq!(&refined.runs, &exact.runs);
        prop_assert_eq!(refined.unexplored, None);
        prop_assert!(refined.n_evaluations <= exact.n_evaluations);
        let again = refine(&explainer, &image, &settings(0.0), &refined.runs).expect("nothing");
        prop_assert_eq!(&again.map, &exact.map);
    }

    /// A finer depth cuts the cells that were the smallest before.
    #[test]
    fn a_coarse_explanation_gets_finer((weights, offset, image, background) in games()) {
        let explainer = explainer(&weights, offset, &background);
        let image = tensor(&image);
        let coarse = settings(0.0).with_depth(Depth::Levels(2));
        let coarse = explainer.cycle_explain(&image, &shifts(3), &coarse);
        let exact = explainer.cycle_explain(&image, &shifts(3), &settings(0.0));
        let (Ok(coarse), Ok(exact)) = (coarse, exact) else { return Ok(()) };
        let refined = refine(&explainer, &image, &settings(0.0), &coarse.runs).expect("the rest");
        prop_assert_eq!(&refined.map, &exact.map);
        prop_assert_eq!(&refined.runs, &exact.runs);
    }
}

#[test]
fn runs_of_something_else_are_refused() {
    let (explainer, image) = example();
    let stop = Stop::default().or_evaluations(100);
    let runs = explainer
        .cycle_explain(&image, &shifts(3), &settings(0.0).with_stop(stop))
        .expect("what there is")
        .runs;
    assert!(refine(&explainer, &image, &settings(0.0), &runs).is_ok());
    let other_threshold = settings(0.0).with_threshold(Threshold::Absolute(0.2));
    let changed = |change: &dyn Fn(&mut Vec<Run>)| {
        let mut runs = runs.clone();
        change(&mut runs);
        runs
    };
    let cases = [
        (settings(0.0), changed(&|runs| runs.truncate(2)), "shifts"),
        (settings(0.0), changed(&|runs| runs.swap(0, 1)), "shifts"),
        (
            settings(0.0),
            changed(&|runs| runs[0].background_output += 0.1),
            "answers otherwise",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[0].cells[0].phi += 0.1),
            "answers otherwise",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[0].cells[0].row += 1),
            "elsewhere",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[0].cells[1].quadrant = 7),
            "elsewhere",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[1].cells.truncate(3)),
            "in part",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[1].cells[0].parent = Some(99)),
            "no parent",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[1].cells[0].parent = None),
            "no parent",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[1].cells[0].worth = f64::NAN),
            "finite",
        ),
        (
            settings(0.0),
            changed(&|runs| runs[0].levels[1].cells[0].score *= 2.0),
            "product",
        ),
        (other_threshold, runs.clone(), "threshold"),
        (
            settings(0.0).with_depth(Depth::Levels(1)),
            runs.clone(),
            "levels",
        ),
    ];
    for (settings, runs, problem) in cases {
        let error = refine(&explainer, &image, &settings, &runs).expect_err(problem);
        assert!(matches!(error, Error::OtherRun { .. }), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
}
