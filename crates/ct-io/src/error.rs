use std::io;
use std::path::{Path, PathBuf};

use crate::content::Foreign;
#[cfg(feature = "dicom")]
use crate::dicom::DicomError;
#[cfg(feature = "nifti")]
use crate::nifti::NiftiError;
use crate::npy::NpyError;

/// What can be wrong with a file of slices, or with what is to be written into one.
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
    /// The operating system could not read the file.
    #[error("cannot be read")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device where a file was expected.
    #[error("not a regular file")]
    NotAFile,
    /// A file that is longer than any of slices.
    #[error("more than {limit} bytes, too long for a slice")]
    TooLong {
        /// The most bytes that it may have.
        limit: u64,
    },
    /// A file of another format than those that are read.
    #[error("{found}, expected a DICOM file, NIfTI (.nii, .nii.gz) or .npy; {}", found.remedy())]
    Foreign {
        /// What the file is.
        found: Foreign,
    },
    /// A file of a format whose feature is off in this build.
    #[error("{format} files are not read by this build; turn on the feature `{feature}` of ct-io")]
    NotInBuild {
        /// What the file holds.
        format: &'static str,
        /// The feature that reads it.
        feature: &'static str,
    },
    /// An `.npy` file that is malformed or of another kind.
    #[error(transparent)]
    Npy(#[from] NpyError),
    /// A DICOM file that is malformed or of another kind.
    #[cfg(feature = "dicom")]
    #[error(transparent)]
    Dicom(#[from] DicomError),
    /// A NIfTI file that is malformed or of another kind.
    #[cfg(feature = "nifti")]
    #[error(transparent)]
    Nifti(#[from] NiftiError),
    /// No pixels.
    #[error("shape {rows} x {cols}: a slice has at least one row and one column")]
    Empty {
        /// Rows.
        rows: usize,
        /// Columns.
        cols: usize,
    },
    /// The number of values is not rows x cols.
    #[error("{found} values for a slice of {rows} x {cols}")]
    Length {
        /// Rows.
        rows: usize,
        /// Columns.
        cols: usize,
        /// Number of values given.
        found: usize,
    },
    /// A slice that is mostly NaN.
    #[error(
        "{n_inside} of the {n_middle} pixels in the middle of the slice are no numbers (NaN), expected them only outside the head"
    )]
    NoNumbers {
        /// Pixels of the middle that are NaN.
        n_inside: usize,
        /// Pixels of the middle.
        n_middle: usize,
    },
    /// A value that is not a finite number.
    #[error("value at row {row}, column {col} is {value}, expected a finite number")]
    NotFinite {
        /// Row.
        row: usize,
        /// Column.
        col: usize,
        /// NaN or an infinity.
        value: f32,
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
