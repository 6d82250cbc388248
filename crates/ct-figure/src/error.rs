/// Why a figure could not be drawn, or a report not be written.
///
/// Pixels are `(row, col)`, counted from 0. A message does not repeat its cause, which
/// [`source`](std::error::Error::source) gives.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The values do not fill the image.
    #[error("{what} of {rows} x {cols} pixels cannot hold {n_values} values")]
    Length {
        /// `slice` or `saliency map`.
        what: &'static str,
        /// Rows stated.
        rows: usize,
        /// Columns stated.
        cols: usize,
        /// Values given.
        n_values: usize,
    },
    /// The image has no pixel.
    #[error("{what} of {rows} x {cols} pixels is empty")]
    Empty {
        /// `slice` or `saliency map`.
        what: &'static str,
        /// Rows stated.
        rows: usize,
        /// Columns stated.
        cols: usize,
    },
    /// A grey value is no number in `[0, 1]`.
    #[error("slice pixel (row {row}, col {col}) is {value}: expected a grey value from 0 to 1")]
    Grey {
        /// Row of the first such pixel.
        row: usize,
        /// Column of the first such pixel.
        col: usize,
        /// Its value.
        value: f32,
    },
    /// A saliency is NaN or infinite.
    #[error("saliency pixel (row {row}, col {col}) is {value}: expected a finite number")]
    Saliency {
        /// Row of the first such pixel.
        row: usize,
        /// Column of the first such pixel.
        col: usize,
        /// Its value.
        value: f32,
    },
    /// The map was not made for this slice.
    #[error(
        "the slice has {} x {} pixels, its saliency map {} x {}",
        slice.0, slice.1, saliency.0, saliency.1
    )]
    Dims {
        /// `(rows, cols)` of the slice.
        slice: (usize, usize),
        /// `(rows, cols)` of the map.
        saliency: (usize, usize),
    },
    /// The map of what speaks against is positive somewhere.
    #[error("pixel (row {row}, col {col}) of the map against is {value}: expected 0 or below")]
    Against {
        /// Row of the first such pixel.
        row: usize,
        /// Column of the first such pixel.
        col: usize,
        /// Its value.
        value: f32,
    },
    /// The maps of a slice have different sizes.
    #[error(
        "the saliency map has {} x {} pixels, the map against {} x {}",
        saliency.0, saliency.1, against.0, against.1
    )]
    AgainstDims {
        /// `(rows, cols)` of the map.
        saliency: (usize, usize),
        /// `(rows, cols)` of the map against.
        against: (usize, usize),
    },
    /// The fixed scale is not finite and positive.
    #[error("a colour scale of plus/minus {0}: expected a finite number above 0")]
    FixedLimit(f32),
    /// The bound of the scale is negative or not finite.
    #[error("a colour scale of at least {0}: expected a finite number, 0 or above")]
    LeastLimit(f32),
    /// A figure of nothing.
    #[error("a figure needs at least one slice")]
    NoSlices,
    /// The figure would not fit in reasonable memory.
    #[error("a figure of {width} x {height} pixels is above the limit of {limit} pixels")]
    FigureTooLarge {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// Pixels allowed.
        limit: u64,
    },
    /// The embedded font cannot be parsed.
    #[error("the embedded font is unusable")]
    Font(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The PNG encoder failed.
    #[error("cannot encode the figure as PNG")]
    Png(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// A probability is no number in `[0, 1]`.
    #[error("probability of slice `{id}` is {value}: expected a number from 0 to 1")]
    Probability {
        /// The slice.
        id: String,
        /// Its value.
        value: f32,
    },
    /// A slice of a report without an image.
    #[error("slice `{id}` of the report has no window")]
    NoWindows {
        /// The slice.
        id: String,
    },
    /// The windows of a slice are images of different sizes.
    #[error(
        "window `{window}` of slice `{id}` has {} x {} pixels, the first window {} x {}",
        dims.0, dims.1, first.0, first.1
    )]
    WindowDims {
        /// The slice.
        id: String,
        /// The window.
        window: String,
        /// `(rows, cols)` of the window.
        dims: (usize, usize),
        /// `(rows, cols)` of the first window.
        first: (usize, usize),
    },
    /// A slice cannot be written as JSON.
    #[error("cannot write a slice of the report as JSON")]
    Json(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The writer of a report failed.
    #[error("cannot write the report")]
    Write(#[source] std::io::Error),
}
