use std::path::{Path, PathBuf};

use crate::ResampleError;

/// What can be wrong with a window, a grey image or a grid.
///
/// A message does not repeat its cause, which [`source`](std::error::Error::source) gives.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error in a named file.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// An image that is none, or a file that holds none.
    #[error(transparent)]
    Image(#[from] ct_io::Error),
    /// A slice that is not brought to the network's grid.
    #[error(transparent)]
    Resample(#[from] ResampleError),
    /// A grey value outside `[0, 1]`.
    #[error("value at row {row}, column {col} is {value}, expected a grey value from 0 to 1")]
    NotGrey {
        /// Row.
        row: usize,
        /// Column.
        col: usize,
        /// The value.
        value: f32,
    },
    /// A window level outside the limits.
    #[error("window level {level_hu} HU, expected a number from -1e5 to 1e5")]
    WindowLevel {
        /// The level.
        level_hu: f32,
    },
    /// A window width for which the function is not defined.
    #[error("window width {width_hu} HU, expected a number {expected} and at most 1e6")]
    WindowWidth {
        /// The width.
        width_hu: f32,
        /// Range in words.
        expected: &'static str,
    },
    /// Neither one window nor three.
    #[error("{found} windows, expected one for all channels or three")]
    ChannelCount {
        /// Number of windows given.
        found: usize,
    },
    /// A preset that does not exist.
    #[error("window {name:?}, expected one of {expected}")]
    WindowName {
        /// The name given.
        name: String,
        /// The names that exist.
        expected: String,
    },
}

impl Error {
    /// Names the file in which the error occurred.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Error::File {
            path: path.to_owned(),
            source: Box::new(self),
        }
    }
}
