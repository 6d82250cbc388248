//! What is no bleed and may look like one or hide one: dura and dense vessels, calcifications, old
//! infarcts, cysts, tumours.

use std::ops::Range;

use crate::anatomy::brain::{Brain, tentorium_mm};
use crate::anatomy::cranium::{Cranium, is_behind_petrous};
use crate::anatomy::section::{Rough, Section};
use crate::anatomy::solid::{Point, SIDES, Solid, length};
use crate::anatomy::texture::{Grain, Textures};
use crate::dice::Dice;
use crate::plane::{Plane, SIDE, saturate};

/// Draws every variant that the slice happens to have into the brain.
pub(crate) fn draw(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    cranium: &Cranium,
    brain: &mut Brain,
) {
    softening(dice, textures, section, cranium, brain);
    cyst(dice, textures, section, cranium, brain);
    tumour(dice, textures, section, cranium, brain);
    dura(dice, textures, section, cranium, &mut brain.hu);
    vessels(dice, section, &mut brain.hu);
    calcifications(dice, textures, section, &mut brain.hu);
    clip(dice, section, &mut brain.hu);
}

/// The clip of an aneurysm.
fn clip(dice: &mut Dice, section: &Section, hu: &mut Plane) {
    if !dice.chance(0.012) {
        return;
    }
    let at = [
        dice.normal(25.0),
        dice.normal(30.0),
        dice.uniform(20.0..60.0),
    ];
    let clip = Solid::rod(at, [at[0] + 5.0, at[1] + 2.0, at[2] + 2.0], 1.2);
    section.fill(hu, &clip, None, dice.uniform(3000.0..12000.0));
}

/// A place in the brain of this slice at least `depth_mm` below the bone; `None` if there is none.
pub(crate) fn place(dice: &mut Dice, cranium: &Cranium, depth_mm: f32) -> Option<usize> {
    let suits = |&i: &usize| cranium.cavity[i] > 0.9 && cranium.depth_mm[i] >= depth_mm;
    let n_suitable = (0..SIDE * SIDE).filter(suits).count();
    if n_suitable == 0 {
        return None;
    }
    let chosen = dice.count(0..n_suitable as u32);
    (0..SIDE * SIDE).filter(suits).nth(chosen)
}

/// Old infarcts and oedema: dark patches, from a lacune to a territory.
fn softening(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    cranium: &Cranium,
    brain: &mut Brain,
) {
    let n_patches = dice.weighted(&[0.74, 0.15, 0.06, 0.03, 0.02]);
    for _ in 0..n_patches {
        let Some(i) = place(dice, cranium, 3.0) else {
            return;
        };
        let size = dice.log_uniform(1.5..26.0);
        let half_axes = [
            size * dice.uniform(0.7..1.4),
            size * dice.uniform(0.7..1.4),
            size,
        ];
        let body = Solid::turned(section.point(i), half_axes, dice.uniform(0.0..3.0));
        let rough = Rough {
            texture: textures.pick(dice, Grain::Coarse),
            sd_mm: 0.25 * size,
        };
        // Between oedema and fluid; the larger ones are rarely empty.
        let loss_hu = if size < 8.0 {
            dice.uniform(6.0..22.0)
        } else {
            dice.uniform(3.0..17.0)
        };
        section.visit(&body, Some(rough), |i, share| {
            brain.hu[i] = (brain.hu[i] - share * loss_hu).max(3.0_f32.min(brain.hu[i]));
        });
    }
}

/// Of a body that few heads have: its pixel, its size in millimetres and its surface. Given are the
/// least depth of the pixel, the range of sizes, and how rough the surface is, all in millimetres.
fn rare_body<'t>(
    dice: &mut Dice,
    textures: &'t Textures,
    cranium: &Cranium,
    (depth_mm, sizes_mm, sd_mm): (f32, Range<f32>, f32),
) -> Option<(usize, f32, Rough<'t>)> {
    if !dice.chance(0.02) {
        return None;
    }
    let i = place(dice, cranium, depth_mm)?;
    let size = dice.uniform(sizes_mm);
    let rough = Rough {
        texture: textures.pick(dice, Grain::Coarse),
        sd_mm,
    };
    Some((i, size, rough))
}

/// An arachnoid cyst: fluid against the bone.
fn cyst(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    cranium: &Cranium,
    brain: &mut Brain,
) {
    let Some((i, size, rough)) = rare_body(dice, textures, cranium, (0.0, 7.0..22.0, 1.5)) else {
        return;
    };
    let body = Solid::ellipsoid(section.point(i), [size, size * 1.3, size]);
    section.fill(&mut brain.hu, &body, Some(rough), dice.uniform(0.0..10.0));
}

