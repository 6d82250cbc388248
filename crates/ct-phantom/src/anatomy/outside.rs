//! Painting outside the cavity of the skull only.

use crate::anatomy::cranium::Cranium;
use crate::anatomy::section::{Rough, Section};
use crate::anatomy::solid::Solid;
use crate::plane::Plane;

/// Air in the cavities of the face, with a little partial volume.
pub(crate) const AIR_HU: f32 = -985.0;

/// A slice in Hounsfield units whose brain stays as it is.
pub(crate) struct Outside<'a> {
    pub(crate) section: &'a Section,
    pub(crate) cranium: &'a Cranium,
    pub(crate) hu: &'a mut Plane,
}

impl Outside<'_> {
    /// Lays a Hounsfield unit over a body.
    pub(crate) fn fill(&mut self, solid: &Solid, rough: Option<Rough<'_>>, hu: f32) {
        self.fill_where(solid, rough, |_| 1.0, hu);
    }

    /// The same over a part of every pixel, by its index.
    pub(crate) fn fill_where(
        &mut self,
        solid: &Solid,
        rough: Option<Rough<'_>>,
        part: impl Fn(usize) -> f32,
        hu: f32,
    ) {
        let (cavity, slice) = (&self.cranium.cavity, &mut *self.hu);
        self.section.visit(solid, rough, |i, share| {
            let share = share * (1.0 - cavity[i]) * part(i);
            slice[i] += share * (hu - slice[i]);
        });
    }
}
