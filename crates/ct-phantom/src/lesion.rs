//! Blood, laid over a healthy brain.

use std::f32::consts::{PI, TAU};

use crate::bleed::Bleed;
use crate::brain::Brain;
use crate::dice::Dice;
use crate::field::smooth_field;
use crate::head::{Ellipse, Head};
use crate::level::Level;
use crate::plane::{Plane, SIDE, saturate};
use crate::skull::Skull;

/// A bleed with fewer pixels than this mostly covered is not drawn.
const MIN_CORE_PX: usize = 40;

/// What was drawn.
pub(crate) struct Lesion {
    /// Pixels that a bleed covers by more than 0.4 and that lie inside the skull.
    pub(crate) mask: Vec<bool>,
    /// The kinds with pixels in the mask, each once.
    pub(crate) bleeds: Vec<Bleed>,
    /// The mask of each of these kinds.
    pub(crate) masks: Vec<Vec<bool>>,
}

/// One bleed before it is laid over the brain.
struct Blood {
    kind: Bleed,
    cover: Plane,
    mean_hu: f32,
}

impl Lesion {
    /// Draws the `wanted` kinds into the brain, one after the other, as far as each has room.
    pub(crate) fn draw(
        dice: &mut Dice,
        head: &Head,
        skull: &Skull,
        brain: &mut Brain,
        wanted: &[Bleed],
    ) -> Self {
        let mut lesion = Self {
            mask: vec![false; SIDE * SIDE],
            bleeds: Vec::new(),
            masks: Vec::new(),
        };
        for &kind in wanted {
            let mut blood = match kind {
                Bleed::Intraparenchymal => intraparenchymal(dice, head, brain),
                // A level without ventricles shows the blood in its sulci instead.
                Bleed::Intraventricular => {
                    intraventricular(dice, brain).unwrap_or_else(|| subarachnoid(dice, brain))
                }
                Bleed::Subarachnoid => subarachnoid(dice, brain),
                Bleed::Subdural => subdural(dice, head, skull),
                Bleed::Epidural => epidural(dice, head, skull),
            };
            for (share, &cavity) in blood.cover.iter_mut().zip(skull.cavity.iter()) {
                *share = saturate(*share) * cavity;
            }
            if blood.cover.iter().filter(|&&share| share > 0.5).count() < MIN_CORE_PX {
                continue;
            }
            lesion.add(dice, &blood, skull, brain);
        }
        lesion
    }

    fn add(&mut self, dice: &mut Dice, blood: &Blood, skull: &Skull, brain: &mut Brain) {
        let mottle = smooth_field(dice, 40);
        let place = self.bleeds.iter().position(|&kind| kind == blood.kind);
        let place = place.unwrap_or_else(|| {
            self.bleeds.push(blood.kind);
            self.masks.push(vec![false; SIDE * SIDE]);
            self.masks.len() - 1
        });
        for (i, hu) in brain.hu.iter_mut().enumerate() {
            let share = blood.cover[i];
            let blood_hu = (blood.mean_hu + 3.0 * mottle[i]).max(*hu);
            *hu = *hu * (1.0 - share) + share * blood_hu;
            let is_blood = share > 0.4 && skull.encloses(i);
            self.mask[i] |= is_blood;
            self.masks[place][i] |= is_blood;
        }
    }

    pub(crate) fn n_pixels(&self) -> usize {
        self.mask.iter().filter(|&&is_lesion| is_lesion).count()
    }
}

