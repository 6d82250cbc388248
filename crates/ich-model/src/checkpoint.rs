//! Named tensors in a file, whatever its format: told apart by content, decoded to `f32`.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use burn::tensor::{DType, TensorData};
use burn_store::burn_pack::{self, AtomicFile, Tensor as StoredTensor};
use burn_store::{ModuleStore, PytorchStore, SafetensorsStore, bridge};

use crate::Error;

/// Four times the largest network that can be configured, in `f64`, would be 23 GiB; no file of
/// that kind exists. ResNet-18 in `f64` has 90 MB.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// Longest safetensors header accepted: the limit of the format's own reader.
const MAX_SAFETENSORS_HEADER_BYTES: u64 = 100_000_000;

/// Formats of weights files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `torch.save`: a zip archive since PyTorch 1.6, a pickle stream before.
    PyTorch { zip: bool },
    /// A length, a JSON header and the values.
    Safetensors,
}

impl Format {
    /// Tells the format from the first bytes of a file.
    pub(crate) fn detect(start: &[u8]) -> Result<Self, Error> {
        if start.starts_with(b"PK\x03\x04") {
            return Ok(Format::PyTorch { zip: true });
        }
        if start.first() == Some(&0x80) && start.get(1).is_some_and(|protocol| *protocol <= 5) {
            return Ok(Format::PyTorch { zip: false });
        }
        if let Some((length, rest)) = start.split_first_chunk::<8>() {
            let length = u64::from_le_bytes(*length);
            if rest.first() == Some(&b'{') && length <= MAX_SAFETENSORS_HEADER_BYTES {
                return Ok(Format::Safetensors);
            }
        }
        let text = String::from_utf8_lossy(start).trim_start().to_lowercase();
        let hint = if start.is_empty() {
            Some("it is empty")
        } else if text.starts_with("version https://git-lfs") {
            Some("it is a git-LFS pointer; fetch the file itself with `git lfs pull`")
        } else if text.starts_with("<!doctype html") || text.starts_with("<html") {
            Some("it is an HTML page, perhaps of a log-in")
        } else {
            None
        };
        Err(Error::UnknownFormat { hint })
    }
}

/// First bytes of a regular file of acceptable size.
pub(crate) fn read_start(path: &Path) -> Result<Vec<u8>, Error> {
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
    File::open(path)?.take(64).read_to_end(&mut start)?;
    Ok(start)
}

/// The tensors of a file, ordered by name; their values are not read yet.
pub(crate) fn open(path: &Path) -> Result<Vec<StoredTensor>, Error> {
    match Format::detect(&read_start(path)?)? {
        Format::PyTorch { .. } => open_pytorch(path),
        Format::Safetensors => open_safetensors(fs::read(path)?),
    }
}

pub(crate) fn open_pytorch(path: &Path) -> Result<Vec<StoredTensor>, Error> {
    // With contiguous mapping a missing layer1.0 would make layer1.1 take its place.
    let mut store = PytorchStore::from_file(path).map_indices_contiguous(false);
    collect(&mut store).map_err(|error| malformed("PyTorch", error))
}

pub(crate) fn open_safetensors(bytes: Vec<u8>) -> Result<Vec<StoredTensor>, Error> {
    let mut store = SafetensorsStore::from_bytes(Some(bytes)).map_indices_contiguous(false);
    collect(&mut store).map_err(|error| malformed("safetensors", error))
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

/// Reads a tensor's values, converted to `f32` and checked to be finite.
pub(crate) fn read_f32(tensor: &StoredTensor) -> Result<TensorData, Error> {
    if !matches!(
        tensor.dtype,
        DType::F64 | DType::F32 | DType::F16 | DType::BF16
    ) {
        return Err(Error::DType {
            tensor: tensor.name.clone(),
            found: format!("{:?}", tensor.dtype),
        });
    }
    let data = bridge::to_data(tensor)
        .map_err(|error| malformed("weights", format!("tensor {}: {error}", tensor.name)))?
        .convert_dtype(DType::F32);
    let not_finite = data.iter::<f32>().enumerate().find(|(_, v)| !v.is_finite());
    match not_finite {
        None => Ok(data),
        Some((index, value)) => Err(Error::NotFinite {
            tensor: tensor.name.clone(),
            index,
            value,
        }),
    }
}
