use pixel_region::Size;

use crate::error::Error;
use crate::evaluator::Evaluator;

/// A way to explain an output by masks of the image.
pub trait Method {
    /// Explains the model's output for the image. The same settings and outputs give the same bits.
    ///
    /// # Errors
    ///
    /// One of the method's settings that does not fit the image, or an error of
    /// [`Evaluator::outputs`].
    fn explain(&self, evaluator: &mut Evaluator<'_>) -> Result<Attribution, Error>;
}

/// What the values of a map mean. `f` is the output that is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A region's sum is in units of `f`.
    Density,
    /// Each pixel's value is in units of `f`; sums mean nothing.
    Drop,
}

/// A map of what the pixels of an image contribute to an output; positive values speak for it. Nothing
/// is scaled.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attribution {
    /// `[rows, cols]`, row-major.
    pub values: Vec<f32>,
    /// Rows and columns.
    pub size: Size,
    /// What the values mean.
    pub kind: Kind,
    /// The output for the image.
    pub image_output: f64,
    /// The output for the background.
    pub background_output: f64,
    /// Masked images that the method asked for beside image and background, also those that were known
    /// already.
    pub n_masks: usize,
    /// The largest standard error, by the sampling, of a cell or of a pixel, in units of `f`; none
    /// where nothing is sampled, or too little to tell.
    pub standard_error: Option<f64>,
}
