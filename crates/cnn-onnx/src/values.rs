//! Values of constant tensors, in the file or in another one beside it.

use half::{bf16, f16};

use crate::array::{Array, n_values};
use crate::error::{Error, malformed};
use crate::external::ExternalData;
use crate::proto::{Data, Tensor};
use crate::wire::Value;

/// What a file says of one of its constants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initializer {
    /// Its name in the file.
    pub name: String,
    /// Type of its elements, such as `f32`.
    pub dtype: String,
    /// Its dimensions, outermost first.
    pub shape: Vec<usize>,
}

/// `TensorProto.DataType`, those of real numbers and of truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    F32,
    U8,
    I8,
    U16,
    I16,
    I32,
    I64,
    Bool,
    F16,
    F64,
    U32,
    U64,
    Bf16,
}

impl Type {
    fn of(tensor: &Tensor<'_>) -> Result<Self, Error> {
        Ok(match tensor.data_type {
            1 => Self::F32,
            2 => Self::U8,
            3 => Self::I8,
            4 => Self::U16,
            5 => Self::I16,
            6 => Self::I32,
            7 => Self::I64,
            9 => Self::Bool,
            10 => Self::F16,
            11 => Self::F64,
            12 => Self::U32,
            13 => Self::U64,
            16 => Self::Bf16,
            other => {
                return Err(malformed(format!(
                    "tensor {} is of type {other}, expected real numbers",
                    tensor.name
                )));
            }
        })
    }

    fn n_bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 | Self::F16 | Self::Bf16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::I64 | Self::F64 | Self::U64 => 8,
        }
    }
}

/// What a file says of a tensor.
pub(crate) fn describe(tensor: &Tensor<'_>) -> Result<Initializer, Error> {
    let dtype = match Type::of(tensor) {
        Ok(kind) => format!("{kind:?}").to_lowercase(),
        Err(_) => format!("type {}", tensor.data_type),
    };
    Ok(Initializer {
        name: tensor.name.to_owned(),
        dtype,
        shape: shape(tensor)?,
    })
}

/// The dimensions of a tensor, none of which is negative.
fn shape(tensor: &Tensor<'_>) -> Result<Vec<usize>, Error> {
    let sizes = tensor.shape.iter().map(|&size| usize::try_from(size));
    sizes
        .collect::<Result<_, _>>()
        .map_err(|_| bad_shape(tensor))
}

fn bad_shape(tensor: &Tensor<'_>) -> Error {
    malformed(format!(
        "tensor {} has shape {:?}",
        tensor.name, tensor.shape
    ))
}

/// The values of a tensor. Those of another file are in `data`.
pub(crate) fn read(tensor: &Tensor<'_>, data: &ExternalData) -> Result<Array, Error> {
    let kind = Type::of(tensor)?;
    let shape = shape(tensor)?;
    let expected = n_values(&shape).ok_or_else(|| bad_shape(tensor))?;
    let n_bytes = expected
        .checked_mul(kind.n_bytes())
        .ok_or_else(|| bad_shape(tensor))?;
    let bytes = match &tensor.data {
        Data::None => &[],
        Data::Raw(bytes) => *bytes,
        Data::Listed(field, parts) => {
            return listed(tensor, kind, shape, expected, (*field, parts));
        }
        Data::External(entries) => data.values(tensor, entries, n_bytes)?,
    };
    if bytes.len() != n_bytes {
        let found = format!("{} bytes", bytes.len());
        return Err(wrong_length(tensor, &found, n_bytes));
    }
    Ok(from_bytes(shape, kind, bytes))
}

fn wrong_length(tensor: &Tensor<'_>, found: &str, expected: usize) -> Error {
    malformed(format!(
        "tensor {} of shape {:?} has {found} of values, expected {expected}",
        tensor.name, tensor.shape
    ))
}

fn from_bytes(shape: Vec<usize>, kind: Type, bytes: &[u8]) -> Array {
    fn all<const N: usize, T>(bytes: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
        let (chunks, _) = bytes.as_chunks::<N>();
        chunks.iter().map(|chunk| value(*chunk)).collect()
    }
    let ints = |values| Array::i64(shape.clone(), values);
    let floats = |values| Array::f32(shape.clone(), values);
    match kind {
        Type::F32 => floats(all(bytes, f32::from_le_bytes)),
        Type::F16 => floats(all(bytes, |b| f16::from_le_bytes(b).to_f32())),
        Type::Bf16 => floats(all(bytes, |b| bf16::from_le_bytes(b).to_f32())),
        Type::F64 => Array::f64(shape, all(bytes, f64::from_le_bytes)),
        Type::Bool => Array::bool(shape, all(bytes, |[b]: [u8; 1]| b != 0)),
        Type::U8 => ints(all(bytes, |[b]: [u8; 1]| i64::from(b))),
        Type::I8 => ints(all(bytes, |b| i64::from(i8::from_le_bytes(b)))),
        Type::U16 => ints(all(bytes, |b| i64::from(u16::from_le_bytes(b)))),
        Type::I16 => ints(all(bytes, |b| i64::from(i16::from_le_bytes(b)))),
        Type::U32 => ints(all(bytes, |b| i64::from(u32::from_le_bytes(b)))),
        Type::I32 => ints(all(bytes, |b| i64::from(i32::from_le_bytes(b)))),
        Type::U64 => ints(all(bytes, |b| u64::from_le_bytes(b).cast_signed())),
        Type::I64 => ints(all(bytes, i64::from_le_bytes)),
    }
}

/// Values in the list of their type: `float_data`, `int32_data`, `int64_data`, `double_data`.
fn listed(
    tensor: &Tensor<'_>,
    kind: Type,
    shape: Vec<usize>,
    expected: usize,
    (field, parts): (u64, &[&[u8]]),
) -> Result<Array, Error> {
    let array = match (field, kind) {
        (4, Type::F32) | (10, Type::F64) => {
            let bytes = parts.concat();
            if bytes.len() != expected * kind.n_bytes() {
                let found = format!("{} bytes", bytes.len());
                return Err(wrong_length(tensor, &found, expected * kind.n_bytes()));
            }
            return Ok(from_bytes(shape, kind, &bytes));
        }
        (5, Type::F16) => Array::f32(
            shape,
            varints(parts, |b| f16::from_bits(b as u16).to_f32())?,
        ),
        (5, Type::Bf16) => Array::f32(
            shape,
            varints(parts, |b| bf16::from_bits(b as u16).to_f32())?,
        ),
        (5, Type::Bool) => Array::bool(shape, varints(parts, |b| b != 0)?),
        (5, Type::I32) => Array::i64(shape, varints(parts, |b| i64::from(b as i32))?),
        (5, Type::U8 | Type::I8 | Type::U16 | Type::I16) | (7, Type::I64) => {
            Array::i64(shape, varints(parts, |b| b)?)
        }
        _ => {
            return Err(malformed(format!(
                "tensor {} keeps its {kind:?} values in field {field}",
                tensor.name
            )));
        }
    };
    if array.len() != expected {
        let found = format!("{} numbers", array.len());
        return Err(wrong_length(tensor, &found, expected));
    }
    Ok(array)
}

fn varints<T>(parts: &[&[u8]], value: impl Fn(i64) -> T) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    for part in parts {
        for int in Value::Bytes(part).ints()? {
            all.push(value(int?));
        }
    }
    Ok(all)
}
