//! What is no bleed and can look like one, or hide one.

use crate::brain::Brain;
use crate::dice::Dice;
use crate::field::smooth_field;
use crate::head::{Ellipse, Head};
use crate::level::Level;
use crate::plane::{Plane, saturate};
use crate::skull::Skull;

/// Calcified choroid plexus, pineal gland or ganglia: one to three bright specks.
pub(crate) fn calcify(dice: &mut Dice, head: &Head, brain: &mut Brain) {
    if !dice.chance(0.35) {
        return;
    }
    for _ in 0..dice.count(1..4) {
        let lateral = dice.one_of([-1.0, 0.0, 1.0]) * dice.uniform(0.08..0.3) * head.half_width;
        let posterior = dice.uniform(-0.1..0.4) * head.half_length;
        let half_axis = dice.uniform(1.5..5.0);
        let half_axes = (half_axis, half_axis * dice.uniform(0.7..1.4));
        let speck = Ellipse::new((lateral, posterior), half_axes).rough(0.2);
        let gain_hu = dice.uniform(60.0..350.0);
        brain.hu.add(&head.blob(dice, &speck), gain_hu);
    }
}

/// A dark patch: an old infarct or oedema.
pub(crate) fn infarct(dice: &mut Dice, head: &Head, brain: &mut Brain) {
    if !dice.chance(0.3) {
        return;
    }
    let lateral = dice.uniform(-0.6..0.6) * head.half_width;
    let posterior = dice.uniform(-0.6..0.6) * head.half_length;
    let half_axes = (
        dice.uniform(0.08..0.35) * head.half_width,
        dice.uniform(0.08..0.3) * head.half_length,
    );
    let patch = Ellipse::new((lateral, posterior), half_axes)
        .turned(dice.uniform(0.0..3.0))
        .rough(0.3);
    let loss_hu = dice.uniform(4.0..14.0);
    brain.hu.add(&head.blob(dice, &patch), -loss_hu);
}

/// Bone, air cells and orbital fat near the skull base; spares the pixels of `lesion`.
pub(crate) fn skull_base(dice: &mut Dice, head: &Head, brain: &mut Brain, lesion: &[bool]) {
    let size = match brain.level {
        Level::SkullBase => 1.0,
        Level::Basal if dice.chance(0.5) => 0.45,
        _ => return,
    };
    for _ in 0..dice.count(2..7) {
        let lateral = dice.uniform(-0.8..0.8) * head.half_width;
        let posterior = head.half_length
            * if dice.chance(0.8) {
                dice.uniform(-0.95..0.1)
            } else {
                dice.uniform(-0.2..0.4)
            };
        let half_axes = (
            dice.uniform(0.03..0.25) * head.half_width * size,
            dice.uniform(0.03..0.14) * head.half_length * size,
        );
        let lump = Ellipse::new((lateral, posterior), half_axes)
            .turned(dice.uniform(0.0..3.0))
            .rough(0.4)
            .grained(24);
        let mut cover = head.blob(dice, &lump);
        for (share, &is_lesion) in cover.iter_mut().zip(lesion) {
            if is_lesion {
                *share = 0.0;
            }
        }
        let hu = match dice.weighted(&[0.60, 0.25, 0.15]) {
            0 => dice.uniform(300.0..1100.0), // bone
            1 => -900.0,                      // an air cell
            _ => -80.0,                       // orbital fat
        };
        brain.hu.paint(&cover, |_| hu);
    }
}

/// A bright band along part of the inner table, where bone reaches into the slice thickness.
pub(crate) fn partial_volume(dice: &mut Dice, skull: &Skull, brain: &mut Brain) {
    if !dice.chance(0.24) {
        return;
    }
    let reach = dice.uniform(0.01..0.04);
    let gain_hu = dice.uniform(5.0..60.0);
    let extent = smooth_field(dice, 4);
    for (i, hu) in brain.hu.iter_mut().enumerate() {
        *hu += gain_hu * saturate((reach - skull.depth[i]) / 0.03) * saturate(extent[i]);
    }
}

/// Air behind the forehead, in the finished slice.
pub(crate) fn frontal_sinus(dice: &mut Dice, head: &Head, hu: &mut Plane) {
    if !dice.chance(0.3) {
        return;
    }
    let sinus = Ellipse::new(
        (0.0, -0.97 * head.half_length),
        (0.25 * head.half_width, 0.05 * head.half_length),
    )
    .rough(0.35)
    .grained(30);
    hu.paint(&head.blob(dice, &sinus), |_| -900.0);
}
