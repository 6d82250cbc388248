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

/// How a head lies in the scanner, and on which grid it is shown.
#[derive(Clone, Copy)]
pub(crate) struct Pose {
    pixel_mm: f32,
    thickness_mm: f32,
    /// Row and column of the middle of the head.
    centre: (f32, f32),
    /// Angles in radians: in the picture, of the gantry or the nodding head, to the side.
    turn: f32,
    pitch: f32,
    roll: f32,
    /// Where the plane meets the middle of the head, above the ear canals.
    height_mm: f32,
}

impl Pose {
    pub(crate) fn random(dice: &mut Dice, height_mm: f32) -> Self {
        let pixel_mm = dice.uniform(0.43..0.57);
        let thickness_mm = dice.one_of([5.0, 5.0, 5.0, 4.0, 3.0, 2.5, 8.0]);
        let shift = |dice: &mut Dice| 256.0 + dice.normal(14.0).clamp(-45.0, 45.0);
        let centre = (shift(dice), shift(dice));
        let turn = if dice.chance(0.2) {
            dice.uniform(-0.6..0.6)
        } else {
            dice.normal(0.09)
        };
        Self {
            pixel_mm,
            thickness_mm,
            centre,
            turn,
            pitch: dice.normal(0.13).clamp(-0.4, 0.4),
            roll: dice.normal(0.05).clamp(-0.2, 0.2),
            height_mm,
        }
    }
}

impl Section {
    /// The slice of a pose through a head that is not quite regular.
    pub(crate) fn random(dice: &mut Dice, textures: &Textures, pose: Pose) -> Self {
        let warp = [(); 2].map(|()| textures.pick(dice, Grain::Broad));
        let warp_mm = dice.uniform(0.8..2.2);
        let strays = |i| warp.map(|field| warp_mm * field.at(i));
        Self::new(pose, 3.0 * warp_mm, strays)
    }

