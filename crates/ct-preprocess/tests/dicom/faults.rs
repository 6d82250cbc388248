//! Files with faults that decide neither stored values nor their rescale.

use std::io::Write;

use ct_preprocess::{DicomFile, DicomHeader, RsnaRepair, Warning};
use flate2::Compression;
use flate2::write::GzEncoder;
use test_kit::dicom::{DataSet, Syntax};

/// Stored values -3, -2, -1, 0, 1, 2000.
const STORED: [u16; 6] = [0xfffd, 0xfffe, 0xffff, 0, 1, 2000];

const HU: [f32; 6] = [-1027.0, -1026.0, -1025.0, -1024.0, -1023.0, 976.0];

/// A sound file that says everything of itself.
pub(crate) fn control(syntax: Syntax) -> DataSet {
    DataSet::ct(syntax)
        .text(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\AXIAL")
        .text(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
        .text(0x0018, 0x0050, "DS", "5")
        .text(0x0020, 0x000e, "UI", "1.2.3.4")
        .text(0x0020, 0x0013, "IS", "12")
        .text(0x0020, 0x0032, "DS", "-115\\-110\\35")
        .text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0")
        .text(0x0028, 0x0030, "DS", "1.8\\0.9")
        .text(0x0028, 0x1050, "DS", "40")
        .text(0x0028, 0x1051, "DS", "80")
        .pixels(&STORED)
}

fn explicit() -> DataSet {
    control(Syntax::Explicit)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}

/// Pixel data with bytes behind those of the image.
fn with_surplus(n_bytes: usize) -> DataSet {
    let mut bytes: Vec<u8> = STORED
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    bytes.resize(bytes.len() + n_bytes, 7);
    explicit().with(0x7fe0, 0x0010, "OW", bytes)
}

/// Files of the control's values, with the codes of their warnings.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let sound = explicit();
    let meta = || sound.meta_without_length();
    let with_meta = |meta: DataSet| sound.file_with(&meta);
    let ds = |group, element, text: &str| explicit().text(group, element, "DS", text).file();
    let behind = |bytes: &[u8]| [&sound.file()[..], bytes].concat();
    let group_2_alone = {
        let meta = meta().with(2, 0, "UL", vec![90, 0, 0, 0]);
        [meta.data_set(), sound.data_set()].concat()
    };
    let private = |vr: &'static str| {
        explicit()
            .text(0x0009, 0x0010, "LO", "VENDOR")
            .with(0x0009, 0x1001, vr, b"what".to_vec())
    };
    let private_inside = {
        let item = DataSet::empty(Syntax::Explicit)
            .text(0x0008, 0x1150, "UI", "1.2.840.10008.5.1.4.1.1.2")
            .with(0x0009, 0x1001, "ZZ", b"what".to_vec());
        explicit().sequence(0x0008, 0x1140, &[item])
    };
    let attribute: &[&str] = &["attribute"];
    let surplus: &[&str] = &["surplus-pixel-data"];
    let trailing: &[&str] = &["trailing-bytes"];
    vec![
        ("sound", sound.file(), &[]),
        ("implicit", control(Syntax::Implicit).file(), &[]),
        ("big endian", control(Syntax::BigEndian).file(), &[]),
        ("no preamble", sound.data_set(), &[]),
        (
            "no preamble, implicit",
            control(Syntax::Implicit).data_set(),
            &[],
        ),
        ("no preamble, group 2", group_2_alone, &[]),
        (
            "name of 24 bytes",
            with_meta(meta().text(2, 0x13, "SH", "A_VERSION_OF_24_LETTERS_")),
            &[],
        ),
        (
            "AE title of 18 bytes",
            with_meta(meta().text(2, 0x16, "AE", "A_TITLE_OF_18_BYTE")),
            &[],
        ),
        ("no group length", with_meta(meta()), &[]),
        (
            "wrong group length",
            with_meta(meta().with(2, 0, "UL", vec![4, 0, 0, 0])),
            &[],
        ),
        ("all of unknown type", explicit().all_unknown().file(), &[]),
        (
            "rescale of unknown type",
            explicit()
                .with(0x0028, 0x1052, "UN", b"-1024 ".to_vec())
                .with(0x0028, 0x1053, "UN", b"1 ".to_vec())
                .file(),
            &[],
        ),
        (
            "rows of unknown type",
            explicit().with(0x0028, 0x0010, "UN", vec![2, 0]).file(),
            &[],
        ),
        ("512 surplus bytes", with_surplus(512).file(), surplus),
        ("2 surplus bytes", with_surplus(2).file(), surplus),
        ("zeros behind", behind(&[0; 1000]), trailing),
        ("3 zeros behind", behind(&[0; 3]), trailing),
        ("text behind", behind(b"<!-- appended -->"), trailing),
        (
            "the standard's padding behind",
            explicit().with(0xfffc, 0xfffc, "OB", vec![0; 64]).file(),
            &[],
        ),
        ("window of width 0", ds(0x0028, 0x1051, "0"), attribute),
        (
            "two levels, one width",
            ds(0x0028, 0x1050, "40\\80"),
            attribute,
        ),
        (
            "number 12.0",
            explicit().text(0x0020, 0x0013, "IS", "12.0").file(),
            attribute,
        ),
        (
            "number twelve",
            explicit().text(0x0020, 0x0013, "IS", "twelve").file(),
            attribute,
        ),
        ("thickness 5mm", ds(0x0018, 0x0050, "5mm"), attribute),
        ("two thicknesses", ds(0x0018, 0x0050, "5\\5"), attribute),
        (
            "position of two",
            ds(0x0020, 0x0032, "-115\\-115"),
            attribute,
        ),
        (
            "position in words",
            ds(0x0020, 0x0032, "a\\b\\c"),
            attribute,
        ),
        (
            "orientation of five",
            ds(0x0020, 0x0037, "1\\0\\0\\0\\1"),
            attribute,
        ),
        (
            "no directions",
            ds(0x0020, 0x0037, "0\\0\\0\\0\\0\\0"),
            attribute,
        ),
        ("spacing of one", ds(0x0028, 0x0030, "1.8"), attribute),
        ("spacing 0", ds(0x0028, 0x0030, "0\\0"), attribute),
        (
            "spacing below 0",
            ds(0x0028, 0x0030, "1.8\\-1.8"),
            attribute,
        ),
        ("spacing nan", ds(0x0028, 0x0030, "nan\\1"), attribute),
        (
            "spacing with commas",
            ds(0x0028, 0x0030, "1,8\\1,8"),
            attribute,
        ),
        (
            "padding in words",
            explicit().text(0x0028, 0x0120, "LO", "none").file(),
            attribute,
        ),
        (
            "unknown characters",
            explicit().text(0x0008, 0x0005, "CS", "ISO_IR 999").file(),
            attribute,
        ),
        ("private, unknown type", private("ZZ").file(), &[]),
        ("private, no type", private("").file(), &[]),
        (
            "first type in lower case",
            explicit()
                .with(0x0008, 0x0005, "cs", b"ISO_IR 100".to_vec())
                .file(),
            &[],
        ),
        ("private in a sequence", private_inside.file(), &[]),
        ("gzip", gzip(&sound.file()), &[]),
        ("gzip without preamble", gzip(&sound.data_set()), &[]),
        (
            "gzip in two members",
            [gzip(&sound.file()[..200]), gzip(&sound.file()[200..])].concat(),
            &[],
        ),
    ]
}

