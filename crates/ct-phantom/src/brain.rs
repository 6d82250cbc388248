//! The healthy brain at one of four levels.

use crate::csf::{self, Midline};
use crate::dice::Dice;
use crate::field::smooth_field;
use crate::head::{Ellipse, Head};
use crate::level::Level;
use crate::plane::{Plane, saturate};
use crate::skull::Skull;

/// A brain in Hounsfield units, and the spaces in it that blood can fill.
pub(crate) struct Brain {
    pub(crate) level: Level,
    pub(crate) hu: Plane,
    /// Cover of the subarachnoid space: sulci, the rim below the skull, the fissure.
    pub(crate) sulci: Plane,
    /// Cover of the ventricles and cisterns.
    pub(crate) ventricles: Plane,
}

impl Brain {
    pub(crate) fn random(dice: &mut Dice, head: &Head, skull: &Skull) -> Self {
        let level = Level::random(dice);
        let atrophy = dice.uniform(0.0..1.0).powf(1.5);
        let csf_hu = dice.uniform(2.0..12.0);
        let midline = Midline::random(dice, level);

        let mut hu = parenchyma(dice, head, skull, level);
        let sulci = csf::sulci(dice, head, skull, atrophy, &midline);
        let ventricles = csf::ventricles(dice, head, level, atrophy);
        hu.paint(&sulci, |_| csf_hu);
        hu.paint(&ventricles, |_| csf_hu);
        hu.add(&midline.ridge(head, 1.3), dice.uniform(0.0..22.0)); // the falx
        Self {
            level,
            hu,
            sulci,
            ventricles,
        }
    }
}

/// White matter under a folded cortex, with the deep grey nuclei where the level shows them.
fn parenchyma(dice: &mut Dice, head: &Head, skull: &Skull, level: Level) -> Plane {
    let white_hu = dice.uniform(24.0..30.0);
    let grey_hu = dice.uniform(33.0..40.0);
    let contrast_hu = grey_hu - white_hu;
    let n_coarse = dice.count(22..40);
    let n_fine = dice.count(40..70);
    let coarse = smooth_field(dice, n_coarse);
    let fine = smooth_field(dice, n_fine);
    let mottle = smooth_field(dice, 12);
    let cortex_depth = dice.uniform(0.14..0.22);
    let mut hu = Plane::from_pixels(|i| {
        let folds = coarse[i] + 0.6 * fine[i];
        let cortex = saturate((cortex_depth - skull.depth[i] + 0.05 * folds) / 0.06);
        white_hu + contrast_hu * cortex + 1.2 * mottle[i]
    });

    if matches!(level, Level::Ventricles | Level::Basal) {
        let (width, length) = (head.half_width, head.half_length);
        for side in [-1.0, 1.0] {
            let lentiform = Ellipse::new(
                (side * 0.28 * width, -0.05 * length),
                (0.13 * width, 0.16 * length),
            );
            let thalamus = Ellipse::new(
                (side * 0.14 * width, 0.06 * length),
                (0.10 * width, 0.10 * length),
            );
            hu.add(&head.blob(dice, &lentiform), 0.9 * contrast_hu);
            hu.add(&head.blob(dice, &thalamus), 0.8 * contrast_hu);
        }
    }
    hu
}
