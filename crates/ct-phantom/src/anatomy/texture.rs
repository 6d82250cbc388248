//! Smooth random fields that many structures of a slice share, each at a place of its own.

use crate::dice::Dice;
use crate::field::periodic_field;
use crate::plane::{Plane, SIDE};

/// How fine a texture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grain {
    /// Features of some 45 mm: asymmetry.
    Broad,
    /// Some 13 mm: lobes, gyri.
    Coarse,
    /// Some 6 mm: ragged edges.
    Middle,
    /// Some 2.5 mm: air cells, mottle.
    Fine,
}

/// One field of each grain.
pub(crate) struct Textures([Plane; 4]);

impl Textures {
    /// Features across the slice, by [`Grain`].
    const N_CELLS: [usize; 4] = [5, 18, 38, 90];

    pub(crate) fn random(dice: &mut Dice) -> Self {
        Self(Self::N_CELLS.map(|n_cells| periodic_field(dice, n_cells)))
    }

    /// A field of the grain, shifted at random, so that no two structures show the same one.
    pub(crate) fn pick(&self, dice: &mut Dice, grain: Grain) -> Texture<'_> {
        Texture {
            field: &self.0[grain as usize],
            down: dice.count(0..SIDE as u32),
            right: dice.count(0..SIDE as u32),
        }
    }
}

/// A shifted field of mean 0 and standard deviation 1.
#[derive(Clone, Copy)]
pub(crate) struct Texture<'a> {
    field: &'a Plane,
    down: usize,
    right: usize,
}

impl Texture<'_> {
    /// The value at a pixel.
    pub(crate) fn at(&self, i: usize) -> f32 {
        let row = (i / SIDE + self.down) % SIDE;
        let col = (i + self.right) % SIDE;
        self.field[row * SIDE + col]
    }

    /// The value at a place between pixels, in pixels down and right; the field repeats.
    pub(crate) fn between(&self, down: f32, right: f32) -> f32 {
        let split = |x: f32, shift: usize| {
            let x = x.rem_euclid(SIDE as f32);
            let low = x as usize;
            ((low + shift) % SIDE, x - low as f32)
        };
        let ((r, below), (c, beside)) = (split(down, self.down), split(right, self.right));
        let (next_r, next_c) = ((r + 1) % SIDE, (c + 1) % SIDE);
        let pixel = |r: usize, c: usize| self.field[r * SIDE + c];
        let upper = pixel(r, c) + beside * (pixel(r, next_c) - pixel(r, c));
        let lower = pixel(next_r, c) + beside * (pixel(next_r, next_c) - pixel(next_r, c));
        upper + below * (lower - upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_on_pixels_have_their_values_and_others_lie_between() {
        let mut dice = Dice::new(1);
        let textures = Textures::random(&mut dice);
        let texture = textures.pick(&mut dice, Grain::Coarse);
        for (row, col) in [(0, 0), (17, 400), (511, 511)] {
            assert_eq!(
                texture.between(row as f32, col as f32),
                texture.at(row * SIDE + col)
            );
        }
        let half_way = texture.between(20.5, 30.0);
        let mean = (texture.at(20 * SIDE + 30) + texture.at(21 * SIDE + 30)) / 2.0;
        assert!((half_way - mean).abs() < 1e-6);
        assert!((texture.between(-1.0, 3.0) - texture.between(511.0, 3.0)).abs() < 1e-6);
    }

    #[test]
    fn every_pick_is_another_place() {
        let mut dice = Dice::new(2);
        let textures = Textures::random(&mut dice);
        let [a, b] = [(); 2].map(|()| textures.pick(&mut dice, Grain::Middle));
        assert!((0..SIDE).any(|i| a.at(i) != b.at(i)));
    }
}
