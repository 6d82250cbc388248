use std::ops::Range;

use crate::rect::Rect;
use crate::size::Size;

/// A set of pixels in canonical form: two regions are equal exactly if they hold the same pixels.
///
/// Horizontal bands from top to bottom, each with its column intervals from left to right;
/// touching intervals are merged, and so are touching bands with the same intervals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Region {
    bands: Vec<Band>,
}

/// Rows in which a region has the same columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Band {
    /// Rows of the band.
    pub rows: Range<usize>,
    /// Columns of the region in them, from left to right; no two touch.
    pub cols: Vec<Range<usize>>,
}

impl Band {
    /// Merges intervals of columns that touch or overlap.
    pub(crate) fn new(rows: Range<usize>, cols: impl Iterator<Item = Range<usize>>) -> Band {
        Band {
            rows,
            cols: merge(cols.collect()),
        }
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

        Self::stack(edges.windows(2).map(|edge| {
            let rows = edge[0]..edge[1];
            let covering = parts.iter().filter(|(part, _)| part.contains(&rows.start));
            Band::new(rows.clone(), covering.map(|(_, cols)| cols.clone()))
        }))
    }

    /// The pixels that are true in a row-major mask. Pixels that a mask of another length lacks are
    /// not part of the region, and those that it has too many are not looked at.
    pub fn from_mask(mask: &[bool], size: Size) -> Self {
        let cols = size.cols.max(1);
        let rows = mask.chunks(cols).take(size.rows).enumerate();
        Self::stack(rows.map(|(row, pixels)| {
            let held = (0..).zip(pixels).filter(|(_, is_held)| **is_held);
            Band::new(row..row + 1, held.map(|(col, _)| col..col + 1))
        }))
    }

    /// Bands from top to bottom, brought to the canonical form.
    pub(crate) fn stack(bands: impl Iterator<Item = Band>) -> Self {
        let mut stacked: Vec<Band> = Vec::new();
        for band in bands {
            match stacked.last_mut() {
                _ if band.cols.is_empty() => {}
                Some(last) if last.rows.end == band.rows.start && last.cols == band.cols => {
                    last.rows.end = band.rows.end;
                }
                _ => stacked.push(band),
            }
        }
        Self { bands: stacked }
    }

    /// The pixels of an image that the region does not hold.
    pub fn complement(&self, size: Size) -> Self {
        let mut edges = vec![0, size.rows];
        edges.extend(self.bands.iter().flat_map(|b| [b.rows.start, b.rows.end]));
        edges.retain(|&edge| edge <= size.rows);
        edges.sort_unstable();
        edges.dedup();

        Self::stack(edges.windows(2).map(|edge| {
            let rows = edge[0]..edge[1];
            let held = self.bands_in(&rows).iter().flat_map(|band| &band.cols);
            Band {
                rows: rows.clone(),
                cols: gaps(held, size.cols),
            }
        }))
    }

    /// The bands, from top to bottom.
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Rectangles that make up the region and do not overlap: rows and columns of each.
    pub fn rects(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        self.bands.iter().flat_map(|band| {
            let cols = band.cols.iter().cloned();
            cols.map(|cols| (band.rows.clone(), cols))
        })
    }

    /// Number of pixels.
    pub fn n_pixels(&self) -> usize {
        self.rects()
            .map(|(rows, cols)| rows.len() * cols.len())
            .sum()
    }

    /// True if the region lies inside an image of this size.
    pub fn fits(&self, size: Size) -> bool {
        let is_inside = |band: &Band| {
            band.rows.end <= size.rows && band.cols.last().is_none_or(|last| last.end <= size.cols)
        };
        self.bands.iter().all(is_inside)
    }

    /// The bands that meet some rows.
    #[inline]
    pub fn bands_in(&self, rows: &Range<usize>) -> &[Band] {
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

/// What sorted intervals leave of `0..end`.
fn gaps<'a>(intervals: impl Iterator<Item = &'a Range<usize>>, end: usize) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut start = 0;
    for interval in intervals {
        gaps.push(start..interval.start.min(end));
        start = interval.end.min(end);
    }
    gaps.push(start..end);
    gaps.retain(|gap| !gap.is_empty());
    gaps
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
        fn a_region_is_that_of_its_mask(rects in rects()) {
            let region = Region::union(rects.clone(), SIZE);
            prop_assert_eq!(&Region::from_mask(&pixels(&rects), SIZE), &region);
            prop_assert_eq!(region.n_pixels(), pixels(&rects).iter().filter(|&&p| p).count());
        }

        #[test]
        fn the_complement_holds_the_other_pixels(rects in rects()) {
            let region = Region::union(rects.clone(), SIZE);
            let others: Vec<bool> = pixels(&rects).iter().map(|p| !p).collect();
            prop_assert_eq!(&region.complement(SIZE), &Region::from_mask(&others, SIZE));
            prop_assert_eq!(region.complement(SIZE).complement(SIZE), region);
        }
    }

    #[test]
    fn nothing_and_everything_are_each_others_complement() {
        let everything = Region::from_mask(&[true; 77], SIZE);
        assert_eq!(everything.rects().collect::<Vec<_>>(), [(0..7, 0..11)]);
        assert_eq!(everything.complement(SIZE), Region::default());
        assert_eq!(Region::default().complement(SIZE), everything);
    }

    #[test]
    fn a_mask_of_another_length_adds_no_pixels() {
        assert_eq!(Region::from_mask(&[true; 12], SIZE).n_pixels(), 12);
        assert_eq!(Region::from_mask(&[true; 99], SIZE).n_pixels(), 77);
        let none = Size { rows: 3, cols: 0 };
        assert!(Region::from_mask(&[true; 3], none).fits(Size { rows: 3, cols: 1 }));
    }
}
