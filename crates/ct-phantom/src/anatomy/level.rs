//! The height at which the head is cut.

use std::fmt;
use std::ops::Range;

use crate::dice::Dice;

/// A part of the head, from below upwards, by what an untilted slice shows.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeadLevel {
    /// Jaws, sinuses, the foramen magnum.
    Face,
    /// Lower cerebellum, petrous bones, mastoid cells, orbits.
    SkullBase,
    /// Upper cerebellum, brain stem, fourth ventricle, temporal lobes.
    PosteriorFossa,
    /// Midbrain, third ventricle, basal ganglia.
    BasalGanglia,
    /// Lateral ventricles.
    Ventricles,
    /// White matter above the ventricles.
    Convexity,
    /// The last gyri under an oblique skull, then bone and scalp alone.
    Vertex,
}

impl HeadLevel {
    /// Every level, from below upwards.
    pub const ALL: [Self; 7] = [
        Self::Face,
        Self::SkullBase,
        Self::PosteriorFossa,
        Self::BasalGanglia,
        Self::Ventricles,
        Self::Convexity,
        Self::Vertex,
    ];

    /// Millimetres above the line from the ear canals to the corners of the eyes.
    pub fn heights_mm(self) -> Range<f32> {
        match self {
            Self::Face => -46.0..-12.0,
            Self::SkullBase => -12.0..12.0,
            Self::PosteriorFossa => 12.0..34.0,
            Self::BasalGanglia => 34.0..58.0,
            Self::Ventricles => 58.0..76.0,
            Self::Convexity => 76.0..96.0,
            Self::Vertex => 96.0..122.0,
        }
    }

    /// The level at a height; the lowest and the highest go on.
    pub(crate) fn at(height_mm: f32) -> Self {
        let is_below = |level: &Self| height_mm < level.heights_mm().end;
        Self::ALL.into_iter().find(is_below).unwrap_or(Self::Vertex)
    }
}

impl fmt::Display for HeadLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Face => "face",
            Self::SkullBase => "skull base",
            Self::PosteriorFossa => "posterior fossa",
            Self::BasalGanglia => "basal ganglia",
            Self::Ventricles => "ventricles",
            Self::Convexity => "convexity",
            Self::Vertex => "vertex",
        })
    }
}

/// Where a slice is cut.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// At any height from the jaws to the crown, all equally likely, as in a whole series.
    #[default]
    Anywhere,
    /// At any height of a level.
    At(HeadLevel),
}

impl Cut {
    pub(crate) fn height_mm(self, dice: &mut Dice) -> f32 {
        match self {
            Self::Anywhere => {
                let [first, .., last] = HeadLevel::ALL;
                dice.uniform(first.heights_mm().start..last.heights_mm().end)
            }
            Self::At(level) => dice.uniform(level.heights_mm()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_belong_to_their_level() {
        for level in HeadLevel::ALL {
            let heights_mm = level.heights_mm();
            assert_eq!(HeadLevel::at(heights_mm.start), level);
            assert_eq!(
                HeadLevel::at((heights_mm.start + heights_mm.end) / 2.0),
                level
            );
        }
        assert_eq!(HeadLevel::at(-99.0), HeadLevel::Face);
        assert_eq!(HeadLevel::at(500.0), HeadLevel::Vertex);
    }

    #[test]
    fn a_series_shows_every_height_alike() {
        let mut dice = Dice::new(1);
        let n_low = (0..4000)
            .filter(|_| Cut::Anywhere.height_mm(&mut dice) < 38.0)
            .count();
        // The middle of -46 to 122; five standard deviations of the count, 5 * 32.
        assert!(n_low.abs_diff(2000) < 160, "{n_low}");
    }
}
