//! Where the head lies in the slice, and soft-edged shapes in its own coordinates.

use std::f32::consts::TAU;

use crate::dice::Dice;
use crate::field::smooth_field;
use crate::plane::{Plane, saturate};

/// The pose and outline of a head, with the coordinates of every pixel relative to it.
///
/// The outline is the outer table of the skull: an ellipse, narrower or wider at the front, whose
/// radius wobbles with the angle.
pub(crate) struct Head {
    pub(crate) centre_row: f32,
    pub(crate) centre_col: f32,
    tilt: f32,
    /// Half the left-right extent, in pixels.
    pub(crate) half_width: f32,
    /// Half the front-back extent, in pixels.
    pub(crate) half_length: f32,
    /// Pixels to the right of the midline.
    pub(crate) lateral: Plane,
    /// Pixels behind the centre; the face is negative.
    pub(crate) posterior: Plane,
    /// Angle from the lateral towards the posterior axis, radians.
    pub(crate) angle: Plane,
    /// Distance from the centre as a share of the outline's: 1 on the outline.
    pub(crate) radius: Plane,
}

impl Head {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let centre_row = 256.0 + dice.uniform(-30.0..30.0);
        let centre_col = 250.0 + dice.uniform(-20.0..20.0);
        let half_length = dice.uniform(165.0..215.0);
        let half_width = dice.uniform(125.0..170.0);
        let tilt: f32 = dice.uniform(-0.18..0.18);
        let (sin, cos) = tilt.sin_cos();
        let lateral =
            Plane::from_positions(|row, col| cos * (col - centre_col) + sin * (row - centre_row));
        let posterior =
            Plane::from_positions(|row, col| cos * (row - centre_row) - sin * (col - centre_col));
        let angle = Plane::from_pixels(|i| posterior[i].atan2(lateral[i]));

        let frontal_widening = 0.9 * dice.uniform(-0.10..0.06);
        // Amplitude and phase of the second to fifth harmonic of the outline.
        let wobble: [(f32, f32); 4] =
            std::array::from_fn(|_| (dice.normal(0.012), dice.uniform(0.0..TAU)));
        let radius = Plane::from_pixels(|i| {
            let along = posterior[i] / half_length;
            let across =
                lateral[i] / (half_width * (1.0 + frontal_widening * (-along).clamp(-1.0, 1.0)));
            let outline: f32 = (2..)
                .zip(&wobble)
                .map(|(harmonic, (amplitude, phase))| {
                    amplitude * (harmonic as f32 * angle[i] + phase).cos()
                })
                .sum();
            across.hypot(along) / (1.0 + outline)
        });
        Self {
            centre_row,
            centre_col,
            tilt,
            half_width,
            half_length,
            lateral,
            posterior,
            angle,
            radius,
        }
    }

    /// One pixel in the unit of [`Head::radius`].
    pub(crate) fn pixel(&self) -> f32 {
        1.0 / self.half_width.min(self.half_length)
    }

    /// Share of each pixel that an irregular ellipse covers.
    pub(crate) fn blob(&self, dice: &mut Dice, ellipse: &Ellipse) -> Plane {
        let (lateral, posterior) = ellipse.centre;
        let (half_across, half_along) = ellipse.half_axes;
        let (sin, cos) = self.tilt.sin_cos();
        let centre_row = self.centre_row + sin * lateral + cos * posterior;
        let centre_col = self.centre_col + cos * lateral - sin * posterior;
        let (sin, cos) = (self.tilt + ellipse.turn).sin_cos();
        let steepness = half_across.min(half_along) / 2.0;
        let ragged = smooth_field(dice, ellipse.n_cells);
        let mut pixel = ragged.iter();
        Plane::from_positions(|row, col| {
            let (down, right) = (row - centre_row, col - centre_col);
            let across = (cos * right + sin * down) / half_across;
            let along = (cos * down - sin * right) / half_along;
            let bulge = ellipse.roughness * pixel.next().copied().unwrap_or_default();
            saturate((1.0 - across.hypot(along) - bulge) * steepness + 0.5)
        })
    }
}

/// A shape in head coordinates: pixels to the right of the midline and behind the centre.
pub(crate) struct Ellipse {
    centre: (f32, f32),
    half_axes: (f32, f32),
    turn: f32,
    roughness: f32,
    n_cells: usize,
}

impl Ellipse {
    /// An ellipse about (lateral, posterior) with those half axes, slightly rough.
    pub(crate) fn new(centre: (f32, f32), half_axes: (f32, f32)) -> Self {
        Self {
            centre,
            half_axes,
            turn: 0.0,
            roughness: 0.12,
            n_cells: 12,
        }
    }

    /// Turned by an angle in radians.
    pub(crate) fn turned(self, turn: f32) -> Self {
        Self { turn, ..self }
    }

    /// With an edge that strays by `roughness` half axes (one standard deviation).
    pub(crate) fn rough(self, roughness: f32) -> Self {
        Self { roughness, ..self }
    }

    /// With about `n_cells` strays of the edge across a slice width.
    pub(crate) fn grained(self, n_cells: usize) -> Self {
        Self { n_cells, ..self }
    }
}
