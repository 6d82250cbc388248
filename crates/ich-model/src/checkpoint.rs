//! Named tensors in a file, whatever its format, and files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use burn::tensor::Bytes;
use burn_store::burn_pack::{self, AtomicFile, Reader, Tensor as StoredTensor};
use burn_store::{ModuleStore, SafetensorsStore};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::foreign::Foreign;

/// Four times the largest network that can be configured, in `f64`, would be 23 GiB; no file of
/// that kind exists. ResNet-18 in `f64` has 90 MB.
pub(crate) const MAX_FILE_BYTES: u64 = 4 << 30;

/// The bytes of a regular file of at most 4 GiB, read once.
///
/// # Errors
///
/// [`Error::Io`], [`Error::NotAFile`] and [`Error::FileTooLarge`], which do not name the file, and
/// [`Error::UnknownFormat`] for a folder that is a model of another framework.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir()
        && let Some(found) = Foreign::of_folder(path)
    {
        return Err(Error::UnknownFormat { found: Some(found) });
    }
    // A pipe would wait to be written to.
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    let too_large = |bytes| Error::FileTooLarge {
        bytes,
        limit: MAX_FILE_BYTES,
    };
    if metadata.len() > MAX_FILE_BYTES {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(metadata.len() as usize)
        .map_err(std::io::Error::from)?;
    File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        n_bytes if n_bytes > MAX_FILE_BYTES => Err(too_large(n_bytes)),
        _ => Ok(bytes),
    }
}

/// The SHA-256 of some bytes in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn open_safetensors(bytes: Vec<u8>) -> Result<Vec<StoredTensor>, Error> {
    let mut store = SafetensorsStore::from_bytes(Some(bytes)).map_indices_contiguous(false);
    collect(&mut store).map_err(|error| malformed("safetensors", error))
}

pub(crate) fn open_burnpack(bytes: Vec<u8>) -> Result<Vec<StoredTensor>, Error> {
    Reader::from_bytes(Bytes::from_bytes_vec(bytes))
        .and_then(Reader::into_tensors)
        .map_err(|error| malformed("burnpack", error))
}

fn collect<S: ModuleStore>(store: &mut S) -> Result<Vec<StoredTensor>, S::Error> {
    Ok(store.get_all_tensors()?.values().cloned().collect())
}

/// Writes a file that appears under its name only when it is complete. It has the permissions of
/// any new file, or those of the file it replaces.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let save_error = |error: burn_pack::Error| Error::Save(error.to_string());
    let (scratch, mut file) = AtomicFile::create(path).map_err(save_error)?;
    file.write_all(bytes)?;
    // Windows does not rename a file that is open.
    drop(file);
    scratch.commit().map_err(save_error)
}

pub(crate) fn malformed(format: &'static str, error: impl ToString) -> Error {
    Error::Malformed {
        format,
        message: error.to_string(),
    }
}
