use crate::Shift;

/// An explanation of one output of a model on one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The saliency map: the mean over the shifts of the scores of the smallest cells.
    pub map: SaliencyMap,
    /// The model's output for the unmasked image.
    pub output: f64,
    /// Rows and columns of the largest of the smallest cells, in pixels.
    pub leaf_px: (usize, usize),
    /// Masked images given to the model. No mask is evaluated twice over the same background.
    pub n_evaluations: usize,
    /// What went to the device and back; none of a network that computes on the CPU by itself.
    pub traffic: Option<Traffic>,
    /// What was found under each shift, in the order of the shifts.
    pub runs: Vec<Run>,
}

/// What an explanation asked of a device. Weights do not count, they are there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Calls of the model, each with a batch of masked images.
    pub n_calls: usize,
    /// Image and backgrounds once, and the rectangles of every mask.
    pub bytes_to_device: usize,
    /// The model's outputs.
    pub bytes_from_device: usize,
}

/// The exploration under one shift of the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The shift.
    pub shift: Shift,
    /// The levels from coarse to fine. A run in which nothing passed the threshold ends early,
    /// with a level that has no cells.
    pub levels: Vec<Level>,
}

/// The cells of one level that passed the threshold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Level {
    /// The cells, row by row within their parents.
    pub cells: Vec<Cell>,
}

/// A cell that passed the threshold, in pixels of the image. A cell of a shifted grid may reach
/// over the lower or the right border, where it continues on the other side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Its first row.
    pub row: usize,
    /// Its first column.
    pub col: usize,
    /// Number of rows.
    pub n_rows: usize,
    /// Number of columns.
    pub n_cols: usize,
    /// Its Shapley value among the quadrants of its parent.
    pub phi: f64,
    /// The product of the Shapley values on its path.
    pub score: f64,
}

/// Importance of every pixel, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct SaliencyMap {
    pub(crate) values: Vec<f32>,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

impl SaliencyMap {
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
