//! The wire format of protocol buffers, as far as reading needs it.
//!
//! Nothing is copied and nothing is allocated, so a reader of messages can refuse a list as soon as
//! it grows too long. Source: protobuf.dev, "Encoding".

use crate::error::{Error, malformed};

/// The value of one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    /// A whole number or an enumerator.
    Varint(u64),
    /// `fixed64` or `double`.
    Fixed64([u8; 8]),
    /// A string, bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// `fixed32` or `float`.
    Fixed32([u8; 4]),
}

impl<'a> Value<'a> {
    /// A signed whole number.
    pub(crate) fn int(self) -> Result<i64, Error> {
        match self {
            Value::Varint(value) => Ok(value.cast_signed()),
            other => Err(unexpected(other, "a whole number")),
        }
    }

    /// A `float`.
    pub(crate) fn float(self) -> Result<f32, Error> {
        match self {
            Value::Fixed32(bytes) => Ok(f32::from_le_bytes(bytes)),
            other => Err(unexpected(other, "a float")),
        }
    }

    /// Bytes or a message.
    pub(crate) fn bytes(self) -> Result<&'a [u8], Error> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(unexpected(other, "bytes")),
        }
    }

    /// A string.
    pub(crate) fn text(self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()?).map_err(malformed)
    }

    /// The numbers of a repeated field of whole numbers, packed or not.
    pub(crate) fn ints(self) -> Result<Ints<'a>, Error> {
        match self {
            Value::Varint(value) => Ok(Ints::One(Some(value))),
            Value::Bytes(rest) => Ok(Ints::Packed(rest)),
            other => Err(unexpected(other, "whole numbers")),
        }
    }

    /// The numbers of a repeated field of floats, packed or not.
    pub(crate) fn floats(self) -> Result<impl Iterator<Item = f32> + 'a, Error> {
        let (single, packed) = match self {
            Value::Fixed32(bytes) => (Some(f32::from_le_bytes(bytes)), &[][..]),
            Value::Bytes(bytes) if bytes.len().is_multiple_of(4) => (None, bytes),
            other => return Err(unexpected(other, "floats")),
        };
        let (packed, _) = packed.as_chunks::<4>();
        let packed = packed.iter().map(|bytes| f32::from_le_bytes(*bytes));
        Ok(single.into_iter().chain(packed))
    }
}

fn unexpected(value: Value<'_>, expected: &str) -> Error {
    let found = match value {
        Value::Varint(_) => "a whole number",
        Value::Fixed64(_) => "64 bits",
        Value::Bytes(_) => "bytes",
        Value::Fixed32(_) => "32 bits",
    };
    malformed(format!("{found} where {expected} is expected"))
}

/// The fields of a message in the order of the file: each its number and its value.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn read(&mut self) -> Option<(u64, Value<'a>)> {
        let key = varint(&mut self.rest)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut self.rest)?),
            1 => Value::Fixed64(array(&mut self.rest)?),
            2 => {
                let length = usize::try_from(varint(&mut self.rest)?).ok()?;
                let (bytes, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed32(array(&mut self.rest)?),
            // 3 and 4 are the groups of old, which ONNX never had.
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let n_left = self.rest.len();
        let field = self.read();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field.ok_or_else(|| {
            malformed(format!(
                "no valid field in the last {n_left} bytes of a message"
            ))
        }))
    }
}

/// Whole numbers of a repeated field.
pub(crate) enum Ints<'a> {
    One(Option<u64>),
    Packed(&'a [u8]),
}

impl Iterator for Ints<'_> {
    type Item = Result<i64, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Ints::One(value) => value.take().map(|value| Ok(value.cast_signed())),
            Ints::Packed([]) => None,
            Ints::Packed(rest) => {
                let value = varint(rest).map(u64::cast_signed);
                if value.is_none() {
                    *rest = &[];
                }
                Some(value.ok_or_else(|| malformed("a list of numbers is cut")))
            }
        }
    }
}

/// Seven bits a byte, least significant first; the top bit says that more follow.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        // The tenth byte holds one bit.
        if shift == 63 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (array, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*array)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &[u8]) -> Result<Vec<(u64, Value<'_>)>, Error> {
        Fields::of(message).collect()
    }

    /// The first two are the examples of the page that describes the format.
    #[test]
    fn reads_every_kind_of_value() {
        assert_eq!(
            fields(&[0x08, 0x96, 0x01]).expect("a number"),
            [(1, Value::Varint(150))]
        );
        assert_eq!(
            fields(b"\x12\x07testing").expect("a string"),
            [(2, Value::Bytes(b"testing"))]
        );
        let fixed = [&[0x0d][..], &1.5_f32.to_le_bytes(), &[0x11], &[7; 8]].concat();
        assert_eq!(
            fields(&fixed).expect("numbers"),
            [
                (1, Value::Fixed32(1.5_f32.to_le_bytes())),
                (2, Value::Fixed64([7; 8]))
            ]
        );
    }

    #[test]
    fn reads_negative_numbers() {
        let minus_one = [&[0x08][..], &[0xff; 9], &[0x01]].concat();
        let [(1, value)] = fields(&minus_one).expect("a number")[..] else {
            panic!("one field");
        };
        assert_eq!(value.int().expect("a number"), -1);
    }

    #[test]
    fn reads_packed_and_single_numbers() {
        let ints = |value: Value<'static>| value.ints().expect("numbers").collect();
        let packed: Result<Vec<_>, Error> = ints(Value::Bytes(&[3, 0x8e, 0x02]));
        assert_eq!(packed.expect("numbers"), [3, 270]);
        let single: Result<Vec<_>, Error> = ints(Value::Varint(3));
        assert_eq!(single.expect("a number"), [3]);
        let cut: Result<Vec<_>, Error> = ints(Value::Bytes(&[3, 0x8e]));
        assert!(cut.is_err());
    }

    #[test]
    fn rejects_what_is_cut_or_too_long() {
        for message in [
            &[0x08][..],
            &[0x08, 0x80],
            &[0x0d, 0, 0],
            b"\x12\x07test",
            // A length of 2^63.
            &[
                0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01,
            ],
            // Eleven bytes of a number, and one of more than 64 bits.
            &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
            // A group.
            &[0x0b],
        ] {
            assert!(fields(message).is_err(), "{message:?}");
        }
    }
}
