//! Damage to compressed files whose streams are sound.

use chrono::NaiveDateTime;
use ct_io::{DicomFile, DicomHeader, RsnaRepair, SecondaryCapture};
use test_kit::damage::assert_no_mutation_panics;
use test_kit::dicom::DataSet;
use test_kit::random::Random;

use crate::fragments::{STREAM, j2k_file, rle, rle_file};

/// Everything that can be asked of a file.
fn read(bytes: &[u8]) -> bool {
    if let Ok(header) = DicomHeader::from_bytes(bytes) {
        let _ = (header.geometry(0), header.spacing_mm(0));
    }
    let Ok(file) = DicomFile::from_bytes(bytes) else {
        return false;
    };
    let picture = SecondaryCapture {
        rgb: &[0; 3],
        rows: 1,
        cols: 1,
        frame: 0,
        series_key: "",
        series_description: "",
        derivation: "",
        comments: "",
        program: "",
        version: "",
        made: NaiveDateTime::default(),
    };
    let _ = file.secondary_capture(&picture);
    (0..file.n_frames().min(4)).any(|frame| match file.slice(frame, RsnaRepair::On) {
        Ok(slice) => {
            let turned = slice.hu.turned(slice.turn);
            assert!(turned.values_hu().iter().all(|hu| hu.is_finite()));
            true
        }
        Err(_) => false,
    })
}

#[test]
fn damaged_streams_are_an_answer_or_an_error_on_a_stack_of_2_mib() {
    let frames = [rle(10), rle(20)];
    let (head, tail) = frames[0].split_at(64);
    let sound = [
        rle_file(1).fragments(&[&frames[0]]),
        rle_file(2).encapsulated(&[0, 88], &[head, tail, &frames[1]]),
        j2k_file(1).fragments(&[&STREAM]),
        j2k_file(2).fragments(&[&STREAM[..100], &STREAM[100..], &STREAM]),
    ];
    assert!(sound.iter().all(|data| read(&data.file())));
    let sources = sound.iter().map(DataSet::file).collect();
    assert_no_mutation_panics("JPEG 2000 and RLE", sources, Random::damage, read);
}
