//! Files and settings that are wrong: each ends with a named error and a status other than 0, with
//! no panic, within a bound on memory, and leaves no result behind.

mod results;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_kit::in_workspace;
use test_kit::refusal::{assert_refused, run_bounded};

pub(crate) fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

/// Slices here are small, and seen as they are.
pub(crate) fn ich(args: &[&Path]) -> Output {
    let small = [Path::new("--resample"), Path::new("never")];
    run_bounded(env!("CARGO_BIN_EXE_ich"), &[args, &small].concat())
}

pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn the_bound_leaves_room_for_good_input() {
    let run = ich(&[
        Path::new("predict"),
        &golden("square.npy"),
        Path::new("--weights"),
        &golden("small.pt"),
    ]);
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

#[test]
fn slices() {
    let folder = tempfile::tempdir().expect("a folder");
    let npy = |header: &str, data: &[u8]| {
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
    };
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")
    };
    let nan = [f32::NAN; 6].map(f32::to_le_bytes).concat();
    let v2 = [b"\x93NUMPY\x02\x00", &u32::MAX.to_le_bytes()[..], b"{}\n"].concat();
    for (name, bytes, says) in [
        ("empty.npy", vec![], "an empty file"),
        (
            "picture.npy",
            b"\x89PNG\r\n\x1a\n00000000".to_vec(),
            "a PNG picture",
        ),
        (
            "truncated.npy",
            npy(&header("<i2", "(2, 3)"), &[0; 5]),
            "needs 12 bytes",
        ),
        (
            "surplus.npy",
            npy(&header("<i2", "(2, 3)"), &[0; 14]),
            "needs 12 bytes",
        ),
        (
            "huge.npy",
            npy(&header("<i2", "(1099511627776, 4)"), &[]),
            "needs",
        ),
        (
            "overflow.npy",
            npy(&header("<i2", "(4294967296, 4294967296)"), &[]),
            "needs",
        ),
        (
            "64-gib.npy",
            npy(&header("<i2", "(32768, 1048576)"), &[]),
            "needs",
        ),
        ("header-4-gib.npy", v2, "declared length 4294967295"),
        ("nested.npy", npy(&"(".repeat(9000), &[]), ".npy header"),
        (
            "negative.npy",
            npy(&header("<i2", "(-2, 3)"), &[0; 12]),
            "shape",
        ),
        (
            "no-rows.npy",
            npy(&header("<i2", "(0, 512)"), &[]),
            "at least one row",
        ),
        (
            "object.npy",
            npy(&header("|O", "(2, 3)"), b"\x80\x04."),
            "descr: |O",
        ),
        (
            "bool.npy",
            npy(&header("|b1", "(2, 3)"), &[0; 6]),
            "descr: |b1",
        ),
        (
            "film.npy",
            npy(&header("<i2", "(2, 2, 2, 2)"), &[0; 32]),
            "expected (rows, cols), or (slices, rows, cols)",
        ),
        (
            "line.npy",
            npy(&header("<i2", "(6,)"), &[0; 12]),
            "expected (rows, cols), or (slices, rows, cols)",
        ),
        (
            "long.npy",
            npy(&header("<i2", "(2049, 1)"), &[0; 4098]),
            "at most 2048 on a side",
        ),
        (
            "nan.npy",
            npy(&header("<f4", "(2, 3)"), &nan),
            "6 of the 6 pixels in the middle of the slice are no numbers",
        ),
    ] {
        let slice = write(folder.path(), name, &bytes);
        for command in ["predict", "explain"] {
            let out = folder.path().join("results");
            let weights = golden("small.pt");
            let mut args = vec![Path::new(command), &slice, Path::new("--weights"), &weights];
            if command == "explain" {
                args.extend([Path::new("--out"), &out]);
            }
            assert_refused(&ich(&args), &[name, says]);
            assert!(!out.exists());
        }
    }
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    assert_refused(&ich(&[Path::new("predict"), &empty]), &["no slice found"]);
    let missing = folder.path().join("missing.npy");
    assert_refused(&ich(&[Path::new("predict"), &missing]), &["missing.npy"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("pipe.npy");
    let made = Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    assert_refused(
        &ich(&[Path::new("predict"), &fifo]),
        &["pipe.npy", "not a regular file"],
    );
}

/// A regular file that nobody can read, whoever runs the test.
#[cfg(target_os = "linux")]
#[test]
fn an_unreadable_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let link = folder.path().join("unreadable");
    std::os::unix::fs::symlink("/proc/self/mem", &link).expect("a link");
    for (name, says) in [("slice.npy", "slice.npy"), ("slice.nii", "slice.nii")] {
        let link = folder.path().join(name);
        std::os::unix::fs::symlink("/proc/self/mem", &link).expect("a link");
        assert_refused(&ich(&[Path::new("predict"), &link]), &[says]);
    }
    for option in ["--weights", "--background", "--boxes"] {
        for path in [&link, folder.path()] {
            let out = folder.path().join("results");
            let args = [
                Path::new("explain"),
                &golden("square.npy"),
                Path::new(option),
                path,
                Path::new("--out"),
                &out,
            ];
            assert_refused(&ich(&args), &[path.to_str().expect("UTF-8")]);
            assert!(!out.exists());
        }
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_names_and_endless_ones_are_refused() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().expect("a folder");
    let odd = folder
        .path()
        .join(std::ffi::OsStr::from_bytes(b"\xff slice.npy"));
    std::fs::copy(golden("square.npy"), &odd).expect("copied");
    let [weights, background] = ["small.pt", "square-background.npy"].map(golden);
    let out = folder.path().join("results");
    let mut args = vec![Path::new("explain"), &odd, Path::new("--out"), &out];
    args.extend([Path::new("--weights"), &weights]);
    args.extend([Path::new("--background"), &background]);
    args.extend(["--radii", "0", "--min-size", "32"].map(Path::new));
    let run = ich(&args);
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{stderr}");
    let map = out.join(std::ffi::OsStr::from_bytes(b"\xff slice.saliency.npy"));
    assert!(map.is_file());

    let long = folder.path().join("x".repeat(5000));
    assert_refused(&ich(&[Path::new("predict"), &long]), &["xxx", "too long"]);
    // The slice can have this name, its results cannot.
    let long = folder.path().join(format!("{}.npy", "y".repeat(248)));
    std::fs::copy(golden("square.npy"), &long).expect("copied");
    let out = folder.path().join("none");
    (args[1], args[3]) = (&long, &out);
    assert_refused(&ich(&args), &["yyy", "too long"]);
    let mut left = std::fs::read_dir(&out).expect("a folder").flatten();
    assert!(left.all(|file| file.path().extension() == Some("png".as_ref())));
}

#[test]
fn slices_of_another_size_than_the_background() {
    let out = tempfile::tempdir().expect("a folder");
    for slice in ["square.npy", "wide.npy"] {
        let args = [
            Path::new("explain"),
            &golden(slice),
            Path::new("--out"),
            out.path(),
        ];
        assert_refused(&ich(&args), &[slice, "the background [3, 512, 512]"]);
    }
}

#[test]
fn boxes() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("results");
    let table = |rows: &str| format!("SOPInstanceUID,data,labelName\n{rows}").into_bytes();
    for (name, bytes, says) in [
        (
            "no-column.csv",
            b"SOPInstanceUID,labelName\n".to_vec(),
            "data",
        ),
        (
            "broken.csv",
            table("square,\"{'x': 1, 'y'\",Subdural\n"),
            "line 2",
        ),
        ("none.csv", table("square,None,Subdural\n"), "line 2"),
        (
            "negative.csv",
            table("square,\"{'x': 1, 'y': 1, 'width': -2, 'height': 3}\",A\n"),
            "width",
        ),
        (
            "nan.csv",
            table("square,\"{'x': NaN, 'y': 1, 'width': 2, 'height': 3}\",A\n"),
            "x",
        ),
        (
            "latin.csv",
            table("square,{},\u{e9}\n")
                .iter()
                .filter(|b| **b != 0xc3)
                .copied()
                .collect(),
            "line 2",
        ),
    ] {
        let csv = write(folder.path(), name, &bytes);
        let run = ich(&[
            Path::new("explain"),
            &golden("square.npy"),
            Path::new("--boxes"),
            &csv,
            Path::new("--out"),
            &out,
        ]);
        assert_refused(&run, &[name, says]);
    }
}

#[test]
fn settings() {
    let out = tempfile::tempdir().expect("a folder");
    for (arguments, says) in [
        (vec!["--min-size", "0"], "min_size"),
        (vec!["--min-size", "65"], "1 to 64 px"),
        (vec!["--min-size=-1"], "--min-size"),
        (vec!["--levels", "0"], "levels"),
        (
            vec!["--levels", "2", "--min-size", "8"],
            "cannot be used with",
        ),
        (vec!["--threshold", "nan"], "threshold"),
        (vec!["--percentile", "101"], "percentile"),
        (vec!["--percentile", "NaN"], "percentile"),
        (
            vec!["--percentile", "50", "--threshold", "0"],
            "cannot be used with",
        ),
        (vec!["--radii", ""], "--radii"),
        (vec!["--radii", "0,x"], "--radii"),
        (vec!["--radii", "1e300"], "radii"),
        (vec!["--angles", "0"], "--angles"),
        (vec!["--angles", ""], "--angles"),
        (vec!["--radii", "0", "--angles", "1.0"], "shifts"),
        (vec!["--threads", "0"], "--threads"),
        (vec!["--device", "gpu"], "expected flex, ndarray, wgpu"),
        (vec!["--engine", "fast"], "masked, dense"),
        (vec!["--memory", "0"], "--memory"),
        (
            vec!["--memory", "1"],
            "square.npy: setting memory_bytes: 1048576",
        ),
    ] {
        let slice = golden("square.npy");
        let (weights, background) = (golden("small.pt"), golden("square-background.npy"));
        let mut args = vec![
            Path::new("explain"),
            &slice,
            Path::new("--weights"),
            &weights,
        ];
        args.extend([Path::new("--background"), &background]);
        args.extend([Path::new("--out"), out.path()]);
        args.extend(arguments.iter().map(Path::new));
        println!("{arguments:?}");
        assert_refused(&ich(&args), &[says]);
    }
}
