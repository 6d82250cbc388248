use map_metrics::{Map, Size};

use crate::Error;

/// A CT slice as grey values from 0 (black) to 1 (white), row-major.
///
/// It borrows its values, as a [`Saliency`] does; what differs is what values they may be.
#[derive(Debug, Clone, Copy)]
pub struct GreySlice<'a> {
    values: &'a [f32],
    dims: (usize, usize),
}

impl<'a> GreySlice<'a> {
    /// Takes the values of a slice of `dims = (rows, cols)` pixels.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without a pixel, [`Error::Length`] if `values` does not hold `rows * cols`, and
    /// [`Error::Grey`] at the first value that is no number in `[0, 1]`: Hounsfield units, for instance.
    pub fn new(values: &'a [f32], dims: (usize, usize)) -> Result<Self, Error> {
        let (rows, cols) = dims;
        let what = "slice";
        if rows == 0 || cols == 0 {
            return Err(Error::Empty { what, rows, cols });
        }
        if rows.checked_mul(cols) != Some(values.len()) {
            return Err(Error::Length {
                what,
                rows,
                cols,
                n_values: values.len(),
            });
        }
        match find(values, cols, |value| !(0.0..=1.0).contains(&value)) {
            Some((row, col, value)) => Err(Error::Grey { row, col, value }),
            None => Ok(GreySlice { values, dims }),
        }
    }

    /// `(rows, cols)`.
    #[must_use]
    pub fn dims(&self) -> (usize, usize) {
        self.dims
    }

    /// The values, row-major.
    #[must_use]
    pub fn values(&self) -> &'a [f32] {
        self.values
    }
}

/// What each pixel of a slice contributed to a prediction: finite, of either sign, row-major.
#[derive(Debug, Clone, Copy)]
pub struct Saliency<'a> {
    map: Map<'a>,
}

impl<'a> Saliency<'a> {
    /// Takes the values of a map of `dims = (rows, cols)` pixels.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without a pixel, [`Error::Length`] if `values` does not hold `rows * cols`, and
    /// [`Error::Saliency`] at the first value that is NaN or infinite.
    pub fn new(values: &'a [f32], dims: (usize, usize)) -> Result<Self, Error> {
        let (rows, cols) = dims;
        let what = "saliency map";
        let map = Map::new(values, Size { rows, cols }).map_err(|error| match error {
            map_metrics::Error::NotFinite { row, col, value } => {
                Error::Saliency { row, col, value }
            }
            map_metrics::Error::Empty { rows, cols } => Error::Empty { what, rows, cols },
            _ => Error::Length {
                what,
                rows,
                cols,
                n_values: values.len(),
            },
        })?;
        Ok(Saliency { map })
    }

    /// `(rows, cols)`.
    #[must_use]
    pub fn dims(&self) -> (usize, usize) {
        (self.map.size().rows, self.map.size().cols)
    }

    /// The values, row-major.
    #[must_use]
    pub fn values(&self) -> &'a [f32] {
        self.map.values()
    }

    /// The map as metrics take it.
    pub(crate) fn map(&self) -> &Map<'a> {
        &self.map
    }

    /// Row, column and value of the first pixel that is so.
    pub(crate) fn find(&self, is_so: impl Fn(f32) -> bool) -> Option<(usize, usize, f32)> {
        find(self.values(), self.dims().1, is_so)
    }
}

fn find(values: &[f32], cols: usize, is_so: impl Fn(f32) -> bool) -> Option<(usize, usize, f32)> {
    let at = values.iter().position(|&value| is_so(value))?;
    Some((at / cols, at % cols, values[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_a_slice_of_the_wrong_length() {
        let error = GreySlice::new(&[0.0; 5], (2, 3)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "slice of 2 x 3 pixels cannot hold 5 values"
        );
    }

    #[test]
    fn rejects_dims_whose_product_overflows() {
        let error = Saliency::new(&[0.0; 4], (usize::MAX, 2)).unwrap_err();
        assert!(matches!(error, Error::Length { n_values: 4, .. }));
    }

    #[test]
    fn rejects_a_slice_without_pixels() {
        let error = GreySlice::new(&[], (0, 512)).unwrap_err();
        assert_eq!(error.to_string(), "slice of 0 x 512 pixels is empty");
    }

    #[test]
    fn rejects_hounsfield_units_given_as_grey_values() {
        let error = GreySlice::new(&[0.0, 1.0, 0.5, 0.5, 40.0, 0.5], (2, 3)).unwrap_err();
        assert!(matches!(error, Error::Grey { row: 1, col: 1, value } if value == 40.0));
    }

    #[test]
    fn rejects_a_nan_grey_value() {
        let error = GreySlice::new(&[0.0, f32::NAN], (2, 1)).unwrap_err();
        assert!(matches!(error, Error::Grey { row: 1, col: 0, .. }));
    }

    #[test]
    fn rejects_a_saliency_that_is_not_finite_and_names_the_pixel() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = Saliency::new(&[0.0, 0.0, 0.0, 0.0, 0.0, value], (2, 3)).unwrap_err();
            assert!(matches!(error, Error::Saliency { row: 1, col: 2, .. }));
        }
    }
}
