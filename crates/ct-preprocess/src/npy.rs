//! `.npy` to `f32`, guarded: nothing is allocated before the header agrees with the file's size.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::Path;

use ndarray::Array2;
use ndarray_npy::npy::header::Header;
use ndarray_npy::{ReadNpyExt, ReadableElement};
use num_traits::AsPrimitive;

use crate::Error;

/// NumPy's own default limit (`max_header_size`).
const MAX_HEADER_BYTES: usize = 10_000;

/// 8192 x 8192 values of eight bytes.
const MAX_FILE_BYTES: u64 = 1 << 29;

/// A decoded array.
pub(crate) struct Array {
    pub(crate) values: Vec<f32>,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

/// Decodes a file; errors name it.
pub(crate) fn read<T>(
    path: &Path,
    decode: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    read_bytes(path)
        .and_then(|bytes| decode(&bytes))
        .map_err(|error| error.in_file(path))
}

/// The bytes of a regular file that is small enough to be a slice.
fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge {
            bytes: metadata.len(),
            limit: MAX_FILE_BYTES,
        });
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Decodes the bytes of a file whose element type is known.
type Decode = fn(&[u8]) -> Result<Array2<f32>, Error>;

/// Decodes a two-dimensional array of any supported type, byte order and memory order.
pub(crate) fn decode(bytes: &[u8]) -> Result<Array, Error> {
    check_header_length(bytes)?;
    let mut cursor = Cursor::new(bytes);
    let header = Header::from_reader(&mut cursor)?;
    let data_bytes = bytes.len() - cursor.position() as usize;

    let descr = match header.type_descriptor.as_string() {
        Some(descr) => descr.as_str(),
        None => {
            return Err(Error::NpyType {
                found: header.type_descriptor.to_string(),
            });
        }
    };
    let (decode, item_bytes): (Decode, usize) = match descr {
        "<i2" | ">i2" => (decode_as::<i16>, 2),
        "<u2" | ">u2" => (decode_as::<u16>, 2),
        "<i4" | ">i4" => (decode_as::<i32>, 4),
        "<f4" | ">f4" => (decode_as::<f32>, 4),
        "<f8" | ">f8" => (decode_as::<f64>, 8),
        other => {
            return Err(Error::NpyType {
                found: other.to_owned(),
            });
        }
    };
    let &[rows, cols] = header.shape.as_slice() else {
        return Err(Error::NpyShape {
            found: header.shape,
        });
    };
    let expected = (rows as u128)
        .saturating_mul(cols as u128)
        .saturating_mul(item_bytes as u128);
    if expected != data_bytes as u128 {
        return Err(Error::NpyDataLength {
            rows,
            cols,
            item_bytes,
            expected,
            found: data_bytes,
        });
    }
    if expected == 0 {
        return Err(Error::Empty { rows, cols });
    }
    let array = decode(bytes)?;
    Ok(Array {
        values: array.iter().copied().collect(),
        rows,
        cols,
    })
}

/// Checks the magic string and the declared header length, which the parser would allocate.
fn check_header_length(bytes: &[u8]) -> Result<(), Error> {
    let prefix: &[u8; 12] = bytes.first_chunk().ok_or(Error::NotNpy)?;
    if !prefix.starts_with(b"\x93NUMPY") {
        return Err(Error::NotNpy);
    }
    let (declared, prefix_bytes) = match prefix[6] {
        1 => (u16::from_le_bytes([prefix[8], prefix[9]]).into(), 10),
        _ => (
            u32::from_le_bytes([prefix[8], prefix[9], prefix[10], prefix[11]]).into(),
            12,
        ),
    };
    if declared > MAX_HEADER_BYTES as u64 || declared as usize > bytes.len() - prefix_bytes {
        return Err(Error::NpyHeaderLength {
            declared,
            limit: MAX_HEADER_BYTES,
        });
    }
    Ok(())
}

fn decode_as<T: ReadableElement + AsPrimitive<f32>>(bytes: &[u8]) -> Result<Array2<f32>, Error> {
    Ok(Array2::<T>::read_npy(bytes)?.mapv(T::as_))
}
