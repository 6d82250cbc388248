use super::rule::ResampleRule;

/// Why a slice is not brought to another grid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// A grid without pixels, or of too many.
    #[error("a side of {side} pixels, expected from 1 to {limit}")]
    Grid {
        /// Rows or columns.
        side: usize,
        /// Largest number accepted.
        limit: usize,
    },
    /// A spacing that is no size.
    #[error("pixels of {rows_mm} x {cols_mm} mm, expected numbers above 0")]
    Spacing {
        /// Distance between rows.
        rows_mm: f64,
        /// Distance between columns.
        cols_mm: f64,
    },
    /// The file does not say how large its pixels are.
    #[error(
        "a slice of {rows} x {cols} pixels of unknown size, the network expects {side} x {side}"
    )]
    UnknownSpacing {
        /// Rows of the slice.
        rows: usize,
        /// Columns of the slice.
        cols: usize,
        /// Side of the network's grid.
        side: usize,
    },
    /// Pixels much longer than wide.
    #[error("pixels of {rows_mm} x {cols_mm} mm, expected a ratio of at most {limit}")]
    SpacingRatio {
        /// Distance between rows.
        rows_mm: f64,
        /// Distance between columns.
        cols_mm: f64,
        /// Largest ratio accepted by the rule.
        limit: f64,
    },
    /// A field of view that the network does not know.
    #[error("a field of view of {found_mm} mm, the network knows {from_mm} to {to_mm} mm")]
    FieldOfView {
        /// The longer side of the slice.
        found_mm: f64,
        /// Smallest that is known.
        from_mm: f64,
        /// Largest that is known.
        to_mm: f64,
    },
    /// Values of another grid.
    #[error("{found} values, expected those of a grid of {rows} x {cols}")]
    Length {
        /// Number of values.
        found: usize,
        /// Rows expected.
        rows: usize,
        /// Columns expected.
        cols: usize,
    },
}

impl ResampleError {
    /// True where [`ResampleRule::Force`] would bring the slice to the network's grid.
    pub fn can_be_forced(&self) -> bool {
        match *self {
            Self::UnknownSpacing { .. } | Self::FieldOfView { .. } => true,
            Self::SpacingRatio {
                rows_mm, cols_mm, ..
            } => ResampleRule::Force.allows(rows_mm, cols_mm),
            _ => false,
        }
    }
}
