use std::path::Path;
use std::process::Command;

use ct_io::{Affine, NiftiEncoding, NiftiMap, NiftiVolume};
use test_kit::{in_workspace, say, skipped};

/// Runs the script beside this file.
fn python(interpreter: &Path, step: &str, folder: &Path) -> String {
    let script = in_workspace("crates/ct-io/tests/nifti/nibabel_volumes.py");
    let run = Command::new(interpreter)
        .arg(script)
        .arg(step)
        .arg(folder)
        .output();
    let run = run.expect("Python runs");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// `ICH_PYTHON` names a Python with nibabel and, for the real volume, totalsegmentator's files.
/// It writes volumes in all orientations, oblique and sheared ones, and files whose headers are
/// unusual, with nibabel's slices of them;
/// then it reads the maps that are written here on their grids.
#[test]
fn slices_equal_those_of_nibabel_and_nibabel_reads_our_maps() {
    const NAME: &str = "slices_equal_those_of_nibabel_and_nibabel_reads_our_maps";
    let Some(interpreter) = std::env::var_os("ICH_PYTHON") else {
        skipped(NAME, "ICH_PYTHON is not set");
        return;
    };
    let interpreter = Path::new(&interpreter);
    let folder = tempfile::tempdir().expect("a folder");
    let list = python(interpreter, "write", folder.path());
    let (mut n_volumes, mut n_slices) = (0, 0);
    for line in list.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[path, slices, map, codes, chosen] = fields.as_slice() else {
            say(&format!("SKIPPED part of {NAME}: {line}"));
            continue;
        };
        let volume = NiftiVolume::read(path).expect("a volume of nibabel");
        assert_eq!(volume.header().axis_codes(), codes, "{path}");
        let expected = test_kit::read_npy(slices);
        let (rows, cols) = volume.header().slice_shape();
        assert_eq!(expected.ncols(), rows * cols, "{path}");

        let mut blank = volume.header().blank_map().expect("a map");
        for (index, k) in chosen.split(',').enumerate() {
            let k = k.parse().expect("an index");
            let slice = volume.slice(k).expect("a slice");
            let is_equal = expected.row(index).iter().eq(slice.hu.values_hu());
            assert!(is_equal, "{path}: slice {k}");
            blank.set_slice(k, slice.hu.values_hu()).expect("a map");
            n_slices += 1;
        }
        let bytes = blank
            .to_bytes(NiftiEncoding::of_path(Path::new(map)))
            .expect("bytes");
        std::fs::write(map, bytes).expect("written");
        n_volumes += 1;
    }
    // Keep in step with the script. Columns run to the back and down; the table moves along z.
    let orientation = [1.0, 0.0, 0.0, 0.0, 0.8, -0.6];
    let affine = Affine::from_dicom(
        orientation,
        [-110.0, -95.5, 31.25],
        (0.5, 0.45),
        [0.0, 0.0, 5.0],
    );
    let values: Vec<f32> = (0..6).map(|value| value as f32).collect();
    let mut map = NiftiMap::blank(2, 3, 2, &affine.expect("an affine")).expect("a map");
    map.set_slice(1, &values).expect("six pixels");
    let bytes = map.to_bytes(NiftiEncoding::Gzip).expect("bytes");
    std::fs::write(folder.path().join("dicom.nii.gz"), bytes).expect("written");

    let answer = python(interpreter, "check", folder.path());
    assert_eq!(answer.trim(), format!("{n_volumes} maps"));
    say(&format!(
        "{n_slices} slices of {n_volumes} NIfTI volumes have nibabel's values, pixel for pixel"
    ));
    assert!(n_volumes >= 200, "{n_volumes} volumes:\n{list}");
}
