//! What a scanner gets wrong about a slice, from the rays through it.
//!
//! The slice is projected from all sides. Each ray gets the errors that a real one has: a beam that
//! bone has hardened, photons that are missing behind it, metal that lets none through, a head that
//! moved during some of the views. The errors alone are then reconstructed by filtered
//! backprojection (Kak and Slaney, "Principles of Computerized Tomographic Imaging", 1988, 3.3).
//! That a ray through bone of length integral b reads too little by about β b² is the second-order
//! model of Joseph and Spital (1978, "A method for correcting bone induced artifacts in computed
//! tomography scanners").

use std::f32::consts::PI;

use crate::anatomy::solid::length;
use crate::dice::Dice;
use crate::plane::{Plane, SIDE};

/// Pixels of the slice that one cell of the projected grid holds, in each direction.
const CELL_PX: usize = 4;
const GRID: usize = SIDE / CELL_PX;
/// Bins of a view: the diagonal of the grid and a margin.
const N_BINS: usize = 192;
const N_VIEWS: usize = 72;
/// Attenuation of water for each centimetre at the mean energy of a head scan, some 70 keV.
const WATER_PER_CM: f32 = 0.19;

/// What goes wrong during a scan.
pub(crate) struct Faults {
    /// How much a ray through bone reads too little: share for each unit of bone attenuation.
    pub(crate) hardening: f32,
    /// Standard deviation of a ray without attenuation.
    pub(crate) ray_noise: f32,
    /// Attenuation beyond which no photon is left.
    pub(crate) starvation: f32,
    /// The views during which the head is elsewhere, and by how many cells.
    pub(crate) motion: Option<(std::ops::Range<usize>, f32)>,
}

impl Faults {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let first = dice.count(0..N_VIEWS as u32);
        let n_moved = dice.count(3..32);
        let moved_cells = dice.normal(0.14).clamp(-0.4, 0.4);
        Self {
            hardening: dice.log_uniform(0.004..0.07),
            ray_noise: dice.log_uniform(0.00005..0.0008),
            starvation: dice.uniform(9.0..14.0),
            motion: dice
                .chance(0.1)
                .then_some((first..first + n_moved, moved_cells)),
        }
    }
}

/// The errors of a slice.
pub(crate) struct Artefacts {
    /// Hounsfield units to add.
    pub(crate) hu: Plane,
    /// How strong the noise is at every pixel, relative to its mean in the head.
    pub(crate) noise: Plane,
}

/// Projects a slice in Hounsfield units and reconstructs what goes wrong.
pub(crate) fn artefacts(dice: &mut Dice, hu: &Plane, pixel_mm: f32, faults: &Faults) -> Artefacts {
    let (all, bone) = attenuation(hu, pixel_mm);
    let half_bins = (N_BINS / 2) as f32;
    let kernel = ramp_kernel();
    let mut error = vec![0.0_f32; GRID * GRID];
    let mut variance = vec![0.0_f32; GRID * GRID];
    let occupied: Vec<usize> = (0..GRID * GRID).filter(|&k| all[k] > 0.0).collect();
    let middle = (GRID as f32 - 1.0) / 2.0;
    let place = |k: usize| ((k % GRID) as f32 - middle, (k / GRID) as f32 - middle);
    let inside: Vec<usize> = (0..GRID * GRID)
        .filter(|&k| length(place(k).0, place(k).1) < 0.56 * GRID as f32)
        .collect();
    for view in 0..N_VIEWS {
        let (sin, cos) = (PI * view as f32 / N_VIEWS as f32).sin_cos();
        let bin = |k: usize| {
            let (across, down) = place(k);
            across * cos + down * sin + half_bins
        };
        let mut rays = [[0.0_f32; N_BINS]; 2];
        for &k in &occupied {
            let at = bin(k);
            let (low, part) = split(at);
            for (ray, amount) in rays.iter_mut().zip([all[k], bone[k]]) {
                ray[low] += (1.0 - part) * amount;
                ray[low + 1] += part * amount;
            }
        }
        let mut wrong = [0.0_f32; N_BINS];
        let mut photons = [0.0_f32; N_BINS];
        let moved = faults
            .motion
            .as_ref()
            .filter(|(views, _)| views.contains(&view));
        for s in 0..N_BINS {
            let (ray, through_bone) = (rays[0][s], rays[1][s]);
            photons[s] = ray.min(faults.starvation).exp();
            wrong[s] = dice.normal(faults.ray_noise) * photons[s].sqrt()
                - faults.hardening * through_bone * through_bone
                - (ray - faults.starvation).max(0.0);
            if let Some((_, cells)) = moved {
                let at = (s as f32 - cells).clamp(0.0, (N_BINS - 2) as f32);
                let (low, part) = split(at);
                wrong[s] += rays[0][low] + part * (rays[0][low + 1] - rays[0][low]) - ray;
            }
        }
        let filtered = filter(&wrong, &kernel);
        // Side by side, so that both are found at once.
        let back: [[f32; 2]; N_BINS] = std::array::from_fn(|s| [filtered[s], photons[s]]);
        for &k in &inside {
            let (low, part) = split(bin(k));
            let ([left, seen], [right, _]) = (back[low], back[low + 1]);
            error[k] += left + part * (right - left);
            variance[k] += seen;
        }
    }
    // Attenuation of a cell back to Hounsfield units.
    let to_hu = PI / N_VIEWS as f32 * 1000.0 / cell_water(pixel_mm);
    let error: Vec<f32> = error.into_iter().map(|x| x * to_hu).collect();
    let noise: Vec<f32> = variance.into_iter().map(f32::sqrt).collect();
    // Of air alone there is no head to compare with.
    let compared = if occupied.is_empty() {
        &inside
    } else {
        &occupied
    };
    let mean = compared.iter().map(|&k| noise[k]).sum::<f32>() / compared.len() as f32;
    let noise: Vec<f32> = noise.into_iter().map(|x| x / mean).collect();
    Artefacts {
        hu: enlarged(&error),
        noise: enlarged(&noise),
    }
}

