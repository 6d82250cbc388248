//! Mastoid cells, ear canals, and the dense bone around the inner ear.

use crate::anatomy::outside::{AIR_HU, Outside};
use crate::anatomy::solid::{SIDES, Solid};
use crate::anatomy::texture::{Grain, Textures};
use crate::dice::Dice;
use crate::plane::saturate;

/// Air cells, ear canals, and the dense bone around the inner ear.
pub(crate) fn temporal_bones(dice: &mut Dice, textures: &Textures, slice: &mut Outside<'_>) {
    let aired = dice.uniform(0.0..1.0);
    let dense_hu = dice.uniform(1300.0..2000.0);
    for side in SIDES {
        let at = |x: f32, y: f32, z: f32| [side * x, y, z];
        let cells = textures.pick(dice, Grain::Fine);
        let own = (aired + dice.normal(0.15)).clamp(0.0, 1.0);
        let fluid = if dice.chance(0.12) { 10.0 } else { -880.0 };
        let cell = |i: usize| saturate((cells.at(i) + 1.6 * own - 0.9) * 2.2);
        slice.fill_where(
            &Solid::ellipsoid(at(54.0, 21.0, -8.0), [9.0, 13.0, 20.0]),
            None,
            cell,
            fluid,
        );
        slice.fill_where(
            &Solid::ellipsoid(at(46.0, 9.0, 4.0), [9.0, 8.0, 9.0]),
            None,
            cell,
            fluid,
        );
        slice.fill(
            &Solid::ellipsoid(at(36.0, 5.0, 5.0), [11.0, 5.5, 6.0]),
            None,
            dense_hu,
        );
        slice.fill(
            &Solid::rod(at(86.0, 6.0, -5.0), at(52.0, 3.0, -2.0), 3.2),
            None,
            AIR_HU,
        );
        slice.fill(
            &Solid::ellipsoid(at(46.0, 1.0, -1.0), [4.0, 5.0, 6.0]),
            None,
            AIR_HU,
        );
        slice.fill(
            &Solid::rod(at(34.0, 12.0, 3.0), at(24.0, 3.0, 4.0), 2.0),
            None,
            20.0,
        );
        // The carotid canal and the jugular foramen.
        slice.fill(
            &Solid::rod(at(27.0, -2.0, -30.0), at(16.0, -12.0, 2.0), 3.0),
            None,
            50.0,
        );
        slice.fill(
            &Solid::ellipsoid(at(29.0, 12.0, -18.0), [5.0, 5.0, 10.0]),
            None,
            52.0,
        );
    }
}
