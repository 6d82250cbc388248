use ct_io::{Image, NpyStack};
use test_kit::damage::assert_no_mutation_panics;
use test_kit::npy::{header, with_header};
use test_kit::random::Random;

/// Everything that can be asked of a file.
fn read(bytes: &[u8]) -> bool {
    let one = Image::from_npy(bytes);
    let Ok(stack) = NpyStack::from_bytes(bytes.to_vec()) else {
        assert!(one.is_err());
        return false;
    };
    let _ = stack.plausibility();
    (0..stack.header().n_slices()).all(|k| match stack.slice(k) {
        Ok(slice) => slice.hu.values_hu().iter().all(|hu| hu.is_finite()),
        Err(_) => true,
    })
}

#[test]
fn random_mutations_are_an_answer_or_an_error_on_a_stack_of_2_mib() {
    let counted: Vec<u8> = (0..6_i16).flat_map(i16::to_le_bytes).collect();
    let sources = vec![
        with_header(&header("<i2", false, "(2, 3)"), &counted),
        with_header(&header(">f4", true, "(4, 2, 3)"), &[7; 96]),
        with_header(&header("|u1", false, "(2, 1, 4, 3)"), &[200; 24]),
    ];
    assert_no_mutation_panics(".npy", sources, Random::damage, read);
}
