//! Tensors as a pickle describes them, their values elsewhere.

use burn::tensor::DType;

/// A block of values, as `torch.serialization` refers to it:
/// `('storage', type, key, location, n_values[, view])`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storage<'p> {
    pub(super) key: &'p str,
    pub(super) element: Element<'p>,
    pub(super) n_values: usize,
    /// Where a view of another storage begins; only the oldest files have views.
    pub(super) view_start: usize,
}

impl Storage<'_> {
    /// How many values of a type the storage holds.
    pub(super) fn reach(&self, element: Element<'_>) -> usize {
        match (self.element.size(), element.size()) {
            (Some(own), Some(size)) => self.n_values.saturating_mul(own) / size,
            _ => self.n_values,
        }
    }
}

/// The type of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Element<'p> {
    Known(DType),
    /// Complex, quantised or unknown: its name, and its bytes where they are known.
    Other(&'p str, Option<usize>),
}

impl<'p> Element<'p> {
    /// Of the name of a storage class or of a `torch.dtype`.
    pub(super) fn named(name: &'p str) -> Self {
        let name = name.strip_suffix("Storage").unwrap_or(name);
        Self::Known(match name {
            "Float" | "float32" => DType::F32,
            "Double" | "float64" => DType::F64,
            "Half" | "float16" => DType::F16,
            "BFloat16" | "bfloat16" => DType::BF16,
            "Long" | "int64" => DType::I64,
            "Int" | "int32" => DType::I32,
            "Short" | "int16" => DType::I16,
            "Char" | "int8" => DType::I8,
            "Byte" | "uint8" => DType::U8,
            "uint16" => DType::U16,
            "uint32" => DType::U32,
            "uint64" => DType::U64,
            _ => {
                let size = match name {
                    "ComplexDouble" => Some(16),
                    "ComplexFloat" => Some(8),
                    "QInt32" => Some(4),
                    "Bool" | "QInt8" | "QUInt8" | "QUInt4x2" | "QUInt2x4" | "Untyped" => Some(1),
                    _ => None,
                };
                return Self::Other(name, size);
            }
        })
    }

    pub(super) fn size(self) -> Option<usize> {
        match self {
            Self::Known(dtype) => Some(dtype.size()),
            Self::Other(_, size) => size,
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Known(dtype) => crate::entry::dtype_name(dtype),
            Self::Other(name, _) => name.to_lowercase(),
        }
    }
}

/// A tensor that the pickle describes.
#[derive(Debug)]
pub(super) struct Tensor<'p> {
    pub(super) element: Element<'p>,
    pub(super) shape: Vec<usize>,
    pub(super) place: Place<'p>,
}

/// Where a tensor's values are.
#[derive(Debug)]
pub(super) enum Place<'p> {
    /// In a storage: the first value, and the steps between values along each dimension.
    Strided {
        key: &'p str,
        start: usize,
        strides: Vec<usize>,
    },
    /// In a form that is not read, such as that of a sparse tensor.
    Unread,
    /// Nowhere: the description contradicts itself.
    Nowhere(&'static str),
}