/// A rough ellipse anywhere in the brain, of a mean half axis from 6 to 52 pixels, in oedema.
fn intraparenchymal(dice: &mut Dice, head: &Head, brain: &mut Brain) -> Blood {
    let mean_hu = dice.uniform(50.0..85.0);
    let (sin, cos) = dice.uniform(0.0..TAU).sin_cos();
    let from_centre = 0.85 * dice.uniform(0.0..0.72).powf(0.8);
    let centre = (
        from_centre * head.half_width * cos,
        from_centre * head.half_length * sin,
    );
    let size_px = dice.log_uniform(6.0..52.0);
    let half_across = size_px * dice.uniform(0.7..1.4);
    let half_along = size_px * dice.uniform(0.7..1.4);
    let turn = dice.uniform(0.0..PI);

    let oedema_half_axes = (
        half_across * dice.uniform(1.2..1.9),
        half_along * dice.uniform(1.2..1.9),
    );
    let oedema = Ellipse::new(centre, oedema_half_axes)
        .turned(turn)
        .rough(0.18)
        .grained(14);
    let loss_hu = dice.uniform(0.0..12.0);
    brain.hu.add(&head.blob(dice, &oedema), -loss_hu);

    let clot = Ellipse::new(centre, (half_across, half_along))
        .turned(turn)
        .rough(dice.uniform(0.05..0.35))
        .grained(dice.count(10..40));
    let mut cover = head.blob(dice, &clot);
    let unevenness = dice.uniform(0.0..0.35);
    let density = smooth_field(dice, 30);
    for (share, density) in cover.iter_mut().zip(density.iter()) {
        *share *= (1.0 + unevenness * density).clamp(0.3, 1.0);
    }
    Blood {
        kind: Bleed::Intraparenchymal,
        cover,
        mean_hu,
    }
}

/// Part of the ventricles and cisterns; `None` where the level shows none.
fn intraventricular(dice: &mut Dice, brain: &Brain) -> Option<Blood> {
    if !brain.ventricles.iter().any(|&share| share > 0.5) {
        return None;
    }
    let offset = dice.uniform(-0.4..1.2);
    let filling = smooth_field(dice, 5);
    Some(Blood {
        kind: Bleed::Intraventricular,
        cover: Plane::from_pixels(|i| brain.ventricles[i] * saturate(2.0 * (filling[i] + offset))),
        mean_hu: dice.uniform(45.0..80.0),
    })
}

/// The sulci of some sectors of the brain, at the basal level the cisterns too.
fn subarachnoid(dice: &mut Dice, brain: &Brain) -> Blood {
    let offset = dice.uniform(-0.2..0.6);
    let sector = smooth_field(dice, 5);
    let density = dice.uniform(0.6..1.0);
    let cover = Plane::from_pixels(|i| {
        let cistern = if brain.level == Level::Basal {
            brain.ventricles[i]
        } else {
            0.0
        };
        let space = (1.8 * brain.sulci[i]).max(cistern);
        density * saturate(space * saturate(3.0 * (sector[i] - offset)))
    });
    Blood {
        kind: Bleed::Subarachnoid,
        cover,
        mean_hu: dice.uniform(50.0..75.0),
    }
}

/// A long thin crescent.
fn subdural(dice: &mut Dice, head: &Head, skull: &Skull) -> Blood {
    let half_angle = dice.uniform(0.5..1.3);
    let thickness = dice.uniform(0.03..0.11);
    Blood {
        kind: Bleed::Subdural,
        cover: along_skull(dice, head, skull, |angle| {
            let off_centre = angle / half_angle;
            thickness * (1.0 - off_centre * off_centre).max(0.0).sqrt()
        }),
        mean_hu: dice.uniform(50.0..85.0),
    }
}

/// A short thick lens.
fn epidural(dice: &mut Dice, head: &Head, skull: &Skull) -> Blood {
    let half_angle = dice.uniform(0.25..0.6);
    let thickness = dice.uniform(0.08..0.25);
    Blood {
        kind: Bleed::Epidural,
        cover: along_skull(dice, head, skull, |angle| {
            let off_centre = angle / half_angle;
            thickness * (1.0 - off_centre * off_centre).max(0.0)
        }),
        mean_hu: dice.uniform(50.0..85.0),
    }
}

