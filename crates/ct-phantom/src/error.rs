//! The one way in which a phantom can fail.

use std::error::Error;
use std::fmt;

use crate::bleed::Bleed;

/// No slice drawn from the seed had room for every requested bleed.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacementError {
    /// The seed of the phantom.
    pub seed: u64,
    /// The kinds the last slice was meant to hold.
    pub wanted: Vec<Bleed>,
    /// How many slices were drawn.
    pub n_tries: usize,
}

impl fmt::Display for PlacementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted: Vec<String> = self.wanted.iter().map(Bleed::to_string).collect();
        write!(
            f,
            "seed {}: none of {} slices had room for the wanted bleeds ({})",
            self.seed,
            self.n_tries,
            wanted.join(", ")
        )
    }
}

impl Error for PlacementError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_seed_and_the_wanted_bleeds() {
        let error = PlacementError {
            seed: 3,
            wanted: vec![Bleed::Subdural, Bleed::Epidural],
            n_tries: 256,
        };
        assert_eq!(
            error.to_string(),
            "seed 3: none of 256 slices had room for the wanted bleeds (subdural, epidural)"
        );
    }
}
