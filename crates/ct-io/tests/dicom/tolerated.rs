//! Files that are odd and must be read all the same.

use ct_io::{DicomFile, DicomHeader, RsnaRepair, Slice};
use test_kit::dicom::{DataSet, Syntax};
use test_kit::gzip;

/// Stored values -3, -2, -1, 0, 1, 2000.
const SIGNED: [u16; 6] = [0xfffd, 0xfffe, 0xffff, 0, 1, 2000];
const HU: [f32; 6] = [-1027.0, -1026.0, -1025.0, -1024.0, -1023.0, 976.0];

fn ct() -> DataSet {
    DataSet::ct(Syntax::Explicit).pixels(&SIGNED)
}

fn read(bytes: &[u8], name: &str) -> Slice {
    let file = DicomFile::from_bytes(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let header = DicomHeader::from_bytes(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(header.identity(), file.identity(), "{name}");
    let slice = file.slice(0, RsnaRepair::Off);
    slice.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The values of the control, and these warnings.
#[track_caller]
fn assert_read(bytes: &[u8], codes: &[&str], name: &str) -> Slice {
    let slice = read(bytes, name);
    assert_eq!(slice.hu.values_hu(), HU, "{name}");
    let found: Vec<_> = slice
        .warnings
        .iter()
        .map(|warning| warning.code())
        .collect();
    assert_eq!(found, codes, "{name}: {:?}", slice.warnings);
    slice
}

#[test]
fn a_preamble_may_be_missing() {
    for syntax in [Syntax::Explicit, Syntax::Implicit] {
        let data = DataSet::ct(syntax).pixels(&SIGNED);
        let bare = data.data_set();
        assert_read(&bare, &[], &format!("{syntax:?}"));
        let with_meta = [data.meta().data_set(), bare].concat();
        assert_read(&with_meta, &[], &format!("group 2, {syntax:?}"));
    }
}

#[test]
fn a_data_set_may_be_written_in_another_way_than_its_syntax_says() {
    let explicit = ct();
    let implicit = DataSet::ct(Syntax::Implicit).pixels(&SIGNED);
    assert_read(&explicit.file_with(&implicit.meta()), &[], "explicit");
    assert_read(&implicit.file_with(&explicit.meta()), &[], "implicit");
}

#[test]
fn group_2_may_be_of_any_length() {
    for syntax in [Syntax::Explicit, Syntax::Implicit, Syntax::BigEndian] {
        let data = DataSet::ct(syntax).pixels(&SIGNED);
        let long = data
            .meta()
            .text(2, 0x13, "SH", "A NAME OF MORE THAN 16 CHARACTERS")
            .text(2, 0x16, "AE", "A TITLE OF MORE THAN 16 CHARACTERS");
        assert_read(&data.file_with(&long), &[], "long values");
        let none = data.meta_without_length();
        assert_read(&data.file_with(&none), &[], "no length");
        for wrong in [0, 1, 7, 100_000, u32::MAX] {
            let meta = data.meta().with(2, 0, "UL", wrong.to_le_bytes().to_vec());
            assert_read(&data.file_with(&meta), &[], &format!("length {wrong}"));
        }
    }
}

#[test]
fn representations_may_be_unknown() {
    for (name, data) in [
        ("all", ct().all_unknown()),
        ("slope", ct().with(0x28, 0x1053, "UN", b"1 ".to_vec())),
        ("rows", ct().with(0x28, 0x10, "UN", vec![2, 0])),
        // Little endian, whatever the file is.
        (
            "big endian",
            DataSet::ct(Syntax::BigEndian)
                .pixels(&SIGNED)
                .with(0x28, 0x10, "UN", vec![2, 0]),
        ),
        ("missing", ct().with(0x28, 0x1053, "", b"1 ".to_vec())),
        ("lower case", ct().with(0x28, 0x1053, "ds", b"1 ".to_vec())),
        ("unknown", ct().with(0x28, 0x1053, "ZZ", b"1 ".to_vec())),
    ] {
        assert_read(&data.file(), &[], name);
    }
}

/// A rescale in functional groups, of which one sequence after the other is of unknown
/// representation; where they were not looked into, that of the file itself would be used.
#[test]
fn functional_groups_may_be_of_unknown_representation() {
    let rescale = |syntax| {
        DataSet::empty(syntax)
            .text(0x28, 0x1052, "DS", "-1024")
            .text(0x28, 0x1053, "DS", "1")
    };
    let (known, implicit) = (Syntax::Explicit, Syntax::Implicit);
    let transformation = |syntax| DataSet::empty(syntax).sequence(0x28, 0x9145, &[rescale(syntax)]);
    let unknown_value = DataSet::empty(known).sequence(
        0x28,
        0x9145,
        &[rescale(known).with(0x28, 0x1052, "UN", b"-1024 ".to_vec())],
    );
    let unknown_inner = DataSet::empty(known).unknown_sequence(0x28, 0x9145, &[rescale(implicit)]);
    let data = ct()
        .text(0x28, 0x1052, "DS", "5")
        .text(0x28, 0x1053, "DS", "7");
    for tag in [0x9229, 0x9230] {
        let files = [
            (
                "value",
                data.clone()
                    .sequence(0x5200, tag, std::slice::from_ref(&unknown_value)),
            ),
            (
                "inner",
                data.clone()
                    .sequence(0x5200, tag, std::slice::from_ref(&unknown_inner)),
            ),
            (
                "outer",
                data.clone()
                    .unknown_sequence(0x5200, tag, &[transformation(implicit)]),
            ),
            (
                "outer, explicit within",
                data.clone()
                    .unknown_sequence(0x5200, tag, &[transformation(known)]),
            ),
        ];
        for (name, data) in files {
            assert_read(&data.file(), &[], &format!("{name} of {tag:x}"));
        }
    }
}

#[test]
fn private_elements_may_be_written_in_any_way() {
    for vr in ["", "ZZ", "lo", "ob", "UN"] {
        let private = |data: DataSet| data.with(9, 0x1001, vr, b"anything".to_vec());
        assert_read(&private(ct()).file(), &[], vr);
        let rescale = DataSet::empty(Syntax::Explicit)
            .text(0x28, 0x1052, "DS", "-1024")
            .text(0x28, 0x1053, "DS", "1");
        let group = DataSet::empty(Syntax::Explicit).sequence(0x28, 0x9145, &[private(rescale)]);
        let data = ct()
            .text(0x28, 0x1052, "DS", "5")
            .sequence(0x5200, 0x9229, &[private(group)]);
        assert_read(&data.file(), &[], &format!("{vr} in a group"));
    }
}

/// Attributes that nothing here reads, and of what length they like.
#[test]
fn elements_that_are_not_needed_may_be_malformed() {
    for (name, data) in [
        (
            "a short of three bytes",
            ct().with(0x28, 0x106, "SS", vec![1, 2, 3]),
        ),
        (
            "a double of five",
            ct().with(0x18, 0x9306, "FD", vec![1; 5]),
        ),
        ("a date", ct().text(8, 0x20, "DA", "2020/13/99, late")),
        (
            "an unknown sequence",
            ct().with(8, 0x1140, "UN", b"no item".to_vec()),
        ),
    ] {
        assert_read(&data.file(), &[], name);
    }
}

#[test]
fn character_sets_may_be_unknown_or_several() {
    for (name, codes) in [
        ("ISO_IR 9999", &["attribute"][..]),
        ("UTF-8", &["attribute"]),
        ("ISO_IR 100\\LATIN", &["attribute"]),
        ("ISO_IR 192", &[]),
        ("\\ISO 2022 IR 87", &[]),
        ("ISO 2022 IR 6\\ISO 2022 IR 100", &[]),
    ] {
        let data = ct()
            .text(8, 5, "CS", name)
            .with(0x10, 0x10, "PN", vec![b'M', 0xfc, b'l', 0xff]);
        assert_read(&data.file(), codes, name);
    }
}

#[test]
fn pixel_data_may_be_longer() {
    let bytes: Vec<u8> = SIGNED.iter().flat_map(|word| word.to_le_bytes()).collect();
    for (n_surplus, codes) in [
        (1, &["surplus-pixel-data"][..]),
        (2, &["surplus-pixel-data"]),
        (512, &["surplus-pixel-data"]),
    ] {
        let data = ct().with(
            0x7fe0,
            0x10,
            "OW",
            [&bytes[..], &vec![9; n_surplus]].concat(),
        );
        assert_read(&data.file(), codes, &format!("{n_surplus} bytes"));
    }
    // An odd number of bytes and its pad.
    let odd = DataSet::ct(Syntax::Explicit)
        .short(0x28, 0x10, 1)
        .short(0x28, 0x100, 8)
        .bits(8, 0);
    for (n_bytes, n_warnings) in [(3, 0), (4, 0), (5, 1)] {
        let data = odd.clone().with(0x7fe0, 0x10, "OW", vec![7; n_bytes]);
        let slice = read(&data.file(), "odd");
        assert_eq!(slice.hu.values_hu(), [-1017.0; 3]);
        assert_eq!(slice.warnings.len(), n_warnings, "{n_bytes}");
    }
}

#[test]
fn a_data_set_may_be_followed_by_anything() {
    let padding = DataSet::empty(Syntax::Explicit).with(0xfffc, 0xfffc, "OB", vec![0; 8]);
    let again = DataSet::empty(Syntax::Explicit).text(8, 0x60, "CS", "MR");
    for (name, tail, codes) in [
        ("zeros", vec![0; 100], &["trailing-bytes"][..]),
        ("a zero", vec![0], &["trailing-bytes"]),
        ("text", b"some text\n".to_vec(), &["trailing-bytes"]),
        (
            "an element that is none",
            again.data_set(),
            &["trailing-bytes"],
        ),
        ("padding by the standard", padding.data_set(), &[]),
    ] {
        assert_read(&[ct().file(), tail].concat(), codes, name);
    }
}

/// Two frames of 10 and 7 in the low byte, in two fragments each.
#[test]
fn a_frame_may_be_in_several_fragments() {
    let frame = |value: u8| {
        let mut frame = vec![0; 64];
        (frame[0], frame[4], frame[8]) = (2, 64, 66);
        frame.extend([251, 0, 251, value]);
        frame
    };
    let frames = [frame(10), frame(7)];
    let pieces: Vec<&[u8]> = frames.iter().flat_map(|frame| frame.chunks(34)).collect();
    let two = DataSet::ct(Syntax::Rle).text(0x28, 8, "IS", "2");
    let second = 2 * (34 + 8);
    let offsets = [0_u64, u64::from(second)].map(u64::to_le_bytes);
    for (name, data) in [
        ("basic", two.clone().encapsulated(&[0, second], &pieces)),
        (
            "extended",
            two.clone()
                .encapsulated(&[], &pieces)
                .with(0x7fe0, 1, "OV", offsets.concat()),
        ),
    ] {
        let file = DicomFile::from_bytes(&data.file()).expect(name);
        for (frame, value) in [(0, 10.0), (1, 7.0)] {
            let slice = file.slice(frame, RsnaRepair::Off).expect(name);
            assert_eq!(slice.hu.values_hu(), [value - 1024.0; 6], "{name}");
        }
    }
    let one = DataSet::ct(Syntax::Rle).encapsulated(&[], &pieces[..2]);
    assert_eq!(read(&one.file(), "one").hu.values_hu(), [-1014.0; 6]);
    let untold = two.encapsulated(&[], &pieces).file();
    let error = DicomFile::from_bytes(&untold).expect_err("no table");
    assert!(
        error.to_string().contains("4 fragments, expected 2"),
        "{error}"
    );
}

#[test]
fn a_file_may_be_compressed_by_gzip() {
    for syntax in [Syntax::Explicit, Syntax::BigEndian] {
        let bytes = DataSet::ct(syntax).pixels(&SIGNED).file();
        assert_read(&gzip(&bytes), &[], "one member");
        let (head, tail) = bytes.split_at(200);
        assert_read(&[gzip(head), gzip(tail)].concat(), &[], "two members");
        let whole = gzip(&bytes);
        for n_bytes in [whole.len() - 1, whole.len() / 2, 12] {
            let error = DicomFile::from_bytes(&whole[..n_bytes]).expect_err("cut short");
            assert!(error.to_string().contains("gzip"), "{error}");
        }
    }
}

/// More than is read of a file at first, before the pixels, in front of the data set, and within a
/// sequence.
#[test]
fn attributes_may_be_long() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.dcm");
    let private = DataSet::empty(Syntax::Explicit).with(9, 0x1001, "OB", vec![7; 600_000]);
    let short = DataSet::empty(Syntax::Explicit).with(9, 0x1001, "OB", vec![7; 40_000]);
    let meta = ct().meta().with(2, 0x102, "OB", vec![0; 100_000]);
    let number = |data: DataSet| data.text(0x20, 0x13, "IS", "12");
    let long = number(ct()).with(9, 0x1001, "OB", vec![7; 600_000]);
    for (name, bytes) in [
        ("before the pixels", long.file()),
        ("group 2", number(ct()).file_with(&meta)),
        (
            "a sequence",
            number(ct()).sequence(8, 0x1140, &[private]).file(),
        ),
        (
            "many items",
            number(ct()).sequence(8, 0x1140, &vec![short; 20]).file(),
        ),
        ("gzip", gzip(&long.file())),
        ("without a preamble", long.data_set()),
    ] {
        std::fs::write(&path, &bytes).expect("written");
        let header = DicomHeader::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(header.identity().instance_number, Some(12), "{name}");
        assert_read(&bytes, &[], name);
        // Cut short within what is long: an error, of the file as of its bytes.
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
        assert!(DicomHeader::read(&path).is_err(), "{name}");
    }
}

/// What decides neither stored values nor their rescale.
#[test]
fn attributes_that_decide_nothing_may_be_malformed() {
    let window = |level: &str, width: &str| {
        ct().text(0x28, 0x1050, "DS", level)
            .text(0x28, 0x1051, "DS", width)
    };
    let ds = |group, element, text: &str| ct().text(group, element, "DS", text);
    for (name, data) in [
        ("window width 0", window("40", "0")),
        ("window width -1", window("40", "-1")),
        ("window counts", window("40\\80", "80")),
        ("window text", window("forty", "80")),
        ("number 12.0", ct().text(0x20, 0x13, "IS", "12.0")),
        ("numbers", ct().text(0x20, 0x13, "IS", "1\\2")),
        ("thickness 5mm", ds(0x18, 0x50, "5mm")),
        ("two thicknesses", ds(0x18, 0x50, "5\\5")),
        ("two positions", ds(0x20, 0x32, "0\\0")),
        ("position text", ds(0x20, 0x32, "0\\0\\top")),
        ("one spacing", ds(0x28, 0x30, "0.5")),
        ("spacing 0", ds(0x28, 0x30, "0.5\\0")),
        ("spacing text", ds(0x28, 0x30, "0.5 mm\\0.5 mm")),
        ("spacing inf", ds(0x28, 0x30, "inf\\0.5")),
        ("zero orientation", ds(0x20, 0x37, "0\\0\\0\\0\\0\\0")),
        ("five orientations", ds(0x20, 0x37, "1\\0\\0\\0\\1")),
        ("padding text", ct().text(0x28, 0x120, "LO", "air")),
        (
            "padding of three bytes",
            ct().with(0x28, 0x120, "SS", vec![0; 3]),
        ),
    ] {
        let slice = assert_read(&data.file(), &["attribute"], name);
        assert!(
            slice.geometry.is_none() && slice.windows_hu.is_empty(),
            "{name}"
        );
        assert_eq!((slice.spacing_mm, slice.n_padded), (None, 0), "{name}");
        assert!(slice.turn.is_identity(), "{name}");
    }
}