/// A tumour: as dense as grey matter or a little denser, at times in oedema.
fn tumour(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    cranium: &Cranium,
    brain: &mut Brain,
) {
    let Some((i, size, rough)) = rare_body(dice, textures, cranium, (4.0, 5.0..20.0, 1.2)) else {
        return;
    };
    let body = Solid::ellipsoid(
        section.point(i),
        [size, size * dice.uniform(0.8..1.3), size],
    );
    let loss_hu = dice.uniform(0.0..12.0);
    section.visit(
        &body.grown(dice.uniform(2.0..14.0)),
        Some(rough),
        |i, share| {
            brain.hu[i] -= share * loss_hu;
        },
    );
    section.fill(&mut brain.hu, &body, Some(rough), dice.uniform(24.0..37.0));
}

/// Falx, tentorium, and the blood-filled sinuses in them.
fn dura(
    dice: &mut Dice,
    textures: &Textures,
    section: &Section,
    cranium: &Cranium,
    hu: &mut Plane,
) {
    let dura_hu = dice.uniform(40.0..64.0);
    let blood_hu = dice.uniform(42.0..64.0);
    let half_mm = dice.uniform(0.25..0.8);
    let bend_mm = dice.normal(1.5);
    let calcified = textures.pick(dice, Grain::Coarse);
    let calcium_hu = if dice.chance(0.3) {
        dice.uniform(60.0..500.0)
    } else {
        0.0
    };
    let sinus_mm = dice.uniform(2.0..4.4);
    for i in 0..SIDE * SIDE {
        if cranium.cavity[i] <= 0.0 {
            continue;
        }
        let at = section.point(i);
        let inside = cranium.cavity[i];
        // The falx hangs from the vault and is deeper at the back.
        let aside = at[0] - bend_mm * (at[1] / 40.0).sin();
        let reach_mm = 27.0 + 0.22 * (at[1] + 40.0);
        let hangs =
            saturate((reach_mm - cranium.vault_mm[i]) / 4.0 + 0.5) * saturate((at[2] - 24.0) / 8.0);
        let edge = section.edge_mm([1.0, 0.0, 0.0]);
        let falx = hangs * saturate((half_mm - aside.abs()) / edge + 0.5).min(2.0 * half_mm / edge);
        let calcium = calcium_hu * saturate(calcified.at(i) - 1.0);
        hu[i] += inside * falx * (dura_hu + calcium - hu[i]).max(0.0);
        // The sheet of the tentorium, and its free edge around the midbrain.
        let above_mm = at[2] - tentorium_mm(at);
        let opening = length(at[0] / 19.0, (at[1] - 3.0) / 25.0);
        if opening > 1.0 && is_behind_petrous(at) {
            let edge = section.edge_mm([0.6, 0.3, 0.74]);
            let sheet = saturate((half_mm - above_mm.abs()) / edge + 0.5).min(2.0 * half_mm / edge);
            hu[i] += inside * sheet * (dura_hu + 0.5 * calcium - hu[i]).max(0.0);
        }
        // The sagittal sinus under the vault.
        let ridge = length(at[0], cranium.vault_mm[i] - 1.0);
        let sinus = saturate((sinus_mm - ridge) / section.edge_mm([0.7, 0.0, 0.7]) + 0.5)
            * saturate((at[1] + 20.0) / 30.0)
            * saturate((at[2] - 14.0) / 6.0);
        hu[i] += inside * sinus * (blood_hu - hu[i]).max(0.0);
    }
    let mut tubes = vec![(
        Solid::rod([0.0, 30.0, 42.0], [0.0, 76.0, 16.0], 2.0),
        blood_hu,
    )];
    let dominant = dice.uniform(0.6..1.4);
    for side in SIDES {
        let radius = 2.7 * if side > 0.0 { dominant } else { 2.0 - dominant };
        let at = |x: f32, y: f32, z: f32| [side * x, y, z];
        let path = [
            at(2.0, 80.0, 12.0),
            at(34.0, 66.0, 11.0),
            at(56.0, 34.0, 9.0),
            at(50.0, 28.0, -12.0),
        ];
        tubes.extend(
            path.windows(2)
                .map(|pair| (Solid::rod(pair[0], pair[1], radius), blood_hu)),
        );
    }
    for (tube, tube_hu) in tubes {
        section.visit(&tube, None, |i, share| {
            hu[i] += cranium.cavity[i] * share * (tube_hu - hu[i]).max(0.0);
        });
    }
}

