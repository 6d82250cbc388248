//! Networks whose channels show the slices beside a slice, too.

use std::path::{Path, PathBuf};

use ich::ct_preprocess::NetworkInput;
use ich::study::{Listing, Reader, Reading, Resample, Slice};
use ich::{Error, Options, Session, message};
use ndarray::Array3;
use ndarray_npy::write_npy;
use serde_json::Value;
use test_kit::dicom::{DataSet, Syntax};
use test_kit::in_workspace;

/// The slice nearer to the feet, the slice and the one nearer to the head, in Hounsfield units.
fn reading() -> Reading {
    let mut reading = Reading::default();
    reading.resample = Resample::Never;
    let channels = "hu:-1000:1000@-1,hu:-1000:1000,hu:-1000:1000@1";
    reading.input = NetworkInput::new(3, &channels.parse().expect("channels")).expect("an input");
    reading
}

/// A slice of 2 x 3 pixels that all have `hu`, `mm` above the origin; with `columns` -1 its normal points
/// to the feet.
fn dicom(folder: &Path, name: &str, hu: u16, mm: f64, columns: i32) -> PathBuf {
    let file = DataSet::ct(Syntax::Explicit)
        .text(0x0020, 0x000d, "UI", "1.2")
        .text(0x0020, 0x000e, "UI", "1.2.3")
        .text(0x0020, 0x0032, "DS", &format!("0\\0\\{mm}"))
        .text(0x0020, 0x0037, "DS", &format!("1\\0\\0\\0\\{columns}\\0"))
        .text(0x0028, 0x0030, "DS", "0.5\\0.5")
        .pixels(&[hu + 1024; 6]);
    let path = folder.join(name);
    std::fs::write(&path, file.file()).expect("written");
    path
}

/// Every slice of a path, and what its channels hold.
fn read(path: &Path, reading: &Reading) -> Vec<Result<Slice, Error>> {
    let listing = Listing::expand(
        &[path.to_owned()],
        None,
        reading.numbers.as_ref(),
        |_, _| {},
    );
    let listing = listing.expect("a list");
    assert!(listing.faults.is_empty(), "{:?}", listing.faults);
    let mut reader = Reader::new(reading.clone());
    listing
        .slices
        .iter()
        .map(|slice| reader.read(slice))
        .collect()
}

/// The first value of each channel, and the warnings of neighbours.
fn seen(slices: Vec<Result<Slice, Error>>) -> Vec<([f32; 3], usize)> {
    let seen = slices.into_iter().map(|slice| {
        let slice = slice.expect("a slice");
        let values = slice.stack.normalised();
        let n = values.len() / 3;
        let is_of_neighbour = |warning: &&ich::ct_io::Warning| warning.code() == "neighbour";
        let n_warnings = slice.warnings.iter().filter(is_of_neighbour).count();
        ([values[0], values[n], values[2 * n]], n_warnings)
    });
    seen.collect()
}

#[test]
fn a_series_gives_the_neighbours_from_feet_to_head() {
    for columns in [1, -1] {
        let folder = tempfile::tempdir().expect("a folder");
        // Neither names nor the order of the normal decide.
        for (name, hu, mm) in [("b", 20, 5.0), ("c", 10, 0.0), ("a", 30, 10.0)] {
            dicom(folder.path(), name, hu, mm, columns);
        }
        let mut found = seen(read(folder.path(), &reading()));
        if columns == -1 {
            // Listed along the normal, which points to the feet.
            found.reverse();
        }
        assert_eq!(
            found,
            [
                ([10.0, 10.0, 20.0], 1),
                ([10.0, 20.0, 30.0], 0),
                ([20.0, 30.0, 30.0], 1)
            ]
        );
    }
}

#[test]
fn a_gap_in_a_series_is_warned_of() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, hu, mm) in [
        ("a", 10, 0.0),
        ("b", 20, 5.0),
        ("c", 30, 10.0),
        ("d", 40, 20.0),
    ] {
        dicom(folder.path(), name, hu, mm, 1);
    }
    let found = seen(read(folder.path(), &reading()));
    assert_eq!(found[1], ([10.0, 20.0, 30.0], 0));
    assert_eq!(found[2], ([20.0, 30.0, 40.0], 1));
}

