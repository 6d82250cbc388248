use std::path::Path;

use super::NpyError;
use super::header::NpyHeader;
use crate::file::read_whole;
use crate::{Error, Image};

/// Bytes of a header that is written: with the 10 before it a multiple of 64, with room for the
/// longest sides.
const HEADER_BYTES: u16 = 118;

impl Image {
    /// Decodes the bytes of an `.npy` file of one image, of the types and shapes that
    /// [`NpyStack`](crate::NpyStack) reads.
    ///
    /// # Errors
    ///
    /// [`Error::Npy`] for a malformed file and for one of several images, and
    /// those of [`Image::new`].
    pub fn from_npy(bytes: &[u8]) -> Result<Self, Error> {
        let header = NpyHeader::parse(bytes, bytes.len() as u64)?;
        let (rows, cols) = header.slice_shape();
        match header.n_slices() {
            1 => {
                let values = header.values(bytes, 0).map(|value| value as f32);
                Self::new(values.collect(), rows, cols)
            }
            slices => Err(NpyError::ManySlices { slices }.into()),
        }
    }

    /// Reads an `.npy` file of one image.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause.
    pub fn read_npy(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        read_whole(path)
            .and_then(|bytes| Self::from_npy(&bytes))
            .map_err(|error| error.in_file(path))
    }

    /// The bytes of an `.npy` file of `f32` in little endian, `(rows, cols)`, of version 1.0.
    pub fn to_npy(&self) -> Vec<u8> {
        let (rows, cols) = (self.rows(), self.cols());
        let array =
            format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols})}}");
        let padded_bytes = usize::from(HEADER_BYTES) - 1;
        let header = format!("{array:padded_bytes$}\n");

        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(HEADER_BYTES.to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(self.values().iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }
}
