//! What cannot be explained, and why.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use hshap::{Depth, Error, Explainer, Interrupt, Progress, Settings, Shifts, Threshold};

fn mean(images: Tensor<4>) -> Tensor<2> {
    images.mean_dims(&[1, 2, 3]).flatten(1, 3)
}

fn image(rows: usize, cols: usize) -> Tensor<3> {
    Tensor::ones([3, rows, cols], &Device::flex())
}

fn background(rows: usize, cols: usize) -> Tensor<3> {
    Tensor::zeros([3, rows, cols], &Device::flex())
}

fn settings() -> Settings {
    Settings::default().with_depth(Depth::Levels(2))
}

fn error_of(settings: &Settings) -> Error {
    Explainer::new(mean, background(8, 12))
        .explain(&image(8, 12), settings)
        .expect_err("not to be explained")
}

#[test]
fn rejects_a_background_of_another_shape() {
    let error = Explainer::new(mean, background(8, 12))
        .explain(&image(12, 8), &settings())
        .expect_err("transposed");
    assert!(matches!(
        error,
        Error::ShapeMismatch {
            image: [3, 12, 8],
            background: [3, 8, 12]
        }
    ));
}

#[test]
fn rejects_a_label_beyond_the_outputs() {
    let error = error_of(&settings().with_label(1));
    assert!(matches!(
        error,
        Error::LabelOutOfRange {
            label: 1,
            n_outputs: 1
        }
    ));
}

#[test]
fn rejects_softmax_over_one_output() {
    let error = error_of(&settings().with_softmax(true));
    assert!(matches!(error, Error::SoftmaxOverOneOutput));
}

#[test]
fn rejects_settings_out_of_range() {
    for settings in [
        settings().with_depth(Depth::Levels(0)),
        settings().with_depth(Depth::MinSize(0)),
        settings().with_depth(Depth::MinSize(9)),
        settings().with_threshold(Threshold::Absolute(f64::NAN)),
        settings().with_threshold(Threshold::Percentile(100.5)),
        settings().with_threshold(Threshold::Percentile(f64::NAN)),
        settings().with_batch_size(0),
    ] {
        assert!(
            matches!(error_of(&settings), Error::InvalidSetting { .. }),
            "{settings:?}"
        );
    }
}

#[test]
fn rejects_a_cycle_without_shifts() {
    let error = Explainer::new(mean, background(8, 12))
        .cycle_explain(&image(8, 12), &Shifts::List(vec![]), &settings())
        .expect_err("no shifts");
    assert!(matches!(
        error,
        Error::InvalidSetting {
            setting: "shifts",
            ..
        }
    ));
}

#[test]
fn says_at_which_level_nothing_was_important() {
    let error = error_of(&settings().with_threshold(Threshold::Absolute(0.1)));
    // The first level's scores are 1/4, the second's 1/64.
    assert!(
        matches!(error, Error::NothingImportant { level: 2, .. }),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        "nothing important found: no cell of level 2 passes the threshold; the output is 1, 0 for the \
         background, and the largest score of the first level 0.25"
    );
    let error = Explainer::new(mean, background(8, 12))
        .explain(&background(8, 12), &settings())
        .expect_err("an image equal to the background");
    assert!(
        matches!(
            error,
            Error::NothingImportant {
                level: 1,
                output: 0.0,
                background_output: 0.0,
                largest_score: 0.0,
            }
        ),
        "{error}"
    );
}

#[test]
fn rejects_a_model_that_answers_with_the_wrong_number_of_rows() {
    let error = Explainer::new(|images| mean(images).narrow(0, 0, 1), background(8, 12))
        .explain(&image(8, 12), &settings())
        .expect_err("one row for all");
    assert!(
        matches!(
            error,
            Error::OutputRows {
                n_images: 2,
                n_rows: 1
            }
        ),
        "{error}"
    );
}

#[test]
fn rejects_answers_that_are_not_finite() {
    let error = Explainer::new(|images| mean(images).log(), background(8, 12))
        .explain(&image(8, 12), &settings())
        .expect_err("log of 0");
    assert!(matches!(error, Error::OutputNotFinite { .. }), "{error}");
}

#[test]
fn stops_when_the_observer_says_so() {
    let mut heard = Vec::new();
    let error = Explainer::new(mean, background(8, 12))
        .observed(|progress: &Progress<'_>| {
            assert_eq!(progress.n_levels, 2);
            heard.push([
                progress.level,
                progress.n_level_evaluated,
                progress.n_level,
                progress.n_evaluated,
            ]);
            if progress.level == 1 {
                ControlFlow::Break(Interrupt::Discard)
            } else {
                ControlFlow::Continue(())
            }
        })
        .explain(&image(8, 12), &settings())
        .expect_err("cancelled");
    assert!(matches!(error, Error::Cancelled));
    // Image and background, then one batch of the 14 proper coalitions of four quadrants.
    assert_eq!(heard, [[0, 2, 2, 2], [1, 8, 14, 10]]);
}

#[test]
fn a_boxed_model_is_a_model() {
    let model: Box<dyn Fn(Tensor<4>) -> Tensor<2> + Send + Sync> = Box::new(mean);
    let explanation = Explainer::new(model, background(8, 12))
        .explain(&image(8, 12), &settings())
        .expect("an explanation");
    // An additive game: a sixteenth of the mean for each leaf, times a quarter for its parent.
    assert!((explanation.map.get(0, 0) - 1.0 / 64.0).abs() < 1e-7);
}

/// A network whose outputs are the mean and minus infinity, which a softmax would hide.
#[test]
fn rejects_a_softmax_beside_an_infinite_output() {
    let model = |images: Tensor<4>| {
        let mean = mean(images);
        let infinite = (mean.clone() * 0.0).log();
        Tensor::cat(vec![mean, infinite], 1)
    };
    let explain = |softmax| {
        let settings = settings().with_softmax(softmax);
        Explainer::new(model, background(8, 12)).explain(&image(8, 12), &settings)
    };
    let error = explain(true).expect_err("minus infinity");
    assert!(
        matches!(error, Error::OutputNotFinite { value } if value == f64::NEG_INFINITY),
        "{error}"
    );
    explain(false).expect("an output that nothing asks for");
}

#[test]
fn rejects_pixels_that_are_no_numbers() {
    // The model itself would hide it.
    let model = |images: Tensor<4>| mean(images.clone().mask_fill(images.is_nan(), 0.0));
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let spoilt = image(8, 12).slice_fill([1..2, 3..4, 5..6], bad);
        let of_image = Explainer::new(model, background(8, 12)).explain(&spoilt, &settings());
        let of_background = Explainer::new(model, spoilt).explain(&background(8, 12), &settings());
        for (what, result) in [("image", of_image), ("background", of_background)] {
            let error = result.expect_err("no number").to_string();
            assert_eq!(
                error,
                format!(
                    "the {what} is {bad} at row 3, column 5 of channel 1, expected finite numbers"
                )
            );
        }
    }
}
