//! The same numbers as PyTorch and h-shap 0.1.6 on 512 x 512 slices, real ones among them, with the
//! full network, by Burn and by the masked engine, which the command uses. The material may not be committed; without it each test prints a line and passes.

use std::path::{Path, PathBuf};
use std::process::Command;

use burn::tensor::{Device, Tensor};
use ich::ct_io::{HuSlice, Image};
use ich::ct_preprocess::{Window, WindowedSlice};
use ich::hshap::{Depth, Explainer, Settings, Threshold};
use ich::ich_model::RsnaHemorrhageNet;
use ich::masked_cnn::{Engine, Settings as EngineSettings, Size};
use test_kit::{assert_close, max_difference, read_npy, say, shared};

const REAL_0: &str = "data/cq500/1.2.276.0.7230010.3.1.4.296485376.1.1521713007.1700822.npy";
const REAL_2: &str = "data/cq500/1.2.276.0.7230010.3.1.4.296485376.1.1521713469.1816851.npy";

/// `golden/predictions.json`, PyTorch in f32.
const PROBABILITIES: [(&str, f32); 4] = [
    (REAL_0, 0.549_936),
    (REAL_2, 0.999_597_6),
    ("golden/phantom-bleed.npy", 0.999_843_84),
    ("golden/phantom-clear.npy", 0.187_308_18),
];

/// Measured: 7e-7 with f32 weights, 8e-4 with the shipped ones in f16.
const F32_TOLERANCE: f32 = 1e-5;
const F16_TOLERANCE: f32 = 2e-3;

/// Of the map's maximum.
const MAP_TOLERANCE: f32 = 1e-4;

fn image(slice: &Path, device: &Device) -> Tensor<3> {
    let hu = HuSlice::from(Image::read_npy(slice).expect("a slice"));
    Window::BRAIN.apply(&hu).to_tensor(device)
}

#[test]
fn probabilities_equal_pytorch() {
    const TEST: &str = "probabilities_equal_pytorch";
    let device = Device::flex();
    let shipped = ich::default_network(&device).expect("the shipped weights");
    let Some(weights) = shared(TEST, "weights/ich-demo.pt") else {
        return;
    };
    let original = RsnaHemorrhageNet::load(weights, &device).expect("weights");
    for (slice, expected) in PROBABILITIES {
        let Some(path) = shared(TEST, slice) else {
            return;
        };
        let image = image(&path, &device);
        let [_, rows, cols] = image.dims();
        let pixels: Vec<f32> = image.clone().into_data().iter::<f32>().collect();
        let dense = |net: &RsnaHemorrhageNet| {
            net.predict(image.clone().unsqueeze()).expect("an answer")[0].probability
        };
        let masked = engine(&original, Size { rows, cols }).forward(&pixels);
        for (by, probability, tolerance) in [
            ("f32 weights", dense(&original), F32_TOLERANCE),
            ("f16 weights", dense(&shipped), F16_TOLERANCE),
            ("masked", masked.expect("an answer")[0], F32_TOLERANCE),
        ] {
            let off = (probability - expected).abs();
            say(&format!(
                "{TEST}: {slice}, {by}, within {tolerance:e}: off by {off:e}"
            ));
            assert!(off <= tolerance);
        }
    }
}

/// Compares a map with `golden/NAME.npy` and says how far it is off.
#[track_caller]
fn assert_equals_golden(test: &str, map: &[f32], name: &str) {
    let golden = shared(test, &format!("golden/{name}.npy")).expect("the golden");
    let expected: Vec<f32> = read_npy(golden).into_iter().collect();
    let (difference, maximum) = max_difference(map, &expected);
    say(&format!(
        "{test}: off by {:e} of the maximum",
        difference / maximum
    ));
    assert_close(map, &expected, MAP_TOLERANCE * maximum);
}

