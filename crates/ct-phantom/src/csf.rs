//! The spaces filled with cerebrospinal fluid: sulci, fissure, ventricles and cisterns.

use crate::dice::Dice;
use crate::field::smooth_field;
use crate::head::{Ellipse, Head};
use crate::level::Level;
use crate::plane::{Plane, bump, saturate};
use crate::skull::Skull;

/// The slightly bent sheet between the hemispheres.
pub(crate) struct Midline {
    bend_px: f32,
    /// Share of the half length around the centre where the sheet does not show.
    gap: Option<f32>,
}

impl Midline {
    pub(crate) fn random(dice: &mut Dice, level: Level) -> Self {
        Self {
            bend_px: dice.normal(2.0),
            gap: (level != Level::HighConvexity).then(|| dice.uniform(0.15..0.55)),
        }
    }

    /// A ridge of height 1 along the midline that falls to 1/e at `width_px` to either side.
    pub(crate) fn ridge(&self, head: &Head, width_px: f32) -> Plane {
        Plane::from_pixels(|i| {
            let along = head.posterior[i] / head.half_length;
            if self.gap.is_some_and(|gap| along.abs() <= gap) {
                return 0.0;
            }
            bump((head.lateral[i] - self.bend_px * (2.0 * along).sin()) / width_px)
        })
    }
}

/// Cover of the subarachnoid space; wider and deeper with `atrophy` (0 to 1).
pub(crate) fn sulci(
    dice: &mut Dice,
    head: &Head,
    skull: &Skull,
    atrophy: f32,
    midline: &Midline,
) -> Plane {
    let n_cells = dice.count(30..60);
    let folds = smooth_field(dice, n_cells);
    let width = 0.12 + 0.10 * atrophy;
    let reach = dice.uniform(0.08..0.20) + 0.12 * atrophy;
    let openness = (0.25 + 0.75 * atrophy) * dice.uniform(0.4..1.0);
    let rim_reach = 0.012 + 0.03 * atrophy * dice.uniform(0.0..1.0);
    let rim_openness = dice.uniform(0.2..0.9);
    let rim_edge = 3.0 * head.pixel();
    let mut cover = Plane::from_pixels(|i| {
        let depth = skull.depth[i];
        // A sulcus runs along the zero crossings of the field.
        let sulcus = bump(folds[i] / width) * saturate((reach - depth) / 0.05) * openness;
        let rim = saturate((rim_reach - depth) / rim_edge) * rim_openness;
        sulcus.max(rim)
    });

    let fissure_width_px = dice.uniform(0.5..3.0 + 4.0 * atrophy);
    let fissure_openness = dice.uniform(0.2..0.8);
    let mut fissure = midline.ridge(head, fissure_width_px);
    for share in fissure.iter_mut() {
        *share *= fissure_openness;
    }
    cover.raise_to(&fissure);
    cover
}

/// Cover of the ventricles and cisterns that the level shows, if any.
pub(crate) fn ventricles(dice: &mut Dice, head: &Head, level: Level, atrophy: f32) -> Plane {
    let size = dice.uniform(0.7..1.2) + 0.5 * atrophy;
    // Positions and half axes as shares of the head's, mirrored by the sign of `side`.
    let shape = |at: (f32, f32), half: (f32, f32)| {
        Ellipse::new(
            (at.0 * head.half_width, at.1 * head.half_length),
            (half.0 * head.half_width, half.1 * head.half_length),
        )
    };
    let sides = [-1.0, 1.0];
    let mut shapes = Vec::new();
    let mut faint = Vec::new();
    match level {
        Level::HighConvexity => {
            if dice.chance(0.4) {
                shapes.extend(sides.map(|side| {
                    shape((side * 0.14, 0.02), (0.07 * size, 0.32 * size))
                        .turned(side * 0.12)
                        .rough(0.08)
                }));
            }
        }
        Level::Ventricles => {
            for side in sides {
                let frontal_horn = shape((side * 0.11 * size, -0.22), (0.055 * size, 0.17 * size));
                let occipital_horn = shape((side * 0.22 * size, 0.28), (0.075 * size, 0.17 * size));
                shapes.push(frontal_horn.turned(side * 0.35).rough(0.10));
                shapes.push(occipital_horn.turned(-side * 0.55).rough(0.10));
            }
            let third_ventricle = shape((0.0, 0.02), (0.022 * size, 0.11 * size));
            shapes.push(third_ventricle.rough(0.06));
        }
        Level::Basal => {
            let third_ventricle = shape((0.0, -0.02), (0.025 * size, 0.08 * size));
            let midline_cistern = shape((0.0, 0.12), (0.10, 0.05));
            shapes.push(third_ventricle.rough(0.08));
            shapes.push(midline_cistern.rough(0.25).grained(20));
            faint.extend(sides.map(|side| {
                shape((side * 0.45, -0.12), (0.10, 0.03)) // the sylvian fissure
                    .turned(side * 0.7)
                    .rough(0.25)
                    .grained(25)
            }));
        }
        Level::SkullBase => {}
    }

    let mut cover = Plane::filled(0.0);
    for ellipse in &shapes {
        cover.raise_to(&head.blob(dice, ellipse));
    }
    for ellipse in &faint {
        let mut blob = head.blob(dice, ellipse);
        blob.iter_mut().for_each(|share| *share *= 0.9);
        cover.raise_to(&blob);
    }
    cover
}
