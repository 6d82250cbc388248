use ct_io::{DicomFile, RsnaRepair, Slice};

use test_kit::dicom::{DataSet, Syntax};

/// Stored values -3, -2, -1, 0, 1, 2000.
const SIGNED: [u16; 6] = [0xfffd, 0xfffe, 0xffff, 0, 1, 2000];

fn slice(data: &DataSet, frame: usize) -> Slice {
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    file.slice(frame, RsnaRepair::Off).expect("a slice")
}

#[test]
fn uncompressed_values_are_rescaled_in_every_syntax() {
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::BigEndian] {
        let slice = slice(&DataSet::ct(syntax).pixels(&SIGNED), 0);
        assert_eq!((slice.hu.rows(), slice.hu.cols()), (2, 3));
        let expected = [-1027.0, -1026.0, -1025.0, -1024.0, -1023.0, 976.0];
        assert_eq!(slice.hu.values_hu(), expected, "{syntax:?}");
        assert!(!slice.is_monochrome1 && slice.geometry.is_none());
    }
}

#[test]
fn run_lengths_are_unpacked() {
    // High bytes 0, 0, 0, 1, 1, 2, low bytes 10, 10, 10, 10, 7, 7.
    let mut frame = vec![0; 64];
    (frame[0], frame[4], frame[8]) = (2, 64, 70);
    frame.extend([254, 0, 255, 1, 0, 2]);
    frame.extend([253, 10, 255, 7]);
    let data = DataSet::ct(Syntax::Rle).bits(12, 0).fragments(&[&frame]);
    let expected = [10.0, 10.0, 10.0, 266.0, 263.0, 519.0].map(|value: f32| value - 1024.0);
    assert_eq!(slice(&data, 0).hu.values_hu(), expected);
}

#[test]
fn unused_bits_do_not_count_and_the_sign_is_in_the_highest_used_one() {
    let values = [0xf001, 0x0fff, 0x0800, 0x17ff, 0, 1];
    let unsigned = DataSet::ct(Syntax::Explicit).bits(12, 0).pixels(&values);
    let hu = [1.0, 4095.0, 2048.0, 2047.0, 0.0, 1.0].map(|value: f32| value - 1024.0);
    assert_eq!(slice(&unsigned, 0).hu.values_hu(), hu);
    let signed = DataSet::ct(Syntax::Explicit).bits(12, 1).pixels(&values);
    let hu = [1.0, -1.0, -2048.0, 2047.0, 0.0, 1.0].map(|value: f32| value - 1024.0);
    assert_eq!(slice(&signed, 0).hu.values_hu(), hu);
}

#[test]
fn eight_bits_and_fractions_are_read() {
    let data = DataSet::ct(Syntax::Explicit)
        .short(0x0028, 0x0100, 8)
        .bits(8, 0)
        .text(0x0028, 0x1053, "DS", "0.5")
        .text(0x0028, 0x1052, "DS", " -1.25e1")
        .with(0x7fe0, 0x0010, "OW", vec![0, 1, 2, 3, 4, 255]);
    let hu = [-12.5, -12.0, -11.5, -11.0, -10.5, 115.0];
    assert_eq!(slice(&data, 0).hu.values_hu(), hu);
}

#[test]
fn padding_is_counted_by_stored_values_and_keeps_its_own() {
    // -3 as the writer of a signed file may put it into an unsigned element.
    let data = DataSet::ct(Syntax::Explicit)
        .pixels(&SIGNED)
        .short(0x0028, 0x0120, 0xfffd);
    assert_eq!(slice(&data, 0).n_padded, 1);
    assert_eq!(slice(&data, 0).hu.values_hu()[0], -1027.0);
    let range = data.short(0x0028, 0x0121, 0xffff);
    assert_eq!(slice(&range, 0).n_padded, 3);
}

#[test]
fn monochrome1_is_a_matter_of_display() {
    let data = DataSet::ct(Syntax::Explicit).pixels(&SIGNED);
    let inverted = data.clone().text(0x0028, 0x0004, "CS", "MONOCHROME1");
    assert_eq!(slice(&inverted, 0).hu, slice(&data, 0).hu);
    assert!(slice(&inverted, 0).is_monochrome1);
}

