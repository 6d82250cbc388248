use pixel_region::{Region, Size};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::attribution::{Attribution, Kind, Method};
use crate::error::Error;
use crate::evaluator::{Evaluator, rect};

/// Random masks of coarse cells: RISE (Petsiuk, Das and Saenko, 2018), with hard masks, centred.
///
/// A mask is a grid of cells that are shown or hidden at random, moved by a random offset. In two things
/// this is not the method of the paper:
///
/// - Masks are hard: a pixel shows the image or the background. Masks that are smooth blend both, and a
///   network may answer for a blend what it answers for neither.
/// - A pixel's value is `cov(f, m) / var(m)`, the mean output with the pixel shown less that with it
///   hidden, and not the mean of `f m`, in which the mean output stands at every pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// Masks to draw, at least 2; 1,000 to 4,000 are usual.
    pub n_masks: usize,
    /// Rows and columns of cells; 8 is usual.
    pub n_cells: usize,
    /// The chance that a cell is shown; 0.5 is usual.
    pub probability: f64,
    /// Of the random numbers.
    pub seed: u64,
}

/// A grid of cells, and how far it is moved up and left.
struct Drawn {
    is_shown: Vec<bool>,
    offset: (usize, usize),
}

impl Rise {
    /// Rows and columns of pixels of a cell. A grid covers the image and one cell more.
    fn cell(&self, size: Size) -> (usize, usize) {
        (
            size.rows.div_ceil(self.n_cells),
            size.cols.div_ceil(self.n_cells),
        )
    }

    fn draw(&self, size: Size) -> Vec<Drawn> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let (rows, cols) = self.cell(size);
        let masks = (0..self.n_masks).map(|_| {
            let cells = 0..self.n_cells * self.n_cells;
            Drawn {
                is_shown: cells
                    .map(|_| random.random_bool(self.probability))
                    .collect(),
                offset: (random.random_range(0..rows), random.random_range(0..cols)),
            }
        });
        masks.collect()
    }

    /// What a mask shows: the last row and column of cells stand twice, so that the grid reaches over the
    /// image wherever it is moved.
    fn region(&self, drawn: &Drawn, size: Size) -> Region {
        let (rows, cols) = self.cell(size);
        let at = |cell: usize| cell.min(self.n_cells - 1);
        let cells =
            (0..=self.n_cells).flat_map(|row| (0..=self.n_cells).map(move |col| (row, col)));
        let shown = cells.filter(|&(row, col)| drawn.is_shown[at(row) * self.n_cells + at(col)]);
        let pixels = |cell: usize, side: usize, offset: usize, n: usize| {
            let edge = |cell: usize| (cell * side).saturating_sub(offset).min(n);
            edge(cell)..edge(cell + 1)
        };
        let rects = shown.map(|(row, col)| {
            let rows = pixels(row, rows, drawn.offset.0, size.rows);
            rect(rows, pixels(col, cols, drawn.offset.1, size.cols))
        });
        Region::union(
            rects.filter(|rect| rect.n_rows > 0 && rect.n_cols > 0),
            size,
        )
    }
}

impl Method for Rise {
    fn explain(&self, evaluator: &mut Evaluator<'_>) -> Result<Attribution, Error> {
        let size = evaluator.size();
        let n_cells = self.n_cells;
        if n_cells == 0 || n_cells > size.rows.min(size.cols) {
            return Err(Error::Cells {
                n_rows: n_cells,
                n_cols: n_cells,
                size: (size.rows, size.cols),
            });
        }
        if !(self.probability > 0.0 && self.probability < 1.0) {
            return Err(Error::Probability(self.probability));
        }
        if self.n_masks < 2 {
            return Err(Error::Budget {
                given: self.n_masks,
                needed: 2,
            });
        }
        let masks: Vec<Region> = self
            .draw(size)
            .iter()
            .map(|m| self.region(m, size))
            .collect();
        let (background_output, image_output) = evaluator.ends()?;
        let outputs = evaluator.outputs(&masks)?;
        let slopes = Slopes::new(&masks, &outputs, size);
        Ok(Attribution {
            values: slopes.values().map(|value| value as f32).collect(),
            size,
            kind: Kind::Drop,
            image_output,
            background_output,
            n_masks: masks.len(),
            standard_error: slopes.standard_error(),
        })
    }
}

/// Of each pixel the outputs of the masks that show it.
struct Slopes {
    /// Number, sum and sum of squares, by pixel. Outputs less their mean, so that sums are small.
    shown: Vec<[f64; 3]>,
    /// The same of all masks.
    all: [f64; 3],
}

