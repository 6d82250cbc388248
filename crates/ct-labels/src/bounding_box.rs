use serde::Serialize;

/// A rectangle in pixels of a slice, and what it is drawn around.
///
/// Columns count from the left and rows from the top, from 0; as in matplotlib, a whole coordinate is the
/// middle of a pixel. The rectangle may reach beyond the slice, whose size a table does not tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoundingBox {
    /// Left edge: `x` in the table.
    pub column: f64,
    /// Top edge: `y` in the table.
    pub row: f64,
    /// Columns it spans.
    pub width: f64,
    /// Rows it spans.
    pub height: f64,
    /// The kind of hemorrhage, such as `Subarachnoid`.
    pub label: String,
}

impl BoundingBox {
    /// What makes two rectangles equal, in a form that can be hashed.
    pub(crate) fn bits(&self) -> [u64; 4] {
        [self.column, self.row, self.width, self.height].map(f64::to_bits)
    }
}
