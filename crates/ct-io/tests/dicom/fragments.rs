//! Compressed frames, in as many fragments as writers make of them.

use ct_io::{DicomFile, RsnaRepair};
use test_kit::dicom::{DataSet, Syntax};

pub(crate) const J2K: Syntax = Syntax::Other("1.2.840.10008.1.2.4.90");

/// Rows and columns of [`STREAM`].
const SIDE: u16 = 32;

/// A lossless JPEG 2000 stream of 12-bit signed values, by OpenJPEG 2.5.2: 8 x row + column - 100.
pub(crate) const STREAM: [u8; 211] = [
    0xff, 0x4f, 0xff, 0x51, 0x00, 0x29, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x20,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x20,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x8b, 0x01, 0x01, 0xff, 0x52, 0x00,
    0x0c, 0x00, 0x00, 0x00, 0x01, 0x00, 0x05, 0x04, 0x04, 0x00, 0x01, 0xff, 0x5c, 0x00, 0x13, 0x40,
    0x60, 0x68, 0x68, 0x70, 0x68, 0x68, 0x70, 0x68, 0x68, 0x70, 0x68, 0x68, 0x70, 0x68, 0x68, 0x70,
    0xff, 0x64, 0x00, 0x25, 0x00, 0x01, 0x43, 0x72, 0x65, 0x61, 0x74, 0x65, 0x64, 0x20, 0x62, 0x79,
    0x20, 0x4f, 0x70, 0x65, 0x6e, 0x4a, 0x50, 0x45, 0x47, 0x20, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f,
    0x6e, 0x20, 0x32, 0x2e, 0x35, 0x2e, 0x32, 0xff, 0x90, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x5a, 0x00, 0x01, 0xff, 0x93, 0xc0, 0x3e, 0x70, 0x20, 0x06, 0xc0, 0x1f, 0x38, 0x28, 0x1f, 0x80,
    0x10, 0x04, 0x3f, 0x04, 0x5f, 0xc0, 0x0f, 0x90, 0x14, 0x07, 0xda, 0x06, 0x0d, 0x01, 0x0b, 0x3d,
    0x84, 0xc0, 0x07, 0xc2, 0x1c, 0x03, 0xea, 0x05, 0x00, 0x22, 0x19, 0xcf, 0x03, 0x7f, 0xdd, 0x51,
    0x9f, 0xc0, 0x03, 0xa1, 0xc0, 0x1f, 0x38, 0x70, 0x36, 0xa1, 0x97, 0x3d, 0xa6, 0x34, 0x5b, 0x10,
    0xdc, 0x57, 0xc0, 0x01, 0x1c, 0x00, 0xf9, 0x02, 0x80, 0x5f, 0xa7, 0xbf, 0x9d, 0xac, 0x29, 0x41,
    0x07, 0xff, 0xd9,
];

/// Four samples of two bytes: the high ones, then the low ones.
pub(crate) fn rle(low: u8) -> Vec<u8> {
    let mut frame = vec![0; 64];
    (frame[0], frame[4], frame[8]) = (2, 64, 66);
    frame.extend([253, 1]);
    frame.extend([3, low, low + 1, low + 2, low + 3]);
    frame.push(0);
    frame
}

pub(crate) fn rle_file(n_frames: usize) -> DataSet {
    DataSet::ct(Syntax::Rle)
        .short(0x0028, 0x0010, 2)
        .short(0x0028, 0x0011, 2)
        .text(0x0028, 0x0008, "IS", &n_frames.to_string())
}

pub(crate) fn j2k_file(n_frames: usize) -> DataSet {
    DataSet::ct(J2K)
        .short(0x0028, 0x0010, SIDE)
        .short(0x0028, 0x0011, SIDE)
        .bits(12, 1)
        .text(0x0028, 0x0008, "IS", &n_frames.to_string())
}

fn values(data: &DataSet, frame: usize) -> Vec<f32> {
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    let slice = file.slice(frame, RsnaRepair::Off).expect("a slice");
    slice.hu.values_hu().to_vec()
}

fn j2k_values() -> Vec<f32> {
    let side = usize::from(SIDE);
    let value = |index| 8 * (index / side) + index % side;
    (0..side * side)
        .map(|index| value(index) as f32 - 1124.0)
        .collect()
}

fn rle_values(low: u8) -> [f32; 4] {
    [0, 1, 2, 3].map(|step| 256.0 + f32::from(low) + step as f32 - 1024.0)
}

#[test]
fn one_frame_may_come_in_several_fragments() {
    let frame = rle(10);
    let (head, tail) = frame.split_at(66);
    assert_eq!(
        values(&rle_file(1).fragments(&[head, tail]), 0),
        rle_values(10)
    );
    for cuts in [&[][..], &[100], &[2, 4, 150], &[210]] {
        let mut pieces: Vec<&[u8]> = Vec::new();
        let mut start = 0;
        for &cut in cuts {
            pieces.push(&STREAM[start..cut]);
            start = cut;
        }
        pieces.push(&STREAM[start..]);
        assert_eq!(
            values(&j2k_file(1).fragments(&pieces), 0),
            j2k_values(),
            "{cuts:?}"
        );
    }
}

#[test]
fn tables_say_which_fragments_belong_together() {
    let frames = [rle(10), rle(20)];
    let (head, tail) = frames[0].split_at(64);
    let pieces = [head, tail, &frames[1]];
    // A fragment has 8 bytes before its content.
    let second = (head.len() + tail.len() + 16) as u32;
    let basic = rle_file(2).encapsulated(&[0, second], &pieces);
    let long = [0, u64::from(second)].map(u64::to_le_bytes).concat();
    let extended = rle_file(2)
        .with(0x7fe0, 0x0001, "OV", long)
        .fragments(&pieces);
    for data in [basic, extended] {
        assert_eq!(values(&data, 0), rle_values(10));
        assert_eq!(values(&data, 1), rle_values(20));
    }
}

#[test]
fn the_start_of_a_stream_is_the_start_of_a_frame() {
    let (head, tail) = STREAM.split_at(120);
    let data = j2k_file(3).fragments(&[head, tail, &STREAM, head, tail]);
    for frame in 0..3 {
        assert_eq!(values(&data, frame), j2k_values(), "{frame}");
    }
}

/// RLE has no mark by which a frame begins.
#[test]
fn fragments_that_could_be_shared_out_in_two_ways_are_refused() {
    let (first, second) = (rle(10), rle(20));
    let data = rle_file(2).fragments(&[&first[..64], &first[64..], &second]);
    let error = DicomFile::from_bytes(&data.file()).expect_err("no table");
    assert!(
        error.to_string().contains("3 fragments, expected 2"),
        "{error}"
    );
}
