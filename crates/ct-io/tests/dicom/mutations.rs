use std::io::Write;

use ct_io::{DicomFile, DicomHeader, RsnaRepair};
use flate2::Compression;
use flate2::write::GzEncoder;
use test_kit::bounded::within_a_gibibyte;
use test_kit::damage::{assert_no_mutation_panics, count_read};
use test_kit::dicom::{DataSet, Syntax};
use test_kit::random::Random;

/// Everything that can be asked of a file; true where it was read.
fn read(bytes: &[u8]) -> bool {
    let header = DicomHeader::from_bytes(bytes);
    let Ok(file) = DicomFile::from_bytes(bytes) else {
        return false;
    };
    let header = header.expect("what is read as a whole has a header");
    assert_eq!(header.n_frames(), file.n_frames());
    assert_eq!(header.identity(), file.identity());
    for frame in 0..file.n_frames().min(3) {
        let place = header.geometry(frame);
        if let Ok(slice) = file.slice(frame, RsnaRepair::On) {
            assert!(slice.hu.values_hu().iter().all(|hu| hu.is_finite()));
            assert_eq!(slice.geometry, place);
            let turned = slice.hu.turned(slice.turn);
            assert_eq!(turned.values_hu().len(), slice.hu.values_hu().len());
        }
    }
    true
}

fn sources() -> Vec<Vec<u8>> {
    let placed = |data: DataSet| {
        data.text(0x20, 0x32, "DS", "-120\\10\\20")
            .text(0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0")
            .text(0x28, 0x30, "DS", "0.5\\0.5")
            .text(8, 5, "CS", "ISO_IR 100")
            .text(0x28, 0x1050, "DS", "40")
            .text(0x28, 0x1051, "DS", "80")
    };
    let native = |syntax| placed(DataSet::ct(syntax)).pixels(&[1, 2, 3, 4, 5, 6]);
    let mut run_lengths = vec![0; 64];
    (run_lengths[0], run_lengths[4], run_lengths[8]) = (2, 64, 66);
    run_lengths.extend([251, 0, 251, 9]);
    let pieces: Vec<&[u8]> = run_lengths.chunks(34).collect();
    let two = |data: DataSet| data.text(0x28, 8, "IS", "2");
    let rle = two(placed(DataSet::ct(Syntax::Rle)))
        .encapsulated(&[0, 84], &[&pieces[..], &pieces].concat());
    let groups = |syntax| {
        let item = || DataSet::empty(syntax);
        let rescale = item()
            .text(0x28, 0x1052, "DS", "-10")
            .text(0x28, 0x1053, "DS", "2");
        let group = item().sequence(0x28, 0x9145, &[rescale]);
        two(native(syntax))
            .pixels(&[3; 12])
            .sequence(0x5200, 0x9229, std::slice::from_ref(&group))
            .sequence(0x5200, 0x9230, &[group.clone(), group])
    };
    let explicit = native(Syntax::Explicit);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(&explicit.file()).expect("into memory");
    let j2k = DataSet::ct(Syntax::Other("1.2.840.10008.1.2.4.90"))
        .fragments(&[b"\xff\x4f\xff\x51\0\x29\0\0\0\0\0\x03\0\0\0\x02"]);
    vec![
        explicit.file(),
        native(Syntax::Implicit).file(),
        native(Syntax::BigEndian).file(),
        native(Syntax::Implicit).data_set(),
        explicit.clone().all_unknown().data_set(),
        groups(Syntax::Explicit).file(),
        groups(Syntax::Implicit).file(),
        groups(Syntax::BigEndian).file(),
        rle.file(),
        j2k.file(),
        gzip.finish().expect("into memory"),
    ]
}

/// A piece moved, or a length of two or four bytes overwritten with an extreme one, or what
/// [`Random::damage`] does. The preamble is left out, where nothing matters.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    let body = if bytes.get(128..132) == Some(b"DICM") {
        bytes.split_off(128)
    } else {
        std::mem::take(bytes)
    };
    let mut body = body;
    match random.below(4) {
        0 => {
            let [a, b] = [(); 2].map(|()| random.below(body.len() - 16));
            let n_bytes = (1 + random.below(16)).min(a.abs_diff(b));
            for index in 0..n_bytes {
                body.swap(a + index, b + index);
            }
        }
        1 => {
            let extremes = [
                0_u32,
                1,
                7,
                0x7fff_ffff,
                0x8000_0000,
                0xffff_fff0,
                0xffff_ffff,
            ];
            let extreme = extremes[random.below(extremes.len())].to_le_bytes();
            let n_bytes = [2, 4][random.below(2)];
            let at = random.below(body.len() - 4);
            body[at..at + n_bytes].copy_from_slice(&extreme[..n_bytes]);
        }
        _ => random.damage(&mut body),
    }
    bytes.extend(body);
}

#[test]
fn sources_are_read() {
    let unread = sources().iter().filter(|bytes| !read(bytes)).count();
    assert_eq!(unread, 0);
}

#[test]
fn random_mutations_are_an_answer_or_an_error_on_a_stack_of_2_mib() {
    assert_no_mutation_panics("DICOM", sources(), mutate, read);
}

#[cfg(unix)]
#[test]
fn random_mutations_ask_for_less_than_a_gibibyte() {
    let name = "mutations::random_mutations_ask_for_less_than_a_gibibyte";
    within_a_gibibyte(name, || {
        count_read(&sources(), mutate, read);
    });
}
