//! Arrays of NumPy, guarded: nothing is allocated before the header agrees with the file's size.

mod error;
mod header;
mod image;
mod stack;

pub use error::NpyError;
pub use header::NpyHeader;
pub use stack::NpyStack;
