use std::io;
use std::path::{Path, PathBuf};

/// What can be wrong with a file of slices, or with what is to be written into one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error in a named file.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The operating system could not read the file.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device where a file was expected.
    #[error("not a regular file")]
    NotAFile,
    /// The file is larger than any slice.
    #[error("{bytes} bytes, but a slice has at most {limit}")]
    FileTooLarge {
        /// Size of the file.
        bytes: u64,
        /// Largest size accepted.
        limit: u64,
    },
    /// The file does not start as an `.npy` file does.
    #[error("not an .npy file: expected it to start with \\x93NUMPY")]
    NotNpy,
    /// The header's declared length is larger than the file or than the limit.
    #[error(
        ".npy header: declared length {declared}, expected at most {limit} and within the file"
    )]
    NpyHeaderLength {
        /// Length the file declares.
        declared: u64,
        /// Longest header accepted.
        limit: usize,
    },
    /// The header is not the dictionary that NumPy writes.
    #[error(".npy header: {0}")]
    NpyHeader(#[from] ndarray_npy::npy::header::ReadHeaderError),
    /// An element type other than the supported ones.
    #[error(
        ".npy field descr: {found}, expected i1, u1, i2, u2, i4, u4, i8, u8, f2, f4 or f8 in either byte order; save array.astype(\"float32\")"
    )]
    NpyType {
        /// The header's `descr`.
        found: String,
    },
    /// Truth values, which are no image.
    #[error(
        ".npy field descr: |b1, truth values are a mask; give the image that the mask belongs to"
    )]
    NpyMask,
    /// Neither a slice nor a stack of slices.
    #[error(".npy field shape: {found:?}, expected (rows, cols), or (slices, rows, cols)")]
    NpyShape {
        /// The header's `shape`.
        found: Vec<usize>,
    },
    /// A picture in colour.
    #[error(
        ".npy field shape: {found:?}, which is a picture in colour; expected Hounsfield units as (rows, cols), or (slices, rows, cols)"
    )]
    NpyColour {
        /// The header's `shape`.
        found: Vec<usize>,
    },
    /// A stack whose first axis is not that of its slices.
    #[error(
        ".npy field shape: {found:?}, expected (slices, rows, cols), the slices along the first axis; save numpy.moveaxis(array, -1, 0), its slices as a radiologist sees them"
    )]
    NpyAxes {
        /// The header's `shape`.
        found: Vec<usize>,
    },
    /// Several slices where one is expected.
    #[error(".npy data: {slices} slices, expected one")]
    NpyManySlices {
        /// Number of slices.
        slices: usize,
    },
    /// A slice that the stack does not have.
    #[error("slice {slice}, the array has {slices}, counted from 0")]
    NpySlice {
        /// The slice asked for, from 0.
        slice: usize,
        /// Number of slices.
        slices: usize,
    },
    /// The array does not fill the file exactly.
    #[error(
        ".npy data: shape {shape:?} of {item_bytes}-byte values needs {expected} bytes, the file holds {found}"
    )]
    NpyDataLength {
        /// The header's `shape`.
        shape: Vec<usize>,
        /// Bytes of one value.
        item_bytes: usize,
        /// Bytes that the shape asks for; "more than 2^128" saturates.
        expected: u128,
        /// Bytes behind the header.
        found: u64,
    },
    /// A file of another format than those that are read.
    #[error("{found}, expected a DICOM file, NIfTI (.nii, .nii.gz) or .npy; {}", found.remedy())]
    Foreign {
        /// What the file is.
        found: crate::Foreign,
    },
    /// A DICOM file that is malformed or of another kind.
    #[cfg(feature = "dicom")]
    #[error(transparent)]
    Dicom(#[from] crate::DicomError),
    /// A NIfTI file that is malformed or of another kind.
    #[cfg(feature = "nifti")]
    #[error(transparent)]
    Nifti(#[from] crate::NiftiError),
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
