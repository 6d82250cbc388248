//! The brain of a slice: cortex, white matter, nuclei, cerebellum and stem, and the fluid around them.

use std::f32::consts::TAU;

use crate::anatomy::cranium::{Cranium, is_behind_petrous};
use crate::anatomy::section::{Rough, Section};
use crate::anatomy::solid::{Point, SIDES, Solid, hill, length};
use crate::anatomy::texture::{Grain, Textures};
use crate::dice::Dice;
use crate::plane::{Plane, SIDE, saturate};

/// A brain in Hounsfield units, and the spaces in it that blood can fill.
pub(crate) struct Brain {
    pub(crate) hu: Plane,
    /// Cover of the ventricles.
    pub(crate) ventricles: Plane,
    /// Cover of sulci, fissures and cisterns.
    pub(crate) subarachnoid: Plane,
    /// How much fluid the brain leaves, 0 to 1.
    pub(crate) atrophy: f32,
}

/// Height of the tentorium above a place; the cerebellum lies below it.
pub(crate) fn tentorium_mm(at: Point) -> f32 {
    let behind = saturate((at[1] - 22.0) / 58.0);
    13.0 + 31.0 * hill(at[0] / 32.0) * (1.0 - behind)
}

impl Brain {
    pub(crate) fn random(
        dice: &mut Dice,
        textures: &Textures,
        section: &Section,
        cranium: &Cranium,
    ) -> Self {
        let atrophy = dice.uniform(0.0..1.0).powf(1.4);
        let fluid_hu = dice.uniform(1.0..11.0);
        let mut brain = parenchyma(dice, textures, section, cranium, atrophy);
        nuclei(dice, textures, section, &mut brain.hu);
        cisterns(dice, textures, section, &mut brain);
        stem(dice, textures, section, &mut brain);
        ventricles(dice, textures, section, &mut brain);
        for i in 0..SIDE * SIDE {
            let share = brain.ventricles[i].max(brain.subarachnoid[i]);
            brain.hu[i] += share * (fluid_hu - brain.hu[i]);
            brain.subarachnoid[i] *= 1.0 - brain.ventricles[i];
        }
        brain
    }
}