/// Arteries of the base, at times hardened, and the veins of the middle.
fn vessels(dice: &mut Dice, section: &Section, hu: &mut Plane) {
    let blood_hu = dice.uniform(36.0..62.0);
    let wall_hu = if dice.chance(0.3) {
        dice.uniform(120.0..600.0)
    } else {
        blood_hu
    };
    let basilar = Solid::rod(
        [dice.normal(2.0), -12.0, -12.0],
        [0.0, -9.0, 24.0],
        dice.uniform(1.3..2.6),
    );
    let mut tubes = vec![
        (basilar, blood_hu),
        (
            Solid::rod([0.0, 20.0, 58.0], [0.0, 32.0, 46.0], 1.6),
            blood_hu,
        ),
    ];
    for side in SIDES {
        let at = |x: f32, y: f32, z: f32| [side * x, y, z];
        let radius = dice.uniform(1.0..1.9);
        tubes.push((
            Solid::rod(at(11.0, -20.0, 10.0), at(11.0, -18.0, 24.0), 2.2),
            wall_hu,
        ));
        tubes.push((
            Solid::rod(at(11.0, -18.0, 24.0), at(30.0, -21.0, 28.0), radius),
            blood_hu,
        ));
        tubes.push((
            Solid::rod(at(30.0, -21.0, 28.0), at(44.0, -20.0, 36.0), 0.8 * radius),
            blood_hu,
        ));
        tubes.push((
            Solid::rod(at(11.0, 8.0, -14.0), at(3.0, -9.0, -8.0), 1.6),
            wall_hu.min(300.0),
        ));
        tubes.push((
            Solid::rod(at(5.0, 16.0, 58.0), at(1.0, 28.0, 54.0), 1.2),
            blood_hu,
        ));
    }
    for (tube, tube_hu) in tubes {
        section.visit(&tube, None, |i, share| {
            hu[i] += share * (tube_hu - hu[i]).max(0.0)
        });
    }
}

/// Where calcium is found, how often, how large and how dense.
struct Deposit {
    chance: f32,
    is_paired: bool,
    centre: Point,
    size_mm: Range<f32>,
    hu: Range<f32>,
}

const fn deposit(
    chance: f32,
    is_paired: bool,
    centre: Point,
    size_mm: Range<f32>,
    hu: Range<f32>,
) -> Deposit {
    Deposit {
        chance,
        is_paired,
        centre,
        size_mm,
        hu,
    }
}

/// Pineal gland, choroid plexus of the atria and of the bodies, basal ganglia, dentate nuclei,
/// habenula, and the meninges of the forehead.
const DEPOSITS: [Deposit; 7] = [
    deposit(0.65, false, [0.0, 24.0, 51.0], 1.5..4.0, 70.0..600.0),
    deposit(0.65, true, [24.0, 36.0, 54.0], 1.5..5.5, 60.0..600.0),
    deposit(0.15, true, [16.0, 20.0, 64.0], 1.5..5.0, 40.0..90.0),
    deposit(0.22, true, [21.0, -8.0, 50.0], 1.5..5.0, 45.0..180.0),
    deposit(0.05, true, [17.0, 40.0, -2.0], 2.0..6.0, 45.0..120.0),
    deposit(0.15, false, [0.0, 24.0, 56.0], 0.8..2.0, 60.0..200.0),
    deposit(0.06, true, [12.0, -60.0, 70.0], 1.0..4.0, 100.0..800.0),
];

/// Calcium, more often in older heads.
fn calcifications(dice: &mut Dice, textures: &Textures, section: &Section, hu: &mut Plane) {
    let older = dice.uniform(0.4..1.4);
    for deposit in DEPOSITS {
        let is_shown = dice.chance(deposit.chance * older);
        for &side in if deposit.is_paired {
            &SIDES[..]
        } else {
            &SIDES[1..]
        } {
            let size = dice.log_uniform(deposit.size_mm.clone());
            let value = dice.log_uniform(deposit.hu.clone());
            let [x, y, z] = deposit.centre.map(|place| place + dice.normal(1.5));
            let half_axes = [
                size * dice.uniform(0.6..1.2),
                size * dice.uniform(0.8..1.6),
                size,
            ];
            let rough = Rough {
                texture: textures.pick(dice, Grain::Fine),
                sd_mm: 0.4 * size,
            };
            if !is_shown || (deposit.is_paired && dice.chance(0.15)) {
                continue;
            }
            let body = Solid::turned([side * x, y, z], half_axes, dice.uniform(0.0..3.0));
            section.visit(&body, Some(rough), |i, share| {
                hu[i] += share * (value - hu[i]).max(0.0);
            });
        }
    }
}
