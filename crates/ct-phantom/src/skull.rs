//! The skull, what it encloses, and what surrounds it: scalp, air and the head holder.

use crate::dice::Dice;
use crate::field::smooth_field;
use crate::head::Head;
use crate::plane::{Plane, bump, saturate};

/// Nested covers of the head, from the skin inwards.
pub(crate) struct Skull {
    /// Everything inside the skin.
    skin: Plane,
    /// Everything inside the outer table.
    outer: Plane,
    /// Everything inside the inner table: where the brain is.
    pub(crate) cavity: Plane,
    /// Distance below the inner table in the unit of [`Head::radius`]; negative outside the brain.
    pub(crate) depth: Plane,
    thickness: Plane,
}

impl Skull {
    pub(crate) fn random(dice: &mut Dice, head: &Head) -> Self {
        let pixel = head.pixel();
        let radius = &head.radius;

        let mean_thickness = dice.uniform(0.055..0.11);
        let mut thickness = smooth_field(dice, 6);
        for share in thickness.iter_mut() {
            *share = (mean_thickness * (1.0 + 0.25 * *share)).clamp(0.03, 0.16);
        }
        let depth = Plane::from_pixels(|i| 1.0 - thickness[i] - radius[i]);

        let mean_scalp = dice.uniform(0.04..0.12);
        let scalp = smooth_field(dice, 5);
        let inner_edge_px = dice.uniform(1.0..3.0);
        Self {
            skin: Plane::from_pixels(|i| {
                let skin_radius = 1.0 + mean_scalp * (1.0 + 0.3 * scalp[i]);
                saturate((skin_radius - radius[i]) / pixel + 0.5)
            }),
            outer: Plane::from_pixels(|i| saturate((1.0 - radius[i]) / pixel + 0.5)),
            cavity: Plane::from_pixels(|i| saturate(depth[i] / (pixel * inner_edge_px) + 0.5)),
            depth,
            thickness,
        }
    }

    /// Whether most of a pixel lies inside the inner table.
    pub(crate) fn encloses(&self, i: usize) -> bool {
        self.cavity[i] > 0.5
    }

    /// The slice without a brain, in Hounsfield units: bone fills the inside of the skull.
    pub(crate) fn surroundings(&self, dice: &mut Dice, head: &Head) -> Plane {
        let mut hu = Plane::filled(-1000.0 + dice.normal(1.0));
        if dice.chance(0.8) {
            add_head_holder(dice, head, &mut hu);
        }

        let mean_scalp_hu = dice.uniform(-90.0..40.0);
        let scalp = smooth_field(dice, 14);
        hu.paint(&self.skin, |i| mean_scalp_hu + 45.0 * scalp[i]);

        let mean_bone_hu = dice.uniform(700.0..1400.0);
        let diploe_drop_hu = dice.uniform(0.0..500.0);
        let bone = smooth_field(dice, 20);
        hu.paint(&self.outer, |i| {
            // Spongy bone: darkest midway between the tables.
            let midway = 1.0 - self.thickness[i] / 2.0;
            let from_midway = (head.radius[i] - midway) / (0.2 * self.thickness[i] + 1e-3);
            mean_bone_hu + 150.0 * bone[i] - diploe_drop_hu * bump(from_midway)
        });
        hu
    }
}

/// An arc of plastic behind the head.
fn add_head_holder(dice: &mut Dice, head: &Head, hu: &mut Plane) {
    let pixel = head.pixel();
    let size = dice.uniform(1.12..1.5);
    let half_thickness = dice.uniform(0.012..0.035);
    let half_width = head.half_width * size * dice.uniform(0.95..1.2);
    let half_length = head.half_length * size * 0.92;
    let centre_row = head.centre_row + dice.uniform(-15.0..25.0);
    let first_row = head.centre_row + dice.uniform(-80.0..60.0);
    let arc = Plane::from_positions(|row, col| {
        if row <= first_row {
            return 0.0;
        }
        let across = (col - head.centre_col) / half_width;
        let along = (row - centre_row) / half_length;
        let off_arc = (across.hypot(along) - 1.0).abs();
        saturate((half_thickness - off_arc) / pixel + 0.5)
    });
    hu.add(&arc, dice.uniform(600.0..1300.0));
}
