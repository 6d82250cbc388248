//! Explains a Burn model of one's own in another thread, and stops it where `--stop` is given.
//!
//! `cargo run --release --example own_model -- [--stop]`

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use burn::nn::conv::Conv2dConfig;
use burn::tensor::{Device, Tensor};
use ich::hshap::{Explainer, Progress, Settings};

/// Whoever sets it ends the explanation.
static STOP: AtomicBool = AtomicBool::new(false);

fn go_on(_: &Progress) -> ControlFlow<()> {
    STOP.load(Relaxed)
        .then_some(ControlFlow::Break(()))
        .unwrap_or(ControlFlow::Continue(()))
}

fn main() {
    STOP.store(std::env::args().any(|arg| arg == "--stop"), Relaxed);
    let device = Device::flex();
    let layer = Conv2dConfig::new([1, 1], [3, 3]).init(&device);
    let model = move |images| layer.forward(images).mean_dims(&[2, 3]).flatten(1, 3);
    let explainer = Explainer::new(model, Tensor::zeros([1, 64, 64], &device));
    let image = Tensor::ones([1, 64, 64], &device);
    let explain = move || {
        explainer
            .observed(go_on)
            .explain(&image, &Settings::default())
    };
    let answer = std::thread::spawn(explain).join().expect("no panic");
    match answer {
        Ok(explanation) => println!("{} evaluations", explanation.n_evaluations),
        Err(error) => println!("{error}"),
    }
}
