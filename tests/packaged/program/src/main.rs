//! Explains the answer of a small random network, with the packages `hshap` and `ich-model` alone.

use burn::tensor::{Device, Distribution, Tensor};
use hshap::masked_cnn;
use hshap::{Depth, Explainer, Settings};
use ich_model::RsnaHemorrhageNetConfig;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let device = Device::flex();
    let net = RsnaHemorrhageNetConfig::new().with_width(4).init(&device)?;
    let image = Tensor::random([3, 64, 64], Distribution::Default, &device);
    let background = Tensor::zeros([3, 64, 64], &device);

    let engine = net.to_masked(&masked_cnn::Settings::default())?;
    let settings = Settings::default().with_depth(Depth::Levels(1));
    let explanation = Explainer::masked(engine, background).explain(&image, &settings)?;
    let n_evaluations = explanation.n_evaluations;
    println!("the packages explain a network: {n_evaluations} evaluations");
    Ok(())
}
