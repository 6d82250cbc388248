use super::not_a_slice::NotASlice;

/// What can be wrong with a DICOM file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DicomError {
    /// The file has neither a preamble followed by `DICM`, nor does it begin with an element.
    #[error(
        "not a DICOM Part 10 file: expected DICM behind a preamble of 128 bytes, or a data set"
    )]
    NotDicom,
    /// A sound file that holds no axial slice of a CT.
    #[error("no axial CT slice, but {kind}")]
    NotASlice {
        /// What it holds.
        kind: NotASlice,
    },
    /// A file that cannot be inflated, or to more bytes than are read.
    #[error("DICOM in gzip")]
    Gzip(#[source] std::io::Error),
    /// The elements of the file do not fit into each other.
    #[error("DICOM element at byte {position}: {problem}")]
    Structure {
        /// Offset of the element in the file.
        position: usize,
        /// What is wrong.
        problem: String,
    },
    /// A form of encoding that is not read.
    #[error(
        "DICOM transfer syntax {uid} ({name}) is not read; convert the file to an uncompressed one, for instance by `{hint}`"
    )]
    TransferSyntax {
        /// UID of the transfer syntax.
        uid: String,
        /// Its name, where that is known.
        name: String,
        /// A command that converts.
        hint: &'static str,
    },
    /// An attribute that must be there.
    #[error("DICOM attribute {attribute} is missing, expected {expected}")]
    Missing {
        /// Name and tag.
        attribute: &'static str,
        /// What is expected.
        expected: &'static str,
    },
    /// An attribute of a value that is not accepted.
    #[error("DICOM attribute {attribute} is {found:?}, expected {expected}")]
    Value {
        /// Name and tag.
        attribute: &'static str,
        /// The value in the file.
        found: String,
        /// What is expected.
        expected: String,
    },
    /// Pixel data of another size than the attributes say.
    #[error(
        "DICOM pixel data: {found} bytes, expected {expected} for {frames} frames of {rows} x {cols}"
    )]
    PixelLength {
        /// Bytes in the file.
        found: usize,
        /// Bytes by the attributes.
        expected: usize,
        /// Number of frames.
        frames: usize,
        /// Rows.
        rows: usize,
        /// Columns.
        cols: usize,
    },
    /// Compressed pixel data that could not be decoded.
    #[error("DICOM pixel data of frame {frame}: {problem}")]
    Decode {
        /// The frame, from 0.
        frame: usize,
        /// What is wrong.
        problem: String,
    },
    /// A picture that cannot be written as a Secondary Capture.
    #[error("DICOM secondary capture: {0}")]
    Capture(String),
    /// Slices that are no volume.
    #[error("DICOM slices are no volume: {0}")]
    Stack(String),
    /// A frame that the file does not have.
    #[error("frame {frame}, the file has {frames}")]
    Frame {
        /// The frame asked for, from 0.
        frame: usize,
        /// Number of frames.
        frames: usize,
    },
}
