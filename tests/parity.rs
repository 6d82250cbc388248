//! The same numbers as PyTorch and h-shap 0.1.6, on the small goldens beside this file;
//! `golden/make_golden.py` made them.

use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use ich::ct_io::{HuSlice, Image};
use ich::ct_preprocess::{Window, WindowedSlice};
use ich::device::{DeviceError, DeviceName, OpenDevice};
use ich::hshap::{Depth, Explainer, Settings, Shift, Shifts, Threshold};
use ich::ich_model::RsnaHemorrhageNet;
use ich::masked_cnn::{Engine, Settings as EngineSettings, Size};
use serde::Deserialize;
use test_kit::{assert_close, in_workspace, max_difference, read_npy, skipped};

/// Of the map's maximum. Measured: with the small network at most 4.2e-5 by Burn on any device and
/// 6.5e-5 by the masked engine, with the shipped one 2.7e-7, with the formula 9e-7.
const MAP_TOLERANCE: f32 = 1e-4;

/// Measured: at most 3.6e-6. The goldens' script scales the last layer up, and with it the rounding.
const PROBABILITY_TOLERANCE: f32 = 1e-5;

/// The same by the masked engine, whose Winograd convolutions round more. Measured: 1.1e-5.
const MASKED_PROBABILITY_TOLERANCE: f32 = 3e-5;

/// Measured: at most 2.3e-5.
const LOGIT_TOLERANCE: f32 = 5e-5;

#[derive(Deserialize)]
struct Goldens {
    width: usize,
    predictions: std::collections::BTreeMap<String, Prediction>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Prediction {
    logit: f32,
    probability: f32,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    slice: Option<String>,
    s: usize,
    #[serde(default)]
    label: usize,
    #[serde(default)]
    softmax: bool,
    percentile: Option<f64>,
    roll: Option<(i64, i64)>,
    radii: Option<Vec<f64>>,
    angles: Option<Vec<f64>>,
    evaluations: usize,
}

impl Case {
    fn settings(&self) -> Settings {
        Settings::upstream()
            .with_label(self.label)
            .with_depth(Depth::MinSize(self.s))
            .with_threshold(match self.percentile {
                Some(percentile) => Threshold::Percentile(percentile),
                None => Threshold::Absolute(0.0),
            })
            .with_softmax(self.softmax)
    }

