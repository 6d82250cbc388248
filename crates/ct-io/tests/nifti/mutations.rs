use ct_io::{NiftiEncoding, NiftiVolume};
use test_kit::damage::assert_no_mutation_panics;
use test_kit::gzip;
use test_kit::random::Random;

use crate::volume::File;

/// Everything that can be asked of a file.
fn read(bytes: &[u8]) -> bool {
    let chosen = NiftiVolume::from_reader(bytes, |k| k == 1);
    let Ok(volume) = NiftiVolume::from_bytes(bytes) else {
        return false;
    };
    let _ = (
        volume.plausibility(),
        chosen.map(|part| part.plausibility()),
    );
    if let Ok(map) = volume.header().blank_map() {
        let _ = map.to_bytes(NiftiEncoding::Plain);
    }
    (0..volume.header().n_slices()).all(|k| match volume.slice(k) {
        Ok(slice) => slice.hu.values_hu().iter().all(|hu| hu.is_finite()),
        Err(_) => true,
    })
}

#[test]
fn random_mutations_are_an_answer_or_an_error_on_a_stack_of_2_mib() {
    let mut of_qform = File::oriented([1, 2, 0], [true, false, true]);
    of_qform.codes = [1, 0];
    let floats = File {
        datatype: 16,
        bitpix: 32,
        data: (0..12)
            .flat_map(|value| (value as f32).to_le_bytes())
            .collect(),
        ..File::small()
    };
    let plane = File {
        is_big: true,
        dim: [2, 4, 3, 1, 1, 1, 1, 1],
        ..File::small()
    };
    let sources: Vec<Vec<u8>> = [File::small(), of_qform, floats, plane]
        .iter()
        .flat_map(|file| [file.bytes(), gzip(&file.bytes())])
        .collect();
    assert_no_mutation_panics("NIfTI", sources, Random::damage, read);
}