#[test]
fn a_volume_gives_the_neighbours_also_of_chosen_slices() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("volume.npy");
    let volume = Array3::from_shape_fn((5, 4, 4), |(k, row, _)| (10 * k) as f32 + row as f32);
    write_npy(&path, &volume).expect("written");
    let found = seen(read(&path, &reading()));
    assert_eq!(found[0], ([0.0, 0.0, 10.0], 1));
    assert_eq!(found[3], ([20.0, 30.0, 40.0], 0));

    let nifti = test_kit::in_workspace("tests/networks/five_slices.nii.gz");
    let all = read(&nifti, &reading());
    let mut chosen = reading();
    chosen.numbers = "1".parse().ok();
    let one = read(&nifti, &chosen).remove(0).expect("a slice");
    let of_all = all[1].as_ref().expect("the same slice");
    assert_eq!(one.stack, of_all.stack);
    let units = |k: usize| all[k].as_ref().expect("a slice").hu.values_hu().to_vec();
    let expected: Vec<f32> = [units(0), units(1), units(2)].concat();
    let expected: Vec<f32> = expected
        .iter()
        .map(|hu| hu.clamp(-1000.0, 1000.0))
        .collect();
    assert_eq!(one.stack.normalised(), expected);
}

#[test]
fn rejects_a_slice_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let alone = dicom(folder.path(), "a", 10, 0.0, 1);
    let error = read(&alone, &reading()).remove(0).expect_err("alone");
    let text = message(&error);
    assert!(
        text.contains("/a: ") && text.contains("give the folder of its series"),
        "{text}"
    );
    let npy = folder.path().join("one.npy");
    write_npy(&npy, &ndarray::Array2::<f32>::from_elem((4, 4), 40.0)).expect("written");
    let error = read(&npy, &reading()).remove(0).expect_err("alone");
    assert!(matches!(error.innermost(), Error::NoNeighbours), "{error}");
    // The phantom, too.
    assert!(ich::study::demo(&reading()).is_err());
}

#[test]
fn rejects_neighbours_of_another_size() {
    let folder = tempfile::tempdir().expect("a folder");
    dicom(folder.path(), "a", 10, 0.0, 1);
    let other = DataSet::ct(Syntax::Explicit)
        .text(0x0020, 0x000d, "UI", "1.2")
        .text(0x0020, 0x000e, "UI", "1.2.3")
        .text(0x0020, 0x0032, "DS", "0\\0\\5")
        .text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0")
        .text(0x0028, 0x0030, "DS", "0.5\\0.5")
        .short(0x0028, 0x0011, 2)
        .pixels(&[1064; 4]);
    std::fs::write(folder.path().join("b"), other.file()).expect("written");
    let error = read(folder.path(), &reading())
        .remove(0)
        .expect_err("another size");
    assert!(
        message(&error).contains("the slice +1 beside it"),
        "{}",
        message(&error)
    );
}

/// What ONNX Runtime says of each slice of a volume with its neighbours; 6e-7 is the most that this
/// differed.
#[test]
fn a_network_of_three_slices_answers_as_onnx_runtime_does() {
    let file = |name: &str| in_workspace("tests/networks").join(name);
    let text = std::fs::read_to_string(file("expected.json")).expect("a file");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let mut options = Options::default();
    options.weights = Some(file("three_slices.onnx"));
    let session = Session::open(&options).expect("a session");
    let slices = read(&file("five_slices.nii.gz"), session.reading());
    assert_eq!(slices.len(), 5);
    for (number, slice) in slices.iter().enumerate() {
        let slice = slice.as_ref().expect("a slice");
        let prediction = session.classifier().predict_one(slice).expect("an answer");
        let expected = &expected["three_slices"][format!("slice {number}")]["probabilities"][0];
        let expected = expected.as_f64().expect("a number");
        let found = f64::from(prediction.probability);
        assert!(
            (found - expected).abs() < 5e-6,
            "{number}: {found}, expected {expected}"
        );
    }
}
