//! The parts of which a pickle's bytes are made.

use super::object::Value;

/// A whole number in two's complement, least significant byte first.
pub(super) fn long<'p>(bytes: &[u8]) -> Value<'p> {
    if bytes.len() > 8 {
        return Value::Other;
    }
    let is_negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut all = [if is_negative { 0xff } else { 0 }; 8];
    all[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(all))
}

pub(super) fn text(bytes: &[u8]) -> Value<'_> {
    std::str::from_utf8(bytes).map_or(Value::Other, Value::Text)
}

pub(super) fn index(text: &str) -> Result<u32, String> {
    let index = text.parse();
    index.map_err(|_| format!("its pickle has the place {text:?} where a number is expected"))
}

pub(super) fn take<'p>(rest: &mut &'p [u8], n_bytes: usize) -> Result<&'p [u8], String> {
    let (bytes, tail) = rest
        .split_at_checked(n_bytes)
        .ok_or("its pickle is cut short")?;
    *rest = tail;
    Ok(bytes)
}

pub(super) fn byte(rest: &mut &[u8]) -> Result<u8, String> {
    array(rest).map(|[byte]| byte)
}

pub(super) fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (bytes, tail) = rest.split_first_chunk().ok_or("its pickle is cut short")?;
    *rest = tail;
    Ok(*bytes)
}

pub(super) fn length4(rest: &mut &[u8]) -> Result<usize, String> {
    Ok(u32::from_le_bytes(array(rest)?) as usize)
}

pub(super) fn length8(rest: &mut &[u8]) -> Result<usize, String> {
    let length = u64::from_le_bytes(array(rest)?);
    usize::try_from(length).map_err(|_| "its pickle is cut short".to_owned())
}

pub(super) fn line<'p>(rest: &mut &'p [u8]) -> Result<&'p str, String> {
    let length = rest.iter().position(|&byte| byte == b'\n');
    let length = length.ok_or("its pickle is cut short")?;
    let line = take(rest, length)?;
    take(rest, 1)?;
    std::str::from_utf8(line).map_err(|_| "its pickle has a name that is no text".to_owned())
}
