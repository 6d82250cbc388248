//! DICOM files that are compressed as a whole.

use std::borrow::Cow;
use std::io::{self, Read};

use super::DicomError;
use super::meta::{PREFIX_BYTES, start_of};
use crate::file::MAX_FILE_BYTES;
use crate::gzip::{Inflated, is_gzip};

/// The bytes themselves, or what is in them where they are a gzip file.
pub(super) fn inflated(bytes: &[u8]) -> Result<Cow<'_, [u8]>, DicomError> {
    match is_gzip(bytes) {
        true => inflate(bytes).map(Cow::Owned),
        false => Ok(Cow::Borrowed(bytes)),
    }
}

/// The content of a gzip file, of at most [`MAX_FILE_BYTES`].
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, DicomError> {
    let mut source = Inflated::new(bytes).take(MAX_FILE_BYTES + 1);
    let mut inflated = Vec::new();
    let prefix = source.by_ref().take(PREFIX_BYTES);
    { prefix }
        .read_to_end(&mut inflated)
        .map_err(DicomError::Gzip)?;
    start_of(&inflated)?;
    source
        .read_to_end(&mut inflated)
        .map_err(DicomError::Gzip)?;
    if inflated.len() as u64 > MAX_FILE_BYTES {
        let problem = format!("more than {MAX_FILE_BYTES} bytes after inflating");
        return Err(DicomError::Gzip(io::Error::other(problem)));
    }
    Ok(inflated)
}
