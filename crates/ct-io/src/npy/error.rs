use std::error::Error as StdError;

/// What can be wrong with an `.npy` file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The file does not start as an `.npy` file does.
    #[error("not an .npy file: expected it to start with \\x93NUMPY")]
    NotNpy,
    /// The header's declared length is larger than the file or than the limit.
    #[error(
        ".npy header: declared length {declared}, expected at most {limit} and within the file"
    )]
    HeaderLength {
        /// Length the file declares.
        declared: u64,
        /// Longest header accepted.
        limit: usize,
    },
    /// The header is not the dictionary that NumPy writes.
    #[error(".npy header")]
    Header(#[source] Box<dyn StdError + Send + Sync>),
    /// An element type other than the supported ones.
    #[error(
        ".npy field descr: {found}, expected i1, u1, i2, u2, i4, u4, i8, u8, f2, f4 or f8 in either byte order; save array.astype(\"float32\")"
    )]
    Type {
        /// The header's `descr`.
        found: String,
    },
    /// Truth values, which are no image.
    #[error(
        ".npy field descr: |b1, truth values are a mask; give the image that the mask belongs to"
    )]
    Mask,
    /// Neither a slice nor a stack of slices.
    #[error(".npy field shape: {found:?}, expected (rows, cols), or (slices, rows, cols)")]
    Shape {
        /// The header's `shape`.
        found: Vec<usize>,
    },
    /// A picture in colour.
    #[error(
        ".npy field shape: {found:?}, which is a picture in colour; expected Hounsfield units as (rows, cols), or (slices, rows, cols)"
    )]
    Colour {
        /// The header's `shape`.
        found: Vec<usize>,
    },
    /// A stack whose first axis is not that of its slices.
    #[error(
        ".npy field shape: {found:?}, expected (slices, rows, cols), the slices along the first axis; save numpy.moveaxis(array, -1, 0), its slices as a radiologist sees them"
    )]
    Axes {
        /// The header's `shape`.
        found: Vec<usize>,
    },
    /// Several slices where one is expected.
    #[error(".npy data: {slices} slices, expected one")]
    ManySlices {
        /// Number of slices.
        slices: usize,
    },
    /// A slice that the stack does not have.
    #[error("slice {slice}, the array has {slices}, counted from 0")]
    Slice {
        /// The slice asked for, from 0.
        slice: usize,
        /// Number of slices.
        slices: usize,
    },
    /// The array does not fill the file exactly.
    #[error(
        ".npy data: shape {shape:?} of {item_bytes}-byte values needs {expected} bytes, the file holds {found}"
    )]
    DataLength {
        /// The header's `shape`.
        shape: Vec<usize>,
        /// Bytes of one value.
        item_bytes: usize,
        /// Bytes that the shape asks for; "more than 2^128" saturates.
        expected: u128,
        /// Bytes behind the header.
        found: u64,
    },
}
