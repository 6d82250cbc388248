use std::thread;

use ct_io::{NiftiEncoding, NiftiVolume};
use test_kit::random::Random;
use test_kit::say;

use crate::volume::{File, gzip};

/// As many as of `.npy` files.
const N_MUTATIONS: u64 = 450;

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
    let all = move || {
        (0..N_MUTATIONS)
            .filter(|&seed| {
                let mut random = Random::new(seed);
                let mut bytes = sources[random.below(sources.len())].clone();
                random.damage(&mut bytes);
                read(&bytes)
            })
            .count()
    };
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(all);
    let n_read = thread.expect("a thread").join().expect("no panic");
    say(&format!(
        "{N_MUTATIONS} damaged NIfTI files: {n_read} were read all the same"
    ));
    // Neither all nor none, or nothing was tried.
    assert!((20..430).contains(&n_read), "{n_read}");
}
