//! The command on DICOM files: phantoms written as such, some of them spoiled.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ct_io::NiftiVolume;
use ct_phantom::{Lesions, Phantom, SIDE};
use serde_json::Value;
use test_kit::dicom::{DataSet, Syntax};
use test_kit::in_workspace;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

fn ich(args: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ich"));
    command.args(args).output().expect("ich runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A slice of a series, `mm` along the patient, stored as unsigned values from -1024 HU on.
fn slice(hu: &[i16], side: usize, uid: &str, series: &str, mm: usize) -> DataSet {
    let stored: Vec<u16> = hu.iter().map(|&hu| (hu.max(-1024) + 1024) as u16).collect();
    DataSet::ct(Syntax::Explicit)
        .text(0x0008, 0x0018, "UI", uid)
        .text(0x0020, 0x000e, "UI", series)
        .text(0x0020, 0x0032, "DS", &format!("0\\0\\{mm}"))
        .text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0")
        .short(0x0028, 0x0010, side as u16)
        .short(0x0028, 0x0011, side as u16)
        .text(0x0028, 0x0030, "DS", "0.5\\0.5")
        .bits(16, 0)
        .pixels(&stored)
}

/// The folder of 200 phantoms: names in the reverse of the order along the patient, ten files cut
/// or of something else.
#[test]
fn a_folder_of_200_phantoms_gives_190_results_and_10_named_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let phantom = Phantom::generate(3, &Lesions::Clear).expect("a phantom");
    for index in 0..200 {
        let uid = format!("ID_{index:03}");
        let series = format!("1.2.{}", index % 2);
        let mut bytes = slice(phantom.hu(), SIDE, &uid, &series, 1000 - index).file();
        if index % 20 == 7 {
            bytes.truncate(20_000 + index);
        }
        let path = folder.path().join(format!("slice{index:03}"));
        std::fs::write(path, bytes).expect("written");
    }
    let table = folder.path().join("table.csv");
    let run = ich(&[
        Path::new("predict"),
        folder.path(),
        Path::new("--weights"),
        &golden("small.pt"),
        Path::new("--out"),
        &table,
    ]);
    let stderr = text(&run.stderr);
    assert_eq!(run.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("190 of 200 slices have a result"),
        "{stderr}"
    );
    for index in (7..200).step_by(20) {
        let name = format!("slice{index:03}: DICOM");
        assert!(stderr.contains(&name), "no {name:?} in: {stderr}");
    }
    let table = std::fs::read_to_string(table).expect("a table");
    let series_of = |line: &str| line.split(',').nth(3).map(str::to_owned);
    let series: Vec<_> = table.lines().skip(1).filter_map(series_of).collect();
    assert_eq!(series.len(), 190);
    // Series 1.2.0 begins with the first file; along the patient its last file comes first.
    assert!(series.is_sorted(), "series are kept together");
    let first = table.lines().nth(1).expect("a row");
    assert!(first.contains("slice198,slice198,ID_198,1.2.0,"), "{first}");
}

/// The same slice as an array and as DICOM gives the same numbers, and the report says which file.
#[test]
fn dicom_and_npy_give_the_same_explanation() {
    let folder = tempfile::tempdir().expect("a folder");
    let array: ndarray::Array2<i16> =
        ndarray_npy::read_npy(golden("square.npy")).expect("an array");
    let hu: Vec<i16> = array.iter().map(|&hu| hu.max(-1024)).collect();
    let path = folder.path().join("square.dcm");
    let data = slice(&hu, 64, "1.2.3.4", "1.2.3", 5).short(0x0028, 0x0120, 0);
    std::fs::write(&path, data.file()).expect("written");
    let truth = folder.path().join("truth.csv");
    let table = "SOPInstanceUID,data,labelName\n1.2.3.4,\"{'x': 1, 'y': 2, 'width': 3, 'height': 4}\",Subdural\n";
    std::fs::write(&truth, table).expect("written");

    let report = |slice: &Path, name: &str| -> Value {
        let out = folder.path().join(name);
        let run = ich(&[
            Path::new("explain"),
            slice,
            Path::new("--weights"),
            &golden("small.pt"),
            Path::new("--background"),
            &golden("square-background.npy"),
            Path::new("--boxes"),
            &truth,
            Path::new("--radii"),
            Path::new("0"),
            Path::new("--min-size"),
            Path::new("32"),
            // 32 mm are no field of view of a head.
            Path::new("--resample"),
            Path::new("never"),
            Path::new("--out"),
            &out,
        ]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let report = std::fs::read(out.join("square.json")).expect("a report");
        serde_json::from_slice(&report).expect("JSON")
    };
    let from_array = report(&golden("square.npy"), "array");
    let from_dicom = report(&path, "dicom");
    // Padding is darker than the window either way.
    assert_eq!(from_dicom["probability"], from_array["probability"]);
    assert_eq!(from_dicom["runs"], from_array["runs"]);
    let dicom = &from_dicom["input"]["dicom"];
    assert_eq!(dicom["sop_instance_uid"], "1.2.3.4");
    assert!(dicom["padded_pixels"].as_u64().expect("a count") > 100);
    assert_eq!(from_dicom["input"]["boxes"][0]["label"], "Subdural");
    assert!(from_array["input"].get("dicom").is_none());
}

#[test]
fn the_rsna_repair_is_named_where_it_would_apply() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrapped.dcm");
    let data = DataSet::ct(Syntax::Explicit)
        .bits(12, 0)
        .short(0x0028, 0x0010, 64)
        .short(0x0028, 0x0011, 64)
        .text(0x0028, 0x1052, "DS", "0")
        .pixels(&[4072; 64 * 64]);
    std::fs::write(&path, data.file()).expect("written");
    let weights = golden("small.pt");
    let args = [
        Path::new("predict"),
        &path,
        Path::new("--weights"),
        &weights,
        Path::new("--resample"),
        Path::new("never"),
    ];
    let off = ich(&args);
    assert!(text(&off.stderr).contains("--rsna-repair unwraps them"));
    let on = ich(&[&args[..], &[Path::new("--rsna-repair")]].concat());
    assert!(!text(&on.stderr).contains("rsna-repair"));
    assert_ne!(off.stdout, on.stdout);
}

/// Slices of a tilted gantry, of which the third is missing: names in the reverse of their order.
#[test]
fn the_maps_of_a_series_are_a_volume() {
    let folder = tempfile::tempdir().expect("a folder");
    let phantom: ndarray::Array2<i16> =
        ndarray_npy::read_npy(golden("square.npy")).expect("an array");
    let hu: Vec<i16> = phantom.iter().copied().collect();
    let study = folder.path().join("study");
    std::fs::create_dir(&study).expect("a folder");
    let tilted = |uid: &str, series: &str, z: &str| {
        slice(&hu, 64, uid, series, 0)
            .text(0x0020, 0x0032, "DS", &format!("-16\\-20\\{z}"))
            .text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\0.8\\-0.6")
            .text(0x0018, 0x0050, "DS", "4.8")
    };
    for (name, series, z) in [
        ("a", "1.2.1", "20"),
        ("b", "1.2.1", "5"),
        ("c", "1.2.1", "0"),
        ("alone", "1.2.2", "0"),
        ("odd1", "1.2.3", "0"),
        ("odd2", "1.2.3", "5"),
        ("odd3", "1.2.3", "12"),
    ] {
        let bytes = tilted(name, series, z).file();
        std::fs::write(study.join(name), bytes).expect("written");
    }
    let [weights, background] = ["small.pt", "square-background.npy"].map(golden);
    let out = folder.path().join("out");
    let mut args = vec![
        Path::new("explain"),
        &study,
        Path::new("--weights"),
        &weights,
    ];
    args.extend([Path::new("--background"), &background]);
    args.extend(["--radii", "0", "--min-size", "32", "--resample", "never"].map(Path::new));
    args.extend([Path::new("--out"), &out]);
    let run = ich(&args);
    let stderr = text(&run.stderr);
    assert!(run.status.success(), "{stderr}");
    let series = out.join("series-1.2.1.saliency.nii.gz");
    for says in [
        &format!("{}: maps of 3 of 5 slices", series.display()),
        "alone.saliency.nii.gz: maps of 1 of 1 slices",
        "series-1.2.3.saliency.nii.gz: not written: DICOM slices are no volume: slice 2 is",
    ] {
        assert!(stderr.contains(says), "no {says:?} in {stderr}");
    }
    assert!(!out.join("series-1.2.3.saliency.nii.gz").exists());

    // Columns run to the left and rows down the tilted plane; the table moves along z. NIfTI
    // counts x to the right and y to the front.
    let close = |file: &Path, expected: [[f64; 4]; 3]| {
        let volume = NiftiVolume::read(file).expect("a volume");
        let rows = volume.header().affine().rows();
        let pairs = rows.iter().flatten().zip(expected.iter().flatten());
        for (found, expected) in pairs {
            assert!((found - expected).abs() < 1e-6, "{rows:?}");
        }
        volume
    };
    let maps = close(
        &series,
        [
            [-0.5, 0.0, 0.0, 16.0],
            [0.0, -0.4, 0.0, 20.0],
            [0.0, -0.3, 5.0, 0.0],
        ],
    );
    for (k, name) in [(0, "c"), (1, "b"), (4, "a")] {
        let npy = test_kit::read_npy(out.join(format!("{name}.saliency.npy")));
        let map = maps.slice(k).expect("a slice");
        assert!(npy.iter().eq(map.hu.values_hu()), "{name}");
        assert!(npy.iter().any(|&value| value > 0.0), "{name} is explained");
    }
    for missing in [2, 3] {
        let map = maps.slice(missing).expect("a slice");
        assert!(map.hu.values_hu().iter().all(|&value| value == 0.0));
    }
    close(
        &out.join("alone.saliency.nii.gz"),
        [
            [-0.5, 0.0, 0.0, 16.0],
            [0.0, -0.4, -2.88, 20.0],
            [0.0, -0.3, 3.84, 0.0],
        ],
    );

    args.push(Path::new("--resume"));
    let again = ich(&args);
    let stderr = text(&again.stderr);
    assert!(
        stderr.contains("7 of 7 slices have a result, 7 of them from before"),
        "{stderr}"
    );
}

/// The Secondary Capture is the figure, and a folder that holds it has no slice more than before.
#[test]
fn a_figure_is_also_a_secondary_capture_in_the_study_of_the_slice() {
    let folder = tempfile::tempdir().expect("a folder");
    let array: ndarray::Array2<i16> =
        ndarray_npy::read_npy(golden("square.npy")).expect("an array");
    let hu: Vec<i16> = array.iter().copied().collect();
    let study = folder.path().join("study");
    std::fs::create_dir(&study).expect("a folder");
    let data = slice(&hu, 64, "1.2.3.4", "1.2.3.1", 5).text(0x0020, 0x000d, "UI", "1.2.3");
    std::fs::write(study.join("square.dcm"), data.file()).expect("written");
    let [weights, background] = ["small.pt", "square-background.npy"].map(golden);
    let mut args = vec![
        Path::new("explain"),
        &study,
        Path::new("--weights"),
        &weights,
    ];
    args.extend([Path::new("--background"), &background]);
    args.extend(["--radii", "0", "--min-size", "32", "--resample", "never"].map(Path::new));
    args.extend([Path::new("--dicom"), Path::new("--out"), &study]);
    let run = ich(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));

    let capture = std::fs::read(study.join("square.figure.dcm")).expect("a capture");
    let figure = std::fs::read(study.join("square.png")).expect("a figure");
    let side = |at: usize| u32::from_be_bytes(figure[at..at + 4].try_into().expect("4 bytes"));
    let (cols, rows) = (side(16), side(20));
    let pixels = 3 * (rows * cols) as usize;
    // The pixels are the last element.
    let n_pixels = pixels + pixels % 2;
    let [.., a, b, c, d] = capture[..capture.len() - n_pixels] else {
        panic!("no pixels");
    };
    assert_eq!(u32::from_le_bytes([a, b, c, d]) as usize, n_pixels);
    for says in ["1.2.3", "not for clinical use", "DERIVED\\SECONDARY"] {
        let has = capture
            .windows(says.len())
            .any(|part| part == says.as_bytes());
        assert!(has, "no {says}");
    }

    // A later run is of the same slice, and makes a capture that is missing.
    std::fs::remove_file(study.join("square.figure.dcm")).expect("removed");
    args.push(Path::new("--resume"));
    let run = ich(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(study.join("square.figure.dcm").is_file());
    let kept = ich(&args);
    assert!(
        kept.status.success() && kept.stdout.is_empty(),
        "{}",
        text(&kept.stdout)
    );
}