/// A layer on the inner table, whose `profile` gives the thickness at an angle from its middle.
fn along_skull(dice: &mut Dice, head: &Head, skull: &Skull, profile: impl Fn(f32) -> f32) -> Plane {
    /// Thinner parts of the profile hold no blood.
    const MIN_THICKNESS: f32 = 0.004;

    let middle = dice.uniform(-PI..PI);
    let ripple = smooth_field(dice, 20);
    let edge = 2.0 * head.pixel();
    Plane::from_pixels(|i| {
        let from_middle = (head.angle[i] - middle + PI).rem_euclid(TAU) - PI;
        let thickness = profile(from_middle);
        if thickness <= MIN_THICKNESS {
            return 0.0;
        }
        saturate((thickness * (1.0 + 0.1 * ripple[i]) - skull.depth[i]) / edge + 0.2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slice with the bleed, from the first stream at or after `seed` that has room for it.
    fn with_room(kind: Bleed, seed: u64) -> (Skull, Brain, Lesion) {
        (seed..)
            .map(|seed| {
                let mut dice = Dice::new(seed);
                let head = Head::random(&mut dice);
                let skull = Skull::random(&mut dice, &head);
                let mut brain = Brain::random(&mut dice, &head, &skull);
                let lesion = Lesion::draw(&mut dice, &head, &skull, &mut brain, &[kind]);
                (skull, brain, lesion)
            })
            .find(|(_, _, lesion)| lesion.bleeds == [kind])
            .expect("endless seeds")
    }

    fn share_of(lesion: &Lesion, holds: impl Fn(usize) -> bool) -> f64 {
        let n_holding = (0..SIDE * SIDE)
            .filter(|&i| lesion.mask[i] && holds(i))
            .count();
        n_holding as f64 / lesion.n_pixels() as f64
    }

    #[test]
    fn every_kind_stays_inside_the_skull() {
        for kind in Bleed::ALL {
            let (skull, _, lesion) = with_room(kind, 20);
            assert!(lesion.n_pixels() >= MIN_CORE_PX, "{kind}");
            assert_eq!(share_of(&lesion, |i| skull.encloses(i)), 1.0, "{kind}");
        }
    }

    #[test]
    fn intraventricular_blood_lies_in_ventricles() {
        let (_, brain, lesion) = with_room(Bleed::Intraventricular, 30);
        assert_eq!(share_of(&lesion, |i| brain.ventricles[i] > 0.39), 1.0);
    }

    #[test]
    fn subarachnoid_blood_lies_in_sulci_and_cisterns() {
        let (_, brain, lesion) = with_room(Bleed::Subarachnoid, 40);
        let in_space = |i: usize| brain.sulci[i].max(brain.ventricles[i]) > 0.2;
        assert_eq!(share_of(&lesion, in_space), 1.0);
    }

    #[test]
    fn extra_axial_blood_touches_the_skull() {
        for kind in [Bleed::Subdural, Bleed::Epidural] {
            let (skull, _, lesion) = with_room(kind, 50);
            // The thickest lens, 0.25 of the radius and 40 % ripple.
            assert_eq!(share_of(&lesion, |i| skull.depth[i] < 0.35), 1.0, "{kind}");
            assert!(
                share_of(&lesion, |i| skull.depth[i] < 0.01) > 0.02,
                "{kind}"
            );
        }
    }

    #[test]
    fn blood_finds_the_sulci_where_no_ventricle_shows() {
        let mut dice = Dice::new(60);
        let head = Head::random(&mut dice);
        let skull = Skull::random(&mut dice, &head);
        let mut brain = Brain::random(&mut dice, &head, &skull);
        brain.ventricles = Plane::filled(0.0);
        brain.sulci = Plane::filled(0.5);
        let wanted = [Bleed::Intraventricular];
        let lesion = Lesion::draw(&mut dice, &head, &skull, &mut brain, &wanted);
        assert_eq!(lesion.bleeds, [Bleed::Subarachnoid]);
    }
}
