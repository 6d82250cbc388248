//! What lies around a head: its holder, and metal on it.

use crate::anatomy::section::Section;
use crate::anatomy::solid::{Solid, length};
use crate::dice::Dice;
use crate::plane::{Plane, SIDE, saturate};

/// Paints the holder behind the head into a slice of air.
pub(crate) fn holder(dice: &mut Dice, hu: &mut Plane) {
    if dice.chance(0.12) {
        return;
    }
    let centre_col = 255.5 + dice.normal(6.0);
    let wall_hu = dice.uniform(60.0..260.0);
    let half_px = dice.uniform(0.8..2.2);
    let foam_hu = dice.uniform(-985.0..-900.0);
    // A trough around the head, or the wide table below it.
    let is_trough = dice.chance(0.7);
    let (half_width, bottom, bend) = if is_trough {
        (
            dice.uniform(190.0..250.0),
            dice.uniform(440.0..545.0),
            dice.uniform(0.9..1.3),
        )
    } else {
        (
            dice.uniform(300.0..420.0),
            dice.uniform(470.0..540.0),
            dice.uniform(0.35..0.6),
        )
    };
    let half_height = half_width * bend;
    let middle_row = bottom - half_height;
    let top = middle_row
        - if is_trough {
            dice.uniform(0.0..90.0)
        } else {
            -0.3 * half_height
        };
    let is_thick = !is_trough || dice.chance(0.15);
    let half_px = if is_thick { 3.0 * half_px } else { half_px };
    for (i, pixel) in hu.iter_mut().enumerate() {
        let (row, col) = ((i / SIDE) as f32, (i % SIDE) as f32);
        if row < top {
            continue;
        }
        let across = (col - centre_col) / half_width;
        let down = ((row - middle_row) / half_height).max(0.0);
        let off_px = (length(across, down) - 1.0) * half_width.min(half_height);
        let wall = saturate(half_px - off_px.abs() + 0.5);
        let inside = saturate(-off_px - half_px) * saturate((off_px + 26.0) / 4.0);
        *pixel += inside * (foam_hu - *pixel).max(0.0);
        *pixel += wall * (wall_hu - *pixel);
    }
}

/// Fillings in the teeth, and electrodes on the skin.
pub(crate) fn metal(dice: &mut Dice, section: &Section, hu: &mut Plane) {
    let n_fillings = if dice.chance(0.35) {
        dice.count(1..6)
    } else {
        0
    };
    for _ in 0..n_fillings {
        let side = dice.one_of([-1.0, 1.0]);
        let along = dice.uniform(0.0..1.0);
        let at = [
            side * (27.0 - 20.0 * along),
            -54.0 - 34.0 * along,
            dice.uniform(-62.0..-52.0),
        ];
        let filling = Solid::ellipsoid(at, [2.5, 3.0, 3.0]);
        section.fill(hu, &filling, None, dice.uniform(3500.0..9000.0));
    }
    if dice.chance(0.05) {
        let angle = dice.uniform(0.0..std::f32::consts::TAU);
        let height = section.z[SIDE / 2 * SIDE + SIDE / 2];
        let at = [
            84.0 * angle.cos(),
            100.0 * angle.sin(),
            height + dice.normal(2.0),
        ];
        let electrode = Solid::ellipsoid(at, [dice.uniform(1.0..4.0), dice.uniform(1.0..4.0), 4.0]);
        section.fill(hu, &electrode, None, dice.log_uniform(300.0..6000.0));
    }
}
