use std::ops::Range;

use crate::size::Size;

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
