use std::io::Write;

use ct_io::{Error, Image, NpyError};
use proptest::prelude::*;
use test_kit::npy::with_header as npy;

fn header(descr: &str, shape: &str) -> String {
    test_kit::npy::header(descr, false, shape)
}

fn error(bytes: &[u8]) -> Error {
    Image::from_npy(bytes).expect_err("malformed")
}

#[test]
fn accepts_the_well_formed() {
    let slice = Image::from_npy(&npy(&header("<i2", "(2, 3)"), &[0; 12])).expect("well formed");
    assert_eq!((slice.rows(), slice.cols()), (2, 3));
}

#[test]
fn rejects_an_empty_file() {
    assert!(matches!(error(b""), Error::Npy(NpyError::NotNpy)));
}

#[test]
fn rejects_another_format() {
    assert!(matches!(
        error(b"\x89PNG\r\n\x1a\n0000000000"),
        Error::Npy(NpyError::NotNpy)
    ));
}

#[test]
fn rejects_truncated_and_surplus_data() {
    for n_bytes in [0, 5, 11, 13, 14] {
        let bytes = npy(&header("<i2", "(2, 3)"), &vec![0; n_bytes]);
        assert!(
            matches!(error(&bytes), Error::Npy(NpyError::DataLength { expected: 12, found, .. }) if found == n_bytes as u64)
        );
    }
}

#[test]
fn rejects_shapes_beyond_the_file_before_allocating() {
    for shape in [
        "(1099511627776, 4)",
        "(4294967296, 4294967296)",
        "(18446744073709551615, 18446744073709551615)",
        "(32768, 1048576)",
    ] {
        let bytes = npy(&header("<i2", shape), &[]);
        assert!(
            matches!(error(&bytes), Error::Npy(NpyError::DataLength { .. })),
            "{shape}"
        );
    }
}

#[test]
fn rejects_a_header_longer_than_the_file_or_the_limit() {
    let declared = [b"\x93NUMPY\x02\x00", &u32::MAX.to_le_bytes()[..], b"{}\n"].concat();
    assert!(matches!(
        error(&declared),
        Error::Npy(NpyError::HeaderLength { .. })
    ));

    let long = [
        b"\x93NUMPY\x02\x00",
        &20_000_u32.to_le_bytes()[..],
        &[b' '; 20_000],
    ]
    .concat();
    assert!(matches!(
        error(&long),
        Error::Npy(NpyError::HeaderLength { .. })
    ));

    let short = [b"\x93NUMPY\x01\x00", &500_u16.to_le_bytes()[..], b"{}\n"].concat();
    assert!(matches!(
        error(&short),
        Error::Npy(NpyError::HeaderLength { .. })
    ));
}

#[test]
fn rejects_nested_headers_on_a_small_stack() {
    let bytes = npy(&format!("{}\n", "(".repeat(9_990)), &[]);
    let error = test_kit::bounded::on_a_small_stack(move || error(&bytes));
    assert!(matches!(error, Error::Npy(NpyError::Header(_))));
}

#[test]
fn rejects_negative_dimensions() {
    assert!(matches!(
        error(&npy(&header("<i2", "(-2, 3)"), &[0; 12])),
        Error::Npy(NpyError::Header(_))
    ));
}

#[test]
fn rejects_slices_without_pixels() {
    for shape in ["(0, 512)", "(512, 0)", "(0, 0)"] {
        assert!(matches!(
            error(&npy(&header("<i2", shape), &[])),
            Error::Empty { .. }
        ));
    }
}

#[test]
fn rejects_types_that_are_no_hounsfield_units() {
    for descr in [
        "|O", "<c8", ">c16", "<U4", "|S4", "|V12", "<f16", "<M8[D]", "|i2", "=i2", "i2", "<i3",
        "<", "", "\u{e9}2",
    ] {
        let bytes = match descr.is_ascii() {
            true => npy(&header(descr, "(2, 3)"), &[0; 12]),
            false => [
                b"\x93NUMPY\x03\x00",
                &(header(descr, "(2, 3)").len() as u32).to_le_bytes()[..],
                header(descr, "(2, 3)").as_bytes(),
            ]
            .concat(),
        };
        let result = error(&bytes);
        assert!(
            matches!(&result, Error::Npy(NpyError::Type { found }) if found == descr),
            "{descr}: {result}"
        );
    }
    let structured = "{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (2, 3), }\n";
    assert!(matches!(
        error(&npy(structured, &[0; 12])),
        Error::Npy(NpyError::Type { .. })
    ));
    for descr in ["|b1", "<b1"] {
        let result = error(&npy(&header(descr, "(2, 3)"), &[0; 6]));
        assert!(
            matches!(result, Error::Npy(NpyError::Mask)),
            "{descr}: {result}"
        );
    }
}