/// A place between two samples: the lower one, and the part of the way to the next.
fn split(at: f32) -> (usize, f32) {
    let low = at as usize;
    (low, at - low as f32)
}

/// Attenuation of one cell of water.
fn cell_water(pixel_mm: f32) -> f32 {
    WATER_PER_CM * pixel_mm / 10.0 * CELL_PX as f32
}

/// Attenuation of every cell, and the part of it that is bone or metal.
fn attenuation(hu: &Plane, pixel_mm: f32) -> (Vec<f32>, Vec<f32>) {
    let mut all = vec![0.0; GRID * GRID];
    let mut bone = vec![0.0; GRID * GRID];
    let each = cell_water(pixel_mm) / (1000 * CELL_PX * CELL_PX) as f32;
    for (i, &value) in hu.iter().enumerate() {
        let k = i / SIDE / CELL_PX * GRID + i % SIDE / CELL_PX;
        // Air, and what the holder weighs, do not count.
        all[k] += each * if value > -900.0 { value + 1000.0 } else { 0.0 };
        bone[k] += each * (value - 150.0).max(0.0);
    }
    (all, bone)
}

/// The ramp filter in space, Kak and Slaney, equation 61, for bins of width one.
fn ramp_kernel() -> [f32; 2 * N_BINS - 1] {
    std::array::from_fn(|k| match k.abs_diff(N_BINS - 1) {
        0 => 0.25,
        n if n % 2 == 1 => -1.0 / (PI * n as f32).powi(2),
        _ => 0.0,
    })
}

fn filter(ray: &[f32; N_BINS], kernel: &[f32; 2 * N_BINS - 1]) -> [f32; N_BINS] {
    let mut filtered = [0.0; N_BINS];
    for (s, &value) in ray.iter().enumerate() {
        if value == 0.0 {
            continue;
        }
        // The kernel is stored for both signs, its middle at N_BINS - 1.
        let weights = &kernel[N_BINS - 1 - s..][..N_BINS];
        for (output, weight) in filtered.iter_mut().zip(weights) {
            *output += value * weight;
        }
    }
    filtered
}

