use std::path::Path;

use super::NpyError;
use super::header::NpyHeader;
use crate::file::read_whole;
use crate::plausibility::Census;
use crate::{Error, Slice, Warning};

/// The slices of an `.npy` file. Values stay in the type of the file until a slice is asked for.
///
/// ```
/// use ct_io::NpyStack;
///
/// // Two slices of one row and two columns.
/// let text = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2, 2), }\n";
/// let length = (text.len() as u16).to_le_bytes();
/// let values: Vec<u8> = (0..8_i16).flat_map(i16::to_le_bytes).collect();
/// let bytes = [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), &values].concat();
///
/// let stack = NpyStack::from_bytes(bytes)?;
/// assert_eq!(stack.header().n_slices(), 2);
/// assert_eq!(stack.slice(1)?.hu.values_hu(), [4.0, 5.0, 6.0, 7.0]);
/// # Ok::<(), ct_io::Error>(())
/// ```
#[derive(Debug)]
pub struct NpyStack {
    header: NpyHeader,
    /// The whole file.
    bytes: Vec<u8>,
}

impl NpyStack {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        read_whole(path)
            .and_then(Self::from_bytes)
            .map_err(|error| error.in_file(path))
    }

    /// Takes the bytes of a file.
    ///
    /// Read are whole and floating numbers of 1 to 8 bytes in either byte order, in C or Fortran
    /// order. What the axes of the array are, [`NpyHeader`] says.
    ///
    /// # Errors
    ///
    /// [`Error::Npy`] for a malformed file, and [`Error::Empty`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        let header = NpyHeader::parse(&bytes, bytes.len() as u64)?;
        Ok(Self { header, bytes })
    }

    /// What the file says of its slices.
    pub fn header(&self) -> &NpyHeader {
        &self.header
    }

    /// A slice, counted from 0. Pixels without a number (NaN) are taken to be air, with a warning
    /// of code `nan-pixels`.
    ///
    /// # Errors
    ///
    /// [`NpyError::Slice`] for one that does not exist, [`Error::NoNumbers`] where most of its
    /// middle is NaN, [`Error::NotFinite`] for an infinite value.
    pub fn slice(&self, slice: usize) -> Result<Slice, Error> {
        let slices = self.header.n_slices();
        if slice >= slices {
            return Err(NpyError::Slice { slice, slices }.into());
        }
        let (rows, cols) = self.header.slice_shape();
        let values = self
            .header
            .values(&self.bytes, slice)
            .map(|value| value as f32)
            .collect();
        Slice::with_nan_as_air(values, rows, cols)
    }

    /// [`HuSlice::plausibility`](crate::HuSlice::plausibility) of all slices together.
    pub fn plausibility(&self) -> Option<Warning> {
        let slices = 0..self.header.n_slices();
        Census::of(slices.flat_map(|slice| self.header.values(&self.bytes, slice))).warning()
    }
}
