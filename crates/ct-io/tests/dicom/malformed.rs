use ct_io::{DicomError, DicomFile, Error, RsnaRepair};
use test_kit::bounded::{on_a_small_stack, within_a_gibibyte};
use test_kit::damage::damage_every_byte;
use test_kit::dicom::{DataSet, Syntax};
use test_kit::gzip;

const PIXELS: [u16; 6] = [1; 6];

fn ct() -> DataSet {
    DataSet::ct(Syntax::Explicit).pixels(&PIXELS)
}

fn read(bytes: &[u8]) -> Result<(), Error> {
    DicomFile::from_bytes(bytes)?
        .slice(0, RsnaRepair::On)
        .map(drop)
}

/// Files with what their errors must say.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let ds = |group, element, text: &str| ct().text(group, element, "DS", text).file();
    let us = |group, element, value| ct().short(group, element, value).file();
    let without = |group, element| ct().without(group, element).file();
    let mut cut = ct().file();
    cut.pop();
    let mut pixel_length = DataSet::ct(Syntax::Explicit)
        .with(0x7fe0, 0x10, "OW", vec![])
        .file();
    let end = pixel_length.len();
    pixel_length[end - 4..].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    let mut unknown_length = DataSet::empty(Syntax::Explicit)
        .with(9, 0x1001, "UN", vec![])
        .file();
    let end = unknown_length.len();
    unknown_length[end - 4..].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    unknown_length.extend([0; 32]);
    let rle = |bytes: &[u8]| DataSet::ct(Syntax::Rle).fragments(&[bytes]).file();
    let mut huge_segment = vec![0; 66];
    (huge_segment[0], huge_segment[4]) = (2, 64);
    huge_segment[8..12].fill(0xff);
    let mut many_segments = vec![0xff; 66];
    many_segments[4] = 64;
    let j2k = "1.2.840.10008.1.2.4.90";
    let stream = |uid, bytes: &[u8]| DataSet::ct(Syntax::Other(uid)).fragments(&[bytes]).file();
    let mut large = vec![0xff, 0x4f, 0xff, 0x51, 0, 47, 0, 0];
    large.extend([0xff; 40]);
    vec![
        ("empty", vec![], "not a DICOM Part 10 file"),
        (
            "text",
            b"hello world\n".repeat(100),
            "not a DICOM Part 10 file",
        ),
        ("ff", vec![0xff; 4096], "not a DICOM Part 10 file"),
        ("cut", cut, "longer than what holds it"),
        (
            "short pixels",
            us(0x28, 0x10, 512),
            "12 bytes, expected 3072",
        ),
        (
            "no pixels",
            without(0x7fe0, 0x10),
            "PixelData (7FE0,0010) is missing",
        ),
        (
            "pixel length of 4 GiB",
            pixel_length,
            "longer than what holds it",
        ),
        (
            "unknown length of 4 GiB",
            unknown_length,
            "longer than what holds it",
        ),
        ("nested 40", nested(40), "nested deeper than 32"),
        ("nested 20000", nested(20_000), "nested deeper than 32"),
        ("open sequence", nested(3)[..300].to_vec(), "ends within"),
        (
            "deflated",
            DataSet::ct(Syntax::Other("1.2.840.10008.1.2.1.99")).file(),
            "Deflated",
        ),
        (
            "JPEG-LS",
            DataSet::ct(Syntax::Other("1.2.840.10008.1.2.4.80")).file(),
            "dcmdjpls",
        ),
        (
            "unknown syntax",
            DataSet::ct(Syntax::Other("1.2.3.4.5")).file(),
            "1.2.3.4.5 (unknown)",
        ),
        (
            "RLE without a fragment",
            DataSet::ct(Syntax::Rle).fragments(&[]).file(),
            "0 fragments",
        ),
        ("empty RLE", rle(&[]), "0 fragments"),
        ("RLE segment", rle(&huge_segment), "segment 0 from byte 64"),
        ("RLE segments", rle(&many_segments), "segments, expected 2"),
        (
            "junk JPEG 2000",
            stream(j2k, b"\xff\x4f\xff\x51\0\0\0\0"),
            "frame 0",
        ),
        (
            "large JPEG 2000",
            stream(j2k, &large),
            "a stream of 0 x 0 pixels",
        ),
        (
            "large JPEG behind fill bytes",
            stream(
                "1.2.840.10008.1.2.4.70",
                b"\xff\xd8\xff\xff\xff\xc3\0\x0b\x10\xff\xff\xff\xff\x01\0\x11\0",
            ),
            "a stream of 65535 x 65535 pixels",
        ),
        (
            "junk JPEG",
            stream("1.2.840.10008.1.2.4.70", b"\xff\xd8"),
            "frame 0",
        ),
        (
            "bits stored 0",
            ct().bits(0, 0).file(),
            "BitsStored (0028,0101) is \"0\"",
        ),
        (
            "bits stored 17",
            ct().bits(17, 0).file(),
            "BitsStored (0028,0101) is \"17\"",
        ),
        ("bits allocated 12", us(0x28, 0x100, 12), "expected 8 or 16"),
        ("bits allocated 32", us(0x28, 0x100, 32), "BitsAllocated"),
        (
            "high bit 15 of 12",
            ct().bits(12, 0).short(0x28, 0x102, 15).file(),
            "HighBit",
        ),
        ("sign 2", us(0x28, 0x103, 2), "PixelRepresentation"),
        (
            "intercept abc",
            ds(0x28, 0x1052, "abc"),
            "RescaleIntercept (0028,1052) is \"abc\"",
        ),
        ("two intercepts", ds(0x28, 0x1052, "0\\-1024"), "one number"),
        (
            "no intercept",
            without(0x28, 0x1052),
            "RescaleIntercept (0028,1052) is missing",
        ),
        (
            "no slope",
            without(0x28, 0x1053),
            "RescaleSlope (0028,1053) is missing",
        ),
        ("slope 0", ds(0x28, 0x1053, "0"), "a number other than 0"),
        ("slope nan", ds(0x28, 0x1053, "nan"), "RescaleSlope"),
        ("slope 1e400", ds(0x28, 0x1053, "1e400"), "RescaleSlope"),
        (
            "other unit",
            ct().text(0x28, 0x1054, "LO", "US").file(),
            "RescaleType",
        ),
        (
            "modality LUT",
            ct().sequence(0x28, 0x3000, &[]).file(),
            "ModalityLUTSequence",
        ),
        (
            "RGB",
            ct().text(0x28, 4, "CS", "RGB").file(),
            "MONOCHROME1 or MONOCHROME2",
        ),
        ("no samples", us(0x28, 2, 0), "SamplesPerPixel"),
        ("three samples", us(0x28, 2, 3), "SamplesPerPixel"),
        ("no rows", us(0x28, 0x10, 0), "Rows (0028,0010) is \"0\""),
        (
            "65535 columns",
            us(0x28, 0x11, 65535),
            "Columns (0028,0011) is \"65535\"",
        ),
        (
            "no frames",
            ct().text(0x28, 8, "IS", "0").file(),
            "NumberOfFrames",
        ),
        (
            "many frames",
            ct().text(0x28, 8, "IS", "9999").file(),
            "119988 for 9999 frames",
        ),
        (
            "MR",
            ct().text(8, 0x60, "CS", "MR").file(),
            "Modality (0008,0060) \"MR\"",
        ),
        (
            "no modality",
            ct().without(8, 0x60)
                .file_with(&ct().meta_without_length().without(2, 2)),
            "Modality (0008,0060) is missing",
        ),
        (
            "localizer",
            ct().text(8, 8, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER").file(),
            "survey image",
        ),
    ]
}

