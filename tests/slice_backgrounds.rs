//! Backgrounds that are made of slices, for any input.

use std::path::Path;

use burn::tensor::{Device, Tensor};
use ich::ct_preprocess::NetworkInput;
use ich::study::{BackgroundKind, Reading, Slice, SliceBackground};
use ich::{Error, message};
use ndarray::Array2;
use ndarray_npy::write_npy;
use test_kit::in_workspace;

/// Sums in `f64`, and the rounding of one `f32`.
const TOLERANCE: f32 = 1e-6;

/// Two channels on 4 x 4 pixels: units around 50 HU over 25, and the brain window.
fn reading() -> Reading {
    let mut reading = Reading::default();
    reading.grid.side = 4;
    reading.input = NetworkInput::new(2, &"hu:0:100,brain".parse().expect("channels"))
        .and_then(|input| input.with_normalisation(&[50.0, 0.5], &[25.0, 0.25]))
        .expect("an input");
    reading
}

fn hu(value: impl Fn(usize, usize) -> f32) -> Array2<f32> {
    Array2::from_shape_fn((4, 4), |(row, col)| value(row, col))
}

fn ramp() -> Array2<f32> {
    hu(|row, col| (10 * row + 3 * col) as f32 - 5.0)
}

fn slice(reading: &Reading) -> Slice {
    let values = ramp().into_raw_vec_and_offset().0;
    let hu = ich::ct_io::HuSlice::new(values, 4, 4).expect("a slice");
    let text = || String::from("a");
    Slice::new(text(), text(), text(), hu, reading).expect("on the grid")
}

fn open(kind: &str) -> Result<SliceBackground, Error> {
    let kind = kind.parse().expect("a kind");
    SliceBackground::open(&kind, &reading(), &Device::flex())
}

fn values(background: &SliceBackground) -> Vec<f32> {
    let image = background
        .image(&slice(&reading()), &Device::flex())
        .expect("an image");
    assert_eq!(image.dims(), [2, 4, 4]);
    of(image)
}

fn of(image: Tensor<3>) -> Vec<f32> {
    image.into_data().iter::<f32>().collect()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_constant_is_made_like_a_slice() {
    let found = values(&open("constant:60").expect("a background"));
    assert_eq!(
        found,
        [[(60.0 - 50.0) / 25.0; 16], [(0.75 - 0.5) / 0.25; 16]].concat()
    );
}

#[test]
fn a_blur_is_of_the_slice_itself() {
    let (narrow, wide) = (open("blur:0.1"), open("blur:1000"));
    let stack = slice(&reading()).stack;
    let narrow = values(&narrow.expect("a background"));
    test_kit::assert_close(&narrow, stack.normalised(), TOLERANCE);
    // So wide that every pixel is the mean.
    let mean: f32 = stack.normalised()[..16].iter().sum::<f32>() / 16.0;
    let wide = values(&wide.expect("a background"));
    test_kit::assert_close(&wide[..16], &[mean; 16], 1e-4);
    // 10 of 224 pixels by default.
    let found = values(&open("blur").expect("a background"));
    let expected = stack
        .blurred(BackgroundKind::default_sigma_px(4))
        .expect("blurred");
    assert_eq!(found, expected);
    assert_eq!(BackgroundKind::default_sigma_px(224), 10.0);
}

#[test]
fn a_slice_in_units_is_a_background_of_any_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("background.npy");
    write_npy(&file, &ramp()).expect("written");
    let background = open(path(&file)).expect("a background");
    assert_eq!(values(&background), slice(&reading()).stack.normalised());
    let bytes = std::fs::read(&file).expect("bytes");
    assert_eq!(background.sha256(), ich::ich_model::sha256(&bytes));
    assert_eq!(background.source(), path(&file));
}

#[test]
fn a_mean_is_over_all_slices_of_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, slice) in [
        ("a.npy", ramp()),
        ("b.npy", hu(|_, _| 90.0)),
        ("c.npy", hu(|_, _| -3.0)),
    ] {
        write_npy(folder.path().join(name), &slice).expect("written");
    }
    let background = open(&format!("mean:{}", path(folder.path()))).expect("a background");
    let stack = slice(&reading()).stack;
    let constants = [(90.0 - 50.0) / 25.0 - 2.0, (1.0 - 0.5) / 0.25 - 2.0];
    let expected = stack.normalised().iter().enumerate();
    let expected = expected.map(|(place, value)| (value + constants[place / 16]) / 3.0);
    test_kit::assert_close(
        &values(&background),
        &expected.collect::<Vec<_>>(),
        TOLERANCE,
    );
    assert!(background.source().starts_with("mean of 3 slices of"));

    let several = open(path(&case("11-study/IM0"))).map(|_| ());
    assert!(several.is_err(), "of another size");
}

fn case(name: &str) -> std::path::PathBuf {
    in_workspace("tests/cases").join(name)
}

#[test]
fn rejects_grey_for_several_windows_and_takes_it_for_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("grey.npy");
    write_npy(&file, &hu(|row, col| (row + col) as f32 / 8.0)).expect("written");
    let error = open(path(&file)).expect_err("several");
    assert!(
        message(&error).contains("all show the same"),
        "{}",
        message(&error)
    );

    let mut brain = reading();
    brain.input = NetworkInput::new(2, &"brain".parse().expect("a window")).expect("an input");
    let kind = BackgroundKind::File(file);
    let background = SliceBackground::open(&kind, &brain, &Device::flex()).expect("a background");
    let found = of(background
        .image(&slice(&brain), &Device::flex())
        .expect("an image"));
    assert_eq!((found[1], found[17]), (0.125, 0.125));
}

#[test]
fn rejects_several_slices_no_slices_and_several_sizes() {
    let folder = tempfile::tempdir().expect("a folder");
    let stack = folder.path().join("stack.npy");
    let volume =
        ndarray::Array3::from_shape_fn((3, 4, 4), |(k, row, col)| (40 * k + row * col) as f32);
    write_npy(&stack, &volume).expect("written");
    let message_of = |kind: &str| message(&open(kind).expect_err("no background"));
    let several = message_of(path(&stack));
    assert!(
        several.contains("several slices") && several.contains("mean:PATH"),
        "{several}"
    );
    assert!(open(&format!("mean:{}", path(&stack))).is_ok());

    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    assert!(message_of(&format!("mean:{}", path(&empty))).contains("no slice found"));
    assert!(message_of("missing.npy").contains("missing.npy"));

    let sizes = folder.path().join("sizes");
    std::fs::create_dir(&sizes).expect("a folder");
    write_npy(sizes.join("a.npy"), &ramp()).expect("written");
    write_npy(sizes.join("b.npy"), &Array2::<f32>::from_elem((4, 5), 40.0)).expect("written");
    let mut never = reading();
    never.resample = ich::study::Resample::Never;
    let kind = BackgroundKind::Mean(sizes);
    let error = SliceBackground::open(&kind, &never, &Device::flex()).expect_err("two sizes");
    assert!(
        message(&error).contains("4 x 5 pixels, and slices before it 4 x 4"),
        "{}",
        message(&error)
    );
}
