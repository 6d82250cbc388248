//! What damaged files must do: be read, or be an error.

use crate::bounded::on_a_small_stack;
use crate::random::Random;
use crate::say;

/// Files that are tried: many enough to reach every branch of a reader, and done in seconds.
const N_MUTATIONS: u64 = 450;

/// Damages files at random, each from a seed of its own, and reads them on a stack of 2 MiB.
/// `read` says whether a file was read all the same; `mutate` damages one.
///
/// # Panics
///
/// If `read` does, overflows the stack, or says the same of nearly all: then nothing was tried.
pub fn assert_no_mutation_panics(
    kind: &str,
    sources: Vec<Vec<u8>>,
    mutate: fn(&mut Random, &mut Vec<u8>),
    read: fn(&[u8]) -> bool,
) {
    let n_read = on_a_small_stack(move || count_read(&sources, mutate, read));
    say(&format!(
        "{N_MUTATIONS} damaged {kind} files: {n_read} were read all the same"
    ));
    assert!((20..430).contains(&n_read), "{n_read}");
}

/// How many of the damaged files are read all the same.
pub fn count_read(
    sources: &[Vec<u8>],
    mutate: fn(&mut Random, &mut Vec<u8>),
    read: fn(&[u8]) -> bool,
) -> usize {
    (0..N_MUTATIONS)
        .filter(|&seed| {
            let mut random = Random::new(seed);
            let mut bytes = sources[random.below(sources.len())].clone();
            mutate(&mut random, &mut bytes);
            read(&bytes)
        })
        .count()
}

/// Reads a file with every byte changed in some ways, cut off at every byte, and without it.
///
/// # Panics
///
/// If `read` does.
pub fn damage_every_byte(file: &[u8], read: impl Fn(&[u8])) {
    for position in 0..file.len() {
        for change in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let mut damaged = file.to_vec();
            damaged[position] = change;
            read(&damaged);
        }
        read(&file[..position]);
        read(&[&file[..position], &file[position + 1..]].concat());
    }
}
