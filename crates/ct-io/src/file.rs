//! Files of the user: only regular ones, and none larger than its format can be.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::Error;

/// The length of a regular file; a pipe or a device would never end.
pub(crate) fn length_of(path: &Path) -> Result<u64, Error> {
    let metadata = fs::metadata(path)?;
    match metadata.is_file() {
        true => Ok(metadata.len()),
        false => Err(Error::NotAFile),
    }
}

/// The length of a regular file that is not larger than `limit`.
pub(crate) fn length_up_to(path: &Path, limit: u64) -> Result<u64, Error> {
    match length_of(path)? {
        bytes if bytes > limit => Err(Error::FileTooLarge { bytes, limit }),
        bytes => Ok(bytes),
    }
}

/// All bytes of a regular file that is not larger than `limit`, even if it grows meanwhile.
pub(crate) fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    length_up_to(path, limit)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first bytes of a regular file, at most `n_bytes`.
pub(crate) fn read_prefix(path: &Path, n_bytes: u64) -> Result<Vec<u8>, Error> {
    length_of(path)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(n_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}