#[test]
fn what_decides_no_value_is_a_warning_at_most() {
    for (name, bytes, expected) in files() {
        let file = DicomFile::from_bytes(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let slice = file.slice(0, RsnaRepair::Off);
        let slice = slice.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(slice.hu.values_hu(), HU, "{name}");
        let codes: Vec<_> = slice.warnings.iter().map(Warning::code).collect();
        assert_eq!(codes, expected, "{name}");
        let uid = file.identity().sop_instance_uid.as_deref();
        assert_eq!(uid, Some("ID_fb8152b48"), "{name}");
    }
}

#[test]
fn the_header_alone_says_the_same() {
    for (name, bytes, _) in files() {
        let file = DicomFile::from_bytes(&bytes).expect(name);
        let header = DicomHeader::from_bytes(&bytes).expect(name);
        assert_eq!(header.identity(), file.identity(), "{name}");
        assert_eq!(header.n_frames(), file.n_frames(), "{name}");
        assert_eq!(header.geometry(0), file.header().geometry(0), "{name}");
    }
}

/// What is malformed is as if it were not there, and takes nothing else with it.
#[test]
fn every_attribute_of_a_place_stands_for_itself() {
    let read = |data: &DataSet| {
        let file = DicomFile::from_bytes(&data.file()).expect("a file");
        file.slice(0, RsnaRepair::Off).expect("a slice")
    };
    let prone = explicit().text(0x0020, 0x0037, "DS", "-1\\0\\0\\0\\-1\\0");
    let whole = read(&prone);
    assert_eq!(whole.spacing_mm, Some((1.8, 0.9)));
    assert!(whole.geometry.is_some() && !whole.turn.is_identity());
    for lost in [
        (0x0018, 0x0050),
        (0x0020, 0x0032),
        (0x0020, 0x0037),
        (0x0028, 0x0030),
    ] {
        let (group, element) = lost;
        let absent = read(&prone.clone().without(group, element));
        let malformed = read(&prone.clone().text(group, element, "DS", "?"));
        assert_eq!(malformed.warnings.len(), 1, "{lost:?}");
        assert!(absent.warnings.is_empty(), "{lost:?}");
        for slice in [absent, malformed] {
            let has_spacing = lost != (0x0028, 0x0030);
            assert_eq!(slice.spacing_mm, whole.spacing_mm.filter(|_| has_spacing));
            let has_orientation = lost != (0x0020, 0x0037);
            assert_eq!(slice.turn.is_identity(), !has_orientation, "{lost:?}");
            let thickness = slice.geometry.map(|geometry| geometry.thickness_mm);
            let is_thickness = lost == (0x0018, 0x0050);
            assert_eq!(thickness, is_thickness.then_some(None), "{lost:?}");
        }
    }
}

/// Functional groups whose sequences a system in between did not know.
#[test]
fn groups_of_frames_of_unknown_type_are_read() {
    let item = || DataSet::empty(Syntax::Implicit);
    let transformation = |intercept: &str| {
        let values = item()
            .text(0x0028, 0x1052, "DS", intercept)
            .text(0x0028, 0x1053, "DS", "2");
        item().sequence(0x0028, 0x9145, &[values])
    };
    let measures = item().text(0x0028, 0x0030, "DS", "0.5\\0.25");
    let shared = item().sequence(0x0028, 0x9110, &[measures]);
    let data = DataSet::ct(Syntax::Explicit)
        .without(0x0028, 0x1052)
        .without(0x0028, 0x1053)
        .text(0x0028, 0x0008, "IS", "2")
        .pixels(&[0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15])
        .sequence(0x5200, 0x9229, &[shared])
        .sequence(
            0x5200,
            0x9230,
            &[transformation("-10"), transformation("-20")],
        )
        .all_unknown();
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    for (frame, first) in [(0, [-10.0, -8.0]), (1, [0.0, 2.0])] {
        let slice = file.slice(frame, RsnaRepair::Off).expect("a slice");
        assert_eq!(slice.hu.values_hu()[..2], first);
        assert_eq!(slice.spacing_mm, Some((0.5, 0.25)));
    }
}

/// Writers that name another representation than they use.
#[test]
fn a_data_set_is_read_as_it_is_written() {
    let (implicit, explicit) = (control(Syntax::Implicit), control(Syntax::Explicit));
    for (name, bytes) in [
        (
            "explicit, declared implicit",
            explicit.file_with(&implicit.meta_without_length()),
        ),
        (
            "implicit, declared explicit",
            implicit.file_with(&explicit.meta_without_length()),
        ),
    ] {
        let file = DicomFile::from_bytes(&bytes).expect(name);
        let slice = file.slice(0, RsnaRepair::Off).expect(name);
        assert_eq!(slice.hu.values_hu(), HU, "{name}");
        assert_eq!(slice.spacing_mm, Some((1.8, 0.9)), "{name}");
    }
}
