//! One test for each setting that is refused, each way in which a model fails, and each way to end.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::error::Error as _;
use std::ops::ControlFlow;

use mask_attribution::{
    Attribution, Context, Error, Evaluator, KernelShap, Lime, Method, Occlusion, Partition, Region,
    Rise, Size,
};

const SIZE: Size = Size { rows: 4, cols: 6 };

/// The share of the image that is shown.
fn share(shown: &[Region]) -> Vec<f64> {
    shown
        .iter()
        .map(|region| region.n_pixels() as f64 / 24.0)
        .collect()
}

fn explain(method: &dyn Method) -> Result<Attribution, Error> {
    let mut model = |shown: &[Region]| Ok(share(shown));
    method.explain(&mut Evaluator::new(&mut model, SIZE)?)
}

fn rise() -> Rise {
    Rise {
        n_masks: 10,
        n_cells: 2,
        probability: 0.5,
        seed: 0,
    }
}

#[test]
fn rejects_an_image_without_pixels() {
    let mut model = |shown: &[Region]| Ok(share(shown));
    let size = Size { rows: 0, cols: 6 };
    let error = Evaluator::new(&mut model, size).err().unwrap();
    assert_eq!(error.to_string(), "an image of 0 x 6 pixels is empty");
}

#[test]
fn rejects_windows_that_do_not_fit_or_leave_pixels_out() {
    for (side, stride) in [(0, 0), (2, 0), (2, 3), (5, 1)] {
        let error = explain(&Occlusion { side, stride }).unwrap_err();
        assert!(matches!(error, Error::Windows { .. }), "{side} {stride}");
    }
    // A window as high as the image.
    assert_eq!(
        explain(&Occlusion { side: 4, stride: 2 }).unwrap().n_masks,
        2
    );
}

#[test]
fn rejects_cells_without_a_pixel() {
    for n_cells in [0, 5] {
        let (n_samples, seed) = (99, 0);
        let methods: [Box<dyn Method>; 3] = [
            Box::new(KernelShap {
                n_cells,
                n_samples,
                seed,
            }),
            Box::new(Lime {
                n_cells,
                n_samples,
                seed,
            }),
            Box::new(Rise { n_cells, ..rise() }),
        ];
        for method in methods {
            let error = explain(&*method).unwrap_err();
            assert!(matches!(error, Error::Cells { size: (4, 6), .. }));
        }
    }
}

#[test]
fn rejects_a_budget_below_what_a_method_needs() {
    let seed = 0;
    let context = Context::Both;
    for (method, needed) in [
        (
            Box::new(Partition { context, budget: 1 }) as Box<dyn Method>,
            2,
        ),
        (
            Box::new(Rise {
                n_masks: 1,
                ..rise()
            }),
            2,
        ),
        (
            Box::new(KernelShap {
                n_cells: 3,
                n_samples: 17,
                seed,
            }),
            18,
        ),
        (
            Box::new(Lime {
                n_cells: 3,
                n_samples: 1,
                seed,
            }),
            2,
        ),
    ] {
        match explain(&*method).unwrap_err() {
            Error::Budget { needed: found, .. } => assert_eq!(found, needed),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn rejects_a_probability_that_shows_all_or_nothing() {
    for probability in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
        let error = explain(&Rise {
            probability,
            ..rise()
        })
        .unwrap_err();
        assert!(matches!(error, Error::Probability(_)));
    }
}

#[test]
fn the_smallest_budget_spreads_the_rise_over_the_image() {
    let context = Context::Hidden;
    let found = explain(&Partition { context, budget: 2 }).unwrap();
    assert_eq!(found.values, [1.0 / 24.0; 24]);
    assert_eq!(
        (found.n_masks, found.image_output, found.background_output),
        (0, 1.0, 0.0)
    );
}

#[test]
fn a_single_cell_has_the_whole_rise() {
    let method = KernelShap {
        n_cells: 1,
        n_samples: 0,
        seed: 0,
    };
    assert_eq!(explain(&method).unwrap().values, [1.0 / 24.0; 24]);
}

#[test]
fn seeds_give_the_same_map_again_and_others_another() {
    let with = |seed: u64| explain(&Rise { seed, ..rise() }).unwrap();
    assert_eq!(with(4), with(4));
    assert_ne!(with(4).values, with(5).values);
}

#[test]
fn an_error_of_the_model_is_kept_as_the_cause() {
    let mut model = |_: &[Region]| Err("out of memory".into());
    let mut evaluator = Evaluator::new(&mut model, SIZE).unwrap();
    let error = Occlusion { side: 2, stride: 2 }
        .explain(&mut evaluator)
        .unwrap_err();
    assert_eq!(error.to_string(), "the model failed");
    assert_eq!(error.source().unwrap().to_string(), "out of memory");
}

#[test]
fn rejects_outputs_that_are_missing() {
    let mut model = |shown: &[Region]| Ok(vec![0.5; shown.len() - 1]);
    let mut evaluator = Evaluator::new(&mut model, SIZE).unwrap();
    let error = evaluator.outputs(&[Region::default()]).unwrap_err();
    assert_eq!(error.to_string(), "the model gave 0 outputs for 1 masks");
}

#[test]
fn rejects_outputs_that_are_not_finite() {
    let mut model = |shown: &[Region]| Ok(vec![f64::NAN; shown.len()]);
    let mut evaluator = Evaluator::new(&mut model, SIZE).unwrap();
    let error = evaluator.outputs(&[Region::default()]).unwrap_err();
    assert!(matches!(error, Error::Output(value) if value.is_nan()));
    assert_eq!(evaluator.n_evaluations(), 0);
}

#[test]
fn an_observer_sees_each_batch_and_can_end_it() {
    let mut seen = Vec::new();
    let mut model = |shown: &[Region]| Ok(share(shown));
    let mut evaluator = Evaluator::new(&mut model, SIZE)
        .unwrap()
        .with_batch_size(2)
        .with_observer(|n_evaluations| {
            seen.push(n_evaluations);
            match n_evaluations < 6 {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
    let error = Occlusion { side: 2, stride: 1 }
        .explain(&mut evaluator)
        .unwrap_err();
    assert!(matches!(error, Error::Cancelled { n_evaluations: 6 }));
    drop(evaluator);
    assert_eq!(seen, [2, 4, 6]);
}

#[test]
fn what_one_method_asked_another_does_not_ask_again() {
    let mut model = |shown: &[Region]| Ok(share(shown));
    let mut evaluator = Evaluator::new(&mut model, SIZE).unwrap();
    let method = Occlusion { side: 2, stride: 2 };
    let first = method.explain(&mut evaluator).unwrap();
    assert_eq!(evaluator.n_evaluations(), 8);
    assert_eq!(method.explain(&mut evaluator).unwrap(), first);
    assert_eq!(evaluator.n_evaluations(), 8);
}
