//! Files as people have them, with what the command makes of each: the value of the control, a
//! warning, or an error with a remedy. `tests/cases/inputs/INDEX.md` says what is odd about each.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use test_kit::dicom::{DataSet, Syntax};
use test_kit::in_workspace;

/// Probability of the control, and what the others may be off by: nothing but the order of sums
/// differs.
const CONTROL: f64 = 0.999_875;
const TOLERANCE: f64 = 1e-6;

/// What is expected of a file.
enum Expected {
    /// The value of the control, with exactly these warnings.
    Control(&'static [&'static str]),
    /// A value with at least this warning.
    Warned(&'static str),
    /// No value, and an error that says all of these.
    Refused(&'static [&'static str]),
}

use Expected::{Control, Refused, Warned};

const FORCE: &[&str] = &["--resample", "force"];

/// File, further arguments, what is expected.
const CASES: &[(&str, &[&str], Expected)] = &[
    ("00-control.dcm", &[], Control(&[])),
    ("01a-meta-version-name-24.dcm", &[], Control(&[])),
    ("01b-meta-ae-title-18.dcm", &[], Control(&[])),
    ("01c-meta-no-group-length.dcm", &[], Control(&[])),
    ("02a-no-preamble-explicit.dcm", &[], Control(&[])),
    ("02c-control.dcm.gz", &[], Control(&[])),
    (
        "02d-slice.png",
        &[],
        Refused(&["PNG", "DICOM", "NIfTI", ".npy"]),
    ),
    ("02e-slice.npz", &[], Refused(&["npz", "numpy.save"])),
    ("02f-pair.hdr", &[], Refused(&["pair", ".nii"])),
    ("02f-pair.img", &[], Refused(&["02f-pair.img"])),
    ("03a-vr-un-all.dcm", &[], Control(&[])),
    ("03b-vr-un-rescale.dcm", &[], Control(&[])),
    (
        "04a-pixel-data-plus-512.dcm",
        &[],
        Control(&["surplus-pixel-data"]),
    ),
    (
        "04b-zeros-after-data-set.dcm",
        &[],
        Control(&["trailing-bytes"]),
    ),
    ("05a-spacing-without-position.dcm", &[], Control(&[])),
    (
        "05c-no-spacing.dcm",
        &[],
        Refused(&["--resample force", "128 x 128"]),
    ),
    (
        "05d-128.npy",
        &[],
        Refused(&["--resample force", "128 x 128"]),
    ),
    ("05d-128.npy", FORCE, Control(&[])),
    ("06a-window-width-0.dcm", &[], Control(&["attribute"])),
    ("06c-instance-number-12.0.dcm", &[], Control(&["attribute"])),
    ("06d-slice-thickness-5mm.dcm", &[], Control(&["attribute"])),
    ("06f-position-two-values.dcm", &[], Control(&["attribute"])),
    ("07a-coronal.dcm", &[], Refused(&["coronal"])),
    ("07c-screen-save.dcm", &[], Refused(&["screen"])),
    ("07d-scout-by-name.dcm", &[], Refused(&["survey"])),
    ("07f-ref-surview-512.dcm", &[], Refused(&["survey"])),
    ("08a-stored-values-u2.npy", FORCE, Warned("implausible-hu")),
    ("08b-windowed-0-255.npy", FORCE, Warned("implausible-hu")),
    ("08c-normalised-0-1.npy", FORCE, Warned("implausible-hu")),
    (
        "08b-windowed-0-255.npy",
        &[],
        Refused(&["--resample force", "Hounsfield"]),
    ),
    ("08d-uint8-0-255.nii.gz", &[], Warned("implausible-hu")),
    ("08f-mask.nii.gz", &[], Warned("implausible-hu")),
    ("09-control.nii.gz", &[], Control(&[])),
    ("09a-scl-slope-nan.nii.gz", &[], Control(&[])),
    ("09b-int64.nii.gz", &[], Control(&[])),
    ("09d-2d.nii.gz", &[], Control(&[])),
    ("09e-trailing-16.nii.gz", &[], Control(&["surplus-data"])),
    (
        "09f-nan-outside-scan-circle.nii.gz",
        &[],
        Control(&["nan-pixels"]),
    ),
    ("10a-feet-first-prone.dcm", &[], Control(&[])),
];

fn inputs() -> PathBuf {
    in_workspace("tests/cases/inputs")
}

