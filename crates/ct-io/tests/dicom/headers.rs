use std::fs::File;
use std::io::Write;

use ct_io::{DicomFile, DicomHeader, Error};
use test_kit::dicom::{DataSet, Syntax};
use test_kit::gzip;

use crate::control::control;

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    file
}

/// Files whose attributes need more than one look: long before the first reading's end, at it, and
/// behind it.
#[test]
fn attributes_of_any_length_are_read() {
    for n_bytes in [0, 30_000, 32_000, 32_600, 32_700, 32_768, 40_000, 300_000] {
        for syntax in [Syntax::Explicit, Syntax::Implicit] {
            let data = control(syntax).with(0x0009, 0x1001, "UN", vec![7; n_bytes]);
            let file = written(&data.file());
            let header = DicomHeader::read(file.path()).expect("a header");
            let whole = DicomFile::read(file.path()).expect("a file");
            assert_eq!(header.identity(), whole.identity(), "{n_bytes}");
            assert_eq!(header.geometry(0), whole.header().geometry(0), "{n_bytes}");
            assert!(header.geometry(0).is_some(), "{n_bytes}");
        }
    }
}

#[test]
fn the_pixels_are_not_looked_at() {
    let data = control(Syntax::Explicit)
        .short(0x0028, 0x0010, 512)
        .short(0x0028, 0x0011, 512)
        .pixels(&vec![0; 512 * 512]);
    let mut bytes = data.file();
    bytes.truncate(100_000);
    let file = written(&bytes);
    assert!(DicomHeader::read(file.path()).is_ok());
    assert!(DicomFile::read(file.path()).is_err());
}

#[test]
fn compressed_files_have_headers_too() {
    let file = written(&gzip(&control(Syntax::Explicit).file()));
    let header = DicomHeader::read(file.path()).expect("a header");
    assert_eq!(header.identity().instance_number, Some(12));
    assert_eq!(header.spacing_mm(0), Some((1.8, 0.9)));
}

#[test]
fn what_is_broken_is_an_error_that_names_the_file() {
    let cut = &control(Syntax::Explicit).file()[..401];
    let text = b"no DICOM".repeat(100);
    for bytes in [&[][..], &text, cut] {
        let file = written(bytes);
        let error = DicomHeader::read(file.path()).expect_err("an error");
        assert!(matches!(error, Error::File { .. }), "{error}");
    }
}

/// Files that would fill the memory if they were read to the end: a fault at their start, and a
/// hole of 3 GiB behind it.
#[test]
fn no_more_is_read_than_a_file_may_have() {
    let broken = DataSet::empty(Syntax::Explicit)
        .with(0x0008, 0x1140, "SQ", vec![1; 64])
        .file();
    let zipped = gzip(&control(Syntax::Explicit).file());
    for start in [broken, zipped] {
        let file = written(&start);
        File::options()
            .write(true)
            .open(file.path())
            .and_then(|file| file.set_len(3 << 30))
            .expect("a hole");
        let error = DicomHeader::read(file.path()).expect_err("too large");
        let Error::File { source, .. } = error else {
            panic!("{error}")
        };
        assert!(matches!(*source, Error::TooLong { .. }), "{source}");
    }
}
