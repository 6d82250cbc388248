//! Checkpoints of PyTorch, read from memory.
//!
//! A file is a pickle that describes tensors, and blocks of bytes that hold their values: the
//! entries of a zip archive, or what follows the pickle in files of PyTorch before 1.6. The pickle
//! is only parsed, so objects of any class may stand beside the network: their dictionaries and
//! attributes are looked through for tensors, and nothing else is made of them.
//!
//! TorchScript archives describe their tensors in the same way; their code is not read.

mod blobs;
mod object;
mod pickle;
mod rebuild;
mod stream;
mod tensor;
mod walk;

use std::collections::HashMap;

use burn::tensor::{Bytes, TensorData};

use crate::Error;
use crate::checkpoint::malformed;
use crate::entry::{Entry, TensorInfo};
use crate::foreign::Foreign;
use crate::format::Format;
use blobs::Blob;
use object::{Objects, Value};
use walk::{Found, Values};

/// Largest pickle that is read: that of a ResNet-18 has some 20 KB.
const MAX_PICKLE_BYTES: u64 = 100 << 20;

/// Largest text entry of an archive, such as its byte order.
const MAX_TEXT_BYTES: u64 = 4096;

/// The number with which a file of PyTorch before 1.6 begins, behind at most a few opcodes.
const LEGACY_MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// How far into the file [`LEGACY_MAGIC`] is looked for.
const LEGACY_MAGIC_SEARCH: usize = 64;

/// The version of such files.
const LEGACY_VERSION: i64 = 1001;

/// The tensors of a checkpoint, ordered by name; their values are not read yet.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) format: Format,
    file: Vec<u8>,
    blobs: HashMap<String, Blob>,
    tensors: Vec<Found>,
    /// What the file holds, where that is neither a tensor nor a dictionary nor an object.
    root: Option<String>,
}

impl Checkpoint {
    /// Reads a zip archive of `torch.save` or `torch.jit.save`. The name of a tensor is the path
    /// through the dictionaries of the file, its keys joined by points.
    pub(crate) fn from_archive(file: Vec<u8>) -> Result<Self, Error> {
        let entries = blobs::zip_entries(&file).map_err(|error| malformed("PyTorch", error))?;
        let root = entries
            .keys()
            .filter_map(|name| name.strip_suffix("data.pkl"))
            .filter(|root| root.is_empty() || root.ends_with('/'))
            .min_by_key(|root| root.len());
        let Some(root) = root.map(str::to_owned) else {
            return Err(Error::UnknownFormat {
                found: Some(Foreign::of_archive(entries.keys())),
            });
        };
        let read = |name: &str, limit: u64| {
            let name = format!("{root}{name}");
            let bytes = entries.get(&name).map(|blob| blob.read(&file, limit));
            let bytes = bytes.transpose();
            bytes.map_err(|error| malformed("PyTorch", format!("entry {name}: {error}")))
        };
        if read("byteorder", MAX_TEXT_BYTES)?.is_some_and(|order| order.starts_with(b"big")) {
            return Err(big_endian());
        }
        let pickle = read("data.pkl", MAX_PICKLE_BYTES)?.unwrap_or_default();
        let mut objects = Objects::default();
        let value = pickle::read(&mut &pickle[..], &mut objects);
        let value = value.map_err(|error| malformed("PyTorch", error))?;
        let tensors = walk::tensors(&objects, value).map_err(|e| malformed("PyTorch", e))?;
        let is_script = |name: &String| {
            let name = name.strip_prefix(&root).unwrap_or(name);
            name == "constants.pkl" || name.starts_with("code/")
        };
        let format = match entries.keys().any(is_script) {
            true => Format::TorchScript,
            false => Format::PyTorch,
        };
        let described = walk::describe(&objects, value);
        drop(pickle);
        let prefix = format!("{root}data/");
        let blobs = entries.into_iter().filter_map(|(name, blob)| {
            let key = name.strip_prefix(&prefix)?;
            Some((key.to_owned(), blob))
        });
        Ok(Self {
            format,
            blobs: blobs.collect(),
            file,
            tensors,
            root: described,
        })
    }

    /// Reads a file of PyTorch before 1.6: a number, a version and the machine's properties, then
    /// the pickle, the keys of the storages, and each storage behind its length.
    pub(crate) fn from_legacy(file: Vec<u8>) -> Result<Self, Error> {
        let start = &file[..file.len().min(LEGACY_MAGIC_SEARCH)];
        let is_legacy = start.windows(LEGACY_MAGIC.len()).any(|w| w == LEGACY_MAGIC);
        if !is_legacy {
            return Err(Error::UnknownFormat {
                found: Some(Foreign::Pickle(root_class(&file))),
            });
        }
        let parsed = parse_legacy(&file).map_err(|error| malformed("PyTorch", error))?;
        let (blobs, tensors, root) = parsed;
        Ok(Self {
            format: Format::PyTorchLegacy,
            file,
            blobs,
            tensors,
            root,
        })
    }

    /// An error where the file holds something else than a dictionary, and no tensor.
    pub(crate) fn check_root(&self) -> Result<(), Error> {
        match &self.root {
            Some(root) if self.tensors.is_empty() => Err(malformed(
                "PyTorch",
                format!("it holds {root} without tensors, expected a state dict"),
            )),
            _ => Ok(()),
        }
    }