fn ich(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .current_dir(inputs())
        .args(args)
        .output()
        .expect("ich runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the command says of a file, in a line, and whether it is as expected.
fn judge(run: &Output, expected: &Expected) -> (String, bool) {
    let stderr = text(&run.stderr);
    let Ok(row) = serde_json::from_slice::<Value>(&run.stdout) else {
        let is_expected = match expected {
            Refused(words) => {
                run.status.code() == Some(1)
                    && stderr.starts_with("error: ")
                    && words.iter().all(|word| stderr.contains(word))
            }
            _ => false,
        };
        return (stderr.trim().to_owned(), is_expected);
    };
    let probability = row["probability"].as_f64().expect("a probability");
    let warnings: Vec<&str> = row["warnings"]
        .as_str()
        .expect("codes")
        .split_whitespace()
        .collect();
    let is_expected = match expected {
        Control(codes) => (probability - CONTROL).abs() < TOLERANCE && warnings == *codes,
        Warned(code) => warnings.contains(code),
        Refused(_) => false,
    };
    // What is in the table is also said.
    let is_said = warnings.is_empty() || stderr.contains("warning: ");
    (
        format!("{probability:.6} {warnings:?}"),
        is_expected && is_said,
    )
}

#[test]
fn every_file_gives_its_value_a_warning_or_an_error_with_a_remedy() {
    let mut wrong = Vec::new();
    for (file, more, expected) in CASES {
        let run = ich(&[&["predict", "--json", file], *more].concat());
        let (got, is_expected) = judge(&run, expected);
        let expected = match expected {
            Control(codes) => format!("{CONTROL} {codes:?}"),
            Warned(code) => format!("a warning: {code}"),
            Refused(words) => format!("an error: {words:?}"),
        };
        println!("{file} {more:?}\n  expected {expected}\n  got      {got}");
        if !is_expected {
            wrong.push(*file);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Every file of the folder is in the table above, or in a test of its own.
#[test]
fn no_file_is_forgotten() {
    for entry in std::fs::read_dir(inputs()).expect("the folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy();
        let is_elsewhere = name.starts_with("12") || name == "11-study" || name == "INDEX.md";
        let is_here = CASES.iter().any(|(file, _, _)| *file == name);
        assert!(is_here || is_elsewhere, "{name}");
    }
}

/// A study with all that an archive exports beside slices: nothing is lost without a word, and
/// nothing is wrong.
#[test]
fn an_ordinary_study_ends_well_and_says_what_is_no_slice() {
    let run = ich(&["predict", "11-study"]);
    let (stdout, stderr) = (text(&run.stdout), text(&run.stderr));
    println!("{stdout}{stderr}");
    assert_eq!(run.status.code(), Some(0));
    for slice in ["IM0", "IM1", "IM2", "NOPREAMB.dcm"] {
        assert!(stdout.contains(slice), "{slice}");
    }
    assert_eq!(stdout.lines().count(), 4);
    for name in ["SCOUT", "DOSE_SR", "PRES", "DOSEIMG", "dicomdir", "DIRFILE"] {
        assert!(stderr.contains(name), "{name}");
    }
    assert!(stderr.contains("structured report"));
    assert!(!stderr.contains("error: "));

    // A file that is named, and is no slice, is an error.
    for name in ["SCOUT", "DOSE_SR", "dicomdir"] {
        let path = Path::new("11-study").join(name);
        let run = ich(&["predict", path.to_str().expect("UTF-8")]);
        assert_eq!(run.status.code(), Some(1), "{name}");
    }
}

/// A broken slice is another thing than a file that is none.
#[test]
fn a_broken_slice_in_a_folder_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = std::fs::read(inputs().join("00-control.dcm")).expect("bytes");
    std::fs::write(folder.path().join("good.dcm"), &good).expect("written");
    for (name, bytes) in [
        ("cut.dcm", &good[..good.len() / 2]),
        ("page.dcm", b"<!DOCTYPE html><html>not found</html>"),
        ("empty.npy", b""),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let run = ich(&["predict", folder.path().to_str().expect("UTF-8")]);
        let stderr = text(&run.stderr);
        assert_eq!(run.status.code(), Some(3), "{name}: {stderr}");
        assert!(stderr.contains(name), "{stderr}");
        std::fs::remove_file(path).expect("removed");
    }
}

/// A slice on the network's grid whose view is twice that of a head is seen as it is, with a warning.
#[test]
fn a_view_that_is_not_that_of_a_head_is_warned_of() {
    let folder = tempfile::tempdir().expect("a folder");
    // A disc of tissue in air.
    let pixels: Vec<u16> = (0..512 * 512)
        .map(|index: i32| {
            let (row, col) = (index / 512 - 256, index % 512 - 256);
            let hu: i16 = match row * row + col * col < 100 * 100 {
                true => 30 + (index % 7) as i16,
                false => -1000,
            };
            (hu + 1024).cast_unsigned()
        })
        .collect();
    let slice = |spacing: &str| {
        DataSet::ct(Syntax::Explicit)
            .short(0x0028, 0x0010, 512)
            .short(0x0028, 0x0011, 512)
            .text(0x0028, 0x0030, "DS", spacing)
            .pixels(&pixels)
            .file()
    };
    for (spacing, expected) in [
        ("0.45\\0.45", ""),
        ("0.9765625\\0.9765625", "field-of-view"),
        ("0.2\\0.2", "field-of-view"),
    ] {
        let path = folder.path().join("view.dcm");
        std::fs::write(&path, slice(spacing)).expect("written");
        let run = ich(&["predict", "--json", path.to_str().expect("UTF-8")]);
        let row: Value = serde_json::from_slice(&run.stdout).expect("a row");
        assert_eq!(row["warnings"], expected, "{spacing}");
        let is_said = text(&run.stderr).contains("a field of view of");
        assert_eq!(is_said, !expected.is_empty(), "{}", text(&run.stderr));
    }
}
