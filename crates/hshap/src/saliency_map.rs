/// Importance of every pixel, row-major.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawMap"))]
pub struct SaliencyMap {
    rows: usize,
    cols: usize,
    values: Vec<f32>,
}

impl SaliencyMap {
    /// A map of so many rows and columns, which the values fill.
    pub(crate) fn new(values: Vec<f32>, rows: usize, cols: usize) -> Self {
        Self { rows, cols, values }
    }

    /// A map from its values, row by row; none if they are not `rows * cols`.
    pub fn from_values(values: Vec<f32>, rows: usize, cols: usize) -> Option<Self> {
        let n_values = rows.checked_mul(cols)?;
        (n_values == values.len()).then(|| Self::new(values, rows, cols))
    }

    /// The values, row by row.
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

    /// The value of a pixel.
    ///
    /// # Panics
    ///
    /// If the pixel lies outside the map.
    pub fn get(&self, row: usize, col: usize) -> f32 {
        assert!(row < self.rows && col < self.cols, "pixel ({row}, {col})");
        self.values[row * self.cols + col]
    }
}

/// A map as a file has it.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename = "SaliencyMap")]
struct RawMap {
    rows: usize,
    cols: usize,
    values: Vec<f32>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawMap> for SaliencyMap {
    type Error = String;

    fn try_from(raw: RawMap) -> Result<Self, String> {
        let RawMap { rows, cols, values } = raw;
        if rows.checked_mul(cols) == Some(values.len()) {
            Ok(Self::new(values, rows, cols))
        } else {
            Err(format!(
                "a map of {rows} x {cols} with {} values",
                values.len()
            ))
        }
    }
}
