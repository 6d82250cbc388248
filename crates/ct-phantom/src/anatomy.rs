//! A head cut anywhere between the jaws and the crown: the order in which its parts are drawn.
//!
//! Bodies are placed in millimetres in a head whose origin lies between the ears. A slice is a plane
//! through it, tilted and turned as patients lie, and every body covers a pixel in the proportion in
//! which it fills the pixel and the thickness of the slice.

mod blood;
mod brain;
mod cranium;
mod holder;
pub(crate) mod level;
mod orbit;
mod outside;
mod projection;
mod scan;
mod section;
mod skeleton;
mod soft_tissue;
mod solid;
mod temporal_bone;
mod texture;
mod variant;
pub(crate) mod visibility;

use std::borrow::Cow;

use crate::anatomy::blood::Blood;
use crate::anatomy::brain::Brain;
use crate::anatomy::cranium::{Cranium, Measures};
use crate::anatomy::level::{Cut, HeadLevel};
use crate::anatomy::outside::Outside;
use crate::anatomy::scan::Protocol;
use crate::anatomy::section::{Pose, Section};
use crate::anatomy::texture::Textures;
use crate::anatomy::visibility::{Noise, is_visible, mask};
use crate::bleed::{Bleed, Lesions};
use crate::dice::Dice;
use crate::error::PlacementError;
use crate::plane::Plane;

/// Heads drawn before the wish for bleeds is given up.
const MAX_HEADS: u64 = 128;

/// Bleeds tried in one head before the next is drawn.
const MAX_PLANS: usize = 2;

/// A slice with less of the inside of a skull, in pixels, is not searched for room.
const MIN_INSIDE_PX: usize = 2000;

/// A scanned slice, not yet rounded, and the truth about it.
pub(crate) struct Drawn {
    pub(crate) hu: Plane,
    pub(crate) masks: Vec<(Bleed, Vec<bool>)>,
    pub(crate) level: HeadLevel,
    pub(crate) pixel_mm: f32,
}

/// Draws the slice of a seed. Heads, bleeds and noise come from streams of their own, so that a seed
/// shows the same head with and without blood as long as the first head had room for it.
pub(crate) fn draw(seed: u64, cut: Cut, lesions: &Lesions) -> Result<Drawn, PlacementError> {
    let mut wanted = Vec::new();
    for head in 0..MAX_HEADS {
        let stream = |part: u64| Dice::stream(seed, 4 * head + part);
        let head = Head::random(&mut stream(0), cut);
        let protocol = Protocol::random(&mut stream(2));
        let mut blood = stream(1);
        for _ in 0..MAX_PLANS {
            wanted = lesions.draw(&mut blood);
            if !wanted.is_empty() && head.cranium.n_inside() < MIN_INSIDE_PX {
                break;
            }
            if let Some(mut slice) = head.slice(&mut blood, stream(3), &protocol, &wanted) {
                slice.hu = protocol.scan(&mut stream(2), slice.hu, head.section.pixel_mm);
                return Ok(slice);
            }
        }
    }
    Err(PlacementError {
        seed,
        wanted,
        n_tries: MAX_HEADS as usize,
    })
}

/// A skull in its slice, before anything is inside.
struct Head {
    textures: Textures,
    section: Section,
    cranium: Cranium,
    level: HeadLevel,
}

impl Head {
    fn random(dice: &mut Dice, cut: Cut) -> Self {
        let height_mm = cut.height_mm(dice);
        let textures = Textures::random(dice);
        let pose = Pose::random(dice, height_mm);
        let section = Section::random(dice, &textures, pose);
        let measures = Measures::random(dice);
        let cranium = Cranium::random(dice, &textures, &section, measures);
        Self {
            textures,
            section,
            cranium,
            level: HeadLevel::at(height_mm),
        }
    }

