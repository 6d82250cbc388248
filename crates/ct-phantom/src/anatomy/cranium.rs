//! The vault and the base of the skull, and how deep below them every pixel lies.

use crate::anatomy::section::Section;
use crate::anatomy::solid::{Point, ellipsoid_depth, hill, length};
use crate::anatomy::texture::{Grain, Texture, Textures};
use crate::dice::Dice;
use crate::plane::{Plane, SIDE, saturate};

/// Sizes of a skull, millimetres.
pub(crate) struct Measures {
    /// Middle of the vault above the ear canals, and half axes of its inside.
    middle_mm: f32,
    pub(crate) half_axes: Point,
    /// How much wider the head is at the back, as a share for each half length.
    taper: f32,
    pub(crate) thickness_mm: f32,
    pub(crate) scalp_mm: f32,
}

impl Measures {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let size = 1.0 + dice.normal(0.03);
        Self {
            middle_mm: dice.uniform(26.0..36.0),
            half_axes: [
                size * (66.0 + dice.normal(3.5)),
                size * (83.0 + dice.normal(4.0)),
                size * (79.0 + dice.normal(3.5)),
            ],
            taper: dice.uniform(0.0..0.13),
            thickness_mm: dice.log_uniform(5.5..10.5),
            scalp_mm: dice.log_uniform(2.8..8.0),
        }
    }

    /// How far in front of the origin the middle of the frontal bone lies.
    pub(crate) fn forehead_mm(&self, x: f32, z: f32) -> f32 {
        let [half_width, half_length, half_height] = self.half_axes;
        let off = length(x / half_width, (z - self.middle_mm) / half_height);
        half_length * (1.0 - off * off).max(0.0).sqrt() + 0.7 * self.thickness_mm
    }

    /// Depth below the inner table of the vault, ignoring the base, and the outward direction.
    pub(crate) fn vault_depth(&self, at: Point) -> (f32, Point) {
        let widening = 1.0 + self.taper * (at[1] / self.half_axes[1]).clamp(-1.0, 1.0);
        let local = [at[0] / widening, at[1], at[2] - self.middle_mm];
        ellipsoid_depth(local, self.half_axes)
    }
}

/// The skull in a slice.
pub(crate) struct Cranium {
    pub(crate) measures: Measures,
    /// Share of each pixel inside the skull.
    pub(crate) cavity: Plane,
    /// Share of each pixel that is bone of the vault or the base.
    pub(crate) bone: Plane,
    /// Depth below the inner table of the vault, millimetres; negative in bone and outside.
    pub(crate) vault_mm: Plane,
    /// Depth below the outer table of the vault.
    pub(crate) outer_mm: Plane,
    /// Depth below the nearest bone of vault or base.
    pub(crate) depth_mm: Plane,
    /// Hounsfield units of bone where there is any.
    pub(crate) bone_hu: Plane,
}

