//! Values of constant tensors, in the file or in another one beside it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use burn::tensor::{Bytes, DType, TensorData};

use super::model::{Data, Tensor};
use super::wire::Value;
use crate::Error;
use crate::checkpoint::{MAX_FILE_BYTES, malformed};
use crate::entry;

/// The name of a tensor's element type.
pub(super) fn dtype_name(tensor: &Tensor<'_>) -> String {
    match dtype(tensor) {
        Some(dtype) => entry::dtype_name(dtype),
        None => format!("ONNX type {}", tensor.data_type),
    }
}

/// The element type of a tensor, if it is one that Burn has.
fn dtype(tensor: &Tensor<'_>) -> Option<DType> {
    // `TensorProto.DataType`.
    Some(match tensor.data_type {
        1 => DType::F32,
        2 => DType::U8,
        3 => DType::I8,
        4 => DType::U16,
        5 => DType::I16,
        6 => DType::I32,
        7 => DType::I64,
        10 => DType::F16,
        11 => DType::F64,
        12 => DType::U32,
        13 => DType::U64,
        16 => DType::BF16,
        _ => return None,
    })
}

/// The dimensions of a tensor, none of which is negative.
pub(super) fn shape(tensor: &Tensor<'_>) -> Result<Vec<usize>, Error> {
    let sizes = tensor.shape.iter().map(|&size| usize::try_from(size));
    sizes.collect::<Result<_, _>>().map_err(|_| {
        malformed(
            "ONNX",
            format!("tensor {} has shape {:?}", tensor.name, tensor.shape),
        )
    })
}

/// The values of a tensor. Those of another file are read from `folder` and nowhere else.
pub(super) fn read(tensor: &Tensor<'_>, folder: Option<&Path>) -> Result<TensorData, Error> {
    let dtype = dtype(tensor).ok_or_else(|| Error::DType {
        tensor: tensor.name.to_owned(),
        found: dtype_name(tensor),
    })?;
    let shape = shape(tensor)?;
    let n_bytes = shape
        .iter()
        .try_fold(dtype.size(), |n, &size| n.checked_mul(size))
        .ok_or_else(|| {
            malformed(
                "ONNX",
                format!("tensor {} has shape {shape:?}", tensor.name),
            )
        })?;
    let bytes = match &tensor.data {
        Data::None => Vec::new(),
        Data::Raw(bytes) => bytes.to_vec(),
        Data::Listed(field, parts) => listed(tensor, dtype, *field, parts)?,
        Data::External(entries) => external(tensor, entries, n_bytes, folder)?,
    };
    if bytes.len() != n_bytes {
        return Err(malformed(
            "ONNX",
            format!(
                "tensor {} of shape {shape:?} has {} bytes of values, expected {n_bytes}",
                tensor.name,
                bytes.len()
            ),
        ));
    }
    Ok(TensorData::from_bytes(
        Bytes::from_bytes_vec(bytes),
        shape,
        dtype,
    ))
}

/// Values in the list of their type: `float_data`, `int32_data`, `int64_data`, `double_data`.
fn listed(
    tensor: &Tensor<'_>,
    dtype: DType,
    field: u64,
    parts: &[&[u8]],
) -> Result<Vec<u8>, Error> {
    match (field, dtype) {
        (4, DType::F32) | (10, DType::F64) => Ok(parts.concat()),
        (5, DType::F16 | DType::BF16) => varints(parts, |bits| (bits as u16).to_le_bytes()),
        (5, DType::I32) => varints(parts, |value| (value as i32).to_le_bytes()),
        (7, DType::I64) => varints(parts, i64::to_le_bytes),
        _ => Err(malformed(
            "ONNX",
            format!(
                "tensor {} keeps its {dtype:?} values in field {field}",
                tensor.name
            ),
        )),
    }
}

fn varints<const N: usize>(
    parts: &[&[u8]],
    bytes: impl Fn(i64) -> [u8; N],
) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for part in parts {
        for value in Value::Bytes(part).ints()? {
            all.extend(bytes(value?));
        }
    }
    Ok(all)
}

/// Values in a file of the model's folder.
fn external(
    tensor: &Tensor<'_>,
    entries: &[(&str, &str)],
    n_bytes: usize,
    folder: Option<&Path>,
) -> Result<Vec<u8>, Error> {
    let entry = |key: &str| entries.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    let location = entry("location").unwrap_or_default();
    let fault = |reason: String| Error::ExternalData {
        tensor: tensor.name.to_owned(),
        location: location.to_owned(),
        reason,
    };
    let number = |key: &str| match entry(key) {
        None => Ok(None),
        Some(text) => text
            .parse::<u64>()
            .map(Some)
            .map_err(|_| fault(format!("its {key} is {text:?}, expected a whole number"))),
    };
    let offset = number("offset")?.unwrap_or(0);
    if let Some(length) = number("length")?
        && length != n_bytes as u64
    {
        return Err(fault(format!(
            "its length is {length} bytes, its shape asks for {n_bytes}"
        )));
    }

    let is_below = Path::new(location)
        .components()
        .all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
    if !is_below || location.is_empty() {
        return Err(fault(
            "only a file in the folder of the model is read".to_owned(),
        ));
    }
    let folder = folder.ok_or_else(|| fault("the model is not a file with a folder".to_owned()))?;
    // A link may lead out of the folder.
    let folder = folder.canonicalize()?;
    let path = folder
        .join(location)
        .canonicalize()
        .map_err(|error| fault(error.to_string()))?;
    let metadata = path.metadata()?;
    if !path.starts_with(&folder) || !metadata.is_file() {
        return Err(fault(
            "only a file in the folder of the model is read".to_owned(),
        ));
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge {
            bytes: metadata.len(),
            limit: MAX_FILE_BYTES,
        });
    }
    let end = offset.checked_add(n_bytes as u64);
    if end.is_none_or(|end| end > metadata.len()) {
        return Err(fault(format!(
            "it has {} bytes, {n_bytes} from byte {offset} are expected",
            metadata.len()
        )));
    }
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; n_bytes];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
