use std::path::PathBuf;

/// Why a figure could not be drawn, a report not be written, or a ground-truth table not be read.
///
/// Lines count from 1 in the file, the header included; a quoted field with line breaks counts from its
/// first line. Pixels are `(row, col)`, counted from 0.
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
    Font(#[source] ab_glyph::InvalidFont),
    /// The PNG encoder failed.
    #[error("cannot encode the figure as PNG")]
    Png(#[source] image::ImageError),

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
    Json(#[source] serde_json::Error),
    /// The writer of a report failed.
    #[error("cannot write the report")]
    Write(#[source] std::io::Error),

    /// The ground-truth file cannot be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A directory, a pipe or a device instead of a file.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// The ground-truth file is larger than any real one.
    #[error("{} is larger than {limit} bytes", path.display())]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes allowed.
        limit: u64,
    },
    /// The file was read, but is no ground-truth table; the source says why.
    #[error("{} is not a usable ground-truth table", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        source: Box<Error>,
    },
    /// The table is not UTF-8 text.
    #[error("line {line}: not UTF-8")]
    NotUtf8 {
        /// Line of the first bad byte.
        line: usize,
        /// Where in the file.
        source: std::str::Utf8Error,
    },
    /// The table cannot be split into records.
    #[error("not a CSV table")]
    Csv(#[source] csv::Error),
    /// A column is absent from the header.
    #[error(
        "line 1: the header has no column `{column}`; needed are `SOPInstanceUID`, `data` and `labelName`, \
         separated by commas, semicolons or tabs"
    )]
    MissingColumn {
        /// Its name.
        column: &'static str,
    },
    /// A column is in the header twice.
    #[error("line 1: the header has more than one column `{column}`")]
    DuplicateColumn {
        /// Its name.
        column: &'static str,
    },
    /// A record is longer or shorter than the header.
    #[error(
        "line {line}: {n_fields} fields, but the header has {n_columns}; a field with a separator in it needs \
         double quotes around it"
    )]
    FieldCount {
        /// Where the record starts.
        line: usize,
        /// Fields of the record.
        n_fields: usize,
        /// Fields of the header.
        n_columns: usize,
    },
    /// A field is blank, or `data` is a word for nothing.
    #[error("line {line}: `{column}` is empty")]
    EmptyField {
        /// Where the record starts.
        line: usize,
        /// The column.
        column: &'static str,
    },
    /// `data` is longer than any rectangle.
    #[error("line {line}: `data` has {n_bytes} bytes, more than {limit}")]
    DataTooLong {
        /// Where the record starts.
        line: usize,
        /// Its length.
        n_bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// `data` opens more brackets than any rectangle.
    #[error("line {line}: `data` is nested deeper than {limit}")]
    DataTooDeep {
        /// Where the record starts.
        line: usize,
        /// Brackets allowed.
        limit: usize,
    },
    /// `data` is not a dict of numbers.
    #[error("line {line}: `data` is not a dict of numbers")]
    Data {
        /// Where the record starts.
        line: usize,
        /// Where in `data`.
        source: json5::Error,
    },
    /// A key of the rectangle is absent, or null.
    #[error("line {line}: `data` has no `{key}`")]
    MissingKey {
        /// Where the record starts.
        line: usize,
        /// `x`, `y`, `width` or `height`.
        key: &'static str,
    },
    /// A number of the rectangle is NaN or infinite.
    #[error("line {line}: `{key}` in `data` is {value}: expected a finite number")]
    NotFinite {
        /// Where the record starts.
        line: usize,
        /// `x`, `y`, `width` or `height`.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A width or height is zero or negative.
    #[error("line {line}: `{key}` in `data` is {value}: expected a number above 0")]
    NotPositive {
        /// Where the record starts.
        line: usize,
        /// `width` or `height`.
        key: &'static str,
        /// Its value.
        value: f64,
    },
}
