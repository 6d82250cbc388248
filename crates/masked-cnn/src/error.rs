/// Why a network, an image or a mask was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer that does not fit its input or lies outside what the kernels do.
    #[error("layer {layer}: {problem}")]
    Layer {
        /// The layer's position, counted from 1; the input is 0.
        layer: usize,
        /// What does not fit.
        problem: String,
    },
    /// An image too small for the network's windows.
    #[error("layer {layer}: an image of {rows} x {cols} leaves it no output")]
    ImageTooSmall {
        /// The layer's position.
        layer: usize,
        /// Rows of the image.
        rows: usize,
        /// Columns of the image.
        cols: usize,
    },
    /// Values that do not fill the shape they are given for.
    #[error("{what}: {found} values, expected {expected}")]
    Length {
        /// Whose values.
        what: &'static str,
        /// Number of values given.
        found: usize,
        /// Number of values expected.
        expected: usize,
    },
    /// Values that do not fill a number of images.
    #[error("images: {found} values, expected a multiple of {image_len}")]
    NotWholeImages {
        /// Number of values given.
        found: usize,
        /// Values of one image.
        image_len: usize,
    },
    /// A mask over a background that was not given, or of another size than the image.
    #[error("mask {index}: {problem}")]
    Mask {
        /// The mask's position in the batch.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A setting that the machine cannot serve.
    #[error("setting {setting}: {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}
