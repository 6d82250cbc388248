//! What a window sees of a region.

use std::ops::Range;

use pixel_region::Band;

/// How much of a window a region covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    Nothing,
    Everything,
    Part,
}

/// The part of `bands` inside a window, in canonical form: two parts of the same window get the
/// same key exactly if they hold the same pixels. Overwrites `key`.
pub(crate) fn restrict(
    bands: &[Band],
    rows: &Range<usize>,
    cols: &Range<usize>,
    key: &mut Vec<u32>,
) -> Coverage {
    /// Values before a run's intervals: their number, its first row, its last row + 1.
    const HEAD: usize = 3;
    key.clear();
    // The last run is `key[run..]`.
    let mut run = 0;
    for band in bands {
        let start = key.len();
        let first_row = band.rows.start.max(rows.start) as u32;
        let end_row = band.rows.end.min(rows.end) as u32;
        key.extend([0, first_row, end_row]);
        let first = band.cols.partition_point(|part| part.end <= cols.start);
        for part in &band.cols[first..] {
            if part.start >= cols.end {
                break;
            }
            key.extend([
                part.start.max(cols.start) as u32,
                part.end.min(cols.end) as u32,
            ]);
        }
        if key.len() == start + HEAD {
            key.truncate(start);
        } else if start > 0
            && key[run + 2] == first_row
            && key[run + HEAD..start] == key[start + HEAD..]
        {
            key[run + 2] = end_row;
            key.truncate(start);
        } else {
            key[start] = ((key.len() - start - HEAD) / 2) as u32;
            run = start;
        }
    }
    let everything = [1, rows.start, rows.end, cols.start, cols.end].map(|edge| edge as u32);
    match key.as_slice() {
        [] => Coverage::Nothing,
        all if all == everything => Coverage::Everything,
        _ => Coverage::Part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixel_region::{CellGrid, Region, Size};
    use proptest::prelude::*;

    const SIZE: Size = Size { rows: 7, cols: 11 };

    /// Any union of 4 x 5 cells, whose sides are 1 to 3 pixels; often one of few cells.
    fn regions() -> impl Strategy<Value = Region> {
        let few = prop::collection::vec(prop::bool::weighted(0.2), 20);
        let any = prop::collection::vec(any::<bool>(), 20);
        prop_oneof![few, any].prop_map(|is_in| {
            let grid = CellGrid::new(SIZE, 4, 5).expect("cells with pixels");
            grid.region(&is_in)
        })
    }

    proptest! {
        #[test]
        fn parts_of_a_window_have_equal_keys_exactly_if_their_pixels_are_equal(
            a in regions(),
            b in regions(),
            (row, n_rows) in (0..SIZE.rows, 1..=SIZE.rows),
            (col, n_cols) in (0..SIZE.cols, 1..=SIZE.cols),
        ) {
            let rows = row..(row + n_rows).min(SIZE.rows);
            let cols = col..(col + n_cols).min(SIZE.cols);
            let seen = |region: &Region| -> Vec<bool> {
                let mut pixels = vec![false; SIZE.rows * SIZE.cols];
                region.fill(&mut pixels, SIZE);
                let row = |row: usize| pixels[row * SIZE.cols..][cols.clone()].to_vec();
                rows.clone().flat_map(row).collect()
            };
            let key = |region: &Region| {
                let mut key = Vec::new();
                let coverage = restrict(region.bands_in(&rows), &rows, &cols, &mut key);
                (coverage, key)
            };
            let (coverage, key_of_a) = key(&a);
            prop_assert_eq!(key_of_a == key(&b).1, seen(&a) == seen(&b));
            let expected = match (seen(&a).contains(&true), seen(&a).contains(&false)) {
                (false, _) => Coverage::Nothing,
                (true, false) => Coverage::Everything,
                (true, true) => Coverage::Part,
            };
            prop_assert_eq!(coverage, expected);
        }
    }
}
