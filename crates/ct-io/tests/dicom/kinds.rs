//! What holds no axial slice of a CT is named, and what only looks like it is read.

use ct_io::{DicomError, DicomFile, DicomHeader, Error, NotASlice, RsnaRepair};
use test_kit::dicom::{DataSet, Syntax};

const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";

fn ct() -> DataSet {
    DataSet::ct(Syntax::Explicit).pixels(&[1; 6])
}

fn of_class(number: &str) -> DataSet {
    ct().text(8, 0x16, "UI", &format!("{STORAGE}{number}"))
}

fn of_type(words: &str) -> DataSet {
    ct().text(8, 8, "CS", words)
}

fn of_plane(orientation: &str) -> DataSet {
    ct().text(0x20, 0x37, "DS", orientation)
}

/// What both readers say of a file.
fn kind(data: &DataSet, name: &str) -> NotASlice {
    let bytes = data.file();
    let kinds = [
        DicomFile::from_bytes(&bytes).map(drop),
        DicomHeader::from_bytes(&bytes).map(drop),
    ]
    .map(|read| match read {
        Err(Error::Dicom(DicomError::NotASlice { kind })) => kind,
        Err(error) => panic!("{name}: {error}"),
        Ok(()) => panic!("{name} was read"),
    });
    assert_eq!(kinds[0], kinds[1], "{name}");
    kinds[0].clone()
}

#[test]
fn every_kind_is_told() {
    let object = |name| NotASlice::Object { name };
    let plane = |name| NotASlice::Plane { name };
    let modality = |found: &str| NotASlice::Modality {
        found: found.to_owned(),
    };
    for (name, data, expected) in [
        ("report", of_class("88.67"), NotASlice::StructuredReport),
        (
            "text report",
            of_class("88.11"),
            NotASlice::StructuredReport,
        ),
        ("grey state", of_class("11.1"), NotASlice::PresentationState),
        (
            "colour state",
            of_class("11.2"),
            NotASlice::PresentationState,
        ),
        ("raw data", of_class("66"), object("raw data")),
        (
            "segmentation",
            of_class("66.4"),
            object("a segmentation or registration"),
        ),
        (
            "registration",
            of_class("66.1"),
            object("a segmentation or registration"),
        ),
        (
            "structures",
            of_class("481.3"),
            object("an object of radiotherapy"),
        ),
        (
            "dose",
            of_class("481.2"),
            object("an object of radiotherapy"),
        ),
        ("PDF", of_class("104.1"), object("a document")),
        ("CDA", of_class("104.2"), object("a document")),
        ("ECG", of_class("9.1.1"), object("a waveform")),
        ("map", of_class("30"), object("a parametric map")),
        ("capture", of_class("7"), NotASlice::SecondaryCapture),
        ("frames", of_class("7.4"), NotASlice::SecondaryCapture),
        (
            "screen",
            of_type("DERIVED\\SECONDARY\\SCREEN SAVE"),
            NotASlice::SecondaryCapture,
        ),
        (
            "dose page",
            of_type("DERIVED\\SECONDARY\\OTHER\\CT_DOSE_INFO"),
            NotASlice::SecondaryCapture,
        ),
        (
            "localizer",
            of_type("ORIGINAL\\PRIMARY\\LOCALIZER"),
            NotASlice::Survey,
        ),
        (
            "scout",
            of_type("original\\primary\\scout"),
            NotASlice::Survey,
        ),
        (
            "topogram",
            of_type("ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 TOP TOPOGRAM"),
            NotASlice::Survey,
        ),
        ("coronal", of_plane("1\\0\\0\\0\\0\\-1"), plane("coronal")),
        (
            "coronal, 53 degrees",
            of_plane("1\\0\\0\\0\\0.6\\-0.8"),
            plane("coronal"),
        ),
        ("sagittal", of_plane("0\\1\\0\\0\\0\\-1"), plane("sagittal")),
        (
            "sagittal, 53 degrees",
            of_plane("0\\1\\0\\0.6\\0\\-0.8"),
            plane("sagittal"),
        ),
        ("MR", ct().text(8, 0x60, "CS", "MR"), modality("MR")),
        ("PET", ct().text(8, 0x60, "CS", "PT"), modality("PT")),
    ] {
        assert_eq!(kind(&data, name), expected, "{name}");
    }
}

