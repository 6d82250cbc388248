use std::fmt;

use crate::{Error, Explanation};

/// How far an explanation is, told after every batch and at the end.
///
/// How many masked images there will be in all is not known before: it depends on which cells pass
/// the threshold.
#[non_exhaustive]
pub struct Progress<'e> {
    /// The level being evaluated, counted from 1, the deepest where there are several; 0 for the
    /// unmasked image and the background.
    pub level: usize,
    /// Number of levels.
    pub n_levels: usize,
    /// Masked images evaluated of those that are asked for at once: a level, or where the
    /// exploration may end early the nodes that promise most.
    pub n_level_evaluated: usize,
    /// Masked images that are asked for at once.
    pub n_level: usize,
    /// Masked images evaluated so far.
    pub n_evaluated: usize,
    /// How far any pixel of the map so far can be from the exact map, as a share of the largest
    /// value of the map so far; none where there is no bound.
    pub bound: Option<f64>,
    pub(crate) snapshot: &'e dyn Fn() -> Result<Explanation, Error>,
}

impl Progress<'_> {
    /// The explanation so far, without a further evaluation: what was found up to the games that
    /// are being played. At the end it is the one that is returned.
    ///
    /// # Errors
    ///
    /// [`Error::MapNotFinite`].
    pub fn snapshot(&self) -> Result<Explanation, Error> {
        (self.snapshot)()
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("level", &self.level)
            .field("n_levels", &self.n_levels)
            .field("n_level_evaluated", &self.n_level_evaluated)
            .field("n_level", &self.n_level)
            .field("n_evaluated", &self.n_evaluated)
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}

/// How an observer ends an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// With what was found so far.
    Keep,
    /// With [`Error::Cancelled`].
    Discard,
}
