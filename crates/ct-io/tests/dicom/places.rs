//! Where a slice lies, and that it is turned as NIfTI's are.

use ct_io::{Affine, DicomFile, NiftiVolume, RsnaRepair, Slice};
use test_kit::dicom::{DataSet, Syntax};

/// 2 x 3 pixels, each of another value.
const STORED: [i16; 6] = [1, 2, 3, 4, 5, 6];

fn ct() -> DataSet {
    DataSet::ct(Syntax::Explicit).pixels(&STORED.map(i16::cast_unsigned))
}

fn slice(data: &DataSet, frame: usize) -> Slice {
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    file.slice(frame, RsnaRepair::Off).expect("a slice")
}

#[test]
fn spacing_counts_without_position_and_orientation() {
    let spaced = ct().text(0x28, 0x30, "DS", "0.5\\0.25");
    for (name, data) in [
        ("alone", spaced.clone()),
        (
            "with a position",
            spaced.clone().text(0x20, 0x32, "DS", "1\\2\\3"),
        ),
        (
            "with an orientation",
            spaced.clone().text(0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0"),
        ),
        (
            "with a broken position",
            spaced.text(0x20, 0x32, "DS", "1\\2"),
        ),
    ] {
        let slice = slice(&data, 0);
        assert_eq!(slice.spacing_mm, Some((0.5, 0.25)), "{name}");
        assert_eq!(slice.geometry, None, "{name}");
    }
}

#[test]
fn spacing_and_turn_come_from_groups_too() {
    let item = || DataSet::empty(Syntax::Explicit);
    let measures = |text: &str| {
        let values = item().text(0x28, 0x30, "DS", text);
        item().sequence(0x28, 0x9110, &[values])
    };
    let prone = item().text(0x20, 0x37, "DS", "-1\\0\\0\\0\\-1\\0");
    let shared = measures("0.5\\0.25").sequence(0x20, 0x9116, &[prone]);
    let two = ct()
        .text(0x28, 8, "IS", "2")
        .pixels(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
        .sequence(0x5200, 0x9229, &[shared]);
    for frame in [0, 1] {
        let slice = slice(&two, frame);
        assert_eq!(slice.spacing_mm, Some((0.5, 0.25)));
        assert_eq!(slice.turn.to_string(), "rows and columns reversed");
    }
    let own = two.sequence(0x5200, 0x9230, &[measures("1\\2"), measures("3\\4")]);
    assert_eq!(slice(&own, 0).spacing_mm, Some((1.0, 2.0)));
    assert_eq!(slice(&own, 1).spacing_mm, Some((3.0, 4.0)));
}

/// A NIfTI file of one slice of 3 x 2 voxels, which has this affine (`nifti1.h`).
fn nifti(affine: &Affine) -> Vec<u8> {
    let mut bytes = vec![0; 352];
    bytes[..4].copy_from_slice(&348_i32.to_le_bytes());
    let mut put = |at: usize, pieces: &[u8]| bytes[at..at + pieces.len()].copy_from_slice(pieces);
    let shorts = |numbers: &[i16]| {
        numbers
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect::<Vec<_>>()
    };
    let floats = |numbers: &[f32]| {
        numbers
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect::<Vec<_>>()
    };
    put(40, &shorts(&[3, 3, 2, 1, 1, 1, 1, 1]));
    put(70, &shorts(&[4, 16]));
    put(76, &floats(&[1.0; 8]));
    // `vox_offset`, slope 1 and the intercept of the DICOM file.
    put(108, &floats(&[352.0, 1.0, -1024.0]));
    put(123, &[2]);
    put(252, &shorts(&[0, 1]));
    let rows = affine.rows();
    put(
        280,
        &floats(
            &rows
                .as_flattened()
                .iter()
                .map(|&n| n as f32)
                .collect::<Vec<_>>(),
        ),
    );
    put(344, b"n+1\0");
    bytes.extend(shorts(&STORED));
    bytes
}

#[test]
fn a_turned_slice_is_that_of_a_nifti_volume_of_the_same_voxels() {
    let signs = [1.0, -1.0];
    let spacing_mm = (0.5, 0.25);
    let mut turns = Vec::new();
    for is_transposed in [false, true] {
        for (row_sign, col_sign) in signs.iter().flat_map(|a| signs.map(|b| (*a, b))) {
            let orientation = match is_transposed {
                false => [row_sign, 0.0, 0.0, 0.0, col_sign, 0.0],
                true => [0.0, row_sign, 0.0, col_sign, 0.0, 0.0],
            };
            let text = orientation.map(|n: f64| n.to_string()).join("\\");
            let data = ct()
                .text(0x20, 0x32, "DS", "-10\\20\\30")
                .text(0x20, 0x37, "DS", &text)
                .text(0x28, 0x30, "DS", "0.5\\0.25");
            let slice = slice(&data, 0);
            let geometry = slice.geometry.expect("a place");
            let affine = Affine::from_dicom(
                geometry.orientation,
                geometry.position_mm,
                geometry.spacing_mm,
                [0.0, 0.0, 5.0],
            );
            let volume = NiftiVolume::from_bytes(&nifti(&affine.expect("an affine")));
            let expected = volume.expect("a volume").slice(0).expect("a slice");
            assert_eq!(slice.hu.turned(slice.turn), expected.hu, "{text}");
            let spacing = slice.turn.spacing(spacing_mm);
            assert_eq!(Some(spacing), expected.spacing_mm, "{text}");
            turns.push(slice.turn.to_string());
        }
    }
    turns.sort();
    turns.dedup();
    assert_eq!(turns.len(), 8, "{turns:?}");
}
