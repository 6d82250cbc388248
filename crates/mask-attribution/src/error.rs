use std::error::Error as StdError;

/// Why an image could not be explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model failed.
    #[error("the model failed")]
    Model(#[source] Box<dyn StdError + Send + Sync>),
    /// The model gave too few or too many outputs.
    #[error("the model gave {n_outputs} outputs for {n_masks} masks")]
    OutputCount {
        /// Masks that were asked for.
        n_masks: usize,
        /// Outputs given.
        n_outputs: usize,
    },
    /// An output of the model is NaN or infinite.
    #[error("the model answered {0}: expected a finite number")]
    Output(f64),
    /// The observer ended the explanation.
    #[error("cancelled after {n_evaluations} evaluations")]
    Cancelled {
        /// Masked images that were evaluated.
        n_evaluations: usize,
    },
    /// The image has no pixel.
    #[error("an image of {rows} x {cols} pixels is empty")]
    Empty {
        /// Rows stated.
        rows: usize,
        /// Columns stated.
        cols: usize,
    },
    /// Cells without a pixel, or none.
    #[error("{n_rows} x {n_cols} cells in an image of {} x {} pixels", size.0, size.1)]
    Cells {
        /// Rows of cells.
        n_rows: usize,
        /// Columns of cells.
        n_cols: usize,
        /// `(rows, cols)` of the image.
        size: (usize, usize),
    },
    /// Windows without a pixel, larger than the image, or with pixels between them.
    #[error(
        "windows of {side} pixels, {stride} apart, in an image of {} x {} pixels",
        size.0, size.1
    )]
    Windows {
        /// Side of a window.
        side: usize,
        /// From one to the next.
        stride: usize,
        /// `(rows, cols)` of the image.
        size: (usize, usize),
    },
    /// The budget is too small for the method.
    #[error("a budget of {given} evaluations: at least {needed} are needed")]
    Budget {
        /// Evaluations allowed.
        given: usize,
        /// Evaluations needed.
        needed: usize,
    },
    /// A probability is not between 0 and 1.
    #[error("cells are shown with probability {0}: expected a number above 0 and below 1")]
    Probability(f64),
    /// The sample does not determine the values of the cells.
    #[error("{n_samples} samples do not determine the values of {n_cells} cells")]
    Singular {
        /// Samples drawn.
        n_samples: usize,
        /// Cells.
        n_cells: usize,
    },
}
