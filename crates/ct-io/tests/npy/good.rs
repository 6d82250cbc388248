use ct_io::{Error, Image, NpyError, NpyHeader, NpyStack};
use ndarray_npy::WriteNpyExt;
use test_kit::npy::{header, with_header};
use test_kit::with_causes;

fn npy(descr: &str, is_fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    with_header(&header(descr, is_fortran, shape), data)
}

/// 0 to n - 1 as `i16`.
fn counted(n: i16) -> Vec<u8> {
    (0..n).flat_map(i16::to_le_bytes).collect()
}

/// `golden/make_golden.py` wrote the files.
#[test]
fn reads_every_type_and_order() {
    let folder = test_kit::in_workspace("crates/ct-io/tests/golden");
    let expected = [-3024.0, -1.0, 0.0, 40.0, 80.0, 3071.0];
    for kind in ["i2", "u2", "i4", "f4", "f8"] {
        for order in ["le", "be"] {
            for layout in ["", "-fortran"] {
                let name = format!("{kind}{order}{layout}.npy");
                let slice = Image::read_npy(folder.join(&name)).expect("a good file");
                assert_eq!((slice.rows(), slice.cols()), (2, 3), "{name}");
                let expected = expected.map(|v: f32| if kind == "u2" { v.abs() } else { v });
                assert_eq!(slice.values(), expected, "{name}");
            }
        }
    }
}

#[test]
fn axes_of_one_element_are_no_axes() {
    let expected: Vec<f32> = (0..6_u8).map(f32::from).collect();
    for shape in [
        "(2, 3)",
        "(1, 2, 3)",
        "(2, 3, 1)",
        "(2, 1, 3)",
        "(1, 1, 2, 3)",
        "(1, 2, 3, 1)",
    ] {
        let bytes = npy("<i2", false, shape, &counted(6));
        let slice = Image::from_npy(&bytes).expect(shape);
        assert_eq!((slice.rows(), slice.cols()), (2, 3), "{shape}");
        assert_eq!(slice.values(), expected, "{shape}");
        let stack = NpyStack::from_bytes(bytes).expect(shape);
        assert_eq!(
            (stack.header().n_slices(), stack.header().slice_shape()),
            (1, (2, 3))
        );
    }
    // A single row or column is what the shape says.
    for (shape, rows, cols) in [("(1, 6)", 1, 6), ("(6, 1)", 6, 1), ("(1, 6, 1)", 6, 1)] {
        let slice = Image::from_npy(&npy("<i2", false, shape, &counted(6))).expect(shape);
        assert_eq!((slice.rows(), slice.cols()), (rows, cols), "{shape}");
    }
}

#[test]
fn slices_lie_along_the_first_axis_in_both_memory_orders() {
    // 4 slices of 2 x 3; also as the batch of one channel that networks take.
    for shape in ["(4, 2, 3)", "(4, 1, 2, 3)"] {
        let standard = NpyStack::from_bytes(npy("<i2", false, shape, &counted(24))).expect(shape);
        let transposed: Vec<u8> = (0..3)
            .flat_map(|col| {
                (0..2).flat_map(move |row| (0..4).map(move |k| (k * 2 + row) * 3 + col))
            })
            .flat_map(i16::to_le_bytes)
            .collect();
        let fortran = NpyStack::from_bytes(npy("<i2", true, shape, &transposed)).expect(shape);
        for (stack, k) in [&standard, &fortran]
            .into_iter()
            .flat_map(|s| (0..4).map(move |k| (s, k)))
        {
            assert_eq!(
                (stack.header().n_slices(), stack.header().slice_shape()),
                (4, (2, 3))
            );
            let slice = stack.slice(k).expect("a slice");
            let expected: Vec<f32> = (0..6).map(|index| (6 * k + index) as f32).collect();
            assert_eq!(slice.hu.values_hu(), expected);
            assert!(slice.warnings.is_empty());
        }
        let error = standard.slice(4).expect_err("four slices");
        assert!(
            matches!(
                error,
                Error::Npy(NpyError::Slice {
                    slice: 4,
                    slices: 4
                })
            ),
            "{error}"
        );
    }
}

#[test]
fn a_header_is_read_without_the_values() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stack.npy");
    let bytes = npy("<f8", false, "(5, 2, 3)", &[0; 240]);
    std::fs::write(&path, &bytes).expect("written");
    let header = NpyHeader::read(&path).expect("a header");
    assert_eq!((header.n_slices(), header.slice_shape()), (5, (2, 3)));
    for cut in [1, 239, 240, 250] {
        std::fs::write(&path, &bytes[..bytes.len() - cut]).expect("written");
        let error = NpyHeader::read(&path).expect_err("cut");
        let message = with_causes(&error);
        assert!(message.contains("stack.npy: .npy"), "{message}");
        let of_stack = NpyStack::read(&path).expect_err("cut");
        assert_eq!(message, with_causes(&of_stack));
    }
}

#[test]
fn values_without_a_number_are_air_where_they_are_around_the_head() {
    let data: Vec<u8> = (0..128)
        .map(|index| {
            if index % 8 == 0 {
                f32::NAN
            } else {
                index as f32
            }
        })
        .flat_map(f32::to_le_bytes)
        .collect();
    let bytes = npy("<f4", false, "(2, 8, 8)", &data);
    let stack = NpyStack::from_bytes(bytes).expect("a stack");
    let slice = stack.slice(1).expect("a slice");
    assert_eq!(slice.hu.values_hu()[..2], [-1000.0, 65.0]);
    assert_eq!(slice.warnings[0].code(), "nan-pixels");
    assert!(
        slice.warnings[0]
            .to_string()
            .starts_with("8 pixels are no numbers")
    );

    let all: Vec<u8> = [f64::NAN; 6]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let stack = NpyStack::from_bytes(npy("<f8", false, "(2, 3)", &all)).expect("a stack");
    let error = stack.slice(0).expect_err("no numbers");
    assert!(
        matches!(
            error,
            Error::NoNumbers {
                n_inside: 6,
                n_middle: 6
            }
        ),
        "{error}"
    );
}

#[test]
fn images_are_written_as_ndarray_writes_them() {
    for (rows, cols) in [(1, 1), (2, 3), (7, 512), (512, 512), (1, 100_000)] {
        let values: Vec<f32> = (0..rows * cols).map(|k| (k as f32).sin() * 1e3).collect();
        let array = ndarray::Array2::from_shape_vec((rows, cols), values.clone());
        let mut expected = Vec::new();
        array
            .expect("an array")
            .write_npy(&mut expected)
            .expect("written");
        let image = Image::new(values, rows, cols).expect("an image");
        assert!(image.to_npy() == expected, "{rows} x {cols}");
        assert_eq!(Image::from_npy(&expected).expect("an image"), image);
    }
}
