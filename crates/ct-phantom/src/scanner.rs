//! What the scanner makes of the head: beam hardening, blur, noise, streaks, a round field of view.

use std::f32::consts::PI;

use crate::blur::gaussian_blur;
use crate::dice::Dice;
use crate::plane::{Plane, SIDE};
use crate::skull::Skull;

/// Values that scanners store outside their field of view.
const PADDING_HU: [f32; 3] = [-3024.0, -1024.0, -2000.0];

/// Turns the ideal slice into a scanned one, still in Hounsfield units and not yet rounded.
pub(crate) fn scan(dice: &mut Dice, mut ideal: Plane, skull: &Skull) -> Plane {
    harden(dice, &mut ideal, skull);
    let mut hu = gaussian_blur(&ideal, dice.uniform(0.5..1.1));
    add_noise(dice, &mut hu);
    if dice.chance(0.3) {
        add_streaks(dice, &mut hu, skull);
    }
    pad(dice, &mut hu);
    hu
}

/// Beam hardening: the brain brightens towards the bone, and shifts as a whole.
fn harden(dice: &mut Dice, hu: &mut Plane, skull: &Skull) {
    let cupping_hu = dice.uniform(0.0..6.0);
    let shift_hu = dice.uniform(-1.5..1.5);
    for (i, pixel) in hu.iter_mut().enumerate() {
        *pixel += skull.cavity[i] * (cupping_hu * (-skull.depth[i] / 0.05).exp() + shift_hu);
    }
}

/// Noise with a short correlation length.
fn add_noise(dice: &mut Dice, hu: &mut Plane) {
    let white = Plane::from_pixels(|_| dice.normal(1.0));
    let noise = gaussian_blur(&white, dice.uniform(0.5..1.1));
    let (_, sd) = noise.mean_and_sd();
    hu.add(&noise, dice.log_uniform(1.5..7.0) / sd);
}

/// Faint parallel stripes over the brain.
fn add_streaks(dice: &mut Dice, hu: &mut Plane, skull: &Skull) {
    let (sin, cos) = dice.uniform(0.0..PI).sin_cos();
    let amplitude_hu = dice.uniform(0.0..3.0);
    let period_px = dice.uniform(3.0..9.0);
    let mut stripes = Plane::from_positions(|row, col| ((col * cos + row * sin) / period_px).sin());
    for (stripe, &share) in stripes.iter_mut().zip(skull.cavity.iter()) {
        *stripe *= share;
    }
    hu.add(&stripes, amplitude_hu);
}

/// Overwrites everything outside the inscribed circle.
fn pad(dice: &mut Dice, hu: &mut Plane) {
    let padding_hu = dice.one_of(PADDING_HU);
    let middle = (SIDE - 1) as f32 / 2.0;
    for (i, pixel) in hu.iter_mut().enumerate() {
        let (row, col) = ((i / SIDE) as f32, (i % SIDE) as f32);
        if (row - middle).hypot(col - middle) > (SIDE / 2) as f32 {
            *pixel = padding_hu;
        }
    }
}
