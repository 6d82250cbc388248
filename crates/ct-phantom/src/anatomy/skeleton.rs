//! The bones of the face and the neck, and the air in them.

use crate::anatomy::orbit::orbits;
use crate::anatomy::outside::{AIR_HU, Outside};
use crate::anatomy::section::Rough;
use crate::anatomy::solid::{SIDES, Solid};
use crate::anatomy::temporal_bone::temporal_bones;
use crate::anatomy::texture::{Grain, Textures};
use crate::dice::Dice;
use crate::plane::saturate;

/// Paints the bones below the skull and the cavities in them.
pub(crate) fn skeleton(dice: &mut Dice, textures: &Textures, slice: &mut Outside<'_>) {
    jaws(dice, slice);
    spine(dice, slice);
    let fine = |dice: &mut Dice, sd_mm: f32| Rough {
        texture: textures.pick(dice, Grain::Fine),
        sd_mm,
    };
    let broad = |dice: &mut Dice, sd_mm: f32| Rough {
        texture: textures.pick(dice, Grain::Middle),
        sd_mm,
    };
    let bone_hu = dice.uniform(700.0..1100.0);
    for side in SIDES {
        let at = |x: f32, y: f32, z: f32| [side * x, y, z];
        // Mastoid: the process, and its air cells further below.
        slice.fill(
            &Solid::ellipsoid(at(54.0, 20.0, -16.0), [13.0, 15.0, 22.0]),
            Some(broad(dice, 1.0)),
            bone_hu,
        );
        // Cheek bone, and the rim of the orbit.
        let cheek = [
            at(66.0, 0.0, -8.0),
            at(64.0, -34.0, -10.0),
            at(50.0, -70.0, -14.0),
            at(49.0, -66.0, 26.0),
        ];
        for (pair, radii) in cheek.windows(2).zip([[2.5, 2.5], [2.5, 5.0], [6.0, 4.0]]) {
            slice.fill(&Solid::cone(pair[0], pair[1], radii), None, bone_hu);
        }
        slice.fill(
            &Solid::cone(at(49.0, -60.0, 12.0), at(30.0, -36.0, 6.0), [2.5, 3.0]),
            None,
            bone_hu,
        );
        for (lateral, turn) in [(13.0, 0.1), (20.0, 0.5)] {
            let plate = Solid::turned(at(lateral, -36.0, -28.0), [1.6, 8.0, 18.0], side * turn);
            slice.fill(&plate, None, bone_hu);
        }
        // The maxillary sinus, at times filled.
        let sinus = Solid::ellipsoid(
            at(31.0 + dice.normal(1.5), -62.0, -30.0),
            [14.0, 18.0, dice.uniform(13.0..19.0)],
        );
        let rough = Some(broad(dice, 1.2));
        slice.fill(&sinus.grown(1.0), rough, bone_hu);
        let filling = if dice.chance(0.2) {
            dice.uniform(5.0..40.0)
        } else {
            AIR_HU
        };
        slice.fill(&sinus, rough, if dice.chance(0.3) { 20.0 } else { filling });
        slice.fill(&sinus.grown(-dice.uniform(0.5..5.0)), rough, filling);
    }
    orbits(dice, textures, slice, bone_hu);
    // Sphenoid, ethmoid and frontal sinuses, the nose and the throat.
    slice.fill(
        &Solid::ellipsoid([0.0, -22.0, -2.0], [16.0, 17.0, 15.0]),
        Some(broad(dice, 1.0)),
        bone_hu,
    );
    for side in SIDES {
        let aired = dice.uniform(6.0..12.0);
        let cell = Solid::ellipsoid(
            [side * (7.0 + dice.normal(1.5)), -27.0, -1.0],
            [0.62 * aired, aired, aired],
        );
        let air = if dice.chance(0.1) { 25.0 } else { AIR_HU };
        slice.fill(&cell, Some(fine(dice, 0.8)), air);
        let ethmoid = Solid::ellipsoid([side * 5.5, -60.0, 1.0], [9.5, 24.0, 18.0]);
        slice.fill(&ethmoid.grown(0.6), None, 0.6 * bone_hu);
        slice.fill(&ethmoid, None, AIR_HU);
        let septa = textures.pick(dice, Grain::Fine);
        let mucosa = dice.uniform(0.25..0.8);
        let wall = |i: usize| saturate(1.3 - septa.at(i).abs() / mucosa);
        slice.fill_where(&ethmoid, None, wall, dice.uniform(60.0..350.0));
    }
    let n_lobes = dice.count(0..4);
    for _ in 0..n_lobes {
        let (x, z) = (dice.normal(13.0), dice.uniform(24.0..44.0));
        let at = [x, -slice.cranium.measures.forehead_mm(x, z), z];
        let lobe = Solid::ellipsoid(
            at,
            [
                dice.uniform(5.0..14.0),
                dice.uniform(2.0..4.5),
                dice.uniform(6.0..14.0),
            ],
        );
        let rough = Some(fine(dice, 0.8));
        slice.fill(&lobe.grown(2.0), rough, bone_hu);
        slice.fill(&lobe, rough, AIR_HU);
    }
    let nose = Solid::ellipsoid([0.0, -72.0, -34.0], [14.0, 34.0, 20.0]);
    slice.fill(&nose, Some(broad(dice, 1.0)), AIR_HU);
    slice.fill(
        &Solid::ellipsoid([0.0, -34.0, -42.0], [13.0, 10.0, 24.0]),
        Some(broad(dice, 2.0)),
        AIR_HU,
    );
    slice.fill(
        &Solid::ellipsoid([dice.normal(1.5), -72.0, -34.0], [1.2, 32.0, 22.0]),
        Some(broad(dice, 1.2)),
        250.0,
    );
    for side in SIDES {
        for low in [-28.0, -42.0] {
            let shell = Solid::ellipsoid([side * 7.5, -66.0, low], [3.2, 20.0, 5.5]);
            slice.fill(&shell, Some(fine(dice, 1.0)), dice.uniform(30.0..160.0));
        }
    }
    temporal_bones(dice, textures, slice);
}

