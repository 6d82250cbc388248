//! The eyes, their muscles and the fat around them.

use crate::anatomy::outside::Outside;
use crate::anatomy::section::Rough;
use crate::anatomy::solid::{SIDES, Solid};
use crate::anatomy::texture::{Grain, Textures};
use crate::dice::Dice;

pub(crate) fn orbits(dice: &mut Dice, textures: &Textures, slice: &mut Outside<'_>, bone_hu: f32) {
    let height = 6.0 + dice.normal(2.0);
    let forward = -80.0 + dice.normal(2.5);
    let lens_hu = dice.uniform(60.0..110.0);
    let gaze = dice.normal(0.25);
    for side in SIDES {
        let at = |x: f32, y: f32, z: f32| [side * x, y, z];
        let rough = Some(Rough {
            texture: textures.pick(dice, Grain::Middle),
            sd_mm: 0.6,
        });
        let orbit = Solid::turned(at(29.0, -66.0, height), [17.0, 27.0, 16.5], side * 0.32);
        slice.fill(&orbit.grown(0.8), rough, bone_hu);
        slice.fill(&orbit, rough, -95.0);
        let front = Solid::ellipsoid(at(33.0, -90.0, height), [15.0, 10.0, 14.0]);
        slice.fill(&front, rough, -80.0);
        let tissue = dice.uniform(35.0..60.0);
        let apex = at(14.0, -38.0, height + 3.0);
        for (from, radius) in [
            (at(21.0, -76.0, height), 1.8),
            (at(44.0, -74.0, height), 1.8),
            (at(32.0, -76.0, height + 11.0), 2.0),
            (at(32.0, -76.0, height - 10.0), 2.0),
            (at(32.0, -70.0, height), 2.0),
        ] {
            slice.fill(&Solid::cone(from, apex, [radius, 1.4]), None, tissue);
        }
        let globe = Solid::ellipsoid(at(33.0, forward, height), [12.0; 3]);
        slice.fill(&globe.grown(0.3), None, tissue);
        slice.fill(&globe.grown(-1.2), None, dice.uniform(2.0..14.0));
        let lens = [side * 33.0 + 8.0 * gaze, forward - 8.0, height];
        slice.fill(&Solid::turned(lens, [4.4, 2.0, 4.4], gaze), None, lens_hu);
        slice.fill(
            &Solid::ellipsoid(at(33.0, forward - 12.5, height), [15.0, 2.0, 12.0]),
            rough,
            dice.uniform(-20.0..60.0),
        );
    }
}
