//! Simple bodies in the head, in millimetres.

/// A place in the head, millimetres: to the right of the picture, backwards, upwards. The origin
/// lies between the ears, on the line from the ear canals to the corners of the eyes.
pub(crate) type Point = [f32; 3];

/// The signs of what lies on the left and on the right of the picture.
pub(crate) const SIDES: [f32; 2] = [-1.0, 1.0];

/// A body with a smooth surface.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Solid {
    /// An ellipsoid turned about the vertical.
    Ellipsoid {
        centre: Point,
        half_axes: Point,
        sin_cos: (f32, f32),
    },
    /// A rod with round ends, which may be thicker at one of them.
    Rod { ends: [Point; 2], radii: [f32; 2] },
}

impl Solid {
    pub(crate) fn ellipsoid(centre: Point, half_axes: Point) -> Self {
        Self::turned(centre, half_axes, 0.0)
    }

    /// An ellipsoid turned by an angle in radians, from the right towards the back.
    pub(crate) fn turned(centre: Point, half_axes: Point, angle: f32) -> Self {
        Self::Ellipsoid {
            centre,
            half_axes,
            sin_cos: angle.sin_cos(),
        }
    }

    pub(crate) fn rod(from: Point, to: Point, radius: f32) -> Self {
        Self::cone(from, to, [radius; 2])
    }

    pub(crate) fn cone(from: Point, to: Point, radii: [f32; 2]) -> Self {
        Self::Rod {
            ends: [from, to],
            radii,
        }
    }

    /// The same body with a surface further out by so many millimetres.
    pub(crate) fn grown(self, by_mm: f32) -> Self {
        match self {
            Self::Ellipsoid {
                centre,
                half_axes,
                sin_cos,
            } => Self::Ellipsoid {
                centre,
                half_axes: half_axes.map(|half| (half + by_mm).max(0.1)),
                sin_cos,
            },
            Self::Rod { ends, radii } => Self::Rod {
                ends,
                radii: radii.map(|radius| (radius + by_mm).max(0.1)),
            },
        }
    }

    /// The least and the greatest coordinate of the body along a unit vector.
    pub(crate) fn span(&self, along: Point) -> (f32, f32) {
        match *self {
            Self::Ellipsoid {
                centre,
                half_axes,
                sin_cos,
            } => {
                let local = along_axes(along, sin_cos);
                let scaled: Point = std::array::from_fn(|k| half_axes[k] * local[k]);
                let (middle, half) = (dot(centre, along), dot(scaled, scaled).sqrt());
                (middle - half, middle + half)
            }
            Self::Rod { ends, radii } => {
                let at = ends.map(|end| dot(end, along));
                (
                    (at[0] - radii[0]).min(at[1] - radii[1]),
                    (at[0] + radii[0]).max(at[1] + radii[1]),
                )
            }
        }
    }

    /// The depth below the surface in millimetres, negative outside, and the unit vector along
    /// which it falls. Exact for rods and balls, to first order for other ellipsoids.
    #[inline]
    pub(crate) fn depth(&self, at: Point) -> (f32, Point) {
        match *self {
            Self::Ellipsoid {
                centre,
                half_axes,
                sin_cos,
            } => {
                let (sin, cos) = sin_cos;
                let d: Point = std::array::from_fn(|k| at[k] - centre[k]);
                let (depth, n) = ellipsoid_depth(along_axes(d, sin_cos), half_axes);
                (
                    depth,
                    [cos * n[0] - sin * n[1], sin * n[0] + cos * n[1], n[2]],
                )
            }
            Self::Rod { ends, radii } => {
                let axis: Point = std::array::from_fn(|k| ends[1][k] - ends[0][k]);
                let d: Point = std::array::from_fn(|k| at[k] - ends[0][k]);
                let along = (dot(d, axis) / dot(axis, axis).max(1e-6)).clamp(0.0, 1.0);
                let off: Point = std::array::from_fn(|k| d[k] - along * axis[k]);
                let distance = dot(off, off).sqrt().max(1e-6);
                let radius = radii[0] + along * (radii[1] - radii[0]);
                (radius - distance, off.map(|x| x / distance))
            }
        }
    }
}

/// A vector by its parts along the axes of an ellipsoid that is turned.
#[inline]
fn along_axes([x, y, z]: Point, (sin, cos): (f32, f32)) -> Point {
    [cos * x + sin * y, cos * y - sin * x, z]
}