impl Cranium {
    pub(crate) fn random(
        dice: &mut Dice,
        textures: &Textures,
        section: &Section,
        measures: Measures,
    ) -> Self {
        let unevenness = textures.pick(dice, Grain::Broad);
        let floor = Floor::random(dice, textures);
        let crest_mm = dice.uniform(1.0..8.0);
        let protuberance_mm = dice.uniform(2.0..9.0);
        let mean_hu = dice.uniform(950.0..1550.0);
        let diploe_hu = dice.uniform(250.0..800.0);
        let marrow = textures.pick(dice, Grain::Fine);
        let mut cranium = Self {
            cavity: Plane::filled(0.0),
            bone: Plane::filled(0.0),
            vault_mm: Plane::filled(-99.0),
            outer_mm: Plane::filled(-99.0),
            depth_mm: Plane::filled(-99.0),
            bone_hu: Plane::filled(mean_hu),
            measures,
        };
        let vault = |i: usize| cranium.measures.vault_depth(section.point(i));
        let far_mm = -18.0 - 2.5 * cranium.measures.thickness_mm;
        // Most pixels are air; a wider ellipse finds them without the vault.
        let [half_width, half_length, _] = cranium.measures.half_axes;
        let (wide, long) = (1.15 * half_width - far_mm, half_length - far_mm);
        let may_be_near = |&i: &usize| length(section.x[i] / wide, section.y[i] / long) < 1.0;
        let near: Vec<usize> = (0..SIDE * SIDE)
            .filter(may_be_near)
            .filter(|&i| vault(i).0 > far_mm)
            .collect();
        let floor_mm = floor.plane(section, &near);
        for i in near {
            let at = section.point(i);
            let (inner, outward) = cranium.measures.vault_depth(at);
            let crest = if at[1] > 40.0 {
                let behind = saturate((at[1] - 40.0) / 25.0) * hill((at[2] - 8.0) / 14.0);
                protuberance_mm * behind * hill(at[0] / 7.0)
            } else {
                let before = saturate((-at[1] - 50.0) / 20.0) * saturate((60.0 - at[2]) / 20.0);
                crest_mm * before * hill(at[0] / 3.0)
            };
            let thickness = cranium.measures.thickness_mm
                * (1.0 + 0.22 * unevenness.at(i)).clamp(0.45, 1.8)
                * (1.0 + 0.35 * saturate(-outward[1] - 0.5) + 0.25 * saturate(outward[1] - 0.6));
            let edge = section.edge_mm(outward);
            let outer = inner + thickness;
            let inner = inner - crest;
            let above = floor.above(section, &floor_mm, i);
            let vault = saturate(inner / edge + 0.5);
            let cavity = vault.min(above.share);
            let shell = saturate(outer / edge + 0.5);
            // The base ends below its thickness: what follows is the face.
            let base =
                saturate((above.height_mm + floor.thickness_mm(at)) / section.thickness_mm + 0.5);
            cranium.cavity[i] = cavity;
            cranium.bone[i] = (shell.min(base) - cavity).max(0.0);
            cranium.vault_mm[i] = inner;
            cranium.outer_mm[i] = outer;
            cranium.depth_mm[i] = inner.min(above.depth_mm);
            // Spongy bone is darkest midway between the tables.
            let midway = (inner + thickness / 2.0) / (0.22 * thickness + 0.3);
            let spongy = if above.height_mm > 0.0 {
                diploe_hu * hill(midway) * saturate(1.5 - edge / 3.0)
            } else {
                0.7 * diploe_hu
            };
            cranium.bone_hu[i] = (mean_hu - spongy * (1.0 + 0.5 * marrow.at(i))).max(150.0);
        }
        cranium
    }

    /// Pixels that lie mostly inside the skull.
    pub(crate) fn n_inside(&self) -> usize {
        self.cavity.iter().filter(|&&share| share > 0.5).count()
    }
}

/// How far behind the ear canals the ridge of a petrous bone runs, so far from the middle.
fn petrous_ridge_mm(aside: f32) -> f32 {
    -9.0 + 0.62 * (aside - 12.0)
}

/// Whether a place lies behind the petrous bones, where the cerebellum is below the tentorium.
pub(crate) fn is_behind_petrous(at: Point) -> bool {
    at[1] > petrous_ridge_mm(at[0].abs())
}

/// The inside of the skull base as a height above every place: three steps down from the front
/// to the back, parted by the sphenoid wings and the petrous bones.
struct Floor<'a> {
    cribriform_mm: f32,
    roof_mm: f32,
    middle_mm: f32,
    back_mm: f32,
    wing_mm: f32,
    petrous_mm: f32,
    petrous_width_mm: f32,
    ragged: Texture<'a>,
}

/// A pixel's place relative to the floor.
struct Above {
    height_mm: f32,
    depth_mm: f32,
    share: f32,
}

impl<'a> Floor<'a> {
    fn random(dice: &mut Dice, textures: &'a Textures) -> Self {
        Self {
            cribriform_mm: dice.uniform(18.0..24.0),
            roof_mm: dice.uniform(7.0..14.0),
            middle_mm: dice.uniform(-11.0..-3.0),
            back_mm: dice.uniform(-44.0..-34.0),
            wing_mm: dice.uniform(12.0..19.0),
            petrous_mm: dice.uniform(30.0..40.0),
            petrous_width_mm: dice.uniform(7.5..10.5),
            ragged: textures.pick(dice, Grain::Middle),
        }
    }

    /// Where the sphenoid wings and the ridges of the petrous bones run.
    fn ridges(aside: f32) -> (f32, f32) {
        (-21.0 - 0.42 * aside, petrous_ridge_mm(aside))
    }

