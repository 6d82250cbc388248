//! The network in the masked engine against the same network in Burn.

use burn::tensor::{Device, Tensor, TensorData};
use ich_model::RsnaHemorrhageNetConfig;
use ich_model::masked_cnn::{Engine, Settings, Size};

/// Measured: at most 6e-8.
const TOLERANCE: f32 = 1e-5;

#[test]
fn networks_of_any_width_answer_the_same() {
    let device = Device::flex();
    let size = Size { rows: 88, cols: 72 };
    let image: Vec<f32> = (0..3 * size.rows * size.cols)
        .map(|i| (i as f32 * 0.37).sin())
        .collect();
    for width in [1, 5, 16] {
        let net = RsnaHemorrhageNetConfig::new().with_width(width);
        let net = net.init(&device).expect("a network");
        let data = TensorData::new(image.clone(), [1, 3, size.rows, size.cols]);
        let expected = net
            .predict(Tensor::from_data(data, &device))
            .expect("an answer")[0]
            .probability;

        let network = net.to_masked().expect("the same network");
        let engine = Engine::new(network, &Settings::default()).expect("an engine");
        let found = engine.forward(&image, size).expect("an answer")[0];
        println!("width {width}: off by {:e}", (found - expected).abs());
        assert!((found - expected).abs() <= TOLERANCE, "{found}, {expected}");
    }
}
