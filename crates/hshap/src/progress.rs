/// How far an explanation is, told after every batch.
///
/// How many masked images there will be in all is not known before the last level: it depends on
/// which cells pass the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Progress {
    /// The level being evaluated, counted from 1; 0 for the unmasked image and the background.
    pub level: usize,
    /// Number of levels.
    pub n_levels: usize,
    /// Masked images of this level evaluated so far.
    pub n_level_evaluated: usize,
    /// Masked images that this level needs in all, known from its beginning.
    pub n_level: usize,
    /// Masked images evaluated so far, those of earlier levels included.
    pub n_evaluated: usize,
}
