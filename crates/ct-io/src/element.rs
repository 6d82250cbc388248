//! Numbers as files store them.

use half::f16;

/// The type of a stored number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
}

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl Element {
    /// Bytes of a number.
    pub(crate) fn n_bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The number that starts a slice of bytes. Whole numbers beyond 2^53 are rounded.
    pub(crate) fn decode(self, order: ByteOrder, bytes: &[u8]) -> f64 {
        match self {
            Self::I8 => i8::from_le_bytes(first(order, bytes)).into(),
            Self::U8 => u8::from_le_bytes(first(order, bytes)).into(),
            Self::I16 => i16::from_le_bytes(first(order, bytes)).into(),
            Self::U16 => u16::from_le_bytes(first(order, bytes)).into(),
            Self::I32 => i32::from_le_bytes(first(order, bytes)).into(),
            Self::U32 => u32::from_le_bytes(first(order, bytes)).into(),
            Self::I64 => i64::from_le_bytes(first(order, bytes)) as f64,
            Self::U64 => u64::from_le_bytes(first(order, bytes)) as f64,
            Self::F16 => f16::from_le_bytes(first(order, bytes)).into(),
            Self::F32 => f32::from_le_bytes(first(order, bytes)).into(),
            Self::F64 => f64::from_le_bytes(first(order, bytes)),
        }
    }
}

/// The first `N` bytes, the least significant one first.
fn first<const N: usize>(order: ByteOrder, bytes: &[u8]) -> [u8; N] {
    let mut number = [0; N];
    number.copy_from_slice(&bytes[..N]);
    if order == ByteOrder::Big {
        number.reverse();
    }
    number
}
