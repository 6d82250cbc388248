//! Blob ids of files, and from text.

use std::fs::File;
use std::path::Path;
use std::str::FromStr;

use crate::blob_id::{BlobId, N_BYTES};
use crate::error::Error;

impl BlobId {
    /// The blob id of a file on disk, read in small pieces.
    ///
    /// # Errors
    ///
    /// [`Error::NotAFile`] and [`Error::Read`].
    pub fn of_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let read_error = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        // Before opening: to open a pipe would wait for its writer.
        if !path.metadata().map_err(read_error)?.is_file() {
            return Err(Error::NotAFile {
                path: path.to_owned(),
            });
        }
        let mut file = File::open(path).map_err(read_error)?;
        let n_bytes = file.metadata().map_err(read_error)?.len();
        Self::of_reader(n_bytes, &mut file).map_err(read_error)
    }
}

impl FromStr for BlobId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BlobId {
            text: text.to_owned(),
        };
        let digits = text.as_bytes();
        if digits.len() != 2 * N_BYTES {
            return Err(bad());
        }
        let value = |digit: u8| char::from(digit).to_digit(16).ok_or_else(bad);
        let mut bytes = [0; N_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (value(pair[0])? << 4 | value(pair[1])?) as u8;
        }
        Ok(Self::from_hash(bytes))
    }
}
