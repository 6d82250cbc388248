//! Sets of pixels, given by rectangles that may wrap around the border.

use std::ops::Range;

use cnn_graph::Size;

/// A rectangle whose top left corner lies in the image and which may reach over the lower and the
/// right border, where it continues on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Its first row.
    pub row: usize,
    /// Its first column.
    pub col: usize,
    /// Number of rows, at most those of the image.
    pub n_rows: usize,
    /// Number of columns, at most those of the image.
    pub n_cols: usize,
}

impl Rect {
    /// The parts that do not wrap, at most four.
    pub fn parts(self, size: Size) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + Clone {
        let rows = unwrap_range(self.row, self.n_rows, size.rows);
        let cols = unwrap_range(self.col, self.n_cols, size.cols);
        rows.into_iter()
            .flat_map(move |rows| {
                cols.clone()
                    .into_iter()
                    .map(move |cols| (rows.clone(), cols))
            })
            .filter(|(rows, cols)| !rows.is_empty() && !cols.is_empty())
    }
}

/// A cyclic range as two plain ones, the second one empty unless the range wraps.
fn unwrap_range(start: usize, len: usize, side: usize) -> [Range<usize>; 2] {
    let end = start + len;
    [start..end.min(side), 0..end.saturating_sub(side).min(start)]
}

/// A set of pixels in canonical form: two regions are equal exactly if they hold the same pixels.
///
/// Horizontal bands from top to bottom, each with its column intervals from left to right;
/// touching intervals are merged, and so are touching bands with the same intervals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Region {
    bands: Vec<Band>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Band {
    pub(crate) rows: Range<usize>,
    pub(crate) cols: Vec<Range<usize>>,
}

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

impl Region {
    /// The union of rectangles.
    pub fn union(rects: impl IntoIterator<Item = Rect>, size: Size) -> Self {
        let parts: Vec<_> = rects.into_iter().flat_map(|r| r.parts(size)).collect();
        let mut edges: Vec<usize> = parts
            .iter()
            .flat_map(|(rows, _)| [rows.start, rows.end])
            .collect();
        edges.sort_unstable();
        edges.dedup();

        let mut bands: Vec<Band> = Vec::new();
        for edge in edges.windows(2) {
            let rows = edge[0]..edge[1];
            let covering = parts.iter().filter(|(part, _)| part.contains(&rows.start));
            let cols = merge(covering.map(|(_, cols)| cols.clone()).collect());
            match bands.last_mut() {
                _ if cols.is_empty() => {}
                Some(last) if last.rows.end == rows.start && last.cols == cols => {
                    last.rows.end = rows.end;
                }
                _ => bands.push(Band { rows, cols }),
            }
        }
        Self { bands }
    }

    /// Rectangles that make up the region and do not overlap: rows and columns of each.
    pub fn rects(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        self.bands.iter().flat_map(|band| {
            let cols = band.cols.iter().cloned();
            cols.map(|cols| (band.rows.clone(), cols))
        })
    }

    /// True if the region lies inside an image of this size.
    pub fn fits(&self, size: Size) -> bool {
        let is_inside = |band: &Band| {
            band.rows.end <= size.rows && band.cols.last().is_none_or(|last| last.end <= size.cols)
        };
        self.bands.iter().all(is_inside)
    }

    /// The bands that meet some rows.
    pub(crate) fn bands_in(&self, rows: &Range<usize>) -> &[Band] {
        let first = self
            .bands
            .partition_point(|band| band.rows.end <= rows.start);
        let end = self
            .bands
            .partition_point(|band| band.rows.start < rows.end);
        &self.bands[first.min(end)..end]
    }

    /// Sets the region's pixels in a row-major mask.
    pub fn fill(&self, mask: &mut [bool], size: Size) {
        for (rows, cols) in self.rects() {
            for row in rows {
                mask[row * size.cols..][cols.clone()].fill(true);
            }
        }
    }
}

fn merge(mut intervals: Vec<Range<usize>>) -> Vec<Range<usize>> {
    intervals.sort_unstable_by_key(|interval| interval.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for interval in intervals {
        match merged.last_mut() {
            Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
            _ => merged.push(interval),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: Size = Size { rows: 7, cols: 11 };

    fn rects() -> impl Strategy<Value = Vec<Rect>> {
        let rect = (0..SIZE.rows, 0..SIZE.cols, 0..=SIZE.rows, 0..=SIZE.cols).prop_map(
            |(row, col, n_rows, n_cols)| Rect {
                row,
                col,
                n_rows,
                n_cols,
            },
        );
        prop::collection::vec(rect, 0..5)
    }

    /// Pixel by pixel, by the definition.
    fn pixels(rects: &[Rect]) -> Vec<bool> {
        let inside =
            |start: usize, len: usize, side: usize, at: usize| (at + side - start) % side < len;
        (0..SIZE.rows * SIZE.cols)
            .map(|index| {
                let (row, col) = (index / SIZE.cols, index % SIZE.cols);
                rects.iter().any(|r| {
                    inside(r.row, r.n_rows, SIZE.rows, row)
                        && inside(r.col, r.n_cols, SIZE.cols, col)
                })
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_region_fills_its_pixels(rects in rects()) {
            let mut mask = vec![false; SIZE.rows * SIZE.cols];
            Region::union(rects.clone(), SIZE).fill(&mut mask, SIZE);
            prop_assert_eq!(mask, pixels(&rects));
        }

        #[test]
        fn regions_are_equal_exactly_if_their_pixels_are(a in rects(), b in rects()) {
            let equal = Region::union(a.clone(), SIZE) == Region::union(b.clone(), SIZE);
            prop_assert_eq!(equal, pixels(&a) == pixels(&b));
        }

        #[test]
        fn the_cut_of_a_rectangle_makes_no_difference(
            rect in rects().prop_filter_map("one", |r| r.first().copied()),
            cut in 0_usize..8,
        ) {
            let top = Rect { n_rows: cut.min(rect.n_rows), ..rect };
            let bottom = Rect {
                row: (rect.row + top.n_rows) % SIZE.rows,
                n_rows: rect.n_rows - top.n_rows,
                ..rect
            };
            prop_assert_eq!(Region::union([bottom, top], SIZE), Region::union([rect], SIZE));
        }

        #[test]
        fn parts_of_a_window_have_equal_keys_exactly_if_their_pixels_are_equal(
            a in rects(),
            b in rects(),
            (row, n_rows) in (0..SIZE.rows, 1..=SIZE.rows),
            (col, n_cols) in (0..SIZE.cols, 1..=SIZE.cols),
        ) {
            let rows = row..(row + n_rows).min(SIZE.rows);
            let cols = col..(col + n_cols).min(SIZE.cols);
            let seen = |rects: &[Rect]| -> Vec<bool> {
                let pixels = pixels(rects);
                let row = |row: usize| pixels[row * SIZE.cols..][cols.clone()].to_vec();
                rows.clone().flat_map(row).collect()
            };
            let key = |rects: &[Rect]| {
                let region = Region::union(rects.to_vec(), SIZE);
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