    /// The slice of a pose; `strays` moves pixels sideways and backwards by at most `slack_mm`.
    fn new(pose: Pose, slack_mm: f32, strays: impl Fn(usize) -> [f32; 2]) -> Self {
        let right = [pose.roll.cos(), 0.0, pose.roll.sin()];
        let (sin, cos) = pose.pitch.sin_cos();
        let down = [-sin * pose.roll.sin(), cos, sin * pose.roll.cos()];
        let normal = [
            right[1] * down[2] - right[2] * down[1],
            right[2] * down[0] - right[0] * down[2],
            right[0] * down[1] - right[1] * down[0],
        ];
        let origin = [0.0, 0.0, pose.height_mm];
        let (sin, cos) = pose.turn.sin_cos();
        let mut planes = [(); 3].map(|()| Vec::with_capacity(SIDE * SIDE));
        for i in 0..SIDE * SIDE {
            let u = ((i % SIDE) as f32 - pose.centre.1) * pose.pixel_mm;
            let v = ((i / SIDE) as f32 - pose.centre.0) * pose.pixel_mm;
            let (across, along) = (cos * u + sin * v, cos * v - sin * u);
            let [aside, behind] = strays(i);
            for (k, stray) in [aside, behind, 0.0].into_iter().enumerate() {
                planes[k].push(origin[k] + across * right[k] + along * down[k] + stray);
            }
        }
        let [x, y, z] = planes.map(Plane::from);
        Self {
            pixel_mm: pose.pixel_mm,
            thickness_mm: pose.thickness_mm,
            normal,
            x,
            y,
            z,
            origin,
            right,
            down,
            centre: pose.centre,
            slack_mm,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::PI;

    /// A tilted, turned and shifted slice through a regular head.
    fn section(height_mm: f32, thickness_mm: f32) -> Section {
        let pose = Pose {
            pixel_mm: 0.5,
            thickness_mm,
            centre: (240.0, 290.0),
            turn: 0.3,
            pitch: -0.25,
            roll: 0.1,
            height_mm,
        };
        Section::new(pose, 0.0, |_| [0.0; 2])
    }

    fn area_mm2(section: &Section, solid: &Solid) -> f32 {
        let mut area = 0.0;
        section.visit(solid, None, |_, share| area += share);
        area * section.pixel_mm * section.pixel_mm
    }

    #[test]
    fn the_axes_of_a_slice_are_orthonormal_and_pixels_have_their_size() {
        let section = section(20.0, 5.0);
        for (a, b) in [
            (section.right, section.down),
            (section.right, section.normal),
            (section.down, section.normal),
        ] {
            assert!(dot(a, b).abs() < 1e-6);
            assert!((dot(b, b) - 1.0).abs() < 1e-6);
        }
        let step = |from: usize, to: usize| {
            let (a, b) = (section.point(from), section.point(to));
            let d: Point = std::array::from_fn(|k| b[k] - a[k]);
            dot(d, d).sqrt()
        };
        // Differences of coordinates up to 150, each rounded: some 2 * 150 * 2^-24 = 2e-5.
        assert!((step(1000, 1001) - 0.5).abs() < 5e-5);
        assert!((step(1000, 1000 + SIDE) - 0.5).abs() < 5e-5);
    }

    #[test]
    fn balls_have_the_area_of_their_slab() {
        // The mean area of a ball's sections over the thickness: π (R² - T²/12) through the middle.
        let ball = Solid::ellipsoid([3.0, -8.0, 20.0 + 2.04], [20.0; 3]);
        let section = section(20.0, 5.0);
        let offset = dot(section.normal, [3.0, -8.0, 2.04]);
        let exact = PI * (400.0 - 25.0 / 12.0 - offset * offset);
        let area = area_mm2(&section, &ball);
        // The cover is that of the tangent plane; the curvature within the slab is left out.
        assert!((area / exact - 1.0).abs() < 0.01, "{area} of {exact}");
    }

    #[test]
    fn slices_side_by_side_add_up_to_the_volume() {
        let body = Solid::turned([-10.0, 5.0, 10.0], [12.0, 20.0, 9.0], 0.7);
        let rod = Solid::cone([-10.0, 5.0, 0.0], [20.0, -15.0, 14.0], [5.0; 2]);
        let length_mm = (30.0_f32.powi(2) + 20.0_f32.powi(2) + 14.0_f32.powi(2)).sqrt();
        let volumes = [
            (body, 4.0 / 3.0 * PI * 12.0 * 20.0 * 9.0),
            (rod, PI * 25.0 * length_mm + 4.0 / 3.0 * PI * 125.0),
        ];
        for (solid, exact) in volumes {
            let mut volume = 0.0;
            for k in 0..28 {
                let section = section(-45.0 + 4.0 * k as f32, 4.0);
                // Planes 4 mm apart along the vertical are closer along the normal.
                volume += area_mm2(&section, &solid) * 4.0 * section.normal[2];
            }
            // Edges are taken as planes; the rod is not much thicker than a slice. Measured: 3.5 %.
            assert!((volume / exact - 1.0).abs() < 0.05, "{volume} of {exact}");
        }
    }

    #[test]
    fn bodies_away_from_the_slice_are_not_there() {
        let section = section(20.0, 5.0);
        assert_eq!(
            area_mm2(&section, &Solid::ellipsoid([0.0, 0.0, 60.0], [20.0; 3])),
            0.0
        );
        assert!(area_mm2(&section, &Solid::ellipsoid([0.0, 0.0, 41.0], [20.0; 3])) > 0.0);
    }

    #[test]
    fn a_push_moves_tissue_outwards_and_not_far_away() {
        let before = section(20.0, 5.0);
        let centre = before.point(200 * SIDE + 300);
        let after = before.pushed(&Push {
            centre,
            radius_mm: 10.0,
            reach_mm: 50.0,
        });
        let from_centre = |section: &Section, i: usize| {
            length(section.x[i] - centre[0], section.y[i] - centre[1])
        };
        for i in (0..SIDE * SIDE).step_by(97) {
            let (d, shown) = (from_centre(&before, i), from_centre(&after, i));
            if d >= 50.0 {
                assert_eq!(shown, d);
            } else {
                let kept = (d * d - 100.0).max(0.0).sqrt();
                let expected = d + (1.0 - d / 50.0) * (kept - d);
                assert!((shown - expected).abs() < 1e-3, "{shown} {expected}");
            }
        }
    }
}