fn jaws(dice: &mut Dice, slice: &mut Outside<'_>) {
    let bone_hu = dice.uniform(800.0..1300.0);
    let drop = dice.uniform(-4.0..6.0);
    for side in SIDES {
        let at = |x: f32, y: f32, z: f32| [side * x, y, z - drop];
        let ramus = Solid::turned(at(50.0, -28.0, -38.0), [3.4, 14.0, 24.0], -0.12 * side);
        let condyle = Solid::turned(at(51.0, -13.0, -11.0), [8.0, 4.5, 8.0], 0.3 * side);
        let coronoid = Solid::turned(at(48.0, -38.0, -18.0), [2.2, 6.0, 13.0], -0.1 * side);
        for part in [ramus, condyle, coronoid] {
            slice.fill(&part, None, bone_hu);
        }
        let path = [
            at(50.0, -24.0, -58.0),
            at(32.0, -70.0, -76.0),
            at(0.0, -88.0, -84.0),
        ];
        for (pair, radii) in path.windows(2).zip([[4.5, 6.0], [6.0, 7.0]]) {
            slice.fill(&Solid::cone(pair[0], pair[1], radii), None, bone_hu);
        }
        let alveolar = Solid::cone(
            [side * 27.0, -52.0, -52.0],
            [side * 5.0, -92.0, -50.0],
            [6.0, 6.0],
        );
        slice.fill(&alveolar, None, bone_hu);
    }
    slice.fill(
        &Solid::ellipsoid([0.0, -62.0, -49.0], [22.0, 28.0, 2.5]),
        None,
        bone_hu,
    );
}

/// The upper two vertebrae and the cord between them.
fn spine(dice: &mut Dice, slice: &mut Outside<'_>) {
    let bone_hu = dice.uniform(500.0..900.0);
    for side in SIDES {
        let mass = Solid::ellipsoid([side * 21.0, 12.0, -50.0], [9.0, 11.0, 14.0]);
        slice.fill(&mass, None, bone_hu);
        let arch = Solid::rod([side * 21.0, 18.0, -54.0], [0.0, 40.0, -55.0], 3.5);
        slice.fill(&arch, None, bone_hu);
        let process = Solid::rod([side * 24.0, 10.0, -52.0], [side * 38.0, 12.0, -54.0], 4.0);
        slice.fill(&process, None, bone_hu);
    }
    slice.fill(
        &Solid::rod([0.0, 1.0, -40.0], [0.0, 2.0, -70.0], 5.0),
        None,
        bone_hu,
    );
    slice.fill(
        &Solid::rod([0.0, 20.0, -30.0], [0.0, 22.0, -80.0], 11.0),
        None,
        8.0,
    );
    slice.fill(
        &Solid::rod([0.0, 20.0, -30.0], [0.0, 22.0, -80.0], 6.5),
        None,
        32.0,
    );
}
