//! Bytes of `.npy` files, written as their header says, true or not.

/// A file of version 1.0 with this text as its header.
///
/// # Panics
///
/// If the header has 2^16 bytes or more.
pub fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(header.len()).expect("a short header");
    let length = length.to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

/// The header of an array as NumPy writes it.
pub fn header(descr: &str, is_fortran: bool, shape: &str) -> String {
    let order = if is_fortran { "True" } else { "False" };
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
}