impl Slopes {
    fn new(masks: &[Region], outputs: &[f64], size: Size) -> Self {
        let mean = outputs.iter().sum::<f64>() / outputs.len() as f64;
        let mut shown = vec![[0.0; 3]; size.rows * size.cols];
        let mut all = [0.0; 3];
        let add = |sums: &mut [f64; 3], output: f64| {
            sums[0] += 1.0;
            sums[1] += output;
            sums[2] += output * output;
        };
        for (mask, output) in masks.iter().zip(outputs) {
            let centred = output - mean;
            add(&mut all, centred);
            for (rows, cols) in mask.rects() {
                for row in rows {
                    let pixels = &mut shown[row * size.cols..][cols.clone()];
                    pixels.iter_mut().for_each(|sums| add(sums, centred));
                }
            }
        }
        Self { shown, all }
    }

    /// The mean output with a pixel shown less that with it hidden; 0 where it is always the same.
    fn values(&self) -> impl Iterator<Item = f64> {
        self.shown.iter().map(|shown| {
            let hidden = self.hidden(shown);
            match shown[0] * hidden[0] > 0.0 {
                true => shown[1] / shown[0] - hidden[1] / hidden[0],
                false => 0.0,
            }
        })
    }

    /// The largest of `sqrt(v1 / n1 + v0 / n0)`, `v` sample variances, over pixels that are shown and
    /// hidden at least twice.
    fn standard_error(&self) -> Option<f64> {
        let errors = self.shown.iter().filter_map(|shown| {
            let hidden = self.hidden(shown);
            let part = |[n, sum, squares]: [f64; 3]| {
                let variance = (squares - sum * sum / n).max(0.0) / (n - 1.0);
                variance / n
            };
            let is_known = shown[0] >= 2.0 && hidden[0] >= 2.0;
            is_known.then(|| (part(*shown) + part(hidden)).sqrt())
        });
        errors.reduce(f64::max)
    }

