//! Gaussian blur.

use crate::plane::{Plane, SIDE};

/// Blurs a plane with a Gaussian of standard deviation `sigma_px`.
pub(crate) fn gaussian_blur(plane: &Plane, sigma_px: f32) -> Plane {
    Plane::from(blur(plane, (SIDE, SIDE), sigma_px))
}

/// Blurs a row-major image of `shape` (rows, cols), rows first.
fn blur(image: &[f32], shape: (usize, usize), sigma_px: f32) -> Vec<f32> {
    let (n_rows, n_cols) = shape;
    let kernel = kernel(sigma_px);
    let radius = kernel.len() / 2;
    let mut along_rows = vec![0.0; image.len()];
    let mut padded = vec![0.0; n_cols + 2 * radius];
    for (row, output) in image
        .chunks_exact(n_cols)
        .zip(along_rows.chunks_exact_mut(n_cols))
    {
        for (k, pixel) in padded.iter_mut().enumerate() {
            *pixel = row[reflect(k as isize - radius as isize, n_cols)];
        }
        for (k, weight) in kernel.iter().enumerate() {
            for (pixel, x) in output.iter_mut().zip(&padded[k..]) {
                *pixel += weight * x;
            }
        }
    }
    let mut blurred = vec![0.0; image.len()];
    for (row, output) in blurred.chunks_exact_mut(n_cols).enumerate() {
        for (k, weight) in kernel.iter().enumerate() {
            let source = reflect((row + k) as isize - radius as isize, n_rows) * n_cols;
            for (pixel, x) in output.iter_mut().zip(&along_rows[source..]) {
                *pixel += weight * x;
            }
        }
    }
    blurred
}

/// Samples of the Gaussian out to four standard deviations, scaled to sum to one.
///
/// The odd length is the one OpenCV chooses for 32-bit images: `round(8 sigma + 1) | 1`.
fn kernel(sigma_px: f32) -> Vec<f32> {
    let length = (8.0 * sigma_px + 1.0).round_ties_even() as usize | 1;
    let radius = (length / 2) as f64;
    let samples: Vec<f64> = (0..length)
        .map(|k| {
            let distance = (k as f64 - radius) / f64::from(sigma_px);
            (-0.5 * distance * distance).exp()
        })
        .collect();
    let sum: f64 = samples.iter().sum();
    samples.iter().map(|sample| (sample / sum) as f32).collect()
}

/// Index of the pixel that stands at `index` when the line is mirrored about its end pixels,
/// which are not repeated (`dcb|abcd|cba`).
fn reflect(index: isize, length: usize) -> usize {
    let last = length as isize - 1;
    let folded = if last == 0 {
        0
    } else {
        index.rem_euclid(2 * last)
    };
    folded.min(2 * last - folded) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closeness::assert_close;

    /// Asymmetric, and smaller than the widest kernel.
    #[rustfmt::skip]
    const IMAGE: [f32; 24] = [
        0.0, 10.0, 0.0, 0.0, 0.0, 0.0,
        0.0, 0.0, 3.0, 0.0, 0.0, 0.0,
        0.0, 0.0, 0.0, 0.0, -20.0, 0.0,
        5.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    ];

    /// Eleven rounded products in each direction of values up to 20: some 22 * 20 * 2^-25 = 1.3e-5.
    const TOLERANCE: f32 = 1.3e-5;

    // Expected values from OpenCV 5.0.0: cv2.GaussianBlur(image, (0, 0), sigma)

    #[test]
    fn blurs_narrowly_like_opencv() {
        #[rustfmt::skip]
        let expected = [
            1.674_958_2, 6.257_001_4, 1.339_694_3, 0.068_942_55, -0.008_136_195, -0.002_247_091_4,
            0.228_918_79, 1.089_009_4, 1.969_459_4, 0.024_922_997, -1.674_560_2, -0.453_270_67,
            0.419_385_6, 0.092_730_31, 0.247_462_15, -1.641_187_1, -12.382_09, -3.350_365_9,
            3.093_468_7, 0.418_823_84, 0.001_159_488_2, -0.453_102_14, -3.350_365_6, -0.906_541_35,
        ];
        assert_close(&blur(&IMAGE, (4, 6), 0.5), &expected, TOLERANCE);
    }

    #[test]
    fn blurs_widely_like_opencv() {
        #[rustfmt::skip]
        let expected = [
            1.969_356_1, 1.921_675_7, 1.235_268_1, -0.095_952_21, -1.076_166_5, -1.313_467,
            1.453_31, 1.398_034_3, 0.732_127_8, -0.798_701_17, -2.113_533, -2.446_149_8,
            0.869_531_75, 0.705_852, -0.067_296_19, -1.907_089_8, -3.678_075, -4.137_306,
            0.791_020_04, 0.530_797_24, -0.349_105_63, -2.257_965_3, -4.115_350_2, -4.597_356,
        ];
        assert_close(&blur(&IMAGE, (4, 6), 1.1), &expected, TOLERANCE);
    }

    #[test]
    fn kernels_have_the_lengths_of_opencv() {
        // Non-zero pixels of a blurred impulse.
        for (sigma_px, length) in [(0.5, 5), (0.7, 7), (0.8, 7), (1.1, 11)] {
            assert_eq!(kernel(sigma_px).len(), length, "sigma {sigma_px}");
        }
    }
}