    pub(crate) fn infos(&self) -> impl Iterator<Item = TensorInfo> {
        self.tensors.iter().map(|tensor| TensorInfo {
            name: tensor.name.clone(),
            dtype: tensor.dtype_name.clone(),
            shape: tensor.shape.clone(),
        })
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.tensors.iter().map(|tensor| {
            let (name, shape) = (tensor.name.clone(), tensor.shape.clone());
            Entry::new(name, shape, || self.read(tensor))
        })
    }

    fn read(&self, tensor: &Found) -> Result<TensorData, Error> {
        let fault = |reason: &str| {
            let message = format!("tensor {}: {reason}", tensor.name);
            malformed("PyTorch", message)
        };
        let (key, start, strides, dtype) = match &tensor.values {
            Values::Strided {
                key,
                start,
                strides,
                dtype,
            } => (key, *start, strides, *dtype),
            Values::Unread => {
                return Err(Error::DType {
                    tensor: tensor.name.clone(),
                    found: tensor.dtype_name.clone(),
                });
            }
            Values::Nowhere(reason) => return Err(fault(reason)),
        };
        let blob = self.blobs.get(key);
        let blob = blob.ok_or_else(|| fault(&format!("its storage {key} is missing")))?;
        let limit = crate::checkpoint::MAX_FILE_BYTES;
        let bytes = blob
            .read(&self.file, limit)
            .map_err(|error| fault(&error))?;
        let values = gather(&bytes, dtype.size(), start, &tensor.shape, strides);
        let values = values.ok_or_else(|| fault("its storage is cut short"))?;
        Ok(TensorData::from_bytes(
            Bytes::from_bytes_vec(values),
            tensor.shape.clone(),
            dtype,
        ))
    }
}

/// The values of a tensor in row-major order, or `None` where they reach beyond `bytes`.
fn gather(
    bytes: &[u8],
    size: usize,
    start: usize,
    shape: &[usize],
    strides: &[usize],
) -> Option<Vec<u8>> {
    let n_values = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d))?;
    let value = |index: usize| {
        let from = index.checked_mul(size)?;
        bytes.get(from..from.checked_add(size)?)
    };
    let mut is_contiguous = true;
    let mut step = 1;
    for (&dim, &stride) in shape.iter().zip(strides).rev() {
        is_contiguous &= dim == 1 || stride == step;
        step *= dim;
    }
    if is_contiguous {
        let from = start.checked_mul(size)?;
        let to = from.checked_add(n_values.checked_mul(size)?)?;
        return bytes.get(from..to).map(<[u8]>::to_vec);
    }
    let mut values = Vec::with_capacity(n_values.checked_mul(size)?);
    for index in 0..n_values {
        let (mut rest, mut place) = (index, start);
        for (&dim, &stride) in shape.iter().zip(strides).rev() {
            place = place.checked_add((rest % dim).checked_mul(stride)?)?;
            rest /= dim;
        }
        values.extend_from_slice(value(place)?);
    }
    Some(values)
}

type Legacy = (HashMap<String, Blob>, Vec<Found>, Option<String>);

fn parse_legacy(file: &[u8]) -> Result<Legacy, String> {
    let mut rest = file;
    let mut header = Objects::default();
    pickle::read(&mut rest, &mut header)?;
    let version = pickle::read(&mut rest, &mut header)?;
    if version != Value::Int(LEGACY_VERSION) {
        return Err(format!(
            "its version is {version:?}, expected {LEGACY_VERSION}"
        ));
    }
    let system = pickle::read(&mut rest, &mut header)?;
    let items = header.mapping(system).map(|system| &system.items[..]);
    let order = (Value::Text("little_endian"), Value::Bool(false));
    if items.is_some_and(|items| items.contains(&order)) {
        return Err(BIG_ENDIAN.to_owned());
    }
    let mut objects = Objects::default();
    let root = pickle::read(&mut rest, &mut objects)?;
    let keys = pickle::read(&mut rest, &mut header)?;
    let keys = header.sequence(keys).ok_or("it lists no storages")?;
    let sizes = walk::storage_sizes(&objects);

    let mut blobs = HashMap::new();
    for &key in keys {
        let Value::Text(key) = key else {
            return Err("the key of a storage is no text".to_owned());
        };
        let (length, tail) = rest.split_first_chunk().ok_or("it is cut short")?;
        let n_values = usize::try_from(i64::from_le_bytes(*length)).ok();
        let size = sizes.get(key).copied().flatten();
        let size = size.ok_or_else(|| format!("the type of storage {key} is unknown"))?;
        let n_bytes = n_values.and_then(|n| n.checked_mul(size));
        let (_, tail) = n_bytes
            .and_then(|n_bytes| tail.split_at_checked(n_bytes))
            .ok_or_else(|| format!("storage {key} is cut short"))?;
        let end = file.len() - tail.len();
        let start = end - n_bytes.unwrap_or_default();
        blobs.insert(key.to_owned(), Blob::plain(start..end));
        rest = tail;
    }
    let tensors = walk::tensors(&objects, root)?;
    Ok((blobs, tensors, walk::describe(&objects, root)))
}

const BIG_ENDIAN: &str = "it was saved on a big-endian machine; save it again on another one";

fn big_endian() -> Error {
    malformed("PyTorch", BIG_ENDIAN)
}

/// The class of what a pickle holds, or the first one that it names.
fn root_class(file: &[u8]) -> Option<String> {
    let mut objects = Objects::default();
    let value = pickle::read(&mut &file[..], &mut objects);
    let class = value
        .ok()
        .and_then(|value| objects.mapping(value)?.class)
        .or_else(|| objects.first_global());
    class.map(|(module, name)| format!("{module}.{name}"))
}
