use std::ops::Range;

use pixel_region::Size;

use crate::error::Error;

/// A map of finite values of either sign, row-major: what each pixel of an image contributed to an
/// output. Higher values speak for the output.
#[derive(Debug, Clone, Copy)]
pub struct Map<'a> {
    values: &'a [f32],
    size: Size,
}

impl<'a> Map<'a> {
    /// Takes the values of a map; they stay where they are.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without a pixel, [`Error::Length`] if `values` does not hold `rows * cols`, and
    /// [`Error::NotFinite`] at the first value that is NaN or infinite.
    pub fn new(values: &'a [f32], size: Size) -> Result<Self, Error> {
        expect_pixels(values.len(), size)?;
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(Error::NotFinite {
                row: at / size.cols,
                col: at % size.cols,
                value: values[at],
            }),
            None => Ok(Map { values, size }),
        }
    }

    /// Rows and columns.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// The values, row-major.
    #[must_use]
    pub fn values(&self) -> &'a [f32] {
        self.values
    }

    /// The sum of all values.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.values.iter().map(|&value| f64::from(value)).sum()
    }

    /// The sum of the values above 0.
    #[must_use]
    pub fn positive_sum(&self) -> f64 {
        positive(self.values).sum()
    }

    /// The sum of the values of some rows and columns, which must be in the map.
    pub(crate) fn sum_in(&self, rows: Range<usize>, cols: Range<usize>) -> f64 {
        rows.map(|row| {
            let values = &self.values[row * self.size.cols..][cols.clone()];
            values.iter().map(|&value| f64::from(value)).sum::<f64>()
        })
        .sum()
    }

    /// An error unless the other has the same size.
    pub(crate) fn expect_size(&self, other: Size) -> Result<(), Error> {
        expect_same(self.size, other)
    }
}

/// An error unless both sizes are the same.
pub(crate) fn expect_same(map: Size, other: Size) -> Result<(), Error> {
    if map == other {
        return Ok(());
    }
    Err(Error::Sizes {
        map: (map.rows, map.cols),
        other: (other.rows, other.cols),
    })
}

/// What of each value is above 0.
pub(crate) fn positive(values: &[f32]) -> impl Iterator<Item = f64> {
    values.iter().map(|&value| f64::from(value.max(0.0)))
}

/// An error unless so many values are those of an image with pixels.
pub(crate) fn expect_pixels(n_values: usize, size: Size) -> Result<(), Error> {
    let Size { rows, cols } = size;
    if rows == 0 || cols == 0 {
        return Err(Error::Empty { rows, cols });
    }
    if rows.checked_mul(cols) != Some(n_values) {
        return Err(Error::Length {
            rows,
            cols,
            n_values,
        });
    }
    Ok(())
}