#[test]
fn windows_come_in_pairs_and_uids_as_they_are() {
    let data = DataSet::ct(Syntax::Explicit)
        .pixels(&SIGNED)
        .text(0x0028, 0x1050, "DS", "00040\\00080")
        .text(0x0028, 0x1051, "DS", "00080\\00200");
    assert_eq!(slice(&data, 0).windows_hu, [(40.0, 80.0), (80.0, 200.0)]);
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    let uid = file.identity().sop_instance_uid.as_deref();
    assert_eq!(uid, Some("ID_fb8152b48"));
}

#[test]
fn geometry_is_kept() {
    let data = DataSet::ct(Syntax::Implicit)
        .pixels(&SIGNED)
        .text(0x0020, 0x0032, "DS", "-120\\10\\20")
        .text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\0.8\\-0.6")
        .text(0x0028, 0x0030, "DS", "0.5\\0.25");
    let geometry = slice(&data, 0).geometry.expect("a place");
    assert_eq!(geometry.thickness_mm, None);
    for (text, thickness_mm) in [("2.5", Some(2.5)), ("0", None), ("", None)] {
        let data = data.clone().text(0x0018, 0x0050, "DS", text);
        let geometry = slice(&data, 0).geometry.expect("a place");
        assert_eq!(geometry.thickness_mm, thickness_mm);
    }
    assert_eq!(geometry.spacing_mm, (0.5, 0.25));
    assert!((geometry.along_normal_mm() - 22.0).abs() < 1e-9);
}

#[test]
fn frames_are_read_one_by_one_with_attributes_of_their_own() {
    let item = || DataSet::empty(Syntax::Explicit);
    let transformation = |intercept: &str| {
        let values = item()
            .text(0x0028, 0x1052, "DS", intercept)
            .text(0x0028, 0x1053, "DS", "2");
        item().sequence(0x0028, 0x9145, &[values])
    };
    let measures = item().text(0x0028, 0x0030, "DS", "0.5\\0.5");
    let orientation = item().text(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0");
    let shared =
        item()
            .sequence(0x0028, 0x9110, &[measures])
            .sequence(0x0020, 0x9116, &[orientation]);
    let place = |z: &str, intercept: &str| {
        let position = item().text(0x0020, 0x0032, "DS", &format!("0\\0\\{z}"));
        transformation(intercept).sequence(0x0020, 0x9113, &[position])
    };
    let data = DataSet::ct(Syntax::Explicit)
        .without(0x0028, 0x1052)
        .without(0x0028, 0x1053)
        .text(0x0028, 0x0008, "IS", "2")
        .pixels(&[0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15])
        .sequence(0x5200, 0x9229, &[shared])
        .sequence(0x5200, 0x9230, &[place("5", "-10"), place("7.5", "-20")]);
    assert_eq!(slice(&data, 0).hu.values_hu()[..2], [-10.0, -8.0]);
    let second = slice(&data, 1);
    assert_eq!(second.hu.values_hu()[..2], [0.0, 2.0]);
    assert_eq!(second.geometry.expect("a place").along_normal_mm(), 7.5);
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    assert_eq!(file.n_frames(), 2);
    assert!(file.slice(2, RsnaRepair::Off).is_err());
}

/// Values of -24 and 3000 HU, wrapped: stored 4072 and 3000 with an intercept of 0.
#[test]
fn the_rsna_repair_is_made_when_asked_for_and_reported_when_not() {
    let data = DataSet::ct(Syntax::Explicit)
        .bits(12, 0)
        .text(0x0028, 0x1052, "DS", "0")
        .pixels(&[4072, 3000, 0, 95, 96, 4095]);
    let off = slice(&data, 0);
    assert!(off.needs_rsna_repair);
    assert_eq!(off.hu.values_hu()[0], 4072.0);
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    let on = file.slice(0, RsnaRepair::On).expect("a slice");
    let expected = [-24.0, 3000.0, 0.0, 95.0, 96.0, -1.0];
    assert_eq!(on.hu.values_hu(), expected);
    // Files with an intercept of their own are left alone.
    let sound = DataSet::ct(Syntax::Explicit)
        .bits(12, 0)
        .pixels(&[4072, 0, 0, 0, 0, 0]);
    let file = DicomFile::from_bytes(&sound.file()).expect("a file");
    let slice = file.slice(0, RsnaRepair::On).expect("a slice");
    assert!(!slice.needs_rsna_repair && slice.hu.values_hu()[0] == 3048.0);
}