    fn hidden(&self, shown: &[f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|at| self.all[at] - shown[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2, Array3};
    use serde::Deserialize;
    use test_kit::{assert_close, in_workspace, shared};

    #[derive(Deserialize)]
    struct Tiny {
        rise: Golden,
    }

    #[derive(Deserialize)]
    struct Golden {
        grids: Vec<Vec<Vec<u8>>>,
        offsets: Vec<(usize, usize)>,
        hard_prob: Vec<f64>,
        hard_map: Vec<Vec<f64>>,
        hard_map_normalised: Vec<Vec<f32>>,
    }

    const TINY: Size = Size { rows: 32, cols: 32 };

    fn rise(n_cells: usize) -> Rise {
        Rise {
            n_masks: 40,
            n_cells,
            probability: 0.5,
            seed: 0,
        }
    }

    fn golden() -> (Golden, Vec<Region>) {
        let file = std::fs::read(in_workspace("tests/golden/methods/tiny.json")).unwrap();
        let golden = serde_json::from_slice::<Tiny>(&file).unwrap().rise;
        let masks = golden
            .grids
            .iter()
            .zip(&golden.offsets)
            .map(|(grid, &offset)| {
                let is_shown = grid.concat().iter().map(|&cell| cell == 1).collect();
                rise(4).region(&Drawn { is_shown, offset }, TINY)
            });
        let masks = masks.collect();
        (golden, masks)
    }

    fn filled(mask: &Region, size: Size) -> Vec<bool> {
        let mut pixels = vec![false; size.rows * size.cols];
        mask.fill(&mut pixels, size);
        pixels
    }

    /// The golden's maps are sums over masks of outputs by masks: they are the masks of the reference if
    /// the sums are.
    #[test]
    fn masks_are_those_of_the_reference_made_hard() {
        let (golden, masks) = golden();
        let expected = golden.hard_map.concat();
        let mut sums = vec![0.0; expected.len()];
        for (mask, output) in masks.iter().zip(&golden.hard_prob) {
            for (sum, is_shown) in sums.iter_mut().zip(filled(mask, TINY)) {
                *sum += if is_shown { output / 40.0 / 0.5 } else { 0.0 };
            }
        }
        for (sum, expected) in sums.iter().zip(expected) {
            assert!((sum - expected).abs() < 1e-12, "{sum}, {expected}");
        }
    }

    #[test]
    fn a_pixel_has_the_slope_of_the_output_over_its_mask() {
        let (golden, masks) = golden();
        let slopes = Slopes::new(&masks, &golden.hard_prob, TINY);
        let found: Vec<f64> = slopes.values().collect();
        let shown: Vec<Vec<bool>> = masks.iter().map(|mask| filled(mask, TINY)).collect();
        let mean_f = golden.hard_prob.iter().sum::<f64>() / 40.0;
        for (pixel, found) in found.into_iter().enumerate() {
            // cov(f, m) / var(m), by the definition.
            let m: Vec<f64> = shown
                .iter()
                .map(|mask| f64::from(u8::from(mask[pixel])))
                .collect();
            let mean_m = m.iter().sum::<f64>() / 40.0;
            let pairs = m.iter().zip(&golden.hard_prob);
            let covariance: f64 = pairs.map(|(m, f)| (m - mean_m) * (f - mean_f)).sum();
            let variance: f64 = m.iter().map(|m| (m - mean_m).powi(2)).sum();
            assert!((found - covariance / variance).abs() < 1e-12);
        }
        // The mean output with a pixel shown is the reference's map, divided by how often it is.
        let shown = slopes
            .shown
            .iter()
            .map(|[n, sum, _]| (sum / n + mean_f) as f32);
        let shown: Vec<f32> = shown.collect();
        assert_close(&shown, &golden.hard_map_normalised.concat(), 1e-6);
    }

    #[test]
    fn the_standard_error_is_that_of_two_means() {
        let size = Size { rows: 1, cols: 2 };
        let left = Region::from_mask(&[true, false], size);
        let nothing = Region::default();
        // The left pixel shown: 1, 2, 6, with the variance 7. Hidden: 0, 4, with the variance 8. The right
        // one is never shown.
        let masks = [&left, &left, &left, &nothing, &nothing].map(Clone::clone);
        let slopes = Slopes::new(&masks, &[1.0, 2.0, 6.0, 0.0, 4.0], size);
        let values: Vec<f64> = slopes.values().collect();
        assert!((values[0] - 1.0).abs() < 1e-15);
        assert_eq!(values[1], 0.0);
        let expected = (7.0_f64 / 3.0 + 8.0 / 2.0).sqrt();
        assert!((slopes.standard_error().unwrap() - expected).abs() < 1e-14);
        let slopes = Slopes::new(&masks[2..4], &[6.0, 0.0], size);
        assert_eq!(slopes.standard_error(), None, "shown once, hidden once");
    }

    #[test]
    fn the_phantoms_map_equals_that_of_the_stored_outputs() {
        let test = "the_phantoms_map_equals_that_of_the_stored_outputs";
        let file = |name: &str| shared(test, &format!("methods/phantom/{name}.npy"));
        let Some(grids) = file("rise-grids") else {
            return;
        };
        let grids: Array3<u8> = ndarray_npy::read_npy(grids).unwrap();
        let offsets: Array2<i16> = ndarray_npy::read_npy(file("rise-offsets").unwrap()).unwrap();
        let logits: Array1<f64> = ndarray_npy::read_npy(file("rise-hard-logits").unwrap()).unwrap();
        let size = Size {
            rows: 512,
            cols: 512,
        };
        let masks = grids
            .outer_iter()
            .zip(offsets.outer_iter())
            .map(|(grid, offset)| {
                let drawn = Drawn {
                    is_shown: grid.iter().map(|&cell| cell == 1).collect(),
                    offset: (offset[0] as usize, offset[1] as usize),
                };
                rise(8).region(&drawn, size)
            });
        let masks: Vec<Region> = masks.collect();
        let probabilities: Vec<f64> = logits.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
        for (outputs, name) in [(logits.to_vec(), "logit"), (probabilities, "prob")] {
            let found: Vec<f64> = Slopes::new(&masks, &outputs, size).values().collect();
            let kept = file(&format!("rise-hard-centred-{name}-64x64")).unwrap();
            let kept: Array2<f64> = ndarray_npy::read_npy(kept).unwrap();
            for ((row, col), expected) in kept.indexed_iter() {
                let found = found[(8 * row + 4) * 512 + 8 * col + 4];
                assert!(
                    (found - expected).abs() < 1e-6,
                    "{name}: {found}, {expected}"
                );
            }
        }
    }

    #[test]
    fn cells_are_shown_with_their_probability_wherever_the_grid_is() {
        let size = Size { rows: 21, cols: 30 };
        let rise = Rise {
            n_masks: 2000,
            n_cells: 4,
            probability: 0.3,
            seed: 3,
        };
        let drawn = rise.draw(size);
        let offsets: std::collections::BTreeSet<_> = drawn.iter().map(|d| d.offset).collect();
        // Cells of 6 x 8 pixels.
        assert_eq!(offsets.len(), 48);
        let n_shown: usize = drawn.iter().map(|d| rise.region(d, size).n_pixels()).sum();
        let share = n_shown as f64 / (2000 * 21 * 30) as f64;
        assert!((share - 0.3).abs() < 0.01, "{share}");
    }
}
