use pixel_region::Size;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::error::Error;
use crate::map::Map;

/// Width of the centre, as a share of the image's smaller side: 96 of 512 pixels.
const SIGMA: f64 = 3.0 / 16.0;

/// A map without information: independent values, each as likely as any other from 0 to 1.
///
/// It belongs in every table of methods, as the others here do: a method that is not clearly better has
/// found nothing.
#[must_use]
pub fn random_map(size: Size, seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let pixels = 0..size.rows * size.cols;
    pixels.map(|_| random.random::<f32>()).collect()
}

/// A map that knows where heads are, and nothing of the slice: a Gaussian around the middle of the image,
/// `exp(-d^2 / 2 sigma^2)`, with a sigma of 3/16 of its smaller side.
#[must_use]
pub fn centre_map(size: Size) -> Vec<f32> {
    let sigma = SIGMA * size.rows.min(size.cols) as f64;
    let offset = |at: usize, n: usize| at as f64 - (n as f64 - 1.0) / 2.0;
    let pixels = (0..size.rows).flat_map(|row| (0..size.cols).map(move |col| (row, col)));
    let values = pixels.map(|(row, col)| {
        let squared = offset(row, size.rows).powi(2) + offset(col, size.cols).powi(2);
        (-squared / (2.0 * sigma * sigma)).exp() as f32
    });
    values.collect()
}

/// A map that knows the slice, and nothing of the network: how steep its grey values are, the magnitude of
/// Sobel's gradient. Pixels outside are those at the border.
///
/// # Errors
///
/// Those of [`Map::new`] for the grey values.
pub fn edge_map(grey: &[f32], size: Size) -> Result<Vec<f32>, Error> {
    let grey = Map::new(grey, size)?.values();
    let at = |row: usize, col: usize| f64::from(grey[row * size.cols + col]);
    let around = |at: usize, n: usize| [at.saturating_sub(1), at, (at + 1).min(n - 1)];
    let pixels = (0..size.rows).flat_map(|row| (0..size.cols).map(move |col| (row, col)));
    let values = pixels.map(|(row, col)| {
        let (rows, cols) = (around(row, size.rows), around(col, size.cols));
        // 1, 2, 1 along one axis, the difference along the other.
        let smooth = |of: [f64; 3]| of[0] + 2.0 * of[1] + of[2];
        let across = smooth(rows.map(|row| at(row, cols[2]) - at(row, cols[0])));
        let down = smooth(cols.map(|col| at(rows[2], col) - at(rows[0], col)));
        across.hypot(down) as f32
    });
    Ok(values.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_are_spread_evenly_and_depend_on_the_seed() {
        let size = Size { rows: 50, cols: 80 };
        let values = random_map(size, 3);
        assert_eq!(values, random_map(size, 3));
        assert_ne!(values, random_map(size, 4));
        for quarter in [0.0, 0.25, 0.5, 0.75] {
            let is_in = |value: &&f32| (quarter..quarter + 0.25).contains(*value);
            // Standard deviation: sqrt(4000 * 3 / 16) = 27.
            let n = values.iter().filter(is_in).count() as i32;
            assert!((n - 1000).abs() < 120, "{n}");
        }
    }

    #[test]
    fn the_centre_is_between_the_pixels_of_an_even_image() {
        let size = Size { rows: 16, cols: 3 };
        let values = centre_map(size);
        let at = |row: usize, col: usize| values[row * 3 + col];
        assert_eq!(at(7, 1), at(8, 1));
        // Sigma is 9/16; the nearest middle is half a pixel away.
        let nearest = (-0.25_f64 / (2.0 * (9.0_f64 / 16.0).powi(2))).exp() as f32;
        assert!((at(7, 1) - nearest).abs() < 1e-7);
        assert_eq!(at(2, 0), at(13, 2));
    }

    #[test]
    fn a_ramp_has_the_same_edge_everywhere_but_at_the_border() {
        // Rises by 3 from row to row and by 4 from column to column: 8 times as much for Sobel.
        let size = Size { rows: 4, cols: 5 };
        let grey: Vec<f32> = (0..20)
            .map(|at| (3 * (at / 5) + 4 * (at % 5)) as f32)
            .collect();
        let edges = edge_map(&grey, size).unwrap();
        assert_eq!(edges[5 + 1..5 + 4], [40.0; 3]);
        // At the left border the rise across is that of one pixel, not of two.
        assert_eq!(edges[5], 16.0_f32.hypot(24.0));
        assert!(edge_map(&[f32::NAN; 20], size).is_err());
    }
}