/// Runs `ich explain --upstream` as a user would and compares the map it writes.
fn command_equals_golden(test: &str, golden: &str, slice: &str, shift: &[&str]) {
    let Some(slice) = shared(test, slice) else {
        return;
    };
    let files = ["weights/ich-demo.pt", "data/cq500/reference.pt"];
    let [Some(weights), Some(background)] = files.map(|file| shared(test, file)) else {
        return;
    };
    let out = tempfile::tempdir().expect("a folder");
    let run = Command::new(env!("CARGO_BIN_EXE_ich"))
        .arg("explain")
        .arg(&slice)
        .args(["--upstream", "--min-size", "64"])
        .args(shift)
        .arg("--weights")
        .arg(&weights)
        .arg("--background")
        .arg(&background)
        .arg("--out")
        .arg(out.path())
        .output()
        .expect("ich runs");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );

    let mut name = PathBuf::from(slice.file_stem().expect("a name")).into_os_string();
    name.push(".saliency.npy");
    let map: Vec<f32> = read_npy(out.path().join(name)).into_iter().collect();
    assert_equals_golden(test, &map, golden);
}

#[test]
fn the_plain_run_equals_h_shap() {
    let shift = ["--radii", "0"];
    command_equals_golden("the_plain_run_equals_h_shap", "real0-plain", REAL_0, &shift);
}

/// Radius 27.974 at 0.42379 rad truncates to 11 rows up and 25 columns right.
#[test]
fn the_rolled_run_equals_h_shap() {
    let shift = ["--radii", "27.974", "--angles", "0.42379"];
    command_equals_golden(
        "the_rolled_run_equals_h_shap",
        "real2-rolled",
        REAL_2,
        &shift,
    );
}

#[test]
fn the_cycle_equals_h_shap() {
    let shift = ["--radii", "0,24", "--angles", "0,2,4.5"];
    command_equals_golden("the_cycle_equals_h_shap", "real2-cycle", REAL_2, &shift);
}

fn engine(net: &RsnaHemorrhageNet, size: Size) -> Engine {
    net.to_masked(size, &EngineSettings::default())
        .expect("the same network")
}

/// How a map of the phantom is computed.
#[derive(Clone, Copy)]
enum By {
    Burn,
    Masked,
}

/// A map of the phantom with the full network, by library calls.
fn phantom_map(test: &str, by: By, settings: &Settings) -> Option<Vec<f32>> {
    let device = Device::flex();
    let net = RsnaHemorrhageNet::load(shared(test, "weights/ich-demo.pt")?, &device);
    let net = net.expect("weights");
    let background = shared(test, "weights/ich-demo-background.npy")?;
    let background = WindowedSlice::read(background).expect("grey");
    let image = image(&shared(test, "golden/phantom-bleed.npy")?, &device);
    let background = background.to_tensor(&device);
    let [_, rows, cols] = background.dims();
    let explainer = match by {
        By::Burn => Explainer::new(move |images| net.forward(images), background),
        By::Masked => Explainer::masked(engine(&net, Size { rows, cols }), background),
    };
    let explanation = explainer.explain(&image, settings).expect("an explanation");
    Some(explanation.map.values().to_vec())
}

#[test]
fn the_percentile_run_equals_h_shap() {
    const TEST: &str = "the_percentile_run_equals_h_shap";
    let settings = Settings::upstream()
        .with_depth(Depth::MinSize(128))
        .with_threshold(Threshold::Percentile(70.0));
    for by in [By::Burn, By::Masked] {
        let Some(map) = phantom_map(TEST, by, &settings) else {
            return;
        };
        assert_equals_golden(TEST, &map, "phantom-relative70");
    }
}

/// h-shap's binary map also shows cells that rounding let through, so it is compared where the map
/// of scores exceeds a millionth of its maximum.
#[test]
fn the_binary_run_equals_h_shap() {
    const TEST: &str = "the_binary_run_equals_h_shap";
    let settings = Settings::upstream()
        .with_depth(Depth::MinSize(128))
        .with_binary_map(true);
    let Some(binary) = phantom_map(TEST, By::Masked, &settings) else {
        return;
    };
    let scores = settings.with_binary_map(false);
    let scores = phantom_map(TEST, By::Masked, &scores).expect("the same material");
    let golden = shared(TEST, "golden/phantom-binary.npy").expect("the golden");
    let expected: Vec<f32> = read_npy(golden).into_iter().collect();
    let maximum = scores.iter().copied().fold(0.0, f32::max);
    let mut n_compared = 0;
    for ((score, ours), theirs) in scores.iter().zip(&binary).zip(&expected) {
        if score.abs() > 1e-6 * maximum {
            assert_eq!(ours, theirs);
            n_compared += 1;
        }
    }
    assert!(n_compared > 0);
}
