use crate::{Error, Image, Turn, Warning};

/// What lies outside the circle that a scanner measures.
const AIR_HU: f32 = -1000.0;

/// One CT slice in Hounsfield units, row-major, every value finite.
///
/// Values are not clamped: padding far below air and metal far above bone are legal.
#[derive(Debug, Clone, PartialEq)]
pub struct HuSlice(Image);

impl HuSlice {
    /// A slice from its values, row by row.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Length`] and [`Error::NotFinite`].
    pub fn new(values_hu: Vec<f32>, rows: usize, cols: usize) -> Result<Self, Error> {
        Image::new(values_hu, rows, cols).map(Self)
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

    /// The slice, turned.
    pub fn turned(&self, turn: Turn) -> Self {
        Self(self.0.turned(turn))
    }

    /// Hounsfield units, row by row.
    pub fn values_hu(&self) -> &[f32] {
        self.0.values()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.0.rows()
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.0.cols()
    }
}

/// An image whose values are taken to be Hounsfield units.
impl From<Image> for HuSlice {
    fn from(image: Image) -> Self {
        Self(image)
    }
}