    fn shifts(&self) -> Shifts {
        match (&self.radii, &self.angles) {
            (Some(radii), Some(angles)) => Shifts::Polar {
                radii: radii.clone(),
                angles: angles.clone(),
            },
            _ => {
                let (rows, cols) = self.roll.unwrap_or_default();
                Shifts::List(vec![Shift { rows, cols }])
            }
        }
    }
}

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

impl Case {
    /// The upstream convention rolls the background along with the grid.
    fn shifts_with_own_background(&self) -> usize {
        match (&self.radii, &self.angles) {
            (Some(radii), Some(angles)) => radii.len() * angles.len(),
            _ => 1,
        }
    }
}

fn goldens() -> Goldens {
    let text = std::fs::read_to_string(golden("cases.json")).expect("cases.json");
    serde_json::from_str(&text).expect("the fields that make_golden.py writes")
}

/// The devices of this build. Where a machine without a graphics adapter must not pass unseen,
/// `ICH_REQUIRE_WGPU` makes its absence a failure.
fn devices(test: &str) -> Vec<OpenDevice> {
    let names = [
        DeviceName::Flex,
        DeviceName::Ndarray,
        DeviceName::Wgpu(None),
    ];
    let mut devices = Vec::new();
    for name in names {
        match name.open() {
            Ok(open) => devices.push(open),
            Err(error @ DeviceError::NotInBuild { .. }) => {
                skipped(&format!("{test} on {name}"), &error.to_string());
            }
            Err(error @ DeviceError::NoAdapter { .. })
                if std::env::var_os("ICH_REQUIRE_WGPU").is_none() =>
            {
                skipped(&format!("{test} on {name}"), &error.to_string());
            }
            Err(error) => panic!("{test} on {name}: {error}"),
        }
    }
    devices
}

/// The network of a golden's slice: the shipped one for the piece of a phantom, else the small one.
fn network(slice: &str, device: &Device) -> RsnaHemorrhageNet {
    match slice {
        "crop" => ich::default_network(device).expect("the shipped weights"),
        _ => RsnaHemorrhageNet::load(golden("small.pt"), device).expect("weights"),
    }
}

fn engine(net: &RsnaHemorrhageNet, size: Size) -> Engine {
    net.to_masked(size, &EngineSettings::default())
        .expect("the same network")
}

fn slice(name: &str, device: &Device) -> Tensor<3> {
    let hu = HuSlice::from(Image::read_npy(golden(&format!("{name}.npy"))).expect("a slice"));
    Window::BRAIN.apply(&hu).to_tensor(device)
}

fn background(name: &str, device: &Device) -> Tensor<3> {
    let grey = WindowedSlice::read(golden(&format!("{name}-background.npy"))).expect("grey");
    grey.to_tensor(device)
}

#[test]
fn predictions_equal_pytorch() {
    let Goldens {
        width, predictions, ..
    } = goldens();
    assert_eq!(width, 4);
    for open in devices("predictions_equal_pytorch") {
        let (name_of_device, device) = (open.name, &open.device);
        for (name, expected) in &predictions {
            let (name, image) = match name.strip_suffix("-background") {
                Some(name) => (name, background(name, device)),
                None => (name.as_str(), slice(name, device)),
            };
            let net = network(name, device);
            let image: Tensor<4> = image.unsqueeze();
            let logit = net.logits(image.clone()).into_scalar::<f32>();
            let off = (logit - expected.logit).abs();
            println!("{name_of_device} {name}: logit off by {off:e}");
            assert!(off <= LOGIT_TOLERANCE);

            let [_, _, rows, cols] = image.dims();
            let pixels: Vec<f32> = image.clone().into_data().iter::<f32>().collect();
            let masked = engine(&net, Size { rows, cols })
                .forward(&pixels)
                .expect("an image");
            let dense = net.predict(image).expect("an answer")[0].probability;
            for (by, probability, tolerance) in [
                (name_of_device.to_string(), dense, PROBABILITY_TOLERANCE),
                ("masked".to_owned(), masked[0], MASKED_PROBABILITY_TOLERANCE),
            ] {
                let off = (probability - expected.probability).abs();
                println!("{by} {name}: probability off by {off:e}");
                assert!(off <= tolerance);
            }
        }
    }
}

#[test]
fn maps_of_the_network_equal_h_shap() {
    let goldens = goldens();
    for open in devices("maps_of_the_network_equal_h_shap") {
        for case in &goldens.cases {
            let Some(name) = &case.slice else { continue };
            let net = network(name, &open.device);
            let background = background(name, &open.device);
            let dense = Explainer::new(move |images| net.forward(images), background);
            check_explanation(&open.name.to_string(), dense, case, name, &open.device);
        }
    }
    let cpu = DeviceName::default().open().expect("a device").device;
    for case in &goldens.cases {
        let Some(name) = &case.slice else { continue };
        let background = background(name, &cpu);
        let [_, rows, cols] = background.dims();
        let engine = engine(&network(name, &cpu), Size { rows, cols });
        let masked = Explainer::masked(engine, background);
        check_explanation("masked", masked, case, name, &cpu);
    }
}

fn check_explanation(by: &str, explainer: Explainer, case: &Case, name: &str, device: &Device) {
    let explanation = explainer
        .cycle_explain(&slice(name, device), &case.shifts(), &case.settings())
        .expect("an explanation");
    check(by, case, explanation.map.values());
    assert!(
        explanation.n_evaluations < case.evaluations,
        "{} evaluations, h-shap made {}",
        explanation.n_evaluations,
        case.evaluations
    );
    if let Some(traffic) = explanation.traffic {
        // Images go to the device once, and rectangles for every mask: a few of 16 bytes.
        let [channels, rows, cols] = slice(name, device).dims();
        let images = 4 * channels * rows * cols * (1 + case.shifts_with_own_background());
        assert!(traffic.bytes_to_device <= images + 16 * 16 * explanation.n_evaluations);
        assert_eq!(traffic.bytes_from_device, 4 * explanation.n_evaluations);
    }
}

/// Three outputs, softmax, two channels: what the network does not exercise.
#[test]
fn maps_of_a_formula_equal_h_shap() {
    const SHAPE: [usize; 3] = [2, 12, 20];
    for OpenDevice { device, name, .. } in devices("maps_of_a_formula_equal_h_shap") {
        let read = |name: &str| {
            let values = read_npy(golden(&format!("formula-{name}.npy")));
            values.into_iter().collect::<Vec<f32>>()
        };
        let tensor = |name| Tensor::<3>::from_data(TensorData::new(read(name), SHAPE), &device);
        let filters = TensorData::new(read("filters"), [3, 2 * 12 * 20]);
        let filters = Tensor::<2>::from_data(filters, &device).transpose();
        let formula = move |images: Tensor<4>| {
            let pixels: Tensor<2> = images.flatten(1, 3);
            pixels.matmul(filters.clone()).tanh() * 3.0
        };
        let goldens = goldens();
        let case = goldens.cases.iter().find(|case| case.softmax);
        let case = case.expect("a case with softmax");
        let explanation = Explainer::new(formula, tensor("background"))
            .cycle_explain(&tensor("image"), &case.shifts(), &case.settings())
            .expect("an explanation");
        check(&name.to_string(), case, explanation.map.values());
    }
}

fn check(device: &str, case: &Case, map: &[f32]) {
    let expected = read_npy(golden(&format!("{}.npy", case.name)));
    let expected: Vec<f32> = expected.into_iter().collect();
    let (difference, maximum) = max_difference(map, &expected);
    println!(
        "{device} {}: off by {:e} of the maximum {maximum}",
        case.name,
        difference / maximum
    );
    assert_close(map, &expected, MAP_TOLERANCE * maximum);
}

/// Without the preset the background stays where it is, which makes another map.
#[test]
fn the_aligned_convention_differs_where_there_is_a_shift() {
    let device = DeviceName::default().open().expect("a device").device;
    let net = RsnaHemorrhageNet::load(golden("small.pt"), &device).expect("weights");
    let goldens = goldens();
    let case = goldens.cases.iter().find(|case| case.roll.is_some());
    let case = case.expect("a rolled case");
    let settings = case
        .settings()
        .with_convention(ich::hshap::Convention::Aligned);
    let name = case.slice.as_deref().expect("a slice");
    let explanation = Explainer::new(move |images| net.forward(images), background(name, &device))
        .cycle_explain(&slice(name, &device), &case.shifts(), &settings)
        .expect("an explanation");
    let expected: Vec<f32> = read_npy(golden(&format!("{}.npy", case.name)))
        .into_iter()
        .collect();
    let (difference, maximum) = max_difference(explanation.map.values(), &expected);
    assert!(difference > 0.01 * maximum);
}
