//! The height at which a slice is cut.

use crate::dice::Dice;

/// How high the slice cuts the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    HighConvexity,
    Ventricles,
    Basal,
    SkullBase,
}

impl Level {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        match dice.weighted(&[0.20, 0.40, 0.25, 0.15]) {
            0 => Self::HighConvexity,
            1 => Self::Ventricles,
            2 => Self::Basal,
            _ => Self::SkullBase,
        }
    }
}
