//! The network in the masked engine against the same network in Burn.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};
use ich_model::masked_cnn::{Settings, Size};
use ich_model::{Error, RsnaHemorrhageNetConfig};

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

        let engine = net
            .to_masked(size, &Settings::default())
            .expect("the same network");
        let found = engine.forward(&image).expect("an answer")[0];
        println!("width {width}: off by {:e}", (found - expected).abs());
        assert!((found - expected).abs() <= TOLERANCE, "{found}, {expected}");
    }
}

/// Sets the weights of one layer to 3e38; of a convolution to minus that where they were negative.
struct Enlarge<'a> {
    layer: &'a str,
    path: Vec<String>,
    n_found: usize,
}

impl ModuleMapper for Enlarge<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.path.join(".") != format!("{}.weight", self.layer) {
            return param;
        }
        self.n_found += 1;
        param.map(|weight| match D {
            4 => weight.sign() * 3e38,
            _ => weight.full_like(3e38),
        })
    }
}

/// An overflow is an error of the masked engine and no number of Burn, wherever it happens.
#[test]
fn no_engine_hides_an_overflow() {
    let device = Device::flex();
    let size = Size { rows: 64, cols: 64 };
    let net = RsnaHemorrhageNetConfig::new().with_width(8);
    let net = net.init(&device).expect("a network");
    let noise: Vec<f32> = (0..3 * 64 * 64)
        .map(|i| 1e6 * (i as f32 * 0.37).sin())
        .collect();
    let image = Tensor::<4>::from_data(TensorData::new(noise.clone(), [1, 3, 64, 64]), &device);
    for layer in [
        "encoder.conv1",
        "encoder.layer1.0.conv1",
        "encoder.layer1.1.conv2",
        "encoder.layer2.0.conv1",
        "encoder.layer2.0.downsample.0",
        "encoder.layer3.0.conv2",
        "encoder.layer4.1.conv2",
        "encoder.fc",
        "classifier.0",
    ] {
        let mut enlarge = Enlarge {
            layer,
            path: Vec::new(),
            n_found: 0,
        };
        let net = net.clone().map(&mut enlarge);
        assert_eq!(enlarge.n_found, 1, "{layer}");
        // The network itself may be refused, or the image.
        let masked = net
            .to_masked(size, &Settings::default())
            .and_then(|engine| engine.forward(&noise).map_err(Error::from));
        let dense = net.predict(image.clone()).expect("an answer")[0].probability;
        println!("{layer}: dense {dense}, masked {masked:?}");
        assert!(
            matches!(
                masked,
                Err(Error::Graph(_) | Error::Masked(_) | Error::MaskedDiffers { .. })
            ),
            "{layer}"
        );
        assert!(dense.is_nan(), "{layer}: {dense}");
    }
}
