use std::path::Path;
use std::process::Command;

use chrono::{NaiveDate, NaiveDateTime};
use ct_io::{DicomError, DicomFile, Error, SecondaryCapture};
use serde_json::Value;
use test_kit::dicom::{DataSet, Syntax};
use test_kit::{in_workspace, skipped};

/// Three pixels in a row, an odd number of bytes.
const RGB: [u8; 9] = [255, 0, 0, 0, 255, 0, 1, 2, 3];

fn made() -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(2026, 3, 4).expect("a day");
    day.and_hms_opt(5, 6, 7).expect("a time")
}

fn picture<'a>() -> SecondaryCapture<'a> {
    SecondaryCapture {
        rgb: &RGB,
        rows: 1,
        cols: 3,
        frame: 0,
        series_key: "weights",
        series_description: "explained",
        derivation: "by a \\ program",
        comments: "Not for clinical use",
        program: "ich",
        version: "1",
        made: made(),
    }
}

fn source() -> DataSet {
    DataSet::ct(Syntax::Implicit)
        .text(0x0008, 0x0005, "CS", "ISO_IR 100")
        .text(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
        .text(0x0008, 0x0018, "UI", "1.2.3.4")
        .text(0x0008, 0x0020, "DA", "20200102")
        .text(0x0008, 0x0030, "TM", "030405")
        .text(0x0008, 0x0050, "SH", "A17")
        .text(0x0008, 0x0090, "PN", "Doe^Jane")
        .with(0x0010, 0x0010, "PN", b"M\xfcller^Anna ".to_vec())
        .text(0x0010, 0x0020, "LO", "P-1")
        .text(0x0010, 0x0030, "DA", "19500102")
        .text(0x0010, 0x0040, "CS", "F")
        .text(0x0020, 0x000d, "UI", "1.2.3")
        .text(0x0020, 0x000e, "UI", "1.2.3.1")
        .text(0x0020, 0x0010, "SH", "S1")
        .text(0x0020, 0x0013, "IS", "12")
        .pixels(&[0; 6])
}

fn capture(source: &DataSet, picture: &SecondaryCapture<'_>) -> Vec<u8> {
    let file = DicomFile::from_bytes(&source.file()).expect("a file");
    file.secondary_capture(picture).expect("a capture")
}

/// The elements of a capture as pydicom reads them, or none and a line without pydicom.
fn as_pydicom_reads(test: &str, capture: &[u8]) -> Option<Value> {
    let Some(python) = std::env::var_os("ICH_PYTHON") else {
        skipped(test, "ICH_PYTHON is not set");
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture.dcm");
    std::fs::write(&path, capture).expect("written");
    let script = in_workspace("crates/ct-io/tests/dicom/capture.py");
    let run = Command::new(python).arg(script).arg(path).output();
    let run = run.expect("Python runs");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    Some(serde_json::from_slice(&run.stdout).expect("JSON"))
}

#[test]
fn pydicom_reads_patient_study_and_pixels() {
    let test = "pydicom_reads_patient_study_and_pixels";
    let Some(read) = as_pydicom_reads(test, &capture(&source(), &picture())) else {
        return;
    };
    for (field, expected) in [
        ("syntax", "Explicit VR Little Endian"),
        ("class", "Secondary Capture Image Storage"),
        ("study", "1.2.3"),
        ("name", "Müller^Anna"),
        ("id", "P-1"),
        ("birth", "19500102"),
        ("sex", "F"),
        ("burned", "YES"),
        ("comments", "Not for clinical use"),
        ("derivation", "by a \\ program"),
        ("made", "20260304050607"),
        ("source", "1.2.3.4"),
        ("bytes", "ff000000ff00010203"),
    ] {
        assert_eq!(read[field], expected, "{field}");
    }
    assert_eq!(read["type"], serde_json::json!(["DERIVED", "SECONDARY"]));
    assert_eq!(read["shape"], serde_json::json!([1, 3, 3]));
    assert_eq!(read["number"], 12);
    assert_eq!(read["is_consistent"], true);
    assert_eq!(read["is_valid"], true);
    assert_ne!(read["series"], "1.2.3.1");

    let other = SecondaryCapture {
        comments: "another",
        rgb: &[7; 9],
        ..picture()
    };
    let other = as_pydicom_reads(test, &capture(&source(), &other)).expect("pydicom is there");
    assert_eq!(other["series"], read["series"]);
    assert_ne!(other["instance"], read["instance"]);
    let key = SecondaryCapture {
        series_key: "other weights",
        ..picture()
    };
    let key = as_pydicom_reads(test, &capture(&source(), &key)).expect("pydicom is there");
    assert_ne!(key["series"], read["series"]);
}

/// RSNA's files have ids in place of UIDs, no patient's name and no study date; others have texts
/// whose character set is switched within.
#[test]
fn odd_sources_are_captured_too() {
    let test = "odd_sources_are_captured_too";
    let bare = DataSet::ct(Syntax::Explicit)
        .text(0x0020, 0x000d, "UI", "ID_a")
        .with(0x0010, 0x0010, "PN", b"Yamada^\x1b$B;3ED\x1b(B ".to_vec())
        .pixels(&[0; 6]);
    let Some(read) = as_pydicom_reads(test, &capture(&bare, &picture())) else {
        return;
    };
    assert_eq!(read["study"], "ID_a");
    assert_eq!(read["name"], "");
    assert_eq!(read["id"], "");
    assert_eq!(read["source"], Value::Null);
    assert_eq!(read["is_valid"], true);

    let frames = source().text(0x0028, 0x0008, "IS", "2").pixels(&[0; 12]);
    let second = SecondaryCapture {
        frame: 1,
        ..picture()
    };
    let read = as_pydicom_reads(test, &capture(&frames, &second)).expect("pydicom is there");
    assert_eq!(read["frame"], 2);
}

#[test]
fn pictures_of_another_size_are_refused() {
    let file = DicomFile::from_bytes(&source().file()).expect("a file");
    for (rgb, rows, cols) in [
        (&RGB[..], 1, 2),
        (&RGB, 3, 3),
        (&[], 0, 3),
        (&[0; 3 << 16], 1 << 16, 1),
    ] {
        let picture = SecondaryCapture {
            rgb,
            rows,
            cols,
            ..picture()
        };
        let error = file
            .secondary_capture(&picture)
            .expect_err("no such picture");
        assert!(
            matches!(error, Error::Dicom(DicomError::Capture(_))),
            "{error}"
        );
    }
    let error = file.secondary_capture(&SecondaryCapture {
        frame: 1,
        ..picture()
    });
    assert!(matches!(
        error,
        Err(Error::Dicom(DicomError::Frame {
            frame: 1,
            frames: 1
        }))
    ));
}

/// David Clunie's validator, of Debian's package `dicom3tools`, knows the modules of the IOD.
#[test]
fn captures_conform_to_the_standard() {
    let test = "captures_conform_to_the_standard";
    let validator = std::env::var_os("ICH_DCIODVFY").unwrap_or_else(|| "dciodvfy".into());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture.dcm");
    let lossy = source()
        .text(0x0028, 0x2110, "CS", "01")
        .text(0x0028, 0x2112, "DS", "12.5")
        .text(0x0028, 0x2114, "CS", "ISO_10918_1");
    for source in [source(), lossy] {
        std::fs::write(&path, capture(&source, &picture())).expect("written");
        let Ok(run) = Command::new(&validator).arg(&path).output() else {
            skipped(
                test,
                &format!("{} does not run", Path::new(&validator).display()),
            );
            return;
        };
        let says = String::from_utf8_lossy(&run.stderr);
        assert!(says.contains("SCImage"), "{says}");
        let faults: Vec<_> = says
            .lines()
            .filter(|line| line.starts_with("Error") || line.starts_with("Warning"))
            .collect();
        assert!(faults.is_empty(), "{says}");
    }
}
