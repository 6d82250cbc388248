//! One tensor in a file of its own.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::Path;

use burn::tensor::TensorData;
use burn_store::burn_pack::Tensor as StoredTensor;
use safetensors::tensor::TensorView;
use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::checkpoint::{self, malformed};
use crate::entry::Entry;
use crate::format::Format;
use crate::{Error, Precision};

/// Largest pickle accepted of a file that holds one tensor; PyTorch writes some 150 bytes.
const MAX_PICKLE_BYTES: u64 = 1 << 20;

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
    /// Reads a `.pt` (PyTorch 1.6 or later) or safetensors file, told apart by content.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::read_unnamed(path).map_err(|error| error.in_file(path))
    }

    fn read_unnamed(path: &Path) -> Result<Self, Error> {
        match checkpoint::detect(path)? {
            Format::Safetensors => Self::from_safetensors(fs::read(path)?),
            Format::PyTorch => {
                let wrapped = wrap_in_dict(path)?;
                Self::from_stored(&checkpoint::open_pytorch(wrapped.path())?)
            }
            format => Err(Error::NotATensorFormat { format }),
        }
    }

    /// Decodes the bytes of a safetensors file with a single entry.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`], [`Error::NotOneTensor`], [`Error::DType`] and [`Error::NotFinite`].
    pub fn from_safetensors(bytes: Vec<u8>) -> Result<Self, Error> {
        Self::from_stored(&checkpoint::open_safetensors(bytes)?)
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

    fn from_stored(tensors: &[StoredTensor]) -> Result<Self, Error> {
        let [tensor] = tensors else {
            return Err(Error::NotOneTensor {
                found: tensors.len(),
            });
        };
        let n_values = tensor
            .shape
            .iter()
            .try_fold(1_usize, |n, &d| n.checked_mul(d));
        if n_values.is_none_or(|n| n > MAX_VALUES) {
            return Err(Error::Shape {
                tensor: tensor.name.clone(),
                found: tensor.shape.to_vec(),
                expected: format!("at most {MAX_VALUES} values"),
            });
        }
        Ok(Self {
            shape: tensor.shape.to_vec(),
            values: Entry::stored(tensor.name.clone(), tensor)
                .read_f32()?
                .iter::<f32>()
                .collect(),
        })
    }
}

/// Copies the archive with its root tensor as the one entry of a dictionary, because the reader of
/// checkpoints wants a dictionary at the root.
///
/// The pickle `PROTO 2, <tensor>, STOP` becomes
/// `PROTO 2, EMPTY_DICT, "tensor", <tensor>, SETITEM, STOP`; nothing of `<tensor>` is interpreted.
/// A root that is a dictionary already is left as it is.
fn wrap_in_dict(path: &Path) -> Result<NamedTempFile, Error> {
    let zip_error = |error: zip::result::ZipError| malformed("PyTorch", error);
    let mut archive = ZipArchive::new(File::open(path)?).map_err(zip_error)?;
    let mut wrapped = NamedTempFile::new()?;
    let mut writer = ZipWriter::new(wrapped.as_file_mut());
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(zip_error)?;
        let name = entry.name().map_err(zip_error)?.into_owned();
        if name == "data.pkl" || name.ends_with("/data.pkl") {
            drop(entry);
            let mut pickle = Vec::new();
            archive
                .by_index(index)
                .map_err(zip_error)?
                .take(MAX_PICKLE_BYTES + 1)
                .read_to_end(&mut pickle)?;
            let pickle = wrap_pickle(&pickle)?;
            writer
                .start_file(name, SimpleFileOptions::default())
                .map_err(zip_error)?;
            writer.write_all(&pickle)?;
        } else {
            writer.raw_copy_file(entry).map_err(zip_error)?;
        }
    }
    writer.finish().map_err(zip_error)?;
    wrapped.as_file_mut().rewind()?;
    Ok(wrapped)
}

fn wrap_pickle(pickle: &[u8]) -> Result<Vec<u8>, Error> {
    const EMPTY_DICT: u8 = b'}';
    const KEY: &[u8] = b"X\x06\x00\x00\x00tensor";
    const SETITEM_STOP: &[u8] = b"s.";

    if pickle.len() as u64 > MAX_PICKLE_BYTES {
        return Err(malformed(
            "PyTorch",
            format!("data.pkl has more than {MAX_PICKLE_BYTES} bytes, too many for one tensor"),
        ));
    }
    match pickle {
        [0x80, 0x02, tensor @ .., b'.'] if tensor.first() != Some(&EMPTY_DICT) => {
            Ok([b"\x80\x02}", KEY, tensor, SETITEM_STOP].concat())
        }
        _ => Ok(pickle.to_owned()),
    }
}
