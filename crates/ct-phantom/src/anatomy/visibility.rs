//! When a bleed counts as one: what nobody could see is no positive.

use crate::blur::gaussian_blur;
use crate::plane::Plane;

/// A pixel shows blood if blood brightens it by at least this much before noise. A sixteenth of the
/// brain window of 80 HU: the least step between neighbouring areas that a reader tells apart there,
/// and more than grey and white matter differ within themselves.
pub const MIN_BLEED_GAIN_HU: f32 = 5.0;

/// The least area of all these pixels. A disc of 4 mm: smaller than the thickness of most slices,
/// so that nothing of it can be told from a vessel that is cut, or from bone in part of the slice.
pub const MIN_BLEED_AREA_MM2: f32 = 12.5;

/// Blood closer to the bone does not count: there the blur of the kernel, bone in part of the slice
/// and blood look alike.
pub const MIN_BLEED_DEPTH_MM: f32 = 1.5;

/// The least mean gain over this area after the blur of the kernel. Blood that differs less from
/// its surroundings is called isodense, and is found by other signs than its brightness.
pub const MIN_BLEED_MEAN_GAIN_HU: f32 = 9.0;

/// The least ratio of signal to noise, summed over the bleed: below 5 an observer cannot detect a
/// known object reliably (Rose, 1948, "The sensitivity performance of the human eye on an absolute
/// scale").
pub const MIN_BLEED_SIGNAL_TO_NOISE: f32 = 5.0;

/// The noise that a bleed has to stand out from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    pub(crate) sd_hu: f32,
    /// Standard deviation of the Gaussian that made it smooth, and of the blur of the slice.
    pub(crate) grain_px: f32,
    pub(crate) blur_px: f32,
}

/// Which pixels blood brightens visibly.
pub(crate) fn mask(gain_hu: &Plane) -> Vec<bool> {
    gain_hu
        .iter()
        .map(|&gain| gain >= MIN_BLEED_GAIN_HU)
        .collect()
}

/// Whether a reader can see the blood that brightens each pixel by `gain_hu`, so many millimetres
/// away from the bone.
pub(crate) fn is_visible(gain_hu: &Plane, depth_mm: &Plane, pixel_mm: f32, noise: Noise) -> bool {
    let mut mask = mask(gain_hu);
    for (is_blood, &depth) in mask.iter_mut().zip(depth_mm.iter()) {
        *is_blood &= depth >= MIN_BLEED_DEPTH_MM;
    }
    let n_pixels = mask.iter().filter(|&&is_blood| is_blood).count();
    if n_pixels as f32 * pixel_mm * pixel_mm < MIN_BLEED_AREA_MM2 {
        return false;
    }
    let seen = gaussian_blur(gain_hu, noise.blur_px);
    let inside = seen.iter().zip(&mask).filter(|&(_, &is_blood)| is_blood);
    let (sum, squares) = inside.fold((0.0, 0.0), |(sum, squares), (gain, _)| {
        (sum + gain, squares + gain * gain)
    });
    sum / n_pixels as f32 >= MIN_BLEED_MEAN_GAIN_HU
        && signal_to_noise(squares, noise) >= MIN_BLEED_SIGNAL_TO_NOISE
}

/// The ratio of a filter that knows the bleed. White noise blurred by a Gaussian of standard
/// deviation s is correlated over an area of 4 π s² pixels, which then count as one.
fn signal_to_noise(sum_of_squares: f32, noise: Noise) -> f32 {
    let correlated_px = (4.0 * std::f32::consts::PI * noise.grain_px.powi(2)).max(1.0);
    (sum_of_squares / correlated_px).sqrt() / noise.sd_hu
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::SIDE;

    const NOISE: Noise = Noise {
        sd_hu: 4.0,
        grain_px: 0.9,
        blur_px: 0.8,
    };

    /// A disc that is brighter by `gain_hu`.
    fn disc(radius_px: f32, gain_hu: f32) -> Plane {
        Plane::from_positions(|row, col| {
            if (row - 200.0).hypot(col - 300.0) <= radius_px {
                gain_hu
            } else {
                0.0
            }
        })
    }

    fn is_seen(gain_hu: &Plane, noise: Noise) -> bool {
        is_visible(gain_hu, &Plane::filled(20.0), 0.45, noise)
    }

    #[test]
    fn blood_under_the_bone_does_not_count() {
        let layer = |thickness_mm: f32| {
            let depth_mm = Plane::from_positions(|row, _| 0.45 * row);
            let gain_hu = Plane::from_pixels(|i| {
                if depth_mm[i] <= thickness_mm && i % SIDE < 40 {
                    30.0
                } else {
                    0.0
                }
            });
            is_visible(&gain_hu, &depth_mm, 0.45, NOISE)
        };
        assert!(!layer(1.4));
        assert!(layer(3.0));
    }

    #[test]
    fn a_small_dense_clot_is_seen() {
        assert!(is_seen(&disc(6.0, 30.0), NOISE));
    }

    #[test]
    fn nobody_sees_what_is_too_small_faint_or_drowned_in_noise() {
        assert!(!is_seen(&disc(3.0, 30.0), NOISE), "28 pixels of 0.2 mm²");
        assert!(!is_seen(&disc(40.0, 8.0), NOISE), "isodense");
        assert!(!is_seen(&disc(40.0, 4.9), NOISE), "no pixel counts");
        let loud = Noise {
            sd_hu: 60.0,
            ..NOISE
        };
        assert!(!is_seen(&disc(5.0, 20.0), loud), "drowned");
        assert!(
            is_seen(&disc(40.0, 20.0), loud),
            "large enough all the same"
        );
    }

    #[test]
    fn signal_to_noise_agrees_with_the_measured_response_of_the_matched_filter() {
        use crate::dice::Dice;
        // Uniform discs much larger than the grain: the filter's output on noise alone, measured.
        let signal = disc(30.0, 10.0);
        let squares: f32 = signal.iter().map(|x| x * x).sum();
        let responses: Vec<f32> = (0..60)
            .map(|seed| {
                let mut dice = Dice::new(seed);
                let white = Plane::from_pixels(|_| dice.normal(1.0));
                let noise = gaussian_blur(&white, NOISE.grain_px);
                let (_, sd) = noise.mean_and_sd();
                let sum: f32 = signal.iter().zip(noise.iter()).map(|(s, n)| s * n).sum();
                sum / sd * NOISE.sd_hu
            })
            .collect();
        let rms = (responses.iter().map(|x| x * x).sum::<f32>() / 60.0).sqrt();
        let ratio = squares / rms / signal_to_noise(squares, NOISE);
        // The standard deviation of 60 draws is known to 1/sqrt(120) = 9 %; three of them.
        assert!((ratio - 1.0).abs() < 0.27, "{ratio}");
    }
}
