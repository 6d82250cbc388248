//! The short programs of `examples/`, run as `cargo test` built them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_kit::in_workspace;

/// Beside the command, where Cargo leaves examples.
fn example(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_ich")).parent();
    let path = folder.expect("a folder").join("examples").join(name);
    assert!(path.exists(), "{name} is not built; `cargo test` builds it");
    path
}

fn run(name: &str, args: &[&Path]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(example(name))
        .args(args)
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{name}: {stderr}");
    String::from_utf8_lossy(&stdout).into_owned()
}

#[test]
fn a_dicom_file_has_a_probability() {
    // A head of 128 x 128 pixels: the network takes any size.
    let slice = in_workspace("tests/cases/inputs/00-control.dcm");
    let printed = run("dicom_probability", &[&slice]);
    let (_, probability) = printed
        .trim_end()
        .split_once(": probability ")
        .expect("a line");
    let probability: f32 = probability.parse().expect("a number");
    assert!((0.0..=1.0).contains(&probability), "{printed}");
}

#[test]
fn a_model_of_ones_own_is_explained_in_a_thread_and_can_be_stopped() {
    let printed = run("own_model", &[]);
    assert!(printed.starts_with("Ok("), "{printed}");
    let printed = run("own_model", &[Path::new("--stop")]);
    assert!(printed.starts_with("Err(Cancelled)"), "{printed}");
}

#[test]
fn a_network_of_ones_own_is_explained_by_its_declaration() {
    let folder = tempfile::tempdir().expect("a folder");
    let network = |file: &str| in_workspace("tests/networks").join(file).canonicalize();
    let [weights, slice, background] = ["six_labels.onnx", "two_bleeds.npy", "mean_clear.npy"]
        .map(|file| network(file).expect("a file"));
    let output = Command::new(example("own_network"))
        .args([&weights, &slice, &background])
        .arg("subdural")
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(printed.contains("subdural 0.99975"), "{printed}");
    assert!(folder.path().join("ich-out/two_bleeds.png").is_file());
}

#[test]
fn a_map_lies_over_its_slice() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("overlay.png");
    let golden = |file: &str| in_workspace("tests/golden").join(file);
    run(
        "overlay",
        &[&golden("wide.npy"), &golden("wide-plain.npy"), &out],
    );
    let picture = image::open(&out).expect("a picture");
    let map = test_kit::read_npy(golden("wide-plain.npy"));
    let dims = (picture.width() as usize, picture.height() as usize);
    assert_eq!(dims, (map.ncols(), map.nrows()));
    let is_coloured = |pixel: &image::Rgb<u8>| pixel.0[0] != pixel.0[2];
    assert!(picture.to_rgb8().pixels().any(is_coloured));
}
