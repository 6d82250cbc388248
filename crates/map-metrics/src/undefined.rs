/// Why a metric has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Undefined {
    /// The truth holds no pixel.
    #[error("the truth is empty")]
    EmptyTruth,
    /// A box of the truth holds no pixel of the image.
    #[error("the box holds no pixel")]
    EmptyBox,
    /// No value of the map is above 0.
    #[error("no value of the map is above 0")]
    NoPositiveValue,
    /// Every value of the map is 0.
    #[error("the map is 0 everywhere")]
    ZeroMap,
    /// No pixel lies above the threshold.
    #[error("no pixel is above the threshold")]
    EmptySelection,
    /// The network's output for the image is hardly above that for the background, or below it.
    #[error("the output hardly rises from background to image")]
    NotDetected,
    /// A logarithm of the number of cells needs two of them.
    #[error("the grid has a single cell")]
    SingleCell,
    /// Image and background have the same output.
    #[error("image and background have the same output")]
    NoDifference,
    /// The map has the same sum in every square.
    #[error("the map has the same sum in every square")]
    EqualSums,
    /// Every square of the map has the sum 0.
    #[error("the map is 0 in every square")]
    ZeroSums,
    /// Hiding any square changes the output by the same.
    #[error("hiding any square changes the output by the same")]
    EqualDrops,
    /// Hiding squares does not change the output.
    #[error("hiding squares does not change the output")]
    ZeroDrops,
    /// All values are equal, so that they have no order.
    #[error("all values are equal")]
    EqualValues,
    /// There are no values.
    #[error("no values")]
    NoValues,
    /// An interval by patients needs two of them.
    #[error("fewer than 2 patients")]
    FewerThanTwoPatients,
    /// With five patients the smallest two-sided p value is 0.0625.
    #[error("fewer than 6 patients")]
    FewerThanSixPatients,
}