    /// The ideal slice with the wanted bleeds; `None` if one of them has no room or is not visible.
    fn slice(
        &self,
        blood: &mut Dice,
        mut dice: Dice,
        protocol: &Protocol,
        wanted: &[Bleed],
    ) -> Option<Drawn> {
        let bloods = self.plan(blood, wanted)?;
        let mut brain = self.brain(&mut dice, &bloods);
        let noise = Noise {
            sd_hu: protocol.noise_hu,
            grain_px: protocol.grain_px,
            blur_px: protocol.blur_px,
        };
        let masks = self.bleed(&bloods, &mut brain, noise)?;
        Some(Drawn {
            hu: self.around(&mut dice, &brain),
            masks,
            level: self.level,
            pixel_mm: self.section.pixel_mm,
        })
    }

    /// Where the wanted bleeds are.
    fn plan(&self, dice: &mut Dice, wanted: &[Bleed]) -> Option<Vec<Blood<'_>>> {
        let (textures, section, cranium) = (&self.textures, &self.section, &self.cranium);
        let plan = |&kind: &Bleed| Blood::plan(dice, textures, section, cranium, kind);
        wanted.iter().map(plan).collect()
    }

    /// The brain that has made room for the bleeds, before they are in it.
    fn brain(&self, dice: &mut Dice, bloods: &[Blood<'_>]) -> Brain {
        let (textures, cranium) = (&self.textures, &self.cranium);
        let mut inside = Cow::Borrowed(&self.section);
        for push in bloods.iter().filter_map(Blood::push) {
            inside = Cow::Owned(inside.pushed(&push));
        }
        let mut brain = Brain::random(dice, textures, &inside, cranium);
        variant::draw(dice, textures, &inside, cranium, &mut brain);
        for blood in bloods {
            blood.swell(&self.section, &mut brain);
        }
        brain
    }

    /// Brightens the brain by the bleeds; the mask of each, or `None` if one is not visible.
    fn bleed(
        &self,
        bloods: &[Blood<'_>],
        brain: &mut Brain,
        noise: Noise,
    ) -> Option<Vec<(Bleed, Vec<bool>)>> {
        let (section, cranium) = (&self.section, &self.cranium);
        let mut masks = Vec::new();
        for blood in bloods {
            let gain_hu = blood.gain_hu(section, cranium, brain);
            brain.hu.add(&gain_hu, 1.0);
            let seen_hu = Plane::from_pixels(|i| cranium.cavity[i] * gain_hu[i]);
            if !is_visible(&seen_hu, &cranium.depth_mm, section.pixel_mm, noise) {
                return None;
            }
            masks.push((blood.kind, mask(&seen_hu)));
        }
        Some(masks)
    }

    /// The head with this brain in it.
    fn around(&self, dice: &mut Dice, brain: &Brain) -> Plane {
        let (textures, section, cranium) = (&self.textures, &self.section, &self.cranium);
        let mut hu = Plane::filled(-1000.0);
        holder::holder(dice, &mut hu);
        soft_tissue::soft_tissue(dice, textures, section, cranium, &mut hu);
        hu.paint(&cranium.bone, |i| cranium.bone_hu[i]);
        let mut outside = Outside {
            section,
            cranium,
            hu: &mut hu,
        };
        skeleton::skeleton(dice, textures, &mut outside);
        for (i, pixel) in hu.iter_mut().enumerate() {
            *pixel += cranium.cavity[i] * (brain.hu[i] - *pixel);
        }
        holder::metal(dice, section, &mut hu);
        hu
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::visibility::MIN_BLEED_GAIN_HU;

    const QUIET: Noise = Noise {
        sd_hu: 1.0,
        grain_px: 0.8,
        blur_px: 0.7,
    };

    /// A head of the level with room for the kind: its bleed, its brain without and with it.
    fn with_room(kind: Bleed, level: HeadLevel) -> (Head, Brain, Brain, Vec<bool>) {
        let attempt = |seed: u64| {
            let head = Head::random(&mut Dice::stream(seed, 0), Cut::At(level));
            let bloods = head.plan(&mut Dice::stream(seed, 1), &[kind])?;
            let without = head.brain(&mut Dice::stream(seed, 2), &bloods);
            let mut with = head.brain(&mut Dice::stream(seed, 2), &bloods);
            let masks = head.bleed(&bloods, &mut with, QUIET)?;
            let [(_, mask)] = &masks[..] else { return None };
            let mask = mask.clone();
            drop(bloods);
            Some((head, without, with, mask))
        };
        (300..).find_map(attempt).expect("endless seeds")
    }

    fn share_of(mask: &[bool], holds: impl Fn(usize) -> bool) -> f64 {
        let inside = (0..mask.len()).filter(|&i| mask[i]);
        let n_holding = inside.clone().filter(|&i| holds(i)).count();
        n_holding as f64 / inside.count() as f64
    }

    #[test]
    fn the_mask_is_where_blood_changes_the_ideal_slice() {
        for kind in Bleed::ALL {
            let (head, without, with, mask) = with_room(kind, HeadLevel::BasalGanglia);
            let [before, after] =
                [&without, &with].map(|brain| head.around(&mut Dice::new(9), brain));
            for (i, &is_blood) in mask.iter().enumerate() {
                let change_hu = after[i] - before[i];
                // Values up to 1000 HU, each rounded a few times: 1e-3.
                assert!(change_hu > -1e-3, "{kind}: {change_hu} at {i}");
                let is_changed = change_hu >= MIN_BLEED_GAIN_HU;
                let is_close = (change_hu - MIN_BLEED_GAIN_HU).abs() < 1e-3;
                assert!(
                    is_changed == is_blood || is_close,
                    "{kind}: {change_hu} at {i}"
                );
            }
        }
    }

    #[test]
    fn every_kind_lies_where_it_belongs() {
        use HeadLevel::{BasalGanglia, Ventricles};
        let (head, brain, _, mask) = with_room(Bleed::Intraventricular, Ventricles);
        assert_eq!(share_of(&mask, |i| brain.ventricles[i] > 0.0), 1.0);
        assert!(share_of(&mask, |i| head.cranium.depth_mm[i] > 10.0) > 0.8);

        let (_, brain, _, mask) = with_room(Bleed::Subarachnoid, BasalGanglia);
        assert_eq!(share_of(&mask, |i| brain.subarachnoid[i] >= 0.05), 1.0);

        for kind in [Bleed::Subdural, Bleed::Epidural] {
            let (head, _, _, mask) = with_room(kind, Ventricles);
            // A layer has its thickest part of up to 26 mm on the bone, or hangs in the falx.
            assert!(
                share_of(&mask, |i| head.cranium.vault_mm[i] < 27.0) > 0.6,
                "{kind}"
            );
        }
        for kind in Bleed::ALL {
            let (head, _, _, mask) = with_room(kind, Ventricles);
            assert_eq!(
                share_of(&mask, |i| head.cranium.cavity[i] > 0.0),
                1.0,
                "{kind}"
            );
        }
    }

    #[test]
    fn large_clots_push_the_brain_away() {
        let (head, ..) = with_room(Bleed::Epidural, HeadLevel::Ventricles);
        let with_push = (0..40)
            .filter_map(|seed| head.plan(&mut Dice::new(seed), &[Bleed::Epidural]))
            .filter(|bloods| bloods[0].push().is_some());
        assert!(with_push.count() > 10);
    }

    #[test]
    fn fluid_and_tissue_share_the_cavity() {
        for level in [
            HeadLevel::SkullBase,
            HeadLevel::BasalGanglia,
            HeadLevel::Convexity,
        ] {
            let head = Head::random(&mut Dice::new(4), Cut::At(level));
            let brain = head.brain(&mut Dice::new(5), &[]);
            for i in 0..brain.hu.len() {
                let (ventricle, sulcus) = (brain.ventricles[i], brain.subarachnoid[i]);
                assert!((0.0..=1.0).contains(&ventricle) && (0.0..=1.0).contains(&sulcus));
                assert!(ventricle + sulcus <= 1.0 + 1e-6, "{ventricle} + {sulcus}");
            }
        }
    }

    #[test]
    fn bone_and_cavity_do_not_overlap() {
        for level in HeadLevel::ALL {
            let cranium = Head::random(&mut Dice::new(6), Cut::At(level)).cranium;
            for (bone, cavity) in cranium.bone.iter().zip(cranium.cavity.iter()) {
                assert!(*bone >= 0.0 && *cavity >= 0.0 && bone + cavity <= 1.0 + 1e-6);
            }
        }
    }
}
