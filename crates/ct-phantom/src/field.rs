//! Smooth random fields: coarse Gaussian noise, enlarged by cubic convolution.

use crate::dice::Dice;
use crate::plane::{Plane, SIDE};

/// Free parameter of the cubic convolution kernel (R. G. Keys, 1981), the choice of OpenCV.
const KEYS_A: f32 = -0.75;

/// What lies beyond the border of a grid.
#[derive(Clone, Copy)]
enum Border {
    /// The outermost samples, repeated.
    Repeated,
    /// The other side of the grid.
    Periodic,
}

/// A field of mean 0 and standard deviation 1 with about `n_cells` features across the slice.
pub(crate) fn smooth_field(dice: &mut Dice, n_cells: usize) -> Plane {
    standard_field(dice, n_cells, Border::Repeated)
}

/// The same, and its left edge continues its right, its top its bottom.
pub(crate) fn periodic_field(dice: &mut Dice, n_cells: usize) -> Plane {
    standard_field(dice, n_cells, Border::Periodic)
}

fn standard_field(dice: &mut Dice, n_cells: usize, border: Border) -> Plane {
    let grid: Vec<f32> = (0..n_cells * n_cells).map(|_| dice.normal(1.0)).collect();
    let mut field = Plane::from(resize_cubic(
        &grid,
        (n_cells, n_cells),
        (SIDE, SIDE),
        border,
    ));
    let (mean, sd) = field.mean_and_sd();
    for pixel in field.iter_mut() {
        *pixel = (*pixel - mean) / (sd + 1e-6);
    }
    field
}

/// Enlarges a row-major grid of `from` (rows, cols) to `to` (rows, cols).
///
/// Pixel centres lie at half-integers. With a repeated border the result equals OpenCV's
/// `INTER_CUBIC`.
fn resize_cubic(
    grid: &[f32],
    from: (usize, usize),
    to: (usize, usize),
    border: Border,
) -> Vec<f32> {
    let col_taps = taps(from.1, to.1, border);
    let stretched: Vec<f32> = grid
        .chunks_exact(from.1)
        .flat_map(|row| col_taps.iter().map(|tap| tap.apply(|col| row[col])))
        .collect();
    let mut resized = vec![0.0; to.0 * to.1];
    for (tap, output) in taps(from.0, to.0, border)
        .iter()
        .zip(resized.chunks_exact_mut(to.1))
    {
        for (&row, weight) in tap.indices.iter().zip(tap.weights) {
            for (pixel, x) in output.iter_mut().zip(&stretched[row * to.1..]) {
                *pixel += weight * x;
            }
        }
    }
    resized
}

/// The four input samples an output sample is made of.
struct Tap {
    indices: [usize; 4],
    weights: [f32; 4],
}

impl Tap {
    fn apply(&self, sample: impl Fn(usize) -> f32) -> f32 {
        (0..4)
            .map(|k| self.weights[k] * sample(self.indices[k]))
            .sum()
    }
}

/// One tap for each of `n_to` samples spread over `n_from`.
fn taps(n_from: usize, n_to: usize, border: Border) -> Vec<Tap> {
    let scale = n_from as f32 / n_to as f32;
    (0..n_to)
        .map(|to| {
            let at = (to as f32 + 0.5) * scale - 0.5;
            let first = at.floor() - 1.0;
            let position = |k: usize| first + k as f32;
            Tap {
                indices: std::array::from_fn(|k| match border {
                    Border::Repeated => position(k).clamp(0.0, (n_from - 1) as f32) as usize,
                    Border::Periodic => position(k).rem_euclid(n_from as f32) as usize % n_from,
                }),
                weights: std::array::from_fn(|k| keys_kernel(at - position(k))),
            }
        })
        .collect()
}

/// The cubic convolution kernel at a distance in samples, Keys (1981), equations 4 and 6.
fn keys_kernel(distance: f32) -> f32 {
    let t = distance.abs();
    if t <= 1.0 {
        ((KEYS_A + 2.0) * t - (KEYS_A + 3.0)) * t * t + 1.0
    } else if t < 2.0 {
        KEYS_A * (((t - 5.0) * t + 8.0) * t - 4.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closeness::assert_close;

    #[test]
    fn enlarges_like_opencv() {
        let grid = [
            1.5, -2.0, 0.25, 3.0, //
            0.0, 1.0, -1.5, 2.0, //
            -0.75, 4.0, 1.25, -3.0,
        ];
        // OpenCV 5.0.0: cv2.resize(grid, (7, 5), interpolation=cv2.INTER_CUBIC)
        #[rustfmt::skip]
        let expected = [
            2.034_118_4, 0.137_783_8, -2.188_023_3, -1.554_687_7, 0.696_220_4, 2.349_903, 3.361_702_4,
            1.172_813_4, 0.256_199_06, -0.955_826_6, -1.366_656_1, -0.401_448, 1.771_801, 3.329_08,
            -0.099_216_16, 0.494_488_36, 1.058_263_5, -0.484_375, -1.415_223_8, 0.653_653_2, 2.347_257_6,
            -0.926_064_13, 0.850_336_7, 2.983_281_6, 2.005_251_4, -0.149_374_54, -0.911_043_47, -1.249_970_3,
            -1.328_994_6, 1.089_793_6, 4.123_763, 3.848_249_7, 1.100_126_7, -1.948_922_5, -3.975_486_8,
        ];
        // Sixteen products of up to 5, each rounded to f32: some 16 * 5 * 2^-24 = 5e-6.
        assert_close(
            &resize_cubic(&grid, (3, 4), (5, 7), Border::Repeated),
            &expected,
            5e-6,
        );
    }

    #[test]
    fn fields_are_standardised() {
        let (mean, sd) = smooth_field(&mut Dice::new(5), 9).mean_and_sd();
        assert!(mean.abs() < 1e-5, "mean {mean}");
        assert!((sd - 1.0).abs() < 1e-5, "standard deviation {sd}");
    }

    #[test]
    fn periodic_fields_have_no_seam() {
        let field = periodic_field(&mut Dice::new(8), 12);
        let steps = |a: usize, b: usize| {
            (0..SIDE)
                .map(|k| {
                    let across = field[k * SIDE + a] - field[k * SIDE + b];
                    let down = field[a * SIDE + k] - field[b * SIDE + k];
                    across.abs() + down.abs()
                })
                .sum::<f32>()
        };
        // Steps over the seam are like those of any two neighbours, not like those of strangers.
        let (seam, inside, far) = (steps(0, SIDE - 1), steps(200, 201), steps(0, 200));
        assert!(
            seam < 3.0 * inside && seam < 0.2 * far,
            "{seam} {inside} {far}"
        );
    }

    #[test]
    fn more_cells_make_rougher_fields() {
        let roughness = |n_cells| {
            let field = smooth_field(&mut Dice::new(6), n_cells);
            field
                .windows(2)
                .map(|pair| (pair[1] - pair[0]).abs())
                .sum::<f32>()
        };
        assert!(roughness(40) > 3.0 * roughness(8));
    }
}
