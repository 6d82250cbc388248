//! Named tensors in a file, whatever its format, and files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use burn::tensor::Bytes;
use burn_store::burn_pack::{self, AtomicFile, Reader, Tensor as StoredTensor};
use burn_store::{ModuleStore, PytorchStore, SafetensorsStore};

use crate::Error;
use crate::format::Format;

/// Four times the largest network that can be configured, in `f64`, would be 23 GiB; no file of
/// that kind exists. ResNet-18 in `f64` has 90 MB.
pub(crate) const MAX_FILE_BYTES: u64 = 4 << 30;

/// Tells the format of a regular file of acceptable size.
pub(crate) fn detect(path: &Path) -> Result<Format, Error> {
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
    let mut start = Vec::new();
    File::open(path)?
        .take(Format::N_BYTES)
        .read_to_end(&mut start)?;
    Format::detect(&start)
}

/// The tensors of a PyTorch file, ordered by name; their values are not read yet. A name is the
/// path through the dictionaries of the file, its keys joined by points.
pub(crate) fn open_pytorch(path: &Path) -> Result<Vec<StoredTensor>, Error> {
    // With contiguous mapping a missing layer1.0 would make layer1.1 take its place.
    let mut store = PytorchStore::from_file(path).map_indices_contiguous(false);
    collect(&mut store).map_err(|error| malformed("PyTorch", error))
}

pub(crate) fn open_safetensors(bytes: Vec<u8>) -> Result<Vec<StoredTensor>, Error> {
    let mut store = SafetensorsStore::from_bytes(Some(bytes)).map_indices_contiguous(false);
    collect(&mut store).map_err(|error| malformed("safetensors", error))
}

/// The tensors of a burnpack file. It is read whole: opened by name it would be read on demand, and
/// change under our hands.
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
