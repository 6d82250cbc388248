//! From the ideal slice to the scanned one: artefacts, the kernel, noise, and padding.

use crate::anatomy::projection::{self, Faults};
use crate::anatomy::solid::length;
use crate::blur::gaussian_blur;
use crate::dice::Dice;
use crate::plane::{Plane, SIDE};

/// Values that scanners store outside their field of view.
const PADDING_HU: [f32; 3] = [-3024.0, -1024.0, -2000.0];

/// How a slice is scanned.
pub(crate) struct Protocol {
    faults: Faults,
    /// Standard deviation of the blur, pixels.
    pub(crate) blur_px: f32,
    /// How much a sharp kernel overshoots at edges, and how far.
    overshoot: Option<(f32, f32)>,
    /// Standard deviation of the noise in the middle of the head, its correlation length and how
    /// much of its low frequencies the kernel takes away.
    pub(crate) noise_hu: f32,
    pub(crate) grain_px: f32,
    low_cut: f32,
    shift_hu: f32,
    padding_hu: f32,
    is_padded: bool,
}

impl Protocol {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let faults = Faults::random(dice);
        let is_sharp = dice.chance(0.18);
        let overshoot = (dice.uniform(0.1..0.4), dice.uniform(1.2..2.2));
        Self {
            faults,
            blur_px: if is_sharp {
                dice.uniform(0.45..0.7)
            } else {
                dice.uniform(0.6..1.15)
            },
            overshoot: is_sharp.then_some(overshoot),
            noise_hu: dice.log_uniform(1.1..3.5),
            grain_px: if is_sharp {
                dice.uniform(0.55..0.85)
            } else {
                dice.uniform(0.8..1.3)
            },
            low_cut: dice.uniform(0.0..0.8),
            shift_hu: dice.normal(1.5),
            padding_hu: dice.one_of(PADDING_HU),
            is_padded: dice.chance(0.6),
        }
    }

    /// Scans an ideal slice with pixels of `pixel_mm`; still in Hounsfield units and not rounded.
    pub(crate) fn scan(&self, dice: &mut Dice, mut ideal: Plane, pixel_mm: f32) -> Plane {
        let artefacts = projection::artefacts(dice, &ideal, pixel_mm, &self.faults);
        for (pixel, error) in ideal.iter_mut().zip(artefacts.hu.iter()) {
            // The air around a head shows less of it: it is cut off at the least value.
            *pixel += error + self.shift_hu;
        }
        let mut hu = gaussian_blur(&ideal, self.blur_px);
        if let Some((gain, reach_px)) = self.overshoot {
            let smooth = gaussian_blur(&hu, reach_px);
            for (pixel, &low) in hu.iter_mut().zip(smooth.iter()) {
                *pixel += gain * (*pixel - low);
            }
        }
        let noise = self.noise(dice);
        for (i, pixel) in hu.iter_mut().enumerate() {
            *pixel += self.noise_hu * noise[i] * artefacts.noise[i];
        }
        self.pad(&mut hu);
        hu
    }

    /// Noise of standard deviation 1.
    fn noise(&self, dice: &mut Dice) -> Plane {
        let white = Plane::from_pixels(|_| dice.normal(1.0));
        let mut noise = gaussian_blur(&white, self.grain_px);
        if self.low_cut > 0.05 {
            let low = gaussian_blur(&noise, 1.6 * self.grain_px);
            noise.add(&low, -self.low_cut);
        }
        let (_, sd) = noise.mean_and_sd();
        noise.iter_mut().for_each(|x| *x /= sd);
        noise
    }

    fn pad(&self, hu: &mut Plane) {
        if !self.is_padded {
            return;
        }
        let middle = (SIDE - 1) as f32 / 2.0;
        for (i, pixel) in hu.iter_mut().enumerate() {
            let (row, col) = ((i / SIDE) as f32, (i % SIDE) as f32);
            if length(row - middle, col - middle) > (SIDE / 2) as f32 {
                *pixel = self.padding_hu;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol(grain_px: f32, low_cut: f32) -> Protocol {
        Protocol {
            grain_px,
            low_cut,
            is_padded: true,
            padding_hu: -2000.0,
            ..Protocol::random(&mut Dice::new(3))
        }
    }

    /// Correlation of neighbours `lag` columns apart.
    fn correlation(noise: &Plane, lag: usize) -> f32 {
        let pairs = noise.iter().zip(&noise[lag..]);
        pairs.map(|(a, b)| a * b).sum::<f32>() / (SIDE * SIDE) as f32
    }

    #[test]
    fn noise_is_standardised_and_correlated_like_its_blur() {
        let noise = protocol(1.0, 0.0).noise(&mut Dice::new(1));
        let (_, sd) = noise.mean_and_sd();
        assert!((sd - 1.0).abs() < 1e-4);
        for lag in [1, 2] {
            // A Gaussian blur of s correlates pixels at distance d by exp(-d²/(4 s²)).
            let expected = (-0.25 * (lag * lag) as f32).exp();
            let found = correlation(&noise, lag);
            // Standard error of 512² correlated pixels, three times.
            assert!((found - expected).abs() < 0.02, "{found} {expected}");
        }
    }

    #[test]
    fn a_kernel_can_take_low_frequencies_away() {
        let coarse = |noise: &Plane| correlation(noise, 4);
        let [with, without] = [0.0, 0.8].map(|cut| protocol(1.0, cut).noise(&mut Dice::new(1)));
        assert!(coarse(&without) < coarse(&with) - 0.02);
    }

    #[test]
    fn what_lies_outside_the_field_of_view_is_padded() {
        let hu = protocol(1.0, 0.0).scan(&mut Dice::new(2), Plane::filled(-1000.0), 0.5);
        assert_eq!((hu[0], hu[SIDE * SIDE - 1]), (-2000.0, -2000.0));
        assert!(hu[SIDE * SIDE / 2 + SIDE / 2] > -1100.0);
    }
}