/// A grid, enlarged to the slice between the centres of its cells.
fn enlarged(grid: &[f32]) -> Plane {
    let weights: Vec<(usize, usize, f32)> = (0..SIDE)
        .map(|k| {
            let at = ((k as f32 + 0.5) / CELL_PX as f32 - 0.5).clamp(0.0, (GRID - 1) as f32);
            let (low, part) = split(at);
            (low, (low + 1).min(GRID - 1), part)
        })
        .collect();
    Plane::from_pixels(|i| {
        let (top, bottom, down) = weights[i / SIDE];
        let (left, right, across) = weights[i % SIDE];
        let upper = grid[top * GRID + left] * (1.0 - across) + grid[top * GRID + right] * across;
        let lower =
            grid[bottom * GRID + left] * (1.0 - across) + grid[bottom * GRID + right] * across;
        upper + down * (lower - upper)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Faults = Faults {
        hardening: 0.0,
        ray_noise: 0.0,
        starvation: 30.0,
        motion: None,
    };

    /// Discs of (row, column, radius, Hounsfield units) in air.
    fn discs(of: &[(f32, f32, f32, f32)]) -> Plane {
        Plane::from_positions(|row, col| {
            let is_in = |disc: &&(f32, f32, f32, f32)| length(row - disc.0, col - disc.1) <= disc.2;
            of.iter().rev().find(is_in).map_or(-1000.0, |disc| disc.3)
        })
    }

    fn mean(plane: &Plane, row: usize, col: usize) -> f32 {
        let pixels = (row - 6..row + 6).flat_map(|r| (col - 6..col + 6).map(move |c| r * SIDE + c));
        pixels.map(|i| plane[i]).sum::<f32>() / 144.0
    }

    fn errors(hu: &Plane, faults: &Faults) -> Artefacts {
        artefacts(&mut Dice::new(1), hu, 0.5, faults)
    }

    #[test]
    fn a_perfect_scan_has_no_errors() {
        let found = errors(&discs(&[(256.0, 256.0, 150.0, 30.0)]), &NOTHING);
        assert!(found.hu.iter().all(|&x| x == 0.0));
    }

    #[test]
    fn rays_that_are_lost_altogether_take_the_object_with_them() {
        // If no ray reads anything, the error is minus the object: backprojection inverts projection.
        let hu = discs(&[(236.0, 266.0, 120.0, 0.0), (256.0, 300.0, 40.0, 200.0)]);
        let found = errors(
            &hu,
            &Faults {
                starvation: 0.0,
                ..NOTHING
            },
        );
        for (row, col, weight) in [(190, 230, 1000.0), (256, 300, 1200.0), (236, 180, 1000.0)] {
            let error = mean(&found.hu, row, col);
            // Cells of 4 pixels and 72 views: measured 1 %.
            assert!(
                (error / -weight - 1.0).abs() < 0.03,
                "{error} of {weight} at {row}, {col}"
            );
        }
        assert!(mean(&found.hu, 60, 60).abs() < 30.0);
    }

    #[test]
    fn hardening_darkens_the_band_between_two_bones() {
        let bones = [
            (256.0, 256.0, 160.0, 30.0),
            (256.0, 160.0, 20.0, 1400.0),
            (256.0, 352.0, 20.0, 1400.0),
        ];
        let faults = Faults {
            hardening: 0.02,
            ..NOTHING
        };
        let found = errors(&discs(&bones), &faults).hu;
        let (between, aside) = (mean(&found, 256, 256), mean(&found, 330, 256));
        assert!(between < -2.0, "{between} HU");
        assert!(aside > between + 2.0, "{aside} HU beside {between}");
        let twice = Faults {
            hardening: 0.04,
            ..NOTHING
        };
        let doubled = mean(&errors(&discs(&bones), &twice).hu, 256, 256);
        assert!(
            (doubled / between - 2.0).abs() < 1e-3,
            "{doubled} {between}"
        );
    }

    #[test]
    fn noise_is_loudest_in_the_middle() {
        let noise = errors(&discs(&[(256.0, 256.0, 180.0, 30.0)]), &NOTHING).noise;
        assert!(mean(&noise, 256, 256) > 1.15 * mean(&noise, 256, 90));
        assert!(mean(&noise, 256, 90) > mean(&noise, 256, 30));
    }

    #[test]
    fn motion_leaves_streaks_and_no_mean() {
        let hu = discs(&[(256.0, 256.0, 100.0, 30.0)]);
        let faults = Faults {
            motion: Some((10..30, 0.5)),
            ..NOTHING
        };
        let found = errors(&hu, &faults).hu;
        let (mean, sd) = found.mean_and_sd();
        assert!(sd > 1.0 && mean.abs() < 0.2 * sd, "{mean} {sd}");
    }
}