/// Grey and white matter, with the sulci between the gyri.
fn parenchyma(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    cranium: &Cranium,
    atrophy: f32,
) -> Brain {
    let white_hu = dice.uniform(24.0..31.0);
    let contrast_hu = dice.uniform(4.5..9.0);
    let cerebellum_hu = white_hu + contrast_hu * dice.uniform(0.3..0.9);
    let folds = textures.pick(dice, Grain::Coarse);
    let rays = textures.pick(dice, Grain::Coarse);
    let wrinkles = textures.pick(dice, Grain::Middle);
    let mottle = textures.pick(dice, Grain::Middle);
    let regional = textures.pick(dice, Grain::Broad);
    let openness = saturate(dice.uniform(0.05..0.6) + 0.8 * atrophy);
    let sulcus_width = 0.07 + 0.22 * openness;
    let reach_mm = dice.uniform(9.0..18.0) + 9.0 * atrophy;
    let ribbon_mm = dice.uniform(2.6..4.2);
    let rim_mm = dice.uniform(0.0..0.8) + 2.4 * atrophy * dice.uniform(0.3..1.0);
    let fissure_mm = dice.uniform(0.2..1.0) + 1.6 * atrophy;
    let bend_mm = dice.normal(1.5);
    let folia = dice.uniform(0.5..2.5);
    let vermis_gap = dice.uniform(0.0..1.0) * (0.4 + atrophy);
    let mut brain = Brain {
        hu: Plane::filled(white_hu),
        ventricles: Plane::filled(0.0),
        subarachnoid: Plane::filled(0.0),
        atrophy,
    };
    for i in 0..SIDE * SIDE {
        if cranium.cavity[i] <= 0.0 {
            continue;
        }
        let at = section.point(i);
        let below_mm = tentorium_mm(at) - at[2];
        let depth = cranium.depth_mm[i].max(0.0);
        if below_mm > 0.0 && is_behind_petrous(at) {
            // Folia run along the surface.
            let around = at[0].atan2(at[1] - 15.0) / TAU * SIDE as f32;
            let layer = rays.between(14.0 * depth, around);
            let leaves = folia * layer;
            let slit =
                saturate((layer - 1.9 + 0.9 * openness) * 1.5) * saturate((13.0 - depth) / 6.0);
            let core = saturate((depth - 14.0) / 8.0) * 0.6;
            let gap = vermis_gap
                * hill(at[0] / 2.0)
                * saturate((at[1] - 45.0) / 12.0)
                * saturate((16.0 - depth) / 8.0);
            let rim = saturate((rim_mm * 0.8 - depth) / section.edge_mm([1.0, 0.0, 0.0]) + 0.5)
                * saturate(rim_mm);
            brain.hu[i] = cerebellum_hu - core * contrast_hu * 0.5 + leaves + 0.7 * mottle.at(i);
            brain.subarachnoid[i] = (0.6 * slit * openness).max(gap).max(rim);
            continue;
        }
        // The corpus callosum ends the fissure between the hemispheres.
        let callosum = length((at[1] + 2.0) / 44.0, (at[2] - 50.0) / 24.0);
        let aside = (at[0] - bend_mm * (at[1] / 40.0).sin()).abs();
        let medial = if callosum < 1.0 || at[2] < 12.0 {
            40.0
        } else {
            aside + 14.0 * saturate(1.25 - callosum)
        };
        let over = if is_behind_petrous(at) {
            -below_mm
        } else {
            40.0
        };
        let surface = depth.min(medial).min(over.max(0.0));
        // Seen from the side, sulci run inwards; seen from above, they wind.
        let around = (at[1].atan2(at[0]) / TAU) * SIDE as f32;
        let steep = saturate((cranium.vault_mm[i] - 4.0) / 30.0 + 0.35)
            * saturate((100.0 - at[2]) / 25.0)
            * saturate((29.0 - cranium.vault_mm[i]) / 12.0);
        let inward = rays.between(
            0.4 * cranium.vault_mm[i],
            around + 2.5 * wrinkles.at(i) + 5.0 * folds.at(i),
        );
        let fold = steep * inward + (1.0 - steep) * (folds.at(i) + 0.35 * wrinkles.at(i));
        let reach = saturate((reach_mm * (1.0 + 0.4 * regional.at(i)) - surface) / 6.0);
        let deep = saturate((surface - reach_mm) / 8.0);
        let sulcus = hill(fold / (sulcus_width * (1.0 + 0.35 * regional.at(i)).max(0.3)))
            * reach
            * (0.25 + 0.75 * openness);
        let edge = section.edge_mm([0.5, 0.5, 0.7]);
        let rim = saturate((rim_mm * (1.0 + 0.6 * regional.at(i)) - depth) / edge + 0.4)
            * saturate(1.4 * rim_mm);
        let fissure = hill(medial.max(aside) / (fissure_mm + 0.4 * section.pixel_mm))
            * saturate(0.35 + fissure_mm);
        let fissure = if medial < 39.0 { fissure } else { 0.0 };
        let ribbon = saturate((ribbon_mm - surface) / 1.5 + 0.5)
            .max(saturate((sulcus_width + 0.34 - fold.abs()) / 0.2) * reach);
        let grey = (ribbon * (1.0 - deep)).min(1.0);
        brain.hu[i] = white_hu + contrast_hu * grey + 0.6 * mottle.at(i) + 0.5 * regional.at(i);
        brain.subarachnoid[i] = saturate(sulcus.max(rim).max(fissure));
    }
    brain
}

fn nuclei(dice: &mut Dice, textures: &Textures, section: &Section, hu: &mut Plane) {
    let gain_hu = dice.uniform(3.0..8.0);
    for side in SIDES {
        for (centre, half_axes, turn) in [
            ([15.0, -26.0, 58.0], [5.0, 10.0, 10.0], 0.2),
            ([26.0, -6.0, 50.0], [7.5, 18.0, 11.0], 0.25),
            ([10.0, 9.0, 54.0], [7.5, 13.0, 9.0], 0.3),
            ([41.0, -6.0, 48.0], [1.8, 20.0, 14.0], 0.1),
        ] {
            let [x, y, z]: Point = centre;
            let body = Solid::turned([side * x, y, z], half_axes, -side * turn);
            let rough = Rough {
                texture: textures.pick(dice, Grain::Middle),
                sd_mm: 0.8,
            };
            let gain_hu = if half_axes[0] < 3.0 {
                0.5 * gain_hu
            } else {
                gain_hu
            };
            section.visit(&body, Some(rough), |i, share| hu[i] += share * gain_hu);
        }
    }
}

