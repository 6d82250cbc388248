//! What the unit tests share.

use ct_labels::BoundingBox;

/// A box without a label.
pub(crate) fn bounds(column: f64, row: f64, width: f64, height: f64) -> BoundingBox {
    BoundingBox {
        column,
        row,
        width,
        height,
        label: String::new(),
    }
}
