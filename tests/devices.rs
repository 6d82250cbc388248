//! The command on each device of the build, and what it says of those that are not there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, FloatDType, Tensor};
use ich::ct_io::{HuSlice, Image};
use ich::ct_preprocess::{Window, WindowedSlice};
use ich::device::{DeviceError, DeviceName, OpenDevice};
use ich::hshap::{Depth, Error, Explainer, Settings};
use serde_json::Value;
use test_kit::{in_workspace, max_difference, read_npy, skipped};

/// Of the map's maximum. Measured: printed, at most 2e-6.
const TOLERANCE: f32 = 1e-4;

/// The same with weights and images in half precision. Measured: printed.
const HALF_TOLERANCE: f32 = 2e-2;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

fn ich(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ich"));
    command.args(args).env_remove("BURN_DEVICE");
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("ich runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Explains the piece of a phantom with the shipped network into a folder.
fn explain(out: &Path, extra: &[&str]) -> Command {
    let mut command = ich(&["explain", "--radii", "0", "--min-size", "32", "--json"]);
    command.args(["--tolerance", "0"]);
    command.args(["--resample", "never"]);
    command.arg(golden("crop.npy"));
    command
        .arg("--background")
        .arg(golden("crop-background.npy"));
    command.arg("--out").arg(out).args(extra);
    command
}

/// Whether the device is there; a build or a machine without it is said.
fn is_there(test: &str, name: DeviceName) -> bool {
    match name.open() {
        Ok(_) => true,
        Err(error @ (DeviceError::NotInBuild { .. } | DeviceError::NoAdapter { .. })) => {
            let must =
                name == DeviceName::Wgpu(None) && std::env::var_os("ICH_REQUIRE_WGPU").is_some();
            assert!(!must, "{error}");
            skipped(&format!("{test} on {name}"), &error.to_string());
            false
        }
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn every_device_gives_the_same_map_and_figure() {
    const TEST: &str = "every_device_gives_the_same_map_and_figure";
    let folder = tempfile::tempdir().expect("a folder");
    let reference = folder.path().join("masked");
    let run = output(&mut explain(&reference, &[]));
    assert!(run.status.success(), "{}", text(&run.stderr));
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert!(report["traffic"].is_null() && report["settings"]["engine"] == "masked");

    for name in [
        DeviceName::Flex,
        DeviceName::Ndarray,
        DeviceName::Wgpu(None),
    ] {
        if !is_there(TEST, name) {
            continue;
        }
        let out = folder.path().join(name.to_string());
        let name = name.to_string();
        let run = output(&mut explain(
            &out,
            &["--engine", "dense", "--device", &name],
        ));
        assert!(run.status.success(), "{}", text(&run.stderr));
        let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
        let device = report["settings"]["device"].as_str().expect("a name");
        assert!(device.starts_with(&name), "{device}");
        let evaluations = report["evaluations"].as_u64().expect("a number");
        let traffic = &report["traffic"];
        assert_eq!(traffic["bytes_from_device"], 4 * evaluations);

        let [found, expected] = [&out, &reference].map(|out| {
            let map = read_npy(out.join("crop.saliency.npy"));
            map.into_iter().collect::<Vec<f32>>()
        });
        let (difference, maximum) = max_difference(&found, &expected);
        test_kit::say(&format!(
            "{TEST}: {device}: off by {:e} of the maximum, {traffic}",
            difference / maximum
        ));
        assert!(difference <= TOLERANCE * maximum);
        let [found, expected] = [&out, &reference].map(|out| {
            let png = image::open(out.join("crop.png")).expect("a figure");
            png.into_rgb8()
        });
        assert_eq!(found.dimensions(), expected.dimensions());
        let differing = found.pixels().zip(expected.pixels());
        let n_differing = differing.filter(|(a, b)| a != b).count();
        // Numbers at a colour bar are the only thing that may differ in a digit.
        assert!(n_differing < 100, "{n_differing} pixels differ");
    }
}

#[test]
fn devices_are_listed_and_tested() {
    let run = output(ich(&["devices", "--json"]).env("XDG_RUNTIME_DIR", std::env::temp_dir()));
    assert!(run.status.success(), "{}", text(&run.stderr));
    let lines: Vec<Value> = text(&run.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    for name in [
        DeviceName::Flex,
        DeviceName::Ndarray,
        DeviceName::Wgpu(None),
    ] {
        let mut of_name = lines.iter().filter(|line| {
            let device = line["device"].as_str().expect("a name");
            device.starts_with(&name.to_string())
        });
        let line = of_name.next().expect("a line a device");
        if is_there("devices_are_listed_and_tested", name) {
            assert!(line["difference"].as_f64().expect("a number") < 1e-4);
            assert!(line["problem"].is_null() && line["seconds"].is_number());
        } else {
            assert!(line["problem"].is_string());
        }
    }
}

#[test]
fn a_device_that_is_not_there_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |command: &mut Command, says: &str| {
        let run = output(command);
        let stderr = text(&run.stderr);
        assert!(matches!(run.status.code(), Some(1 | 2)), "{stderr}");
        assert!(stderr.contains(says), "no {says:?} in {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    };
    refused(&mut explain(folder.path(), &["--device", "gpu"]), "wgpu:N");
    let mut by_environment = explain(folder.path(), &[]);
    refused(by_environment.env("BURN_DEVICE", "cuda"), "cuda");
    let none = if cfg!(feature = "wgpu") {
        "no graphics adapter for wgpu:99"
    } else {
        "build with the feature wgpu"
    };
    refused(&mut explain(folder.path(), &["--device", "wgpu:99"]), none);
    if cfg!(feature = "wgpu") {
        // A machine without any driver.
        let mut without = explain(folder.path(), &["--device", "wgpu"]);
        for drivers in [
            "VK_DRIVER_FILES",
            "VK_ICD_FILENAMES",
            "__EGL_VENDOR_LIBRARY_FILENAMES",
            "LIBGL_DRIVERS_PATH",
        ] {
            without.env(drivers, "/nonexistent");
        }
        refused(&mut without, "no graphics adapter for wgpu");
        if is_there("masked on wgpu", DeviceName::Wgpu(None)) {
            let args = ["--device", "wgpu", "--engine", "masked"];
            refused(&mut explain(folder.path(), &args), "computes on the CPU");
        }
    }
}

/// One buffer larger than the adapter gives; afterwards the device works as before.
#[test]
fn a_device_without_memory_is_an_error() {
    let name = DeviceName::Wgpu(None);
    if !is_there("a_device_without_memory_is_an_error", name) {
        return;
    }
    let open = name.open().expect("a device");
    let most = open.adapter.as_ref().expect("an adapter").max_buffer_bytes as usize;
    let background = Tensor::<3>::zeros([1, 8, 8], &open.device);
    let image = Tensor::<3>::ones([1, 8, 8], &open.device);
    let hungry = move |images: Tensor<4>| {
        let [n, ..] = images.dims();
        let device = images.device();
        let all = Tensor::<2>::ones([n, most / 4 + 1024], &device) + 1.0;
        all.sum_dim(1) + images.mean_dims(&[1, 2, 3]).reshape([n, 1])
    };
    let settings = Settings::default().with_depth(Depth::Levels(1));
    let error = Explainer::new(hungry, background.clone()).explain(&image, &settings);
    let error = error.expect_err("too much");
    assert!(matches!(error, Error::OutOfMemory(_)), "{error}");
    assert!(!error.to_string().contains('\n'), "{error}");

    let modest = |images: Tensor<4>| images.mean_dims(&[2, 3]).flatten(1, 3);
    let explanation = Explainer::new(modest, background).explain(&image, &settings);
    assert_eq!(explanation.expect("an explanation").output, 1.0);
}

/// Weights and images in half precision, scores in single: what that does to the map.
#[test]
fn half_precision_changes_the_map_by_little() {
    const TEST: &str = "half_precision_changes_the_map_by_little";
    let name = DeviceName::Wgpu(None);
    if !is_there(TEST, name) {
        return;
    }
    let OpenDevice { device, .. } = name.open().expect("a device");
    if !device.supports_dtype(DType::F16) {
        skipped(TEST, "the adapter has no half precision");
        return;
    }
    let image = Window::BRAIN
        .apply(&HuSlice::from(
            Image::read_npy(golden("crop.npy")).expect("a slice"),
        ))
        .to_tensor(&device);
    let background = WindowedSlice::read(golden("crop-background.npy"))
        .expect("grey")
        .to_tensor(&device);
    let half = ich::default_network(&device)
        .expect("the shipped weights")
        .map(&mut ToHalf);
    let forward = move |images: Tensor<4>| {
        half.forward(images.cast(FloatDType::F16))
            .cast(FloatDType::F32)
    };
    let settings = Settings::upstream().with_depth(Depth::MinSize(32));
    let explanation = Explainer::new(forward, background).explain(&image, &settings);
    let explanation = explanation.expect("an explanation");
    let expected = read_npy(golden("crop-plain.npy"));
    let expected: Vec<f32> = expected.into_iter().collect();
    let (difference, maximum) = max_difference(explanation.map.values(), &expected);
    test_kit::say(&format!(
        "{TEST}: off by {:e} of the maximum",
        difference / maximum
    ));
    // Half precision rounds to 5e-4; it must show, and not matter.
    assert!((1e-6..=HALF_TOLERANCE).contains(&(difference / maximum)));
}

struct ToHalf;

impl ModuleMapper for ToHalf {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.cast(FloatDType::F16))
    }
}

/// A server process on Flex; the client computes nothing itself.
#[cfg(feature = "remote")]
#[test]
fn a_slice_is_explained_on_a_server_process() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let mut server = ich(&["serve", "--port", "0", "--device", "flex"])
        .env("ICH_TOKEN", "secret")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("ich runs");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let device = line.split(' ').find(|word| word.starts_with("remote:"));
    let device = device.expect("the name of the device");

    let folder = tempfile::tempdir().expect("a folder");
    let [remote, local, none] = ["remote", "local", "none"].map(|name| folder.path().join(name));
    let explained = output(explain(&remote, &["--device", device]).env("ICH_TOKEN", "secret"));
    let wrong = output(explain(&none, &["--device", device]).env("ICH_TOKEN", "guess"));
    let without = output(explain(&none, &["--device", device]).env_remove("ICH_TOKEN"));
    server.kill().expect("killed");
    server.wait().expect("ended");
    let gone = output(explain(&none, &["--device", device]).env("ICH_TOKEN", "secret"));

    assert!(explained.status.success(), "{}", text(&explained.stderr));
    let report: Value = serde_json::from_slice(&explained.stdout).expect("JSON");
    assert_eq!(report["settings"]["device"], device);
    assert_eq!(report["settings"]["engine"], "dense");
    let run = output(&mut explain(&local, &["--engine", "dense"]));
    assert!(run.status.success(), "{}", text(&run.stderr));
    let [found, expected] = [&remote, &local].map(|out| read_npy(out.join("crop.saliency.npy")));
    assert_eq!(found, expected, "Flex here and Flex there");

    for (run, says) in [(wrong, device), (without, "ICH_TOKEN"), (gone, device)] {
        let stderr = text(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(says), "no {says:?} in {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
    assert!(!none.exists());
}
