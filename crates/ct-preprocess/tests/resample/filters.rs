use ct_io::HuSlice;
use ct_preprocess::{Error, ResampleError, ResampleFilter, resample};
use proptest::prelude::*;

fn slice(values: &[f32], rows: usize, cols: usize) -> HuSlice {
    HuSlice::new(values.to_vec(), rows, cols).expect("a slice")
}

#[test]
fn the_same_size_is_the_same_slice() {
    let original = slice(&[-1000.0, 0.1, 40.0, 3071.0, -2.5, 7.0], 2, 3);
    for filter in [ResampleFilter::Triangle, ResampleFilter::CatmullRom] {
        assert_eq!(
            resample(&original, 2, 3, filter).expect("a slice"),
            original
        );
    }
}

/// By hand: two pixels become four at a quarter and three quarters between them.
#[test]
fn twice_as_many_pixels_lie_between_their_neighbours() {
    let twice = resample(&slice(&[0.0, 100.0], 1, 2), 1, 4, ResampleFilter::Triangle);
    assert_eq!(
        twice.expect("a slice").values_hu(),
        [0.0, 25.0, 75.0, 100.0]
    );
}

/// By hand: a triangle of twice the width weighs the pixels at an end with 3, 3 and 1.
#[test]
fn half_as_many_pixels_count_all() {
    let half = resample(
        &slice(&[70.0, 0.0, 0.0, 140.0], 1, 4),
        1,
        2,
        ResampleFilter::Triangle,
    );
    assert_eq!(half.expect("a slice").values_hu(), [30.0, 60.0]);
}

#[test]
fn no_pixels_and_too_many_are_refused() {
    for (rows, cols) in [(0, 4), (4, 0), (8193, 4)] {
        let error = resample(&slice(&[0.0], 1, 1), rows, cols, ResampleFilter::Triangle);
        assert!(matches!(
            error,
            Err(Error::Resample(ResampleError::Grid { .. }))
        ));
    }
}

/// Shapes that are easily got wrong, and others.
fn shapes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        Just((1, 1)),
        Just((511, 512)),
        Just((5, 700)),
        Just((700, 5)),
        (1..40_usize, 1..40_usize),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_triangle_stays_within_the_range_of_the_pixels(
        (rows, cols) in shapes(),
        (to_rows, to_cols) in shapes(),
        seed in any::<u32>(),
    ) {
        let value = |index: usize| (((index as u32 + 1).wrapping_mul(seed | 1) >> 16) % 4096) as f32 - 1024.0;
        let values: Vec<f32> = (0..rows * cols).map(value).collect();
        let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
        let out = resample(&slice(&values, rows, cols), to_rows, to_cols, ResampleFilter::Triangle);
        let out = out.expect("a slice");
        prop_assert_eq!((out.rows(), out.cols()), (to_rows, to_cols));
        for value in out.values_hu() {
            prop_assert!((low - 1e-3..=high + 1e-3).contains(value), "{} {} {}", value, low, high);
        }
    }

    #[test]
    fn a_flat_slice_stays_flat(
        (rows, cols) in shapes(),
        (to_rows, to_cols) in shapes(),
        hu in -1024.0_f32..3071.0,
    ) {
        for filter in [ResampleFilter::Triangle, ResampleFilter::CatmullRom] {
            let out = resample(&slice(&vec![hu; rows * cols], rows, cols), to_rows, to_cols, filter);
            for value in out.expect("a slice").values_hu() {
                // A step of an f32 below 4096.
                prop_assert!((value - hu).abs() <= 2.5e-4, "{} {}", value, hu);
            }
        }
    }
}
