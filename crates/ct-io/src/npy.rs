//! Arrays of NumPy, guarded: nothing is allocated before the header agrees with the file's size.

mod header;
mod image;
mod stack;

pub use header::NpyHeader;
pub use stack::{NpySlice, NpyStack};

/// 8192 x 8192 values of eight bytes, or 256 slices of 512 x 512.
const MAX_FILE_BYTES: u64 = 1 << 29;
