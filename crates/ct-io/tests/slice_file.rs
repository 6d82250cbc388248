//! Files of any format, read by one function.
#![cfg(all(feature = "dicom", feature = "nifti"))]

use std::path::Path;

use ct_io::{
    Affine, Content, Error, Foreign, Image, NiftiEncoding, NiftiMap, RsnaRepair, SliceFile,
};
use test_kit::dicom::{DataSet, Syntax};
use test_kit::{gzip, with_causes};

const HU: [f32; 6] = [-1000.0, 0.0, 35.0, 65.0, 900.0, -80.0];

fn dicom() -> DataSet {
    let stored = HU.map(|hu| (hu as i16 + 1024) as u16);
    DataSet::ct(Syntax::Explicit)
        .text(0x0028, 0x0030, "DS", "0.5\\0.25")
        .pixels(&stored)
}

/// Three slices of 2 x 3, of which the middle one is not 0.
fn nifti() -> Vec<u8> {
    let rows = [
        [-0.25, 0.0, 0.0, 0.0],
        [0.0, -0.5, 0.0, 0.0],
        [0.0, 0.0, 5.0, 0.0],
    ];
    let affine = Affine::new(rows).expect("an affine");
    let mut map = NiftiMap::blank(2, 3, 3, &affine).expect("a map");
    map.set_slice(1, &HU).expect("a slice");
    map.to_bytes(NiftiEncoding::Plain).expect("bytes")
}

fn npy() -> Vec<u8> {
    Image::new(HU.to_vec(), 2, 3).expect("an image").to_npy()
}

fn from_bytes(bytes: &[u8]) -> Result<SliceFile, Error> {
    SliceFile::from_reader(bytes, Content::of(bytes), |_| true)
}

fn codes(file: &SliceFile, k: usize) -> Vec<&'static str> {
    let slice = file.slice(k).expect("a slice");
    slice
        .warnings
        .iter()
        .map(|warning| warning.code())
        .collect()
}

/// Whatever the names are.
#[test]
fn every_format_is_opened_by_its_content() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes, n_slices, k, spacing_mm) in [
        ("a", dicom().file(), 1, 0, Some((0.5, 0.25))),
        ("b.npy", gzip(&dicom().file()), 1, 0, Some((0.5, 0.25))),
        ("c.dcm", nifti(), 3, 1, Some((0.5, 0.25))),
        ("d.nii", gzip(&nifti()), 3, 1, Some((0.5, 0.25))),
        ("e.txt", npy(), 1, 0, None),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let file = SliceFile::open(&path).expect(name);
        assert_eq!(file.n_slices(), n_slices, "{name}");
        let slice = file.slice(k).expect(name);
        assert_eq!(slice.hu.values_hu(), HU, "{name}");
        assert_eq!((slice.hu.rows(), slice.hu.cols()), (2, 3), "{name}");
        assert_eq!(slice.spacing_mm, spacing_mm, "{name}");
        assert!(slice.turn.is_identity(), "{name}");
        assert_eq!(file.dicom().is_some(), name < "c", "{name}");
        assert_eq!(file.nifti().is_some(), n_slices == 3, "{name}");

        let error = file.slice(n_slices).expect_err("no such slice");
        let message = with_causes(&error);
        assert!(
            message.contains(name) && message.contains(&n_slices.to_string()),
            "{message}"
        );
    }
}

#[test]
fn of_a_volume_chosen_slices_are_held() {
    let bytes = nifti();
    let file = SliceFile::from_reader(&bytes[..], Content::Nifti, |k| k == 1).expect("a volume");
    assert_eq!(file.n_slices(), 3);
    assert!(file.slice(1).is_ok() && file.slice(0).is_err());
}

#[test]
fn doubts_are_warnings_of_the_slice() {
    let grey = Image::new(vec![255.0; 6], 2, 3).expect("an image").to_npy();
    assert_eq!(
        codes(&from_bytes(&grey).expect("a file"), 0),
        ["implausible-hu"]
    );

    let twelve = dicom()
        .bits(12, 0)
        .text(0x0028, 0x1052, "DS", "0")
        .pixels(&[0, 1, 2, 3000, 1040, 4095]);
    let file = from_bytes(&twelve.file()).expect("a file");
    assert_eq!(codes(&file, 0), ["rsna-repair", "implausible-hu"]);
    let file = file.with_repair(RsnaRepair::On);
    assert!(!codes(&file, 0).contains(&"rsna-repair"));
    let repaired = file.slice(0).expect("a slice");
    assert_eq!(repaired.hu.values_hu()[5], -1.0);
}

#[test]
fn what_is_no_slice_is_an_error_that_names_file_and_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picture.dcm");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n").expect("written");
    let Err(Error::File {
        path: named,
        source,
    }) = SliceFile::open(&path)
    else {
        panic!("a picture is no slice");
    };
    assert_eq!(named, path);
    assert!(
        matches!(
            *source,
            Error::Foreign {
                found: Foreign::Picture("PNG")
            }
        ),
        "{source}"
    );

    for (path, says) in [
        (folder.path(), "not a regular file"),
        (Path::new("nowhere.dcm"), "cannot be read"),
    ] {
        let message = with_causes(&SliceFile::open(path).expect_err("no file"));
        assert!(message.contains(says), "{message}");
    }
    let cut = &dicom().file()[..400];
    std::fs::write(&path, cut).expect("written");
    let message = with_causes(&SliceFile::open(&path).expect_err("cut"));
    assert!(message.contains("picture.dcm: DICOM"), "{message}");
}
