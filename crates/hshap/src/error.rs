use std::error::Error as StdError;

use burn::tensor::ExecutionError;

/// Why there is no explanation. A message does not repeat its cause, which `source()` tells.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Image and background differ in shape.
    #[error("the image is {image:?}, the background {background:?} (channels, rows, cols)")]
    ShapeMismatch {
        /// Shape of the image.
        image: [usize; 3],
        /// Shape of the background.
        background: [usize; 3],
    },
    /// The masked engine is for images of another shape.
    #[error("the image is {image:?}, the engine is for {engine:?} (channels, rows, cols)")]
    EngineShape {
        /// Shape of the image.
        image: [usize; 3],
        /// Shape of the engine's images.
        engine: [usize; 3],
    },
    /// An image without pixels.
    #[error("the image is {image:?} (channels, rows, cols): it has no pixels")]
    EmptyImage {
        /// Shape of the image.
        image: [usize; 3],
    },
    /// A pixel that is NaN or infinite.
    #[error(
        "the {what} is {value} at row {row}, column {col} of channel {channel}, expected finite numbers"
    )]
    PixelNotFinite {
        /// Image or background.
        what: &'static str,
        /// Channel, counted from 0.
        channel: usize,
        /// Row, counted from 0.
        row: usize,
        /// Column, counted from 0.
        col: usize,
        /// The value.
        value: f32,
    },
    /// A setting out of its range.
    #[error("setting {setting}: {found}, expected {expected}")]
    InvalidSetting {
        /// Name of the setting.
        setting: &'static str,
        /// The value given.
        found: String,
        /// The valid range, in words.
        expected: String,
    },
    /// The model has fewer outputs than the label asks for.
    #[error("label {label}: the model has {n_outputs} outputs, labels count from 0")]
    LabelOutOfRange {
        /// The label.
        label: usize,
        /// Outputs of the model.
        n_outputs: usize,
    },
    /// Softmax over a single output is 1 whatever the model says.
    #[error("softmax over a single output is always 1; the model has one output")]
    SoftmaxOverOneOutput,
    /// An earlier explanation that cannot be continued.
    #[error("the earlier explanation is not of this image, model and settings: {problem}")]
    OtherRun {
        /// What differs.
        problem: &'static str,
    },
    /// The model did not answer with one row an image.
    #[error("the model answered {n_images} images with {n_rows} rows")]
    OutputRows {
        /// Images given.
        n_images: usize,
        /// Rows returned.
        n_rows: usize,
    },
    /// The model answered with NaN or an infinity.
    #[error("the model answered {value}, expected a finite number")]
    OutputNotFinite {
        /// The answer.
        value: f64,
    },
    /// The model answered with a number that is no probability.
    #[error("the model answered {value}, expected a probability, from 0 to 1")]
    OutputNotProbability {
        /// The answer.
        value: f64,
    },
    /// No cell passed the threshold.
    #[error(
        "nothing important found: no cell of level {level} passes the threshold; the output is {output}, \
         {background_output} for the background, and the largest score of the first level {largest_score}"
    )]
    NothingImportant {
        /// The level, counted from 1; in a cycle the deepest that any run reached.
        level: usize,
        /// The model's output for the unmasked image.
        output: f64,
        /// The model's output for the background, that of the run with the largest score.
        background_output: f64,
        /// The largest score of the first level, of all runs.
        largest_score: f64,
    },
    /// Scores that a map cannot hold: products of outputs far from 1.
    #[error(
        "the scores exceed the range of the map, 3.4e38: the outputs are too large to be multiplied; \
         explain probabilities in place of them"
    )]
    MapNotFinite,
    /// The model itself failed.
    #[error("the model failed")]
    Model(#[source] Box<dyn StdError + Send + Sync>),
    /// The masked network refused the images or the settings.
    #[error("the masked network")]
    Network(#[source] masked_cnn::Error),
    /// The device gives no more memory: fewer images a call, or a smaller image, take less.
    #[error("the device is out of memory: {0}")]
    OutOfMemory(String),
    /// The device is lost, and with it all that was on it; a new process can open it again.
    #[error("the device is lost: {0}")]
    DeviceLost(String),
    /// The device could not hand a tensor's values over.
    #[error("the device failed: {0}")]
    Device(String),
    /// The observer asked to stop and to keep nothing.
    #[error("cancelled")]
    Cancelled,
}

/// The error of a device that could not hand a tensor's values over.
pub(crate) fn device_failed(error: ExecutionError) -> Error {
    let text = error.to_string();
    let problem = root_cause(&text).to_owned();
    if matches!(error, ExecutionError::DevicePoisoned { .. }) {
        Error::DeviceLost(problem)
    } else if problem.contains("can't allocate") {
        Error::OutOfMemory(problem)
    } else {
        Error::Device(problem)
    }
}

/// Burn tells everything that failed in consequence, the cause last, then where it was raised.
fn root_cause(text: &str) -> &str {
    let causes = text.rsplit("Caused by:").next().unwrap_or(text);
    causes.trim().lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_device_is_told_by_what_it_says() {
        let error = |reason: &str| {
            device_failed(ExecutionError::WithContext {
                reason: reason.to_owned(),
            })
        };
        let nested =
            "Several failures\nCaused by:\n  can't allocate buffer of size: 16\nNo backtrace";
        assert!(matches!(error(nested), Error::OutOfMemory(cause) if cause.ends_with("size: 16")));
        assert!(matches!(error("x\ny"), Error::Device(cause) if cause == "x"));
        let lost = ExecutionError::DevicePoisoned {
            reason: "reset".to_owned(),
        };
        assert_eq!(device_failed(lost).to_string(), "the device is lost: reset");
    }
}
