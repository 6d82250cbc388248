/// Why a metric could not be computed: its input is wrong. What has no value although the input is
/// right is [`Undefined`](crate::Undefined).
///
/// Sizes are `(rows, cols)`, pixels `(row, col)`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The values do not fill the image.
    #[error("an image of {rows} x {cols} pixels cannot have {n_values} values")]
    Length {
        /// Rows stated.
        rows: usize,
        /// Columns stated.
        cols: usize,
        /// Values given.
        n_values: usize,
    },
    /// The image has no pixel.
    #[error("an image of {rows} x {cols} pixels is empty")]
    Empty {
        /// Rows stated.
        rows: usize,
        /// Columns stated.
        cols: usize,
    },
    /// A value of a map is NaN or infinite.
    #[error("pixel (row {row}, col {col}) of the map is {value}: expected a finite number")]
    NotFinite {
        /// Row of the first such pixel.
        row: usize,
        /// Column of the first such pixel.
        col: usize,
        /// Its value.
        value: f32,
    },
    /// What is compared has different sizes.
    #[error(
        "the map has {} x {} pixels, what it is compared with {} x {}",
        map.0, map.1, other.0, other.1
    )]
    Sizes {
        /// `(rows, cols)` of the map.
        map: (usize, usize),
        /// `(rows, cols)` of the other.
        other: (usize, usize),
    },
    /// There are too few or too many outputs for the masks.
    #[error("{n_outputs} outputs for {n_masks} masks")]
    OutputCount {
        /// Masks to evaluate.
        n_masks: usize,
        /// Outputs given.
        n_outputs: usize,
    },
    /// An output of the network is NaN or infinite.
    #[error("output {index} is {value}: expected a finite number")]
    Output {
        /// Position among the outputs.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A square does not lie in the image, or has no pixel.
    #[error(
        "a square of {side} pixels at (row {row}, col {col}) in an image of {} x {}",
        size.0, size.1
    )]
    Square {
        /// Its first row.
        row: usize,
        /// Its first column.
        col: usize,
        /// Its side.
        side: usize,
        /// `(rows, cols)` of the image.
        size: (usize, usize),
    },
    /// The order does not name every cell once.
    #[error("the order of ties does not name each of {n_cells} cells once")]
    Order {
        /// Cells of the grid.
        n_cells: usize,
    },
    /// A value of a slice is NaN or infinite.
    #[error("value {index} is {value}: expected a finite number")]
    Value {
        /// Position among the slices.
        index: usize,
        /// The value.
        value: f64,
    },
}
