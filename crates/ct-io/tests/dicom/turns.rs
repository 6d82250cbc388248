use ct_io::{DicomFile, RsnaRepair, Slice};
use proptest::prelude::*;
use test_kit::dicom::Syntax;

use crate::control::control;

/// Rows and columns of the head as it should lie.
const HEAD: (usize, usize) = (4, 3);

/// Spacing of its rows and of its columns.
const SPACING_MM: (f64, f64) = (0.5, 0.25);

/// Of the eight ways in which a scanner may lay a grid on a head: the axes of rows and columns in
/// the patient, 0 the left and 1 the back, and whether an index runs against its axis.
fn ways() -> impl Iterator<Item = ([usize; 2], [bool; 2])> {
    let flags = [false, true];
    [[0, 1], [1, 0]].into_iter().flat_map(move |axes| {
        flags
            .into_iter()
            .flat_map(move |row| flags.map(|col| (axes, [row, col])))
    })
}

/// The stored value at a place, counted from the right and from the front.
fn stored(left: usize, back: usize) -> u16 {
    (1000 + 10 * back + left) as u16
}

/// A slice of the head that a scanner has laid in one way: a row runs along the patient's
/// `axes[0]`, a column along `axes[1]`.
fn slice(axes: [usize; 2], is_reversed: [bool; 2]) -> Slice {
    let sides = [HEAD.1, HEAD.0];
    let spacing = [SPACING_MM.1, SPACING_MM.0];
    let (cols, rows) = (sides[axes[0]], sides[axes[1]]);
    let mut values = Vec::new();
    for row in 0..rows {
        for col in 0..cols {
            let mut place = [0; 2];
            for (index, (axis, is_reversed)) in [col, row]
                .into_iter()
                .zip(axes.into_iter().zip(is_reversed))
            {
                place[axis] = match is_reversed {
                    true => sides[axis] - 1 - index,
                    false => index,
                };
            }
            values.push(stored(place[0], place[1]));
        }
    }
    let mut orientation = [0.0; 6];
    for way in 0..2 {
        orientation[3 * way + axes[way]] = if is_reversed[way] { -1.0 } else { 1.0 };
    }
    let texts = orientation.map(|number: f64| number.to_string());
    let data = control(Syntax::Explicit)
        .short(0x0028, 0x0010, rows as u16)
        .short(0x0028, 0x0011, cols as u16)
        .text(0x0020, 0x0037, "DS", &texts.join("\\"))
        .text(
            0x0028,
            0x0030,
            "DS",
            &format!("{}\\{}", spacing[axes[1]], spacing[axes[0]]),
        )
        .pixels(&values);
    let file = DicomFile::from_bytes(&data.file()).expect("a file");
    file.slice(0, RsnaRepair::Off).expect("a slice")
}

#[test]
fn a_head_lies_the_same_however_it_was_scanned() {
    let expected: Vec<f32> = (0..HEAD.0 * HEAD.1)
        .map(|index| f32::from(stored(index % HEAD.1, index / HEAD.1)) - 1024.0)
        .collect();
    let mut turns = Vec::new();
    for (axes, is_reversed) in ways() {
        let slice = slice(axes, is_reversed);
        let turned = slice.hu.turned(slice.turn);
        assert_eq!(
            (turned.rows(), turned.cols()),
            HEAD,
            "{axes:?} {is_reversed:?}"
        );
        assert_eq!(turned.values_hu(), expected, "{axes:?} {is_reversed:?}");
        let spacing_mm = slice.spacing_mm.map(|spacing| slice.turn.spacing(spacing));
        assert_eq!(spacing_mm, Some(SPACING_MM), "{axes:?} {is_reversed:?}");
        let undone = slice.turn.undo(turned.values_hu(), HEAD);
        assert_eq!(undone, slice.hu.values_hu(), "{axes:?} {is_reversed:?}");
        turns.push(slice.turn);
    }
    assert!(turns[0].is_identity());
    let mut names: Vec<_> = turns.iter().map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 8);
}

proptest! {
    /// Any angle of the head and any tilt of the gantry up to 40 degrees: the turned grid's rows run
    /// more to the back than to a side, its columns more to the left.
    #[test]
    fn turned_axes_are_the_closest(way in 0_usize..8, angle in -0.7_f64..0.7, tilt in -0.7_f64..0.7) {
        let (axes, is_reversed) = ways().nth(way).expect("a way");
        let (sin, cos) = angle.sin_cos();
        let (sin_tilt, cos_tilt) = tilt.sin_cos();
        // Orthonormal axes of a plane near the axial one, to the left and to the back.
        let near = [[cos, sin, 0.0], [-sin * cos_tilt, cos * cos_tilt, sin_tilt]];
        let directions = [0, 1].map(|index| {
            let sign = if is_reversed[index] { -1.0 } else { 1.0 };
            near[axes[index]].map(|part| part * sign)
        });
        let [[a, b, c], [d, e, f]] = directions;
        let turn = ct_io::Turn::of_orientation([a, b, c, d, e, f]).expect("unit vectors");
        // Where each of 2 x 2 pixels is, turned as the pixels are.
        let place = |row: usize, col: usize| {
            [0, 1].map(|x| row as f64 * directions[1][x] + col as f64 * directions[0][x])
        };
        let places = [place(0, 0), place(0, 1), place(1, 0), place(1, 1)];
        let turned = turn.apply(&places, (2, 2));
        let along_row = [turned[1][0] - turned[0][0], turned[1][1] - turned[0][1]];
        let along_col = [turned[2][0] - turned[0][0], turned[2][1] - turned[0][1]];
        prop_assert!(along_row[0] > 0.0 && along_row[0] >= along_row[1].abs(), "{along_row:?}");
        prop_assert!(along_col[1] > 0.0, "{along_col:?}");
        let undone = turn.undo(&turned, (2, 2));
        prop_assert_eq!(undone, places);
    }
}
