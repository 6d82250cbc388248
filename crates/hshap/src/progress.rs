/// How far an explanation is, told after every batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The level being evaluated, counted from 1; 0 for the unmasked image and the background.
    pub level: usize,
    /// Number of levels.
    pub n_levels: usize,
    /// Masked images evaluated so far.
    pub n_evaluated: usize,
    /// Masked images known to be needed, those evaluated included.
    pub n_planned: usize,
    /// An estimate of how many it will be in the end: later levels are assumed to grow as the last
    /// one did.
    pub n_expected: usize,
}
