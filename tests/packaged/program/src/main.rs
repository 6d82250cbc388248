//! Explains the answer of a small random network, with the packages `hshap` and `ich-model` alone.

use burn::tensor::{Device, Distribution, Tensor};
use hshap::masked_cnn;
use hshap::{Depth, Explainer, Settings, Threshold};
use ich_model::RsnaHemorrhageNetConfig;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let device = Device::flex();
    let net = RsnaHemorrhageNetConfig::new().with_width(4).init(&device)?;
    let image = Tensor::random([3, 64, 64], Distribution::Default, &device);
    let background = Tensor::zeros([3, 64, 64], &device);

    let size = masked_cnn::Size { rows: 64, cols: 64 };
    let engine = net.to_masked(size, &masked_cnn::Settings::default())?;
    // Whatever a random network says, every quadrant is explained.
    let settings = Settings::default()
        .with_depth(Depth::Levels(1))
        .with_threshold(Threshold::Absolute(-2.0));
    let explanation = Explainer::masked(engine, background).explain(&image, &settings)?;
    let run = &explanation.runs[0];
    let difference = explanation.output - run.background_output;
    assert!((run.top_level_sum() - difference).abs() < 1e-6);
    println!("the packages explain a network: {difference} is the sum of the quadrants' values");
    Ok(())
}
