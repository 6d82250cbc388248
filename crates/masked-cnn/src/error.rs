/// Why a network, an image or a mask was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A node of a kind that this engine does not compute.
    #[error("node {name}: the kind {kind} is not supported")]
    Unsupported {
        /// The node's name.
        name: String,
        /// Its kind.
        kind: String,
    },
    /// Values that do not fill the shape they are given for.
    #[error("{what}: {found} values, expected {expected}")]
    Length {
        /// Whose values.
        what: &'static str,
        /// Number of values given.
        found: usize,
        /// Number of values expected.
        expected: usize,
    },
    /// Values that do not fill a number of images.
    #[error("images: {found} values, expected a multiple of {image_len}")]
    NotWholeImages {
        /// Number of values given.
        found: usize,
        /// Values of one image.
        image_len: usize,
    },
    /// A weight, a statistic or a pixel that is NaN or infinite.
    #[error("{what}: value {index} is {value}, expected finite numbers")]
    NotFinite {
        /// Whose value.
        what: &'static str,
        /// Its position, counted from 0.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A value on the way to an answer left the range of `f32`, so that there is no answer.
    #[error(
        "image {index}: a value on the way to its answer exceeds the range of f32, 3.4e38; are the \
         weights those of this network, and the pixels normalised for it?"
    )]
    Overflow {
        /// Position of the image or of the mask among those given, counted from 0.
        index: usize,
    },
    /// A mask over a background that was not given, or of another size than the image.
    #[error("mask {index}: {problem}")]
    Mask {
        /// The mask's position among those given.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// [`crate::Settings::memory_bytes`] is less than a single image takes.
    #[error(
        "setting memory_bytes: {budget}, expected at least {needed} ({} MiB), which one mask of an image \
         of this size takes",
        mib(*needed)
    )]
    MemoryBudget {
        /// Bytes given.
        budget: u64,
        /// Bytes needed.
        needed: u64,
    },
    /// The process may not have as much memory as a single image takes.
    #[error(
        "one mask of an image of this size takes {} MiB, and {} MiB are left to this process; a smaller \
         image takes less, and setting memory_bytes says what may be taken all the same",
        mib(*needed),
        left >> 20
    )]
    MemoryLeft {
        /// Bytes that the machine and the process's control group leave.
        left: u64,
        /// Bytes needed.
        needed: u64,
    },
    /// The observer asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// A setting that the machine cannot serve.
    #[error("setting {setting}: {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// As many values as there should be.
pub(crate) fn expect_length(
    what: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Length {
        what,
        found,
        expected,
    })
}

/// No NaN and no infinity.
pub(crate) fn expect_finite(what: &'static str, values: &[f32]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite {
            what,
            index,
            value: values[index],
        }),
    }
}

/// Bytes in MiB, rounded up.
fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}
