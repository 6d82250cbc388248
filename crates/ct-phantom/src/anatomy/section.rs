//! The plane in which the head is cut, and how much of each pixel a body covers.

use crate::anatomy::solid::{Point, Solid, dot, length};
use crate::anatomy::texture::{Grain, Texture, Textures};
use crate::dice::Dice;
use crate::plane::{Plane, SIDE, saturate};

/// Where every pixel of the slice lies in the head.
#[derive(Clone)]
pub(crate) struct Section {
    pub(crate) pixel_mm: f32,
    pub(crate) thickness_mm: f32,
    /// Unit vector across the slice.
    pub(crate) normal: Point,
    /// Millimetres to the right, backwards and upwards of every pixel.
    pub(crate) x: Plane,
    pub(crate) y: Plane,
    pub(crate) z: Plane,
    origin: Point,
    right: Point,
    down: Point,
    centre: (f32, f32),
    /// How far pixels may lie from where the plane alone would put them.
    slack_mm: f32,
    /// Sine and cosine of the angle by which the head is turned in the picture.
    turn: (f32, f32),
}

/// Tissue that makes room: what lay at the centre stands at the edge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Push {
    pub(crate) centre: Point,
    /// Radius of the room in the slice, and the distance at which nothing moves any more.
    pub(crate) radius_mm: f32,
    pub(crate) reach_mm: f32,
}

/// An edge that strays.
#[derive(Clone, Copy)]
pub(crate) struct Rough<'a> {
    pub(crate) texture: Texture<'a>,
    pub(crate) sd_mm: f32,
}

impl Section {
    /// A slice whose plane meets the middle of the head `height_mm` above the ear canals.
    pub(crate) fn random(dice: &mut Dice, textures: &Textures, height_mm: f32) -> Self {
        let pixel_mm = dice.uniform(0.43..0.57);
        let thickness_mm = dice.one_of([5.0, 5.0, 5.0, 4.0, 3.0, 2.5, 8.0]);
        let shift = |dice: &mut Dice| 256.0 + dice.normal(14.0).clamp(-45.0, 45.0);
        let centre = (shift(dice), shift(dice));
        let turn = if dice.chance(0.2) {
            dice.uniform(-0.6..0.6)
        } else {
            dice.normal(0.09)
        };
        let pitch = dice.normal(0.13).clamp(-0.4, 0.4);
        let roll = dice.normal(0.05).clamp(-0.2, 0.2);
        let right = [roll.cos(), 0.0, roll.sin()];
        let down = {
            let (sin, cos) = pitch.sin_cos();
            [-sin * roll.sin(), cos, sin * roll.cos()]
        };
        let normal = [
            right[1] * down[2] - right[2] * down[1],
            right[2] * down[0] - right[0] * down[2],
            right[0] * down[1] - right[1] * down[0],
        ];
        let origin = [0.0, 0.0, height_mm];
        let (sin, cos) = turn.sin_cos();
        let warp = [0, 1].map(|_| textures.pick(dice, Grain::Broad));
        let warp_mm = dice.uniform(0.8..2.2);
        let mut planes = [(); 3].map(|()| Vec::with_capacity(SIDE * SIDE));
        for i in 0..SIDE * SIDE {
            let u = ((i % SIDE) as f32 - centre.1) * pixel_mm;
            let v = ((i / SIDE) as f32 - centre.0) * pixel_mm;
            let (across, along) = (cos * u + sin * v, cos * v - sin * u);
            for (k, plane) in planes.iter_mut().enumerate() {
                let strayed = warp.get(k).map_or(0.0, |field| warp_mm * field.at(i));
                plane.push(origin[k] + across * right[k] + along * down[k] + strayed);
            }
        }
        let [x, y, z] = planes.map(Plane::from);
        Self {
            pixel_mm,
            thickness_mm,
            normal,
            x,
            y,
            z,
            origin,
            right,
            down,
            centre,
            slack_mm: 3.0 * warp_mm,
            turn: (sin, cos),
        }
    }

    pub(crate) fn point(&self, i: usize) -> Point {
        [self.x[i], self.y[i], self.z[i]]
    }

