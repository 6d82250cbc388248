//! A finished slice, and the order in which its parts are drawn.

use std::fmt;
use std::ops::Range;

use crate::anatomy;
use crate::anatomy::level::{Cut, HeadLevel};
use crate::bleed::{Bleed, Lesions};
use crate::brain::Brain;
use crate::confounder;
use crate::dice::Dice;
use crate::error::PlacementError;
use crate::head::Head;
use crate::lesion::Lesion;
use crate::plane::SIDE;
use crate::scanner;
use crate::skull::Skull;

/// Least and greatest Hounsfield unit of a slice.
const HU_RANGE: (f32, f32) = (-3024.0, 3071.0);

/// Slices drawn before the wish for bleeds is given up.
const MAX_TRIES: usize = 256;

/// A synthetic axial slice of [`SIDE`] by [`SIDE`] pixels and the truth about its lesion.
#[derive(Clone, PartialEq, Eq)]
pub struct Phantom {
    hu: Vec<i16>,
    lesion: Vec<bool>,
    bleeds: Vec<Bleed>,
    /// One mask for each of `bleeds`.
    masks: Vec<Vec<bool>>,
    place: Option<Place>,
}

/// Where an anatomical slice was cut, and on which grid.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    level: HeadLevel,
    pixel_mm: f32,
}

// A pixel size is a number from a range.
impl Eq for Place {}

impl Phantom {
    /// Draws the simple phantom of a seed.
    ///
    /// The same seed and lesions give the same phantom. Where a slice has no room for a requested
    /// bleed (ventricles out of the plane, a clot outside the skull, 60 pixels or fewer in all), it
    /// is discarded and the next one is drawn from the same random stream, so that what comes out
    /// is distributed like ordinary slices that happen to show the bleed.
    ///
    /// # Errors
    ///
    /// [`PlacementError`] if 256 slices in a row had no room. Of 150 slices, 93 had room for the
    /// rarest kind, intraventricular, and 64 for all five at once, so this is not expected.
    pub fn generate(seed: u64, lesions: &Lesions) -> Result<Self, PlacementError> {
        Self::generate_within(seed, lesions, MAX_TRIES)
    }

    /// Draws the anatomical slice of a seed: a head of bodies in millimetres, cut at `cut`.
    ///
    /// It shows what [`Phantom::generate`] leaves out: the face and the skull base, the posterior
    /// fossa, dense vessels, calcifications, partial volume, and the errors of a scanner. A bleed that
    /// nobody could see is not drawn. The pixels that a kind brightens by [`MIN_BLEED_GAIN_HU`] are
    /// its mask. Those at least [`MIN_BLEED_DEPTH_MM`] away from the bone make up at least
    /// [`MIN_BLEED_AREA_MM2`], are on average [`MIN_BLEED_MEAN_GAIN_HU`] brighter than without it,
    /// and stand out from the noise by [`MIN_BLEED_SIGNAL_TO_NOISE`].
    ///
    /// [`MIN_BLEED_GAIN_HU`]: crate::MIN_BLEED_GAIN_HU
    /// [`MIN_BLEED_DEPTH_MM`]: crate::MIN_BLEED_DEPTH_MM
    /// [`MIN_BLEED_AREA_MM2`]: crate::MIN_BLEED_AREA_MM2
    /// [`MIN_BLEED_MEAN_GAIN_HU`]: crate::MIN_BLEED_MEAN_GAIN_HU
    /// [`MIN_BLEED_SIGNAL_TO_NOISE`]: crate::MIN_BLEED_SIGNAL_TO_NOISE
    ///
    /// Every kind that was drawn for [`Lesions::Random`] is visible: a bleed without room is drawn
    /// again, and after the second time in another head.
    ///
    /// The same seed, cut and lesions give the same phantom. The head and the noise do not depend on
    /// the lesions unless the first head had no room for them.
    ///
    /// # Errors
    ///
    /// [`PlacementError`] if 128 heads in a row had no room. This is expected where a kind cannot be:
    /// ventricles at the vertex, any bleed in most slices of the face.
    pub fn anatomical(seed: u64, cut: Cut, lesions: &Lesions) -> Result<Self, PlacementError> {
        let drawn = anatomy::draw(seed, cut, lesions)?;
        let mut lesion = vec![false; SIDE * SIDE];
        for (_, mask) in &drawn.masks {
            for (pixel, &is_blood) in lesion.iter_mut().zip(mask) {
                *pixel |= is_blood;
            }
        }
        let (bleeds, masks) = drawn.masks.into_iter().unzip();
        Ok(Self {
            hu: rounded(&drawn.hu),
            lesion,
            bleeds,
            masks,
            place: Some(Place {
                level: drawn.level,
                pixel_mm: drawn.pixel_mm,
            }),
        })
    }

    fn generate_within(
        seed: u64,
        lesions: &Lesions,
        max_tries: usize,
    ) -> Result<Self, PlacementError> {
        let mut dice = Dice::new(seed);
        let mut wanted = Vec::new();
        for _ in 0..max_tries {
            wanted = lesions.draw(&mut dice);
            let head = Head::random(&mut dice);
            let skull = Skull::random(&mut dice, &head);
            let mut brain = Brain::random(&mut dice, &head, &skull);
            confounder::calcify(&mut dice, &head, &mut brain);
            confounder::infarct(&mut dice, &head, &mut brain);
            let lesion = Lesion::draw(&mut dice, &head, &skull, &mut brain, &wanted);
            if lesions.are_met_by(&lesion.bleeds, lesion.n_pixels()) {
                return Ok(Self::finish(&mut dice, &head, &skull, brain, lesion));
            }
        }
        Err(PlacementError {
            seed,
            wanted,
            n_tries: max_tries,
        })
    }

