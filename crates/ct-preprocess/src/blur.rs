//! Gaussian blur.

/// Blurs maps of `shape` (rows, cols) that follow each other, each by itself. Beyond an edge a map is
/// continued by its mirror image, the edge included.
///
/// The kernel is `exp(-d^2 / (2 sigma^2))` at whole distances d up to 4 sigma, scaled to sum to 1, along
/// rows and along columns: `scipy.ndimage.gaussian_filter` with its defaults. Sums are `f64`.
pub(crate) fn gaussian_blur(maps: &[f32], shape: (usize, usize), sigma_px: f64) -> Vec<f32> {
    let kernel = kernel(sigma_px);
    let (n_rows, n_cols) = shape;
    let mut blurred = Vec::with_capacity(maps.len());
    for map in maps.chunks_exact(n_rows * n_cols) {
        let map: Vec<f64> = map.iter().copied().map(f64::from).collect();
        let along_rows = lines(&map, (n_rows, n_cols), &kernel);
        // Transposed twice, so that columns are rows, and rows again.
        let along_both = lines(&along_rows, (n_cols, n_rows), &kernel);
        blurred.extend(along_both.iter().map(|value| *value as f32));
    }
    blurred
}

/// Each row blurred; the result is transposed.
fn lines(map: &[f64], (n_rows, n_cols): (usize, usize), kernel: &[f64]) -> Vec<f64> {
    let radius = kernel.len() / 2;
    let mut transposed = vec![0.0; map.len()];
    let mut padded = vec![0.0; n_cols + 2 * radius];
    for (row, line) in map.chunks_exact(n_cols).enumerate() {
        for (place, value) in padded.iter_mut().enumerate() {
            *value = line[mirrored(place as isize - radius as isize, n_cols)];
        }
        for (col, window) in padded.windows(kernel.len()).enumerate() {
            let products = window.iter().zip(kernel).map(|(x, weight)| x * weight);
            transposed[col * n_rows + row] = products.sum();
        }
    }
    transposed
}

fn kernel(sigma_px: f64) -> Vec<f64> {
    let radius = (4.0 * sigma_px + 0.5) as i32;
    let weight = |d: i32| (-0.5 * (f64::from(d) / sigma_px).powi(2)).exp();
    let weights: Vec<f64> = (-radius..=radius).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// ... 1 0 | 0 1 2 ... n-1 | n-1 n-2 ...
fn mirrored(index: isize, n: usize) -> usize {
    let place = index.rem_euclid(2 * n as isize) as usize;
    place.min(2 * n - 1 - place)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: every pixel of an endless mirrored image with its weight.
    fn direct(map: &[f32], (n_rows, n_cols): (usize, usize), sigma: f64) -> Vec<f32> {
        let radius = (4.0 * sigma).round() as isize;
        let weight = |d: isize| (-((d * d) as f64) / (2.0 * sigma * sigma)).exp();
        let mut blurred = Vec::new();
        for row in 0..n_rows as isize {
            for col in 0..n_cols as isize {
                let (mut sum, mut weights) = (0.0, 0.0);
                for i in -radius..=radius {
                    for j in -radius..=radius {
                        let reflect = |mut k: isize, n: isize| {
                            while k < 0 || k >= n {
                                k = if k < 0 { -1 - k } else { 2 * n - 1 - k };
                            }
                            k
                        };
                        let (r, c) = (
                            reflect(row + i, n_rows as isize),
                            reflect(col + j, n_cols as isize),
                        );
                        let w = weight(i) * weight(j);
                        sum += w * f64::from(map[r as usize * n_cols + c as usize]);
                        weights += w;
                    }
                }
                blurred.push((sum / weights) as f32);
            }
        }
        blurred
    }

    /// The order of sums in `f64`, rounded once to `f32`.
    const TOLERANCE: f32 = 1e-6;

    #[test]
    fn separable_sums_are_those_of_the_definition() {
        let maps: Vec<f32> = (0..2 * 5 * 7)
            .map(|k| ((k * 37) % 23) as f32 / 23.0)
            .collect();
        // Wider than the image, too: it is mirrored more than once.
        for sigma in [0.3, 1.0, 2.5, 6.0] {
            let found = gaussian_blur(&maps, (5, 7), sigma);
            let expected = [
                direct(&maps[..35], (5, 7), sigma),
                direct(&maps[35..], (5, 7), sigma),
            ];
            test_kit::assert_close(&found, &expected.concat(), TOLERANCE);
        }
    }

    #[test]
    fn what_is_the_same_everywhere_stays() {
        test_kit::assert_close(
            &gaussian_blur(&[0.75; 12], (3, 4), 2.0),
            &[0.75; 12],
            TOLERANCE,
        );
    }
}