    /// Millimetres over which an edge with this outward direction is blurred: a pixel in the slice,
    /// the thickness across it. A box through which a plane passes is covered in this proportion.
    pub(crate) fn edge_mm(&self, outward: Point) -> f32 {
        let across = dot(outward, self.normal).abs().min(1.0);
        let along = (1.0 - across * across).sqrt();
        self.pixel_mm * along + self.thickness_mm * across
    }

    /// Calls `each` with every pixel that the body covers and the share of it that is covered.
    pub(crate) fn visit(
        &self,
        solid: &Solid,
        rough: Option<Rough<'_>>,
        mut each: impl FnMut(usize, f32),
    ) {
        let slack_mm = rough.map_or(0.0, |rough| 3.5 * rough.sd_mm);
        self.near(solid, slack_mm, |i, mut depth, outward| {
            if let Some(rough) = rough {
                depth += rough.sd_mm * rough.texture.at(i);
            }
            let share = saturate(depth / self.edge_mm(outward) + 0.5);
            if share > 0.0 {
                each(i, share);
            }
        });
    }

    /// Raises the plane to the depth below the surface of the body, down to `reach_mm` outside.
    pub(crate) fn deepen(&self, plane: &mut Plane, solid: &Solid, reach_mm: f32) {
        self.near(solid, reach_mm, |i, depth, _| {
            plane[i] = plane[i].max(depth)
        });
    }

    /// Calls `each` with every pixel that may lie within `slack_mm` of the body, its depth below the
    /// surface and the direction in which it falls.
    fn near(&self, solid: &Solid, slack_mm: f32, mut each: impl FnMut(usize, f32, Point)) {
        // The turned axes of the picture, and across it; what strays can move further.
        let (sin, cos) = self.turn;
        let axis = |a: f32, b: f32| std::array::from_fn(|k| a * self.right[k] + b * self.down[k]);
        let slack_mm = slack_mm + self.slack_mm;
        let range = |along: Point, slack: f32| {
            let (least, greatest) = solid.span(along);
            let middle = dot(self.origin, along);
            (least - middle - slack, greatest - middle + slack)
        };
        let (below, above) = range(self.normal, slack_mm + self.thickness_mm);
        if below > 0.0 || above < 0.0 {
            return;
        }
        let pixels = |along: Point, centre: f32| {
            let (least, greatest) = range(along, slack_mm + self.thickness_mm);
            let bound = |x: f32| (centre + x / self.pixel_mm).clamp(0.0, SIDE as f32) as usize;
            bound(least)..bound(greatest)
        };
        let cols = pixels(axis(cos, -sin), self.centre.1);
        for row in pixels(axis(sin, cos), self.centre.0) {
            for col in cols.clone() {
                let i = row * SIDE + col;
                let (depth, outward) = solid.depth(self.point(i));
                each(i, depth, outward);
            }
        }
    }

    /// Lays a Hounsfield unit over the body.
    pub(crate) fn fill(&self, plane: &mut Plane, solid: &Solid, rough: Option<Rough<'_>>, hu: f32) {
        self.visit(solid, rough, |i, share| plane[i] += share * (hu - plane[i]));
    }

    /// Raises the plane to the cover of the body, times `strength`.
    pub(crate) fn cover(
        &self,
        plane: &mut Plane,
        solid: &Solid,
        rough: Option<Rough<'_>>,
        strength: f32,
    ) {
        self.visit(solid, rough, |i, share| {
            plane[i] = plane[i].max(strength * share);
        });
    }

    /// The section through a brain that has made room: a pixel at distance d from the centre of the
    /// push shows what lay at sqrt(d² - r²), which keeps areas, and less of it far away.
    pub(crate) fn pushed(&self, push: &Push) -> Self {
        let mut section = self.clone();
        section.slack_mm += push.radius_mm;
        for i in 0..SIDE * SIDE {
            let (dx, dy) = (self.x[i] - push.centre[0], self.y[i] - push.centre[1]);
            let distance = length(dx, dy);
            if distance >= push.reach_mm {
                continue;
            }
            let before = (distance * distance - push.radius_mm * push.radius_mm)
                .max(0.0)
                .sqrt();
            let fading = 1.0 - distance / push.reach_mm;
            let scale = fading * (before / distance.max(1e-3) - 1.0);
            section.x[i] += scale * dx;
            section.y[i] += scale * dy;
        }
        section
    }
}
