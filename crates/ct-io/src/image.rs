use crate::{Error, Turn};

/// One image of finite numbers, row-major, that says nothing of what they are: a saliency map, a
/// background, grey values.
///
/// It is what an `.npy` file of two axes holds. Hounsfield units are a [`HuSlice`](crate::HuSlice).
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    values: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl Image {
    /// An image from its values, row by row.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Length`] and [`Error::NotFinite`].
    pub fn new(values: Vec<f32>, rows: usize, cols: usize) -> Result<Self, Error> {
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
            None => Ok(Self { values, rows, cols }),
            Some(index) => Err(Error::NotFinite {
                row: index / cols,
                col: index % cols,
                value: values[index],
            }),
        }
    }

    /// The image, turned.
    pub fn turned(&self, turn: Turn) -> Self {
        let shape = (self.rows, self.cols);
        let (rows, cols) = turn.shape(shape);
        Self {
            values: turn.apply(&self.values, shape),
            rows,
            cols,
        }
    }

    /// The values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values, row by row, and the image no more.
    pub fn into_values(self) -> Vec<f32> {
        self.values
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