    fn height(&self, x: f32, y: f32) -> f32 {
        let aside = x.abs();
        let (wing, petrous) = Self::ridges(aside);
        let clivus = hill(aside / 13.0);
        let step = |x: f32| saturate(0.5 + x / 2.0);
        let front = step((wing - y) / 6.0);
        let back = step((y - petrous) / (8.0 + 9.0 * clivus));
        let middle = (1.0 - front - back).max(0.0);
        let roof = self.roof_mm * hill((aside - 29.0) / 16.0) * hill((y + 60.0) / 26.0);
        let anterior =
            self.cribriform_mm + roof + 12.0 * hill(aside / 2.0) * hill((y + 72.0) / 9.0);
        let posterior = self.back_mm + 0.008 * (x * x + (y - 40.0).powi(2));
        let foramen = saturate(1.6 - length(aside / 15.0, (y - 14.0) / 17.0) * 1.6);
        let sella = self.middle_mm + 15.0 * clivus;
        let medial = saturate((aside - 3.0) / 8.0);
        front * anterior
            + back * (posterior - 90.0 * foramen)
            + middle * sella
            + self.wing_mm * hill((y - wing) / 5.0) * (0.1 + 0.9 * medial)
            + self.petrous_mm
                * hill((y - petrous) / (self.petrous_width_mm + 2.0 * clivus))
                * (1.0 - 0.55 * clivus - 0.004 * aside)
    }

    /// The height of the floor at these pixels, and far below at all others.
    fn plane(&self, section: &Section, pixels: &[usize]) -> Plane {
        /// No floor is higher.
        const HIGHEST_MM: f32 = 50.0;
        let mut plane = Plane::filled(self.back_mm);
        for &i in pixels {
            let [x, y, z] = section.point(i);
            if z < HIGHEST_MM {
                plane[i] = self.height(x, y) + 1.1 * self.ragged.at(i);
            }
        }
        plane
    }

    fn above(&self, section: &Section, floor_mm: &Plane, i: usize) -> Above {
        let height_mm = section.z[i] - floor_mm[i];
        let neighbour = |j: usize| floor_mm.get(j).copied().unwrap_or(floor_mm[i]);
        let slope = length(
            neighbour(i + 1) - floor_mm[i],
            neighbour(i + SIDE) - floor_mm[i],
        ) / section.pixel_mm;
        let slope = slope.min(12.0);
        Above {
            height_mm,
            depth_mm: height_mm / length(slope, 1.0),
            share: saturate(height_mm / (slope * section.pixel_mm + section.thickness_mm) + 0.5),
        }
    }

    /// How thick the bone below the floor is.
    fn thickness_mm(&self, at: Point) -> f32 {
        let aside = at[0].abs();
        let (wing, petrous) = Self::ridges(aside);
        let pyramid = 30.0 * hill((at[1] - petrous) / 9.0);
        let clivus = 14.0 * hill(aside / 12.0) * hill((at[1] + 4.0) / 14.0);
        let back = 5.0 * saturate((at[1] - petrous) / 10.0);
        let greater_wing = 11.0 * hill((at[1] - wing + 4.0) / 7.0) * saturate((aside - 6.0) / 12.0);
        2.5 + pyramid.max(clivus).max(greater_wing) + back
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_floor(check: impl Fn(&Floor<'_>)) {
        for seed in 0..20 {
            let mut dice = Dice::new(seed);
            let textures = Textures::random(&mut dice);
            check(&Floor::random(&mut dice, &textures));
        }
    }

    #[test]
    fn the_base_has_three_steps_and_two_ridges() {
        with_floor(|floor| {
            let anterior = floor.height(15.0, -60.0);
            let middle = floor.height(40.0, -20.0);
            let posterior = floor.height(30.0, 45.0);
            assert!(anterior > middle + 15.0 && middle > posterior + 10.0);
            let petrous = floor.height(35.0, 5.3);
            assert!(petrous > middle + 8.0, "{petrous} over {middle}");
            let wing = floor.height(35.0, -35.7);
            assert!(wing > middle + 15.0, "{wing} over {middle}");
        });
    }

    #[test]
    fn the_foramen_magnum_is_open() {
        with_floor(|floor| assert!(floor.height(0.0, 14.0) < -90.0));
    }

    #[test]
    fn depths_of_the_vault_are_distances_along_its_axes() {
        let measures = Measures::random(&mut Dice::new(1));
        let top_mm = measures.middle_mm + measures.half_axes[2];
        let (depth, outward) = measures.vault_depth([0.0, 0.0, top_mm - 3.0]);
        assert!((depth - 3.0).abs() < 0.2 && outward[2] > 0.99, "{depth}");
        let forehead = -measures.forehead_mm(0.0, measures.middle_mm);
        let (depth, _) = measures.vault_depth([0.0, forehead, measures.middle_mm]);
        assert!((depth + 0.7 * measures.thickness_mm).abs() < 0.4, "{depth}");
    }
}
