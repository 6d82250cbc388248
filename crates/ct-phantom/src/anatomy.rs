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
mod visibility;

use crate::anatomy::blood::Blood;
use crate::anatomy::brain::Brain;
use crate::anatomy::cranium::{Cranium, Measures};
use crate::anatomy::level::{Cut, HeadLevel};
use crate::anatomy::outside::Outside;
use crate::anatomy::scan::Protocol;
use crate::anatomy::section::Section;
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
        let section = Section::random(dice, &textures, height_mm);
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
        let (textures, section, cranium) = (&self.textures, &self.section, &self.cranium);
        let plan = |&kind: &Bleed| Blood::plan(blood, textures, section, cranium, kind);
        let bloods: Vec<Blood<'_>> = wanted.iter().map(plan).collect::<Option<_>>()?;
        let mut inside = section.clone();
        for push in bloods.iter().filter_map(Blood::push) {
            inside = inside.pushed(&push);
        }
        let mut brain = Brain::random(&mut dice, textures, &inside, cranium);
        variant::draw(&mut dice, textures, &inside, cranium, &mut brain);
        for blood in &bloods {
            blood.swell(section, cranium, &mut brain);
        }
        let noise = Noise {
            sd_hu: protocol.noise_hu,
            grain_px: protocol.grain_px,
            blur_px: protocol.blur_px,
        };
        let mut masks = Vec::new();
        for blood in &bloods {
            let gain_hu = blood.gain_hu(section, cranium, &brain);
            if !is_visible(&gain_hu, &cranium.depth_mm, section.pixel_mm, noise) {
                return None;
            }
            brain.hu.add(&gain_hu, 1.0);
            masks.push((blood.kind, mask(&gain_hu)));
        }
        Some(Drawn {
            hu: self.around(&mut dice, &brain),
            masks,
            level: self.level,
            pixel_mm: section.pixel_mm,
        })
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