#[test]
fn rejects_other_numbers_of_dimensions() {
    for (shape, n) in [
        ("()", 0),
        ("(6,)", 1),
        ("(2, 2, 2, 2)", 4),
        ("(2, 1, 2, 2, 2)", 5),
        ("(0, 2, 3)", 3),
    ] {
        let n_bytes = if shape.starts_with("(0") { 0 } else { 32 };
        let result = error(&npy(&header("<i2", shape), &vec![0; n_bytes]));
        assert!(
            matches!(&result, Error::Npy(NpyError::Shape { found }) if found.len() == n),
            "{shape}: {result}"
        );
    }
}

#[test]
fn rejects_pictures_in_colour_and_stacks_along_the_last_axis() {
    for shape in ["(20, 30, 3)", "(30, 30, 4)", "(1, 20, 30, 3)"] {
        let result = error(&npy(&header("|u1", shape), &[0; 3600]));
        assert!(
            matches!(result, Error::Npy(NpyError::Colour { .. })),
            "{shape}: {result}"
        );
    }
    for shape in ["(30, 30, 12)", "(64, 48, 11)", "(16, 16, 20)"] {
        let result = error(&npy(&header("|u1", shape), &[0; 3600]));
        assert!(
            matches!(result, Error::Npy(NpyError::Axes { .. })),
            "{shape}: {result}"
        );
        assert!(result.to_string().contains("moveaxis"), "{result}");
    }
}

#[test]
fn rejects_a_stack_where_one_slice_is_expected() {
    let stack = npy(&header("<i2", "(2, 3, 2)"), &[0; 24]);
    assert!(matches!(
        error(&stack),
        Error::Npy(NpyError::ManySlices { slices: 2 })
    ));
}

#[test]
fn rejects_values_that_are_not_finite() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let data: Vec<u8> = [1.0, 2.0, 3.0, 4.0, bad, 6.0]
            .iter()
            .flat_map(|v: &f32| v.to_le_bytes())
            .collect();
        assert!(matches!(
            error(&npy(&header("<f4", "(2, 3)"), &data)),
            Error::NotFinite { row: 1, col: 1, .. }
        ));
    }
    let beyond_f32: Vec<u8> = [1e300_f64].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert!(matches!(
        error(&npy(&header("<f8", "(1, 1)"), &beyond_f32)),
        Error::NotFinite { row: 0, col: 0, .. }
    ));
}

#[test]
fn rejects_a_slice_whose_length_is_not_its_size() {
    assert!(matches!(
        Image::new(vec![0.0; 5], 2, 3),
        Err(Error::Length { found: 5, .. })
    ));
    assert!(matches!(
        Image::new(vec![], usize::MAX, 2),
        Err(Error::Length { .. })
    ));
}

#[test]
fn rejects_folders_and_missing_files_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Image::read_npy(folder.path()).expect_err("a folder");
    let message = test_kit::with_causes(&error);
    assert!(message.contains("not a regular file"), "{message}");

    let missing = folder.path().join("nowhere.npy");
    let error = Image::read_npy(&missing).expect_err("missing");
    assert!(error.to_string().contains("nowhere.npy"), "{error}");

    let mut file = std::fs::File::create(&missing).expect("a file");
    file.write_all(b"hello").expect("written");
    let error = Image::read_npy(&missing).expect_err("text");
    assert!(matches!(error, Error::File { .. }), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200),
        magic in any::<bool>(),
    ) {
        if magic && bytes.len() > 8 {
            bytes[..8].copy_from_slice(b"\x93NUMPY\x01\x00");
        }
        let _ = Image::from_npy(&bytes);
    }
}
