//! Explains a Burn model of one's own in another thread, and stops it where `--stop` is given.
//!
//! `cargo run --release --example own_model -- [--stop]`

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};
use ich::hshap::{Explainer, Interrupt, Progress, Settings};

/// Whoever sets it ends the explanation.
static STOP: AtomicBool = AtomicBool::new(false);

/// A network of one layer: images `[n, 1, rows, cols]` to outputs `[n, 1]`.
fn forward(layer: &Conv2d, images: Tensor<4>) -> Tensor<2> {
    let features = layer.forward(images);
    features.abs().mean_dims(&[2, 3]).flatten(1, 3)
}

fn main() {
    let device = Device::flex();
    let layer = Conv2dConfig::new([1, 1], [3, 3]).with_bias(false);
    let layer = layer.init(&device);
    let background = Tensor::zeros([1, 64, 64], &device);
    let explainer = Explainer::new(move |images| forward(&layer, images), background);
    let (image, settings) = (Tensor::ones([1, 64, 64], &device), Settings::default());
    STOP.store(std::env::args().any(|arg| arg == "--stop"), Relaxed);
    let go_on = |_: &Progress<'_>| match STOP.load(Relaxed) {
        true => ControlFlow::Break(Interrupt::Discard),
        false => ControlFlow::Continue(()),
    };
    let explain = move || explainer.observed(go_on).explain(&image, &settings);
    let answer = std::thread::spawn(explain).join().expect("no panic");
    println!("{:?}", answer.map(|explanation| explanation.n_evaluations));
}