    /// Puts the brain into its head and scans both.
    fn finish(
        dice: &mut Dice,
        head: &Head,
        skull: &Skull,
        mut brain: Brain,
        mut lesion: Lesion,
    ) -> Self {
        confounder::skull_base(dice, head, &mut brain, &lesion.mask);
        confounder::partial_volume(dice, skull, &mut brain);
        let mut ideal = skull.surroundings(dice, head);
        ideal.paint(&skull.cavity, |i| brain.hu[i]);
        confounder::frontal_sinus(dice, head, &mut ideal);
        let scanned = scanner::scan(dice, ideal, skull);

        let mut hu = rounded(&scanned);
        if dice.chance(0.5) {
            mirror(&mut hu);
            mirror(&mut lesion.mask);
            lesion.masks.iter_mut().for_each(|mask| mirror(mask));
        }
        Self {
            hu,
            lesion: lesion.mask,
            bleeds: lesion.bleeds,
            masks: lesion.masks,
            place: None,
        }
    }

    /// Hounsfield units, row-major, from -3024 (padding) to 3071.
    pub fn hu(&self) -> &[i16] {
        &self.hu
    }

    /// Which pixels show blood, row-major.
    pub fn lesion(&self) -> &[bool] {
        &self.lesion
    }

    /// The kinds that the lesion consists of, in the order in which they were drawn.
    pub fn bleeds(&self) -> &[Bleed] {
        &self.bleeds
    }

    /// The smallest box around the whole lesion: its (rows, columns), or `None` without a lesion.
    pub fn lesion_box(&self) -> Option<(Range<usize>, Range<usize>)> {
        extent(&self.lesion)
    }

    /// Which pixels show blood of one kind; `None` if the slice holds none of it. Kinds can overlap.
    pub fn lesion_of(&self, bleed: Bleed) -> Option<&[bool]> {
        let k = self.bleeds.iter().position(|&kind| kind == bleed)?;
        self.masks.get(k).map(Vec::as_slice)
    }

    /// The smallest box around the blood of each kind: (kind, rows, columns).
    pub fn lesion_boxes(&self) -> Vec<(Bleed, Range<usize>, Range<usize>)> {
        let boxed = |(&bleed, mask): (&Bleed, &Vec<bool>)| {
            extent(mask).map(|(rows, cols)| (bleed, rows, cols))
        };
        self.bleeds
            .iter()
            .zip(&self.masks)
            .filter_map(boxed)
            .collect()
    }

    /// The level of an anatomical slice at the middle of the head; `None` for the others.
    pub fn level(&self) -> Option<HeadLevel> {
        self.place.map(|place| place.level)
    }

    /// The side of a pixel of an anatomical slice in millimetres; `None` for the others.
    pub fn pixel_mm(&self) -> Option<f32> {
        self.place.map(|place| place.pixel_mm)
    }
}

/// Hounsfield units as a file stores them.
fn rounded(hu: &[f32]) -> Vec<i16> {
    let (least, greatest) = HU_RANGE;
    hu.iter()
        .map(|x| x.round_ties_even().clamp(least, greatest) as i16)
        .collect()
}

/// The (rows, columns) of the smallest box around a mask.
fn extent(mask: &[bool]) -> Option<(Range<usize>, Range<usize>)> {
    let mut extent: Option<(Range<usize>, Range<usize>)> = None;
    for i in (0..mask.len()).filter(|&i| mask[i]) {
        let (row, col) = (i / SIDE, i % SIDE);
        let (rows, cols) = extent.get_or_insert((row..row, col..col));
        rows.end = row + 1;
        cols.start = cols.start.min(col);
        cols.end = cols.end.max(col + 1);
    }
    extent
}

impl fmt::Debug for Phantom {
    /// Names the lesion instead of listing half a million pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phantom")
            .field("bleeds", &self.bleeds)
            .field("lesion_box", &self.lesion_box())
            .finish_non_exhaustive()
    }
}

/// Swaps left and right.
fn mirror<T>(pixels: &mut [T]) {
    pixels.chunks_exact_mut(SIDE).for_each(<[T]>::reverse);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_up_after_the_last_try() {
        let lesions = Lesions::Exactly(Bleed::ALL.to_vec());
        let error = (0..)
            .find_map(|seed| Phantom::generate_within(seed, &lesions, 1).err())
            .expect("some seed fails at once");
        assert_eq!(error.n_tries, 1);
        assert_eq!(error.wanted, Bleed::ALL);
    }

    #[test]
    fn mirrors_within_rows() {
        let mut pixels: Vec<usize> = (0..2 * SIDE).collect();
        mirror(&mut pixels);
        assert_eq!(pixels[..2], [SIDE - 1, SIDE - 2]);
        assert_eq!(pixels[SIDE..SIDE + 2], [2 * SIDE - 1, 2 * SIDE - 2]);
    }

    #[test]
    fn the_box_holds_the_mask_and_no_more() {
        let mut lesion = vec![false; SIDE * SIDE];
        assert_eq!(with_mask(&lesion).lesion_box(), None);
        for (row, col) in [(100, 300), (120, 250), (107, 511)] {
            lesion[row * SIDE + col] = true;
        }
        assert_eq!(with_mask(&lesion).lesion_box(), Some((100..121, 250..512)));
    }

    fn with_mask(lesion: &[bool]) -> Phantom {
        Phantom {
            hu: vec![0; SIDE * SIDE],
            lesion: lesion.to_vec(),
            bleeds: Vec::new(),
            masks: Vec::new(),
            place: None,
        }
    }
}
