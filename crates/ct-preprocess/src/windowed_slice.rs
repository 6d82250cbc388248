use std::path::Path;

use ct_io::Image;

use crate::Error;

/// A slice after windowing: grey values from 0 to 1, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowedSlice {
    values: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl WindowedSlice {
    /// A slice from its grey values, row by row.
    ///
    /// # Errors
    ///
    /// [`Error::Image`] for no pixels, another number of values and one that is not finite;
    /// [`Error::NotGrey`].
    pub fn new(values: Vec<f32>, rows: usize, cols: usize) -> Result<Self, Error> {
        Self::of_image(Image::new(values, rows, cols)?)
    }

    fn of_image(image: Image) -> Result<Self, Error> {
        let (rows, cols) = (image.rows(), image.cols());
        let values = image.into_values();
        match values.iter().position(|value| !(0.0..=1.0).contains(value)) {
            None => Ok(Self { values, rows, cols }),
            Some(index) => Err(Error::NotGrey {
                row: index / cols,
                col: index % cols,
                value: values[index],
            }),
        }
    }

    /// Decodes an `.npy` file of grey values, such as a mean background.
    ///
    /// # Errors
    ///
    /// [`Error::Image`] for a malformed file, and [`Error::NotGrey`].
    pub fn from_npy(bytes: &[u8]) -> Result<Self, Error> {
        Self::of_image(Image::from_npy(bytes)?)
    }

    /// Reads an `.npy` file of grey values.
    ///
    /// # Errors
    ///
    /// As [`WindowedSlice::from_npy`], with the name of the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let image = Image::read_npy(path)?;
        Self::of_image(image).map_err(|error| error.in_file(path))
    }

    /// For the window functions, whose results lie in `[0, 1]` by construction.
    pub(crate) fn from_window(values: Vec<f32>, rows: usize, cols: usize) -> Self {
        Self { values, rows, cols }
    }

    /// Grey values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
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