/// Depth below the surface of an ellipsoid about the origin, and the outward direction.
#[inline]
pub(crate) fn ellipsoid_depth(at: Point, half_axes: Point) -> (f32, Point) {
    let scaled: Point = std::array::from_fn(|k| at[k] / half_axes[k]);
    let gradient: Point = std::array::from_fn(|k| scaled[k] / half_axes[k]);
    let radius = dot(scaled, scaled).sqrt();
    let steepness = dot(gradient, gradient).sqrt().max(1e-6);
    (
        (1.0 - radius) * radius.max(1e-3) / steepness,
        gradient.map(|x| x / steepness),
    )
}

#[inline]
pub(crate) fn dot(a: Point, b: Point) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Length of a vector of two, faster than `hypot`: nothing here is near the limits of `f32`.
#[inline]
pub(crate) fn length(a: f32, b: f32) -> f32 {
    (a * a + b * b).sqrt()
}

/// A hill of height 1 that is nearly exp(-x²), without an exponential: 0.34 at 1, 0 from 2.8 on.
#[inline]
pub(crate) fn hill(x: f32) -> f32 {
    let foot = (1.0 - x * x / 8.0).max(0.0);
    let square = foot * foot;
    let fourth = square * square;
    fourth * fourth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn depths_of_balls_and_rods_are_distances() {
        let ball = Solid::ellipsoid([1.0, 2.0, 3.0], [10.0; 3]);
        let (depth, outward) = ball.depth([1.0, 2.0 + 4.0, 3.0 + 3.0]);
        assert!((depth - 5.0).abs() < 1e-4, "{depth}");
        assert!((outward[1] - 0.8).abs() < 1e-5 && (outward[2] - 0.6).abs() < 1e-5);
        let rod = Solid::cone([0.0; 3], [10.0, 0.0, 0.0], [2.0, 4.0]);
        for (at, depth) in [
            ([5.0, 1.0, 0.0], 2.0),
            ([13.0, 0.0, 0.0], 1.0),
            ([-3.0, 0.0, 4.0], -3.0),
        ] {
            assert!((rod.depth(at).0 - depth).abs() < 1e-5, "{at:?}");
        }
        assert!((rod.grown(1.5).depth([5.0, 1.0, 0.0]).0 - 3.5).abs() < 1e-5);
    }

    #[test]
    fn depths_near_the_surface_of_an_ellipsoid_are_distances() {
        // Along an axis, the depth of a place 1 mm inside is 1 mm but for the second order.
        let body = Solid::turned([0.0; 3], [12.0, 25.0, 8.0], 0.0);
        for (at, depth) in [([11.0, 0.0, 0.0], 1.0), ([0.0, 26.0, 0.0], -1.0)] {
            assert!((body.depth(at).0 - depth).abs() < 0.1, "{at:?}");
        }
    }

    #[test]
    fn a_turn_goes_from_the_right_to_the_back() {
        let angle = 0.5_f32;
        let body = Solid::turned([0.0; 3], [20.0, 5.0, 5.0], angle);
        let tip = [19.0 * angle.cos(), 19.0 * angle.sin(), 0.0];
        assert!(body.depth(tip).0 > 0.0);
        assert!(body.depth([tip[0], -tip[1], 0.0]).0 < 0.0);
    }

    #[test]
    fn spans_touch_the_surface() {
        let mut dice = Dice::new(2);
        let along = [0.6, 0.64, 0.48];
        for solid in [
            Solid::turned([3.0, -2.0, 7.0], [12.0, 5.0, 8.0], 0.6),
            Solid::cone([3.0, -2.0, 7.0], [-9.0, 4.0, 1.0], [2.0, 5.0]),
        ] {
            let (least, greatest) = solid.span(along);
            // Random places inside: none beyond, and some close to both ends.
            let mut reached = (f32::INFINITY, f32::NEG_INFINITY);
            for _ in 0..200_000 {
                let at: Point = std::array::from_fn(|_| dice.uniform(-22.0..22.0));
                if solid.depth(at).0 >= 0.0 {
                    let place = dot(at, along);
                    reached = (reached.0.min(place), reached.1.max(place));
                }
            }
            assert!(
                reached.0 >= least - 1e-3 && reached.0 < least + 1.5,
                "{reached:?} {least}"
            );
            assert!(
                reached.1 <= greatest + 1e-3 && reached.1 > greatest - 1.5,
                "{reached:?}"
            );
        }
    }

    #[test]
    fn a_hill_is_nearly_a_gaussian() {
        for k in 0..60 {
            let x = k as f32 / 15.0;
            let difference = hill(x) - (-x * x).exp();
            assert!(difference.abs() < 0.04, "{x}: {difference}");
        }
        assert_eq!((hill(0.0), hill(2.9), hill(-3.0)), (1.0, 0.0, 0.0));
    }
}
