//! Masks, and images composed by them.

use masked_cnn::{Mask, Rect, Region, Size};
use proptest::prelude::*;

/// Empty, full, single pixels, rectangles that wrap, several of them, a checkerboard.
pub(crate) fn regions(size: Size) -> impl Strategy<Value = Region> {
    let rect = (0..size.rows, 0..size.cols, 1..=size.rows, 1..=size.cols).prop_map(
        |(row, col, n_rows, n_cols)| Rect {
            row,
            col,
            n_rows,
            n_cols,
        },
    );
    let pixel = (0..size.rows, 0..size.cols).prop_map(|(row, col)| Rect {
        row,
        col,
        n_rows: 1,
        n_cols: 1,
    });
    let full = Rect {
        row: 0,
        col: 0,
        n_rows: size.rows,
        n_cols: size.cols,
    };
    let checkerboard = (1..5_usize).prop_map(move |side| {
        let starts = |n: usize| (0..n).step_by(side).enumerate();
        starts(size.rows)
            .flat_map(|row| starts(size.cols).map(move |col| (row, col)))
            .filter(|((i, _), (j, _))| (i + j) % 2 == 0)
            .map(|((_, row), (_, col))| Rect {
                row,
                col,
                n_rows: side.min(size.rows - row),
                n_cols: side.min(size.cols - col),
            })
            .collect::<Vec<_>>()
    });
    prop_oneof![
        1 => Just(vec![]),
        1 => Just(vec![full]),
        2 => prop::collection::vec(pixel, 1..4),
        4 => prop::collection::vec(rect, 1..5),
        2 => checkerboard,
    ]
    .prop_map(move |rects| Region::union(rects, size))
}

/// Masks in groups of some.
pub(crate) fn masks(shown: &[(usize, Region)], n_per_group: usize) -> Vec<Mask<'_>> {
    shown
        .iter()
        .enumerate()
        .map(|(index, (background, shown))| Mask {
            background: *background,
            shown,
            group: index / n_per_group,
        })
        .collect()
}

pub(crate) fn mix(image: &[f32], background: &[f32], shown: &Region, size: Size) -> Vec<f32> {
    let mut mask = vec![false; size.rows * size.cols];
    shown.fill(&mut mask, size);
    let pixels = image.iter().zip(background).enumerate();
    pixels
        .map(|(index, (&x, &b))| if mask[index % mask.len()] { x } else { b })
        .collect()
}

pub(crate) fn bits(answers: &[f32]) -> Vec<u32> {
    answers.iter().map(|answer| answer.to_bits()).collect()
}
