//! Values of constant tensors, in the file or in another one beside it.

use burn::tensor::{Bytes, DType, TensorData};

use super::external::ExternalData;
use super::model::{Data, Tensor};
use super::wire::Value;
use crate::Error;
use crate::checkpoint::malformed;
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

/// The values of a tensor. Those of another file are in `data`.
pub(super) fn read(tensor: &Tensor<'_>, data: &ExternalData) -> Result<TensorData, Error> {
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
        Data::External(entries) => data.values(tensor, entries, n_bytes)?,
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
