//! One tensor in a file of its own.

use std::path::Path;

use burn::tensor::TensorData;
use safetensors::tensor::TensorView;

use crate::checkpoint;
use crate::entry::Entry;
use crate::format::Format;
use crate::pytorch::Checkpoint;
use crate::{Error, Precision};

/// Three channels of 8192 x 8192.
const MAX_VALUES: usize = 3 << 26;

/// The one tensor of a file: what `torch.save(tensor)` writes, or a safetensors file with a single
/// entry.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorFile {
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Values in row-major order, all finite.
    pub values: Vec<f32>,
}

impl TensorFile {
    /// Reads a `.pt` or safetensors file, told apart by content.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: [`Error::Io`],
    /// [`Error::NotAFile`], [`Error::FileTooLarge`] and those of [`TensorFile::from_bytes`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        checkpoint::read_file(path)
            .and_then(Self::from_bytes)
            .map_err(|error| error.in_file(path))
    }

    /// Decodes the bytes of a `.pt` or safetensors file with a single tensor.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFormat`], [`Error::NotATensorFormat`], [`Error::Malformed`],
    /// [`Error::NotOneTensor`], [`Error::Shape`], [`Error::DType`] and [`Error::NotFinite`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        match Format::detect(&bytes)? {
            Format::Safetensors => {
                let tensors = checkpoint::open_safetensors(bytes)?;
                let entries = tensors.iter();
                Self::of_entries(entries.map(|t| Entry::stored(t.name.clone(), t)).collect())
            }
            Format::PyTorch | Format::TorchScript => {
                Self::of_entries(Checkpoint::from_archive(bytes)?.entries().collect())
            }
            Format::PyTorchLegacy => {
                Self::of_entries(Checkpoint::from_legacy(bytes)?.entries().collect())
            }
            format @ (Format::Burnpack | Format::Onnx) => Err(Error::NotATensorFormat { format }),
        }
    }

    /// Saves a safetensors file whose one entry is `name`.
    ///
    /// The file appears under its name only when it is complete; an existing one is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::File`] around [`Error::Io`] or [`Error::Save`].
    pub fn save(
        &self,
        path: impl AsRef<Path>,
        name: &str,
        precision: Precision,
    ) -> Result<(), Error> {
        let path = path.as_ref();
        self.to_safetensors(name, precision)
            .and_then(|bytes| checkpoint::write(path, &bytes))
            .map_err(|error| error.in_file(path))
    }

    fn to_safetensors(&self, name: &str, precision: Precision) -> Result<Vec<u8>, Error> {
        let data = TensorData::new(self.values.clone(), self.shape.clone())
            .convert_dtype(precision.dtype());
        let dtype = match precision {
            Precision::F16 => safetensors::Dtype::F16,
            Precision::F32 => safetensors::Dtype::F32,
        };
        TensorView::new(dtype, self.shape.clone(), data.bytes())
            .and_then(|view| safetensors::serialize([(name, view)], None))
            .map_err(|error| Error::Save(error.to_string()))
    }

    fn of_entries(entries: Vec<Entry<'_>>) -> Result<Self, Error> {
        let [entry] = &entries[..] else {
            return Err(Error::NotOneTensor {
                found: entries.len(),
            });
        };
        let mut sizes = entry.shape.iter();
        let n_values = sizes.try_fold(1_usize, |n, &size| n.checked_mul(size));
        if n_values.is_none_or(|n| n > MAX_VALUES) {
            return Err(Error::Shape {
                tensor: entry.name.clone(),
                found: entry.shape.clone(),
                expected: format!("at most {MAX_VALUES} values"),
            });
        }
        Ok(Self {
            shape: entry.shape.clone(),
            values: entry.read_f32()?.iter::<f32>().collect(),
        })
    }
}
