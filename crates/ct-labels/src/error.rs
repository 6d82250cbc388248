use std::path::PathBuf;

/// Why a table could not be read, or predictions not be judged.
///
/// A message does not repeat its cause, which [`source`](std::error::Error::source) gives.
/// Lines count from 1 in the file, the header included. Text from a file is shown escaped and cut.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something is wrong with a file; the source says what.
    #[error("cannot use {}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<Error>,
    },
    /// Reading failed.
    #[error("cannot read")]
    Io(#[source] std::io::Error),
    /// A directory, a pipe or a device instead of a file.
    #[error("not a regular file")]
    NotAFile,
    /// More bytes than any real table has.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// More rows than any real table has.
    #[error("line {line}: more than {limit} rows")]
    TooManyRows {
        /// The first row too many.
        line: usize,
        /// Rows allowed.
        limit: usize,
    },
    /// The table is not UTF-8 text.
    #[error(
        "line {line}: not UTF-8; save a spreadsheet as CSV in UTF-8, and unpack an archive first"
    )]
    NotUtf8 {
        /// Line of the first bad byte.
        line: usize,
        /// Where in the text.
        source: std::str::Utf8Error,
    },
    /// A table without a row.
    #[error("a table without rows")]
    NoRows,
    /// The table cannot be split into records.
    #[error("line {line}: not a CSV record")]
    Csv {
        /// Where the record starts.
        line: usize,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A quoted field runs over the end of its line, most often because its quote is never closed.
    #[error("line {line}: a field goes on after the end of the line; is a quote left open?")]
    LineBreak {
        /// Where the record starts.
        line: usize,
    },
    /// The header is that of no known table.
    #[error(
        "line {line}: found the header {found}, expected {expected}, separated by commas, semicolons \
         or tabs"
    )]
    Header {
        /// Where the header is.
        line: usize,
        /// The header.
        found: String,
        /// The columns of the tables that are known.
        expected: &'static str,
    },
    /// The header lacks a column of a table of boxes.
    #[error(
        "line {line}: the header has no column `{column}`; needed are {needed}, separated by commas, semicolons \
         or tabs"
    )]
    MissingColumn {
        /// Where the header is.
        line: usize,
        /// The first column that it lacks.
        column: &'static str,
        /// All columns that it must have.
        needed: &'static str,
    },
    /// A column is in the header twice.
    #[error("line {line}: the header has more than one column `{column}`")]
    DuplicateColumn {
        /// Where the header is.
        line: usize,
        /// The column.
        column: &'static str,
    },
    /// A record is longer or shorter than the header.
    #[error(
        "line {line}: found {n_fields} fields, expected {n_columns} as in the header; a field that holds \
         the separator, such as a decimal comma, needs quotes"
    )]
    FieldCount {
        /// Where the record is.
        line: usize,
        /// Fields of the record.
        n_fields: usize,
        /// Fields of the header.
        n_columns: usize,
    },
    /// A field holds what its column may not hold.
    #[error("line {line}, column `{column}`: found {found}, expected {expected}")]
    Field {
        /// Where the record is.
        line: usize,
        /// The column, or the key of a JSON object.
        column: &'static str,
        /// The field.
        found: String,
        /// What would have been good.
        expected: &'static str,
    },
    /// A row of a table of boxes says that there is no box: it is blank, or `data` is, or `data` is a word for
    /// nothing.
    #[error("line {line}: `data` is empty")]
    NoBox {
        /// Where the record is.
        line: usize,
    },
    /// `data` of a box is longer than any rectangle.
    #[error("line {line}: `data` has {n_bytes} bytes, more than {limit}")]
    DataTooLong {
        /// Where the record is.
        line: usize,
        /// Its length.
        n_bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// `data` of a box opens more brackets than any rectangle.
    #[error("line {line}: `data` is nested deeper than {limit}")]
    DataTooDeep {
        /// Where the record is.
        line: usize,
        /// Brackets allowed.
        limit: usize,
    },
    /// `data` of a box is not a dict of numbers.
    #[error("line {line}: `data` is not a dict of numbers")]
    NotADict {
        /// Where the record is.
        line: usize,
        /// Where in `data`, and why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A number of a box is absent, or null.
    #[error("line {line}: `data` has no `{key}`")]
    MissingNumber {
        /// Where the record is.
        line: usize,
        /// `x`, `y`, `width` or `height`.
        key: &'static str,
    },
    /// A number of a box is NaN or infinite.
    #[error("line {line}: `{key}` in `data` is {value}: expected a finite number")]
    NotFinite {
        /// Where the record is.
        line: usize,
        /// `x`, `y`, `width` or `height`.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A width or height of a box is zero or negative.
    #[error("line {line}: `{key}` in `data` is {value}: expected a number above 0")]
    NotPositive {
        /// Where the record is.
        line: usize,
        /// `width` or `height`.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A line of a JSON Lines file is not an object of the right kind.
    #[error("line {line}, character {character}: expected a JSON object of a prediction")]
    Json {
        /// The line.
        line: usize,
        /// Where in the line, from 1.
        character: usize,
        /// Why; it counts the line as its first.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A JSON object lacks a key.
    #[error("line {line}: the object has no {expected}")]
    MissingKey {
        /// The line.
        line: usize,
        /// The key, or the keys of which one is needed.
        expected: &'static str,
    },
    /// Two rows say different things of the same slice.
    #[error("line {line}: {name} is {found}, but line {first_line} says {first}")]
    Contradiction {
        /// The later row.
        line: usize,
        /// The slice, with the subtype where there is one.
        name: String,
        /// What the later row says.
        found: String,
        /// The earlier row.
        first_line: usize,
        /// What the earlier row says.
        first: String,
    },
    /// A slice has a kind of hemorrhage, but none of any kind.
    #[error("line {line}: {name} has `any` 0, but line {subtype_line} says `{subtype}` 1")]
    AnyDenied {
        /// Row of `any`.
        line: usize,
        /// The slice.
        name: String,
        /// Row of the subtype.
        subtype_line: usize,
        /// The subtype.
        subtype: &'static str,
    },
    /// The rows of a slice do not tell whether there is a hemorrhage.
    #[error("line {line}: {name} has no row `any`, and not all others: expected all six")]
    Incomplete {
        /// A row of the slice.
        line: usize,
        /// The slice.
        name: String,
    },
    /// A slice has predictions of kinds of hemorrhage, but none of any kind.
    #[error(
        "line {line}: {name} has no row `any`: expected one with the probability of a hemorrhage of any kind"
    )]
    NoAny {
        /// A row of the slice.
        line: usize,
        /// The slice.
        name: String,
    },
    /// No slice has the probability of a hemorrhage of any kind.
    #[error("none of {n_slices} slices has a probability")]
    NoProbability {
        /// Slices read.
        n_slices: usize,
    },

    /// Only a table of boxes leaves slices out because nothing was found in them.
    #[error("only in a table of boxes may unlisted slices be taken as negative")]
    UnlistedNegative,
    /// The threshold is not in `[0, 1]`.
    #[error("threshold {0}: expected a number from 0 to 1")]
    Threshold(f64),
    /// A probability is NaN or not in `[0, 1]`.
    #[error("case {index} has probability {probability}: expected a number from 0 to 1")]
    Probability {
        /// The first such case, from 0.
        index: usize,
        /// Its probability.
        probability: f64,
    },
    /// The names of the predictions and of the labels have nothing in common.
    #[error(
        "none of {n_predictions} predictions, such as {prediction}, is among {n_labels} labels, \
         such as {label}"
    )]
    NoMatch {
        /// Predictions read.
        n_predictions: usize,
        /// The first prediction.
        prediction: String,
        /// Labels read.
        n_labels: usize,
        /// The first label.
        label: String,
    },
    /// A prediction could belong to either of two labels.
    #[error("prediction {prediction} matches the labels {first} and {second}")]
    AmbiguousLabel {
        /// The prediction.
        prediction: String,
        /// One label.
        first: String,
        /// Another.
        second: String,
    },
    /// Two predictions belong to one label.
    #[error("label {label} matches the predictions {first} and {second}")]
    TwoPredictions {
        /// The label.
        label: String,
        /// One prediction.
        first: String,
        /// Another.
        second: String,
    },
}
