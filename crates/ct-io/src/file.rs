//! Files from outside: only regular ones, and none that is too long is held.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::Error;

/// Longest file that is held as a whole: twice an enhanced CT of 1,000 frames of 512 x 512.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 30;

/// The length of a regular file; a pipe or a device would never end.
pub(crate) fn length_of(path: &Path) -> Result<u64, Error> {
    let metadata = fs::metadata(path)?;
    match metadata.is_file() {
        true => Ok(metadata.len()),
        false => Err(Error::NotAFile),
    }
}

/// The length of a regular file that is not too long to be held.
pub(crate) fn length_of_whole(path: &Path) -> Result<u64, Error> {
    match length_of(path)? {
        n_bytes if n_bytes > MAX_FILE_BYTES => Err(too_long()),
        n_bytes => Ok(n_bytes),
    }
}

/// All bytes of a regular file.
pub(crate) fn read_whole(path: &Path) -> Result<Vec<u8>, Error> {
    length_of_whole(path)?;
    read_all(&mut File::open(path)?)
}

/// All bytes of what holds a file; one that goes on for ever is left.
pub(crate) fn read_all(source: &mut impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    source.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_FILE_BYTES {
        true => Err(too_long()),
        false => Ok(bytes),
    }
}

fn too_long() -> Error {
    Error::TooLong {
        limit: MAX_FILE_BYTES,
    }
}

/// The first bytes of a regular file, at most `n_bytes`.
pub(crate) fn read_prefix(path: &Path, n_bytes: u64) -> Result<Vec<u8>, Error> {
    length_of(path)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(n_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}
