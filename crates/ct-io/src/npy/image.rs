use std::path::Path;

use super::MAX_FILE_BYTES;
use super::header::NpyHeader;
use crate::file::read_up_to;
use crate::{Error, Image};

impl Image {
    /// Decodes the bytes of an `.npy` file of one image, of the types and shapes that
    /// [`NpyStack`](crate::NpyStack) reads.
    ///
    /// # Errors
    ///
    /// The `Npy...` variants of [`Error`] for a malformed file and for one of several images, and
    /// those of [`Image::new`].
    pub fn from_npy(bytes: &[u8]) -> Result<Self, Error> {
        let header = NpyHeader::parse(bytes, bytes.len() as u64)?;
        let (rows, cols) = header.slice_shape();
        match header.n_slices() {
            1 => {
                let values = header.values(bytes, 0).map(|value| value as f32);
                Self::new(values.collect(), rows, cols)
            }
            slices => Err(Error::NpyManySlices { slices }),
        }
    }

    /// Reads an `.npy` file of one image.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause.
    pub fn read_npy(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        read_up_to(path, MAX_FILE_BYTES)
            .and_then(|bytes| Self::from_npy(&bytes))
            .map_err(|error| error.in_file(path))
    }
}
