//! Skin, fat, muscles and ears.

use crate::anatomy::cranium::Cranium;
use crate::anatomy::section::{Rough, Section};
use crate::anatomy::solid::{Point, SIDES, Solid};
use crate::anatomy::texture::{Grain, Textures};
use crate::dice::Dice;
use crate::plane::{Plane, saturate};

/// Paints soft tissue below the skin: fat, muscles, ears.
pub(crate) fn soft_tissue(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    cranium: &Cranium,
    hu: &mut Plane,
) {
    let size = dice.uniform(0.92..1.08);
    let fat_hu = dice.uniform(-110.0..-70.0);
    let skin_hu = dice.uniform(-20.0..60.0);
    let skin_mm = dice.uniform(1.4..3.0);
    let fibrous = textures.pick(dice, Grain::Middle);
    let swollen = textures.pick(dice, Grain::Broad);
    let swelling_mm = if dice.chance(0.2) {
        dice.uniform(0.0..8.0)
    } else {
        0.0
    };
    let galea_mm = dice.uniform(0.0..3.5);

    ears(dice, textures, section, hu);
    let temple =
        |side: f32| Solid::turned([side * 62.0, -28.0, 12.0], [13.0, 30.0, 40.0], -0.25 * side);
    let bodies = [
        temple(-1.0),
        temple(1.0),
        Solid::ellipsoid([0.0, -42.0, -42.0], [64.0 * size, 58.0, 78.0]),
        Solid::cone(
            [0.0, 18.0, -28.0],
            [0.0, 30.0, -120.0],
            [66.0 * size, 58.0 * size],
        ),
        Solid::cone([0.0, -90.0, 6.0], [0.0, -104.0, -32.0], [6.0, 13.0]),
    ];
    let mut skin = Plane::from_pixels(|i| {
        let scalp = cranium.measures.scalp_mm + swelling_mm * saturate(swollen.at(i) - 0.6);
        cranium.outer_mm[i] + scalp
    });
    for body in bodies {
        section.deepen(&mut skin, &body, 4.0);
    }
    for (i, pixel) in hu.iter_mut().enumerate() {
        let share = saturate(skin[i] / section.pixel_mm + 0.5);
        if share <= 0.0 {
            continue;
        }
        let below = saturate((skin[i] - skin_mm) / section.pixel_mm + 0.5);
        // The sheet of muscle and tendon on the skull.
        let sheet = saturate((cranium.outer_mm[i] + galea_mm) / section.pixel_mm + 0.5)
            * saturate(0.6 + 0.8 * fibrous.at(i));
        let inner = fat_hu + sheet * (45.0 - fat_hu);
        let tissue = skin_hu + below * (inner - skin_hu);
        *pixel += share * (tissue - *pixel);
    }
    let within =
        Plane::from_pixels(|i| saturate((skin[i] - skin_mm - 1.0) / section.pixel_mm + 0.5));
    section.fill(
        hu,
        &Solid::ellipsoid([0.0, -98.0, -28.0], [9.0, 10.0, 16.0]),
        None,
        25.0,
    );
    muscles(dice, textures, section, size, &within, hu);
}

fn ears(dice: &mut Dice, textures: &Textures, section: &Section, hu: &mut Plane) {
    let ragged = Rough {
        texture: textures.pick(dice, Grain::Fine),
        sd_mm: 2.0,
    };
    for side in SIDES {
        if dice.chance(0.25) {
            continue;
        }
        let far = dice.uniform(82.0..92.0);
        let lobe = Solid::cone(
            [side * 74.0, 6.0, -2.0],
            [side * far, 26.0, 4.0],
            [3.0, 2.2],
        );
        let rim = Solid::rod([side * far, 26.0, -14.0], [side * far, 24.0, 22.0], 3.0);
        let tissue_hu = dice.uniform(-40.0..60.0);
        section.fill(hu, &lobe, Some(ragged), tissue_hu);
        section.fill(hu, &rim, Some(ragged), tissue_hu);
    }
}

fn muscles(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    size: f32,
    within: &Plane,
    hu: &mut Plane,
) {
    // Centre, half axes and the turn of the right muscle.
    const MUSCLES: [(Point, Point, f32); 18] = [
        ([62.0, -28.0, 12.0], [11.0, 27.0, 38.0], -0.25), // temporal
        ([57.0, -46.0, -42.0], [9.0, 20.0, 28.0], -0.1),  // masseter
        ([36.0, -32.0, -20.0], [15.0, 20.0, 13.0], 0.5),  // pterygoids
        ([33.0, -36.0, -44.0], [10.0, 17.0, 20.0], 0.3),
        ([45.0, -44.0, -10.0], [9.0, 17.0, 15.0], 0.2), // temporal, behind the cheek bone
        ([12.0, -8.0, -46.0], [9.0, 7.0, 28.0], 0.0),   // before the spine
        ([20.0, -24.0, -40.0], [9.0, 10.0, 22.0], 0.4), // throat
        ([14.0, 68.0, -46.0], [13.0, 10.0, 36.0], 0.2), // of the neck
        ([34.0, 60.0, -48.0], [17.0, 11.0, 34.0], 0.6),
        ([24.0, 45.0, -52.0], [16.0, 12.0, 26.0], 0.4),
        ([46.0, 42.0, -46.0], [11.0, 14.0, 26.0], 0.8),
        ([58.0, 28.0, -52.0], [8.0, 18.0, 34.0], 0.2),
        ([36.0, 6.0, -46.0], [10.0, 10.0, 22.0], 0.0), // vessels and styloid muscles
        ([60.0, -8.0, -42.0], [11.0, 18.0, 24.0], 0.0), // parotid gland
        ([40.0, -76.0, -46.0], [6.0, 12.0, 18.0], -0.7), // cheek
        ([22.0, -97.0, -44.0], [17.0, 5.0, 16.0], 0.35), // lip
        ([40.0, -92.0, 26.0], [20.0, 4.0, 12.0], 0.5), // brow
        ([14.0, -58.0, -62.0], [17.0, 32.0, 16.0], 0.0), // tongue
    ];
    /// Its place in the list.
    const PAROTID: usize = 13;
    let mean_hu = dice.uniform(45.0..68.0);
    for (k, (centre, half_axes, turn)) in MUSCLES.into_iter().enumerate() {
        let scale = dice.uniform(0.85..1.15);
        for side in SIDES {
            let jitter = |dice: &mut Dice| dice.normal(1.5);
            let centre = [
                side * centre[0] * size + jitter(dice),
                centre[1] + jitter(dice),
                centre[2] + 2.0 * jitter(dice),
            ];
            let body = Solid::turned(centre, half_axes.map(|half| half * scale), side * turn);
            let ragged = Rough {
                texture: textures.pick(dice, Grain::Middle),
                sd_mm: 1.6,
            };
            let own_hu = if k == PAROTID {
                dice.uniform(-30.0..35.0)
            } else {
                mean_hu + dice.normal(3.0)
            };
            let streaked = textures.pick(dice, Grain::Fine);
            let fatty = dice.uniform(0.0..14.0);
            section.visit(&body, Some(ragged), |i, share| {
                let tissue = own_hu - fatty * streaked.at(i).max(0.0);
                hu[i] += share * within[i] * (tissue - hu[i]);
            });
        }
    }
}
