use std::path::Path;

use crate::{Error, npy};

/// One CT slice in Hounsfield units, row-major, every value finite.
///
/// Values are not clamped: padding far below air and metal far above bone are legal.
#[derive(Debug, Clone, PartialEq)]
pub struct HuSlice {
    values_hu: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl HuSlice {
    /// A slice from its values, row by row.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Length`] and [`Error::NotFinite`].
    pub fn new(values_hu: Vec<f32>, rows: usize, cols: usize) -> Result<Self, Error> {
        check_image(&values_hu, rows, cols)?;
        Ok(Self {
            values_hu,
            rows,
            cols,
        })
    }

    /// Decodes the bytes of an `.npy` file: `(rows, cols)` of `i16`, `u16`, `i32`, `f32` or `f64`,
    /// either byte order, C or Fortran order.
    ///
    /// # Errors
    ///
    /// The `Npy...` variants of [`Error`] for a malformed file, and those of [`HuSlice::new`].
    pub fn from_npy(bytes: &[u8]) -> Result<Self, Error> {
        let array = npy::decode(bytes)?;
        Self::new(array.values, array.rows, array.cols)
    }

    /// Reads an `.npy` file.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        npy::read(path.as_ref(), Self::from_npy)
    }

    /// Hounsfield units, row by row.
    pub fn values_hu(&self) -> &[f32] {
        &self.values_hu
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }
}

/// What every image of this crate satisfies.
pub(crate) fn check_image(values: &[f32], rows: usize, cols: usize) -> Result<(), Error> {
    if rows == 0 || cols == 0 {
        return Err(Error::Empty { rows, cols });
    }
    if rows.checked_mul(cols) != Some(values.len()) {
        return Err(Error::Length {
            rows,
            cols,
            found: values.len(),
        });
    }
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite {
            row: index / cols,
            col: index % cols,
            value: values[index],
        }),
    }
}
