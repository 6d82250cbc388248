use std::path::Path;

use crate::{Error, Turn, Warning, npy};

#[cfg(doc)]
use crate::NpyStack;

/// What lies outside the circle that a scanner measures.
const AIR_HU: f32 = -1000.0;

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

    /// A slice in which pixels without a number (NaN) are taken to be air of -1000 HU, as outside
    /// the circle that was scanned, and a warning, of code `nan-pixels`, that counts them.
    ///
    /// # Errors
    ///
    /// [`Error::NoNumbers`] where they are most of the middle, and those of [`HuSlice::new`].
    pub(crate) fn with_nan_as_air(
        mut values: Vec<f32>,
        rows: usize,
        cols: usize,
    ) -> Result<(Self, Option<Warning>), Error> {
        let n_nan = values.iter().filter(|value| value.is_nan()).count();
        if n_nan == 0 || values.len() != rows.saturating_mul(cols) {
            return Ok((Self::new(values, rows, cols)?, None));
        }
        // Half as wide and high as the slice: within the circle that fits into a square, and full
        // of head.
        let middle = |n: usize| n / 4..n - n / 4;
        let in_middle = |index: usize| {
            middle(rows).contains(&(index / cols)) && middle(cols).contains(&(index % cols))
        };
        let n_inside = (0..values.len())
            .filter(|&index| values[index].is_nan() && in_middle(index))
            .count();
        let n_middle = middle(rows).len() * middle(cols).len();
        if 2 * n_inside > n_middle {
            return Err(Error::NoNumbers { n_inside, n_middle });
        }
        for value in values.iter_mut().filter(|value| value.is_nan()) {
            *value = AIR_HU;
        }
        let mut text = format!("{n_nan} pixels are no numbers (NaN) and taken to be air, -1000 HU");
        if n_inside > 0 {
            text.push_str(&format!(
                "; {n_inside} of them lie in the middle of the image, where the head is"
            ));
        }
        let warning = Warning::new("nan-pixels", text);
        Ok((Self::new(values, rows, cols)?, Some(warning)))
    }

    /// Decodes the bytes of an `.npy` file of one slice, as [`NpyStack`] does.
    ///
    /// # Errors
    ///
    /// The `Npy...` variants of [`Error`] for a malformed file and for one of several slices, and
    /// those of [`HuSlice::new`].
    pub fn from_npy(bytes: &[u8]) -> Result<Self, Error> {
        let (values, rows, cols) = npy::decode_slice(bytes)?;
        Self::new(values, rows, cols)
    }

    /// Reads an `.npy` file.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        npy::read(path.as_ref(), Self::from_npy)
    }

    /// The slice, turned.
    pub fn turned(&self, turn: Turn) -> Self {
        let shape = (self.rows, self.cols);
        let (rows, cols) = turn.shape(shape);
        Self {
            values_hu: turn.apply(&self.values_hu, shape),
            rows,
            cols,
        }
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