/// Fluid between the brain and the skull base, and the fissures of the sides.
fn cisterns(dice: &mut Dice, textures: &Textures, section: &Section, brain: &mut Brain) {
    let wide = 0.75 + 0.9 * brain.atrophy + dice.normal(0.12);
    let strength = dice.uniform(0.75..1.0);
    let magna = if dice.chance(0.12) {
        2.0
    } else {
        dice.uniform(0.5..1.1)
    };
    let mut bodies = vec![
        Solid::ellipsoid(
            [0.0, -17.0, 25.0],
            [13.0 * wide.sqrt(), 11.0, 7.0 * wide.sqrt()],
        ),
        Solid::ellipsoid([0.0, -6.0, 30.0], [6.0, 6.0 * wide, 7.0]),
        Solid::ellipsoid([0.0, 27.0, 42.0], [11.0, 6.0 * wide, 6.0]),
        Solid::ellipsoid([0.0, 40.0, 42.0], [3.5 * wide, 9.0, 6.0]),
        Solid::ellipsoid(
            [dice.normal(3.0), 58.0, -26.0],
            [12.0 * magna, 8.0 * magna, 9.0 * magna],
        ),
        Solid::ellipsoid([0.0, -14.0, 6.0], [15.0, 4.0, 15.0]),
    ];
    for side in SIDES {
        let at = |x: f32, y: f32, z: f32| [side * x, y, z];
        let own = wide * dice.uniform(0.75..1.25);
        let sylvian = [
            at(12.0, -19.0, 25.0),
            at(30.0, -22.0, 28.0),
            at(45.0, -21.0, 36.0),
            at(48.0, -8.0, 48.0),
            at(54.0, 10.0, 58.0),
        ];
        for pair in sylvian.windows(2) {
            bodies.push(Solid::rod(pair[0], pair[1], 1.7 * own));
        }
        bodies.push(Solid::rod(
            at(45.0, -24.0, 44.0),
            at(43.0, 6.0, 50.0),
            1.3 * own,
        ));
        bodies.push(Solid::turned(
            at(47.0, -20.0, 40.0),
            [2.6 * own, 9.0 * own, 8.0],
            -0.3 * side,
        ));
        bodies.push(Solid::rod(
            at(13.0, -4.0, 3.0),
            at(31.0, 9.0, 3.0),
            1.8 * own,
        ));
        bodies.push(Solid::rod(
            at(20.0, 8.0, 34.0),
            at(14.0, 24.0, 40.0),
            1.3 * own,
        ));
        bodies.push(Solid::rod(
            at(8.0, 36.0, -30.0),
            at(9.0, 20.0, -34.0),
            2.5 * own,
        ));
    }
    for body in bodies {
        let rough = Rough {
            texture: textures.pick(dice, Grain::Middle),
            sd_mm: 0.9,
        };
        section.cover(&mut brain.subarachnoid, &body, Some(rough), strength);
    }
}

/// Midbrain, pons and medulla, each in a coat of fluid.
fn stem(dice: &mut Dice, textures: &Textures, section: &Section, brain: &mut Brain) {
    let stem_hu = dice.uniform(25.0..33.0);
    let coat_mm = 0.6 + 2.6 * brain.atrophy * dice.uniform(0.5..1.0) + dice.uniform(0.0..0.9);
    let parts = [
        Solid::cone([0.0, 14.0, -12.0], [0.0, 20.0, -60.0], [10.0, 6.0]),
        Solid::ellipsoid([0.0, 2.0, 6.0], [17.5, 12.5, 16.0]),
        Solid::ellipsoid([0.0, 9.0, 30.0], [16.0, 13.0, 13.0]),
    ];
    let shape = Rough {
        texture: textures.pick(dice, Grain::Coarse),
        sd_mm: 0.9,
    };
    let film = textures.pick(dice, Grain::Coarse);
    for (part, behind_mm) in parts.iter().zip([15.0, 3.0, 99.0]) {
        // Behind, the cerebellum lies close to the stem.
        let fluid = &mut brain.subarachnoid;
        section.visit(&part.grown(coat_mm), Some(shape), |i, share| {
            let free = saturate((behind_mm - section.y[i]) / 6.0 + 0.5);
            let open = saturate(0.75 + 0.5 * film.at(i));
            fluid[i] = fluid[i].max(share * free * open);
        });
    }
    for side in SIDES {
        // The middle peduncles join the pons to the cerebellum.
        let peduncle = Solid::rod([side * 10.0, 4.0, 4.0], [side * 27.0, 22.0, 4.0], 7.0);
        section.visit(&peduncle, None, |i, share| {
            brain.subarachnoid[i] *= 1.0 - share;
            brain.hu[i] += 0.6 * share * (stem_hu - brain.hu[i]);
        });
    }
    for part in &parts {
        section.visit(part, Some(shape), |i, share| {
            brain.subarachnoid[i] *= 1.0 - share;
            brain.hu[i] += share * (stem_hu - brain.hu[i]);
        });
    }
}

