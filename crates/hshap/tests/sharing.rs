//! One explainer for many images, threads and outcomes.

use std::error::Error as StdError;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use burn::tensor::{Device, Tensor};
use hshap::{Depth, Error, Explainer, Interrupt, Settings};

fn mean(images: Tensor<4>) -> Tensor<2> {
    images.mean_dims(&[1, 2, 3]).flatten(1, 3)
}

fn image(brightness: f64) -> Tensor<3> {
    Tensor::ones([3, 8, 12], &Device::flex()) * brightness
}

fn settings() -> Settings {
    Settings::default().with_depth(Depth::Levels(2))
}

#[test]
fn threads_share_an_explainer() {
    fn expect_shareable(_: &(impl Send + Sync + Clone + 'static)) {}
    let explainer = Explainer::new(mean, image(0.0));
    expect_shareable(&explainer);
    std::thread::scope(|scope| {
        let explained = [1.0, 2.0, 4.0].map(|brightness| {
            let explainer = &explainer;
            let explain = move || explainer.explain(&image(brightness), &settings());
            (brightness, scope.spawn(explain))
        });
        for (brightness, explanation) in explained {
            let explanation = explanation.join().expect("no panic");
            assert_eq!(explanation.expect("an explanation").output, brightness);
        }
    });
}

/// The explanation waits for the flag before it goes on.
#[test]
fn another_thread_stops_an_explanation() {
    let explainer = Explainer::new(mean, image(0.0));
    let is_unwanted = AtomicBool::new(false);
    let (told, heard) = channel();
    std::thread::scope(|scope| {
        let flag = &is_unwanted;
        let stopper = scope.spawn(move || {
            let first: usize = heard.recv().expect("a sign of life");
            flag.store(true, Ordering::Relaxed);
            first
        });
        let result = explainer
            .observed(|progress| {
                told.send(progress.n_evaluated).expect("a listener");
                while !is_unwanted.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                ControlFlow::Break(Interrupt::Discard)
            })
            .explain(&image(1.0), &settings());
        assert!(matches!(result, Err(Error::Cancelled)));
        assert_eq!(stopper.join().expect("no panic"), 2);
    });
    // And can be asked again.
    explainer
        .explain(&image(1.0), &settings())
        .expect("an explanation");
}

#[derive(Debug)]
struct OutOfPaper;

impl fmt::Display for OutOfPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no paper")
    }
}

impl StdError for OutOfPaper {}

/// The first call, of image and background, succeeds.
#[test]
fn a_models_error_is_the_cause() {
    let model = |images: Tensor<4>| match images.dims()[0] {
        2 => Ok(mean(images)),
        _ => Err(OutOfPaper),
    };
    let error = Explainer::new(model, image(0.0))
        .explain(&image(1.0), &settings())
        .expect_err("no paper");
    assert_eq!(error.to_string(), "the model failed");
    let cause = error.source().expect("a cause");
    assert!(cause.is::<OutOfPaper>(), "{cause}");
}
