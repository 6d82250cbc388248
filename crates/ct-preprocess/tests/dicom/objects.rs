use ct_preprocess::{DicomError, DicomFile, DicomHeader, NotASlice, RsnaRepair, Warning};
use test_kit::dicom::{DataSet, Syntax};

use crate::faults::control;

const CORONAL: &str = "1\\0\\0\\0\\0\\-1";
const SAGITTAL: &str = "0\\1\\0\\0\\0\\-1";

fn ct() -> DataSet {
    control(Syntax::Explicit)
}

fn class(uid: &str) -> DataSet {
    ct().text(0x0008, 0x0016, "UI", uid)
}

fn image_type(text: &str) -> DataSet {
    ct().text(0x0008, 0x0008, "CS", text)
}

fn oriented(text: &str) -> DataSet {
    ct().text(0x0020, 0x0037, "DS", text)
}

/// An object without pixels.
fn object(uid: &str, modality: &str) -> DataSet {
    DataSet::empty(Syntax::Explicit)
        .text(0x0008, 0x0016, "UI", uid)
        .text(0x0008, 0x0060, "CS", modality)
}

#[test]
fn what_is_no_axial_slice_is_named_by_its_kind() {
    let storage = |end: &str| format!("1.2.840.10008.5.1.4.1.1.{end}");
    let plane = |name| NotASlice::Plane { name };
    let modality = |found: &str| NotASlice::Modality {
        found: found.to_owned(),
    };
    for (data, expected) in [
        (
            image_type("ORIGINAL\\PRIMARY\\LOCALIZER"),
            NotASlice::Survey,
        ),
        (
            image_type("ORIGINAL\\PRIMARY\\AXIAL\\LOCALIZER"),
            NotASlice::Survey,
        ),
        (image_type("ORIGINAL\\PRIMARY\\SCOUT"), NotASlice::Survey),
        (
            class(&storage("7")).text(0x0008, 0x0008, "CS", "DERIVED\\SECONDARY\\REF_SURVIEW"),
            NotASlice::Survey,
        ),
        (oriented(CORONAL), plane("coronal")),
        (oriented("1\\0\\0\\0\\0.6\\-0.8"), plane("coronal")),
        (oriented(SAGITTAL), plane("sagittal")),
        (oriented("0\\1\\0\\0.6\\0\\-0.8"), plane("sagittal")),
        (class(&storage("7")), NotASlice::SecondaryCapture),
        (class(&storage("7.2")), NotASlice::SecondaryCapture),
        (
            image_type("DERIVED\\SECONDARY\\SCREEN SAVE"),
            NotASlice::SecondaryCapture,
        ),
        (
            image_type("DERIVED\\SECONDARY\\DOSE_INFO"),
            NotASlice::SecondaryCapture,
        ),
        (object(&storage("88.67"), "SR"), NotASlice::StructuredReport),
        (object(&storage("88.59"), "KO"), NotASlice::StructuredReport),
        (object(&storage("11.1"), "PR"), NotASlice::PresentationState),
        (object(&storage("11.2"), "PR"), NotASlice::PresentationState),
        (ct().text(0x0008, 0x0060, "CS", "MR"), modality("MR")),
        (object("", "RTPLAN"), modality("RTPLAN")),
        (
            object(&storage("128"), "PT").pixels(&[0; 6]),
            modality("PT"),
        ),
    ] {
        let bytes = data.file();
        for error in [
            DicomFile::from_bytes(&bytes).map(drop),
            DicomHeader::from_bytes(&bytes).map(drop),
        ] {
            match error {
                Err(DicomError::NotASlice { kind }) => assert_eq!(kind, expected),
                other => panic!("{other:?}, expected {expected:?}"),
            }
        }
    }
}

#[test]
fn objects_about_images_are_named() {
    for (end, modality, says) in [
        ("66", "OT", "raw data"),
        ("66.1", "REG", "registration"),
        ("66.4", "SEG", "segmentation"),
        ("481.3", "RTSTRUCT", "radiotherapy"),
        ("104.1", "DOC", "document"),
        ("30", "CT", "parametric map"),
    ] {
        let uid = format!("1.2.840.10008.5.1.4.1.1.{end}");
        let error = DicomFile::from_bytes(&object(&uid, modality).file()).expect_err(end);
        assert!(matches!(error, DicomError::NotASlice { .. }), "{end}");
        assert!(error.to_string().contains(says), "{end}: {error}");
    }
}

/// A list of files, as its writers put it: no modality, no pixels.
#[test]
fn a_dicomdir_is_named_by_either_class() {
    let uid = "1.2.840.10008.1.3.10";
    let bare = DataSet::empty(Syntax::Explicit).text(0x0004, 0x1130, "CS", "DISC");
    let by_meta = bare.file_with(&bare.meta_without_length().text(2, 2, "UI", uid));
    let own = bare.text(0x0008, 0x0016, "UI", uid).file();
    for bytes in [by_meta, own] {
        match DicomHeader::from_bytes(&bytes) {
            Err(DicomError::NotASlice { kind }) => assert_eq!(kind, NotASlice::Directory),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn axial_slices_are_read_whatever_anonymisation_left() {
    let enhanced = "1.2.840.10008.5.1.4.1.1.2.1";
    for (name, data) in [
        ("enhanced", class(enhanced)),
        ("legacy converted", class("1.2.840.10008.5.1.4.1.1.2.2")),
        ("no class", ct().without(0x0008, 0x0016)),
        ("odd class", class("ID_0")),
        ("no type of image", ct().without(0x0008, 0x0008)),
        ("odd type of image", image_type("X")),
        ("derived", image_type("DERIVED\\SECONDARY\\AXIAL")),
        ("reformatted", image_type("DERIVED\\SECONDARY\\REFORMATTED")),
        ("reformatted plane", image_type("DERIVED\\PRIMARY\\MPR")),
        ("tilted gantry", oriented("1\\0\\0\\0\\0.8\\-0.6")),
        ("upside down", oriented("1\\0\\0\\0\\-1\\0")),
        ("no modality", ct().without(0x0008, 0x0060)),
        (
            "no modality, enhanced",
            class(enhanced).without(0x0008, 0x0060),
        ),
    ] {
        let file = DicomFile::from_bytes(&data.file()).expect(name);
        let slice = file.slice(0, RsnaRepair::Off).expect(name);
        assert!(slice.warnings.is_empty(), "{name}: {:?}", slice.warnings);
    }
}

/// A name alone may lie: the series after the scout is one of slices.
#[test]
fn the_name_of_a_survey_is_a_warning() {
    for (name, expected) in [
        ("Topogram  0.6  T20f", true),
        ("SCOUT", true),
        ("Head post scout", true),
        ("Surview", true),
        ("Schaedel nativ 5.0 H31s", false),
        ("Scouting", true),
    ] {
        let bytes = ct().text(0x0008, 0x103e, "LO", name).file();
        let file = DicomFile::from_bytes(&bytes).expect(name);
        let slice = file.slice(0, RsnaRepair::Off).expect(name);
        let codes: Vec<_> = slice.warnings.iter().map(Warning::code).collect();
        assert_eq!(codes == ["survey"], expected, "{name}: {codes:?}");
    }
}