/// By the class that group 2 has, where the data set has none, and by a group of the frames.
#[test]
fn kinds_are_told_by_other_places_too() {
    for (uid, expected) in [
        ("1.2.840.10008.1.3.10", NotASlice::Directory),
        ("1.2.840.10008.5.1.4.1.1.88.33", NotASlice::StructuredReport),
    ] {
        let data = DataSet::empty(Syntax::Explicit).text(8, 5, "CS", "ISO_IR 100");
        let meta = data.meta().text(2, 2, "UI", uid);
        let bytes = data.file_with(&meta);
        match DicomHeader::from_bytes(&bytes) {
            Err(Error::Dicom(DicomError::NotASlice { kind })) => assert_eq!(kind, expected),
            other => panic!("{uid}: {other:?}"),
        }
    }
    let item = || DataSet::empty(Syntax::Explicit);
    let plane = item().text(0x20, 0x37, "DS", "1\\0\\0\\0\\0\\-1");
    let group = item().sequence(0x20, 0x9116, &[plane]);
    for tag in [0x9229, 0x9230] {
        let data = ct().sequence(0x5200, tag, std::slice::from_ref(&group));
        let name = NotASlice::Plane { name: "coronal" };
        assert_eq!(kind(&data, "a group"), name);
    }
}

#[test]
fn what_only_looks_like_it_is_read() {
    for (name, data) in [
        ("no image type", ct()),
        ("empty image type", of_type("")),
        ("axial", of_type("ORIGINAL\\PRIMARY\\AXIAL")),
        (
            "reformatted",
            of_type("DERIVED\\SECONDARY\\REFORMATTED\\AXIAL"),
        ),
        ("average", of_type("DERIVED\\SECONDARY\\AXIAL\\AVERAGE")),
        (
            "private class",
            ct().text(8, 0x16, "UI", "1.3.12.2.1107.5.9.1"),
        ),
        ("CT", of_class("2")),
        ("CT without modality", of_class("2").without(8, 0x60)),
        (
            "enhanced CT without modality",
            of_class("2.1").without(8, 0x60),
        ),
        ("enhanced CT", of_class("2.1")),
        ("tilted by 37 degrees", of_plane("1\\0\\0\\0\\0.8\\-0.6")),
        (
            "45 degrees",
            of_plane("1\\0\\0\\0\\0.70710678\\-0.70710678"),
        ),
        (
            "45 degrees about y",
            of_plane("0.70710678\\0\\0.70710678\\0\\1\\0"),
        ),
        ("face down, feet first", of_plane("-1\\0\\0\\0\\1\\0")),
    ] {
        let file = DicomFile::from_bytes(&data.file());
        let slice = file.and_then(|file| file.slice(0, RsnaRepair::Off));
        let slice = slice.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(slice.hu.values_hu(), [-1023.0; 6], "{name}");
        assert!(slice.warnings.is_empty(), "{name}: {:?}", slice.warnings);
    }
}

#[test]
fn the_name_of_a_series_is_a_warning() {
    for (name, n_warnings) in [
        ("post scout", 1),
        ("SURVIEW", 1),
        ("Topogram 0.6 T20s", 1),
        ("Head 5.0 H31s", 0),
        ("", 0),
    ] {
        let data = ct().text(8, 0x103e, "LO", name);
        let file = DicomFile::from_bytes(&data.file()).expect(name);
        let slice = file.slice(0, RsnaRepair::Off).expect(name);
        assert_eq!(slice.hu.values_hu(), [-1023.0; 6], "{name}");
        let codes: Vec<_> = slice
            .warnings
            .iter()
            .map(|warning| warning.code())
            .collect();
        assert_eq!(codes, vec!["survey"; n_warnings], "{name}");
    }
}