fn ventricles(dice: &mut Dice, textures: &Textures, section: &Section, brain: &mut Brain) {
    let size = (0.75 + 0.75 * brain.atrophy + dice.normal(0.14)).max(0.3)
        * if dice.chance(0.05) {
            dice.uniform(1.3..1.9)
        } else {
            1.0
        };
    /// The third and fourth ventricle and the duct between them; the lateral ones follow.
    const N_MEDIAL: usize = 5;
    let apart = size.sqrt();
    let mut bodies = vec![
        Solid::ellipsoid([0.0, -2.0, 47.0], [2.4 * size, 13.0, 11.0]),
        Solid::rod([-5.0 * apart, 20.0, 3.0], [0.0, 17.0, 6.0], 2.6 * size),
        Solid::rod([5.0 * apart, 20.0, 3.0], [0.0, 17.0, 6.0], 2.6 * size),
        Solid::rod([0.0, 18.0, -6.0], [0.0, 17.0, 12.0], 2.4 * size),
        Solid::rod([0.0, 16.0, 18.0], [0.0, 14.0, 40.0], 1.1),
    ];
    for side in SIDES {
        let own = size * (1.0 + dice.normal(0.12));
        let at = |x: f32, y: f32, z: f32| [side * x * (0.7 + 0.3 * apart), y, z];
        let horn = dice.uniform(0.4..1.2);
        let path = [
            (at(13.0, -42.0, 57.0), 3.2 * own),
            (at(6.5, -16.0, 62.0), 4.2 * own),
            (at(12.0, 4.0, 70.0), 5.0 * own),
            (at(18.0, 24.0, 68.0), 5.6 * own),
            (at(25.0, 36.0, 55.0), 6.5 * own),
        ];
        for pair in path.windows(2) {
            bodies.push(Solid::cone(pair[0].0, pair[1].0, [pair[0].1, pair[1].1]));
        }
        let atrium = path[4].0;
        bodies.push(Solid::cone(
            atrium,
            at(22.0, 56.0 + 8.0 * horn, 50.0),
            [5.0 * own, 2.6 * own * horn],
        ));
        bodies.push(Solid::cone(
            atrium,
            at(34.0, 16.0, 36.0),
            [5.0 * own, 2.4 * own],
        ));
        bodies.push(Solid::cone(
            at(34.0, 16.0, 36.0),
            at(31.0, -16.0, 24.0),
            [2.4 * own, 2.0 * own],
        ));
    }
    // Small-vessel disease darkens the white matter around them.
    let loss_hu = dice.uniform(-4.0..9.0).max(0.0) * (0.3 + brain.atrophy);
    let halo_mm = dice.uniform(3.0..11.0);
    let patchy = textures.pick(dice, Grain::Coarse);
    let mut halo = Plane::filled(0.0);
    for body in &bodies[N_MEDIAL..] {
        let rough = Rough {
            texture: patchy,
            sd_mm: 2.5,
        };
        section.cover(&mut halo, &body.grown(halo_mm), Some(rough), 1.0);
    }
    brain.hu.add(&halo, -loss_hu);
    for body in &bodies {
        let rough = Rough {
            texture: textures.pick(dice, Grain::Middle),
            sd_mm: 0.5,
        };
        section.cover(&mut brain.ventricles, body, Some(rough), 1.0);
    }
}
