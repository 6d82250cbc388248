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
    /// Limits of Hounsfield units that are none.
    #[error(
        "Hounsfield units from {low_hu} to {high_hu}, expected two numbers from -1e5 to 1e5, the \
         first below the second"
    )]
    HounsfieldRange {
        /// The lower limit.
        low_hu: f32,
        /// The upper limit.
        high_hu: f32,
    },
    /// No channel, or more than an input may have.
    #[error("{found} channels, expected 1 to {limit}")]
    Channels {
        /// Number of channels given.
        found: usize,
        /// The most that there may be.
        limit: usize,
    },
    /// Several channels, and not as many as the network has.
    #[error("{found} channels, expected one for all or {expected}")]
    ChannelCount {
        /// Number of channels given.
        found: usize,
        /// Number of channels of the network.
        expected: usize,
    },
    /// A slice that is too far away to be a neighbour.
    #[error("a channel of the slice {offset} beside, expected -{limit} to {limit}")]
    SliceOffset {
        /// Which slice.
        offset: i32,
        /// The farthest.
        limit: u32,
    },
    /// A channel of a neighbouring slice, and no such slice of this size.
    #[error("a channel shows the slice {offset:+} beside, and there is none of the same size")]
    Neighbour {
        /// Which slice: 1 is that nearer to the head.
        offset: i32,
    },
    /// What 0 and 1 of a window should become.
    #[error(
        "a range from {low} to {high}, expected two numbers from -1e6 to 1e6, the first below the \
         second"
    )]
    ValueRange {
        /// What 0 should become.
        low: f32,
        /// What 1 should become.
        high: f32,
    },
    /// A range, which is one of windows, and a channel without a window.
    #[error("a range is for windows, and a channel holds Hounsfield units, as they are")]
    RangeOfHounsfield,
    /// Several means or standard deviations, and not one a channel.
    #[error("{found} {what}, expected one for all channels or {expected}")]
    NormalisationCount {
        /// Of what.
        what: &'static str,
        /// Number given.
        found: usize,
        /// Number of channels.
        expected: usize,
    },
    /// A mean that is none.
    #[error("a mean of {value}, expected a number from -1e6 to 1e6")]
    Mean {
        /// The mean.
        value: f32,
    },
    /// A standard deviation that is none.
    #[error("a standard deviation of {value}, expected a number from 1e-6 to 1e6")]
    Std {
        /// The standard deviation.
        value: f32,
    },
    /// A blur that is none.
    #[error("a blur of {sigma_px} pixels, expected a standard deviation from 0.1 to 1000")]
    Blur {
        /// The standard deviation.
        sigma_px: f64,
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
