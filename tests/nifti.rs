//! The command on NIfTI volumes: phantoms on a grid of half the size.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use ct_io::NiftiVolume;
use ct_phantom::{Bleed, Lesions, Phantom, SIDE};
use serde_json::Value;

/// Rows and columns of the volume's slices.
const N: usize = SIDE / 2;

fn ich(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ich"));
    command.current_dir(folder).args(args);
    command.output().expect("ich runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every second pixel of a phantom.
fn coarse(seed: u64) -> Vec<i16> {
    let phantom = Phantom::generate(seed, &Lesions::Exactly(vec![Bleed::Intraparenchymal]));
    let phantom = phantom.expect("a phantom");
    let rows = phantom.hu().chunks_exact(SIDE).step_by(2);
    rows.flat_map(|row| row.iter().copied().step_by(2))
        .collect()
}

/// A volume of `i16` voxels `(column, row, slice)` of `mm`, columns to the left, rows to the back.
fn volume(slices: &[Vec<i16>], mm: f32) -> Vec<u8> {
    let mut bytes = vec![0_u8; 352];
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(0, &348_i32.to_le_bytes());
    let dim = [3, N as i16, N as i16, slices.len() as i16, 1, 1, 1, 1];
    put(40, &dim.map(i16::to_le_bytes).concat());
    put(70, &4_i16.to_le_bytes());
    put(72, &16_i16.to_le_bytes());
    put(76, &[1.0, mm, mm, 5.0].map(f32::to_le_bytes).concat());
    put(108, &352_f32.to_le_bytes());
    put(123, &[2]);
    put(254, &1_i16.to_le_bytes());
    let affine = [
        -mm, 0.0, 0.0, 90.0, 0.0, -mm, 0.0, 80.0, 0.0, 0.0, 5.0, -20.0,
    ];
    put(280, &affine.map(f32::to_le_bytes).concat());
    put(344, b"n+1\0");
    let voxels = slices.iter().flatten().flat_map(|hu| hu.to_le_bytes());
    bytes.extend(voxels);
    bytes
}

#[test]
fn a_volume_is_explained_slice_by_slice_and_its_maps_are_a_volume_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let slices: Vec<_> = (1..4).map(coarse).collect();
    fs::write(folder.path().join("head.nii"), volume(&slices, 0.9)).expect("written");

    let explain = [
        "explain", "head.nii", "--slice", "0,2", "--radii", "0", "--levels", "2",
    ];
    let run = ich(folder.path(), &explain);
    let stderr = text(&run.stderr);
    assert!(run.status.success(), "{stderr}");
    assert!(stderr.contains("maps of 2 of 3 slices"), "{stderr}");

    let out = folder.path().join("ich-out");
    let maps = NiftiVolume::read(out.join("head.saliency.nii.gz")).expect("a volume");
    let source = NiftiVolume::read(folder.path().join("head.nii")).expect("a volume");
    assert_eq!(
        maps.header().affine().rows(),
        source.header().affine().rows()
    );
    for k in [0, 2] {
        let npy = test_kit::read_npy(out.join(format!("head-slice000{k}.saliency.npy")));
        assert_eq!(npy.dim(), (N, N));
        let map = maps.slice(k).expect("a slice");
        assert!(npy.iter().eq(map.hu.values_hu()), "slice {k}");
        assert!(
            npy.iter().any(|&value| value > 0.0),
            "slice {k} is explained"
        );
    }
    let blank = maps.slice(1).expect("a slice");
    assert!(blank.hu.values_hu().iter().all(|&value| value == 0.0));

    let report = fs::read(out.join("head-slice0002.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    let input = &report["input"];
    assert_eq!((&input["rows"], &input["cols"]), (&N.into(), &N.into()));
    assert_eq!(input["seen"]["filter"], "triangle");
    assert_eq!(input["seen"]["rows"], SIDE);
    assert_eq!(input["nifti"]["slice"], 2);
    assert_eq!(input["nifti"]["axis_codes"], "LPS");

    let run = ich(folder.path(), &[&explain[..], &["--resume"]].concat());
    assert!(text(&run.stderr).contains("2 of 2 slices have a result, 2 of them from before"));
    let run = ich(
        folder.path(),
        &[&explain[..], &["--resume", "--filter", "cubic"]].concat(),
    );
    assert!(text(&run.stderr).contains("triangle"));
}

#[test]
fn a_field_of_view_that_is_no_head_is_refused_unless_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.nii"), volume(&[coarse(1)], 0.3)).expect("written");
    let run = ich(folder.path(), &["predict", "a.nii"]);
    assert_eq!(run.status.code(), Some(1));
    let stderr = text(&run.stderr);
    assert!(stderr.contains("a.nii, slice 0: "), "{stderr}");
    assert!(stderr.contains("--resample force"), "{stderr}");
    for how in ["force", "never"] {
        let run = ich(folder.path(), &["predict", "a.nii", "--resample", how]);
        assert!(run.status.success(), "{how}: {}", text(&run.stderr));
    }
}

#[test]
fn a_spoiled_volume_in_a_folder_is_named_and_the_others_are_predicted() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = volume(&[coarse(1), coarse(2)], 0.9);
    fs::write(folder.path().join("cut.nii"), &bytes[..bytes.len() - 7]).expect("written");
    fs::write(folder.path().join("whole.nii"), &bytes).expect("written");
    let run = ich(folder.path(), &["predict", ".", "--out", "table.csv"]);
    assert_eq!(run.status.code(), Some(3));
    let stderr = text(&run.stderr);
    assert!(stderr.contains("cut.nii: "), "{stderr}");
    assert!(stderr.contains("2 of 3 slices have a result"), "{stderr}");
    let table = fs::read_to_string(folder.path().join("table.csv")).expect("a table");
    assert!(table.contains("whole-slice0001"), "{table}");
}
