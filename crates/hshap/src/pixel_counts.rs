use masked_cnn::{Rect, Size};

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
    use masked_cnn::Region;
    use proptest::prelude::*;

    const SIZE: Size = Size { rows: 7, cols: 11 };

    fn rect() -> impl Strategy<Value = Rect> {
        (0..SIZE.rows, 0..SIZE.cols, 0..=SIZE.rows, 0..=SIZE.cols).prop_map(
            |(row, col, n_rows, n_cols)| Rect {
                row,
                col,
                n_rows,
                n_cols,
            },
        )
    }

    proptest! {
        #[test]
        fn counts_find_marked_pixels(
            marked in prop::collection::vec(prop::bool::weighted(0.05), SIZE.rows * SIZE.cols),
            rects in prop::collection::vec(rect(), 0..5),
        ) {
            let counts = PixelCounts::new(&marked, SIZE);
            for rect in rects {
                let mut inside = vec![false; marked.len()];
                Region::union([rect], SIZE).fill(&mut inside, SIZE);
                let expected = inside.iter().zip(&marked).any(|(a, b)| *a && *b);
                prop_assert_eq!(counts.any(rect), expected);
            }
        }
    }
}
