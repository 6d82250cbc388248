//! Sets of pixels, given by rectangles that may wrap around the border.

use std::ops::Range;

/// Rows and columns of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

/// A rectangle whose top left corner lies in the image and which may reach over the lower and the
/// right border, where it continues on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) row: usize,
    pub(crate) col: usize,
    pub(crate) n_rows: usize,
    pub(crate) n_cols: usize,
}

impl Rect {
    /// The parts that do not wrap, at most four.
    pub(crate) fn parts(
        self,
        size: Size,
    ) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + Clone {
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
    [start..end.min(side), 0..end.saturating_sub(side)]
}

/// A set of pixels in canonical form: two regions are equal exactly if they hold the same pixels.
///
/// Horizontal bands from top to bottom, each with its column intervals from left to right;
/// touching intervals are merged, and so are touching bands with the same intervals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Region {
    bands: Vec<Band>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Band {
    rows: Range<usize>,
    cols: Vec<Range<usize>>,
}

impl Region {
    /// The union of rectangles.
    pub(crate) fn union(rects: impl IntoIterator<Item = Rect>, size: Size) -> Self {
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

    /// Sets the region's pixels in a row-major mask.
    pub(crate) fn fill(&self, mask: &mut [bool], size: Size) {
        for band in &self.bands {
            for row in band.rows.clone() {
                for cols in &band.cols {
                    mask[row * size.cols..][cols.clone()].fill(true);
                }
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

/// Counts of marked pixels in rectangles, from a summed-area table.
#[derive(Debug)]
pub(crate) struct PixelCounts {
    size: Size,
    /// `sums[r * (cols + 1) + c]` counts the marked pixels above row r and left of column c.
    sums: Vec<u32>,
}

impl PixelCounts {
    pub(crate) fn new(marked: &[bool], size: Size) -> Self {
        let stride = size.cols + 1;
        let mut sums = vec![0; (size.rows + 1) * stride];
        for (r, row) in marked.chunks_exact(size.cols).enumerate() {
            let mut in_row = 0;
            for (c, &mark) in row.iter().enumerate() {
                in_row += u32::from(mark);
                sums[(r + 1) * stride + c + 1] = sums[r * stride + c + 1] + in_row;
            }
        }
        Self { size, sums }
    }

    /// True if the rectangle holds a marked pixel.
    pub(crate) fn any(&self, rect: Rect) -> bool {
        let at = |row: usize, col: usize| self.sums[row * (self.size.cols + 1) + col];
        rect.parts(self.size).any(|(rows, cols)| {
            at(rows.end, cols.end) + at(rows.start, cols.start)
                > at(rows.start, cols.end) + at(rows.end, cols.start)
        })
    }
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
        fn counts_find_marked_pixels(
            marked in prop::collection::vec(prop::bool::weighted(0.05), SIZE.rows * SIZE.cols),
            rects in rects(),
        ) {
            let counts = PixelCounts::new(&marked, SIZE);
            for rect in rects {
                let expected = pixels(&[rect]).iter().zip(&marked).any(|(a, b)| *a && *b);
                prop_assert_eq!(counts.any(rect), expected);
            }
        }
    }
}