/// Sequences of undefined length, one within another.
fn nested(depth: usize) -> Vec<u8> {
    let mut file = DataSet::empty(Syntax::Explicit)
        .text(8, 0x60, "CS", "CT")
        .file();
    for _ in 0..depth {
        file.extend(b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff");
    }
    for _ in 0..depth {
        file.extend(b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0");
    }
    file
}

fn check_all() {
    for (name, bytes, says) in files() {
        let message = read(&bytes).expect_err(name).to_string();
        assert!(message.contains(says), "{name}: no {says:?} in: {message}");
    }
}

#[test]
fn every_malformed_file_is_an_error_that_names_what_is_wrong() {
    check_all();
}

#[test]
fn a_stack_of_2_mib_suffices() {
    on_a_small_stack(check_all);
}

#[cfg(unix)]
#[test]
fn a_gibibyte_of_address_space_suffices() {
    within_a_gibibyte("malformed::a_gibibyte_of_address_space_suffices", check_all);
}

/// Any byte changed, any piece cut out: an answer or an error.
#[test]
fn damaged_files_are_an_answer_or_an_error() {
    let mut rle = vec![0; 64];
    (rle[0], rle[4], rle[8]) = (2, 64, 66);
    rle.extend([251, 0, 251, 9]);
    for file in [
        ct().file(),
        DataSet::ct(Syntax::Rle).fragments(&[&rle]).file(),
    ] {
        assert!(read(&file).is_ok());
        damage_every_byte(&file, |bytes| drop(read(bytes)));
    }
}

#[test]
fn an_executable_in_the_preamble_is_no_matter() {
    let mut file = ct().file();
    file[..2].copy_from_slice(b"MZ");
    assert!(read(&file).is_ok());
}

#[test]
fn errors_name_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.dcm");
    std::fs::write(&path, "nothing").expect("written");
    let error = DicomFile::read(&path).expect_err("no DICOM");
    assert!(error.to_string().contains("broken.dcm"), "{error}");
    assert!(matches!(
        DicomFile::read(folder.path()),
        Err(Error::File { .. })
    ));
}

/// A gibibyte of zeros in a megabyte of gzip: its first bytes tell that it is no DICOM file.
#[test]
fn gzip_of_something_else_is_not_inflated() {
    let member = gzip(&vec![0; 1 << 20]);
    let bytes = member.repeat(2 << 10);
    let start = std::time::Instant::now();
    let error = read(&bytes).expect_err("no DICOM");
    assert!(
        matches!(error, Error::Dicom(DicomError::NotDicom)),
        "{error}"
    );
    // Inflating takes seconds.
    assert!(start.elapsed().as_millis() < 200, "{:?}", start.elapsed());
}
