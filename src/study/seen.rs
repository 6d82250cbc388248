use ct_io::Turn;
use ct_preprocess::{Placement, WindowedSlice};

use super::facts::SeenFacts;

/// How the network sees a slice that was turned, or brought to its grid.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Seen {
    /// The first channel on the slice's own grid, as a picture.
    pub grey: WindowedSlice,
    /// How it was turned, first.
    pub turn: Turn,
    /// How the turned slice was brought to the grid.
    pub placement: Option<Placement>,
    /// The same for reports.
    pub facts: SeenFacts,
}
