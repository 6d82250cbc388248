use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::attribution::{Attribution, Method};
use crate::cells::{Coalition, N_BATCHES, grid, regress};
use crate::error::Error;
use crate::evaluator::Evaluator;

/// Width of the kernel over cosine distances, as in `lime`.
const KERNEL_WIDTH: f64 = 0.25;
/// Of the ridge regression, as in `lime`.
pub(crate) const ALPHA: f64 = 1.0;

/// A linear model of cells near the image: LIME (Ribeiro, Singh and Guestrin, 2016) on cells of a grid.
///
/// Each cell is shown with probability 1/2; the first coalition is the whole image. Coefficients are those
/// of a ridge regression with a free intercept, in which a coalition of `k` of `K` cells has the weight
/// `sqrt(exp(-d^2 / 0.25^2))` with `d = 1 - sqrt(k / K)`. Their sum is not that of the output's rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lime {
    /// Rows and columns of cells: 8 are 64 cells.
    pub n_cells: usize,
    /// Coalitions, at least 2; 8 to 16 a cell are usual.
    pub n_samples: usize,
    /// Of the random numbers.
    pub seed: u64,
}

impl Method for Lime {
    fn explain(&self, evaluator: &mut Evaluator<'_>) -> Result<Attribution, Error> {
        let grid = grid(self.n_cells, evaluator)?;
        if self.n_samples < 2 {
            return Err(Error::Budget {
                given: self.n_samples,
                needed: 2,
            });
        }
        let coalitions = coalitions(grid.n_cells(), self.n_samples, self.seed);
        regress(evaluator, &grid, &coalitions, |moments, _| {
            moments.ridge(ALPHA)
        })
    }
}

fn coalitions(n_cells: usize, n_samples: usize, seed: u64) -> Vec<Coalition> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let coalitions = (0..n_samples).map(|at| {
        let is_shown: Vec<bool> = (0..n_cells).map(|_| at == 0 || random.random()).collect();
        Coalition {
            weight: weight(&is_shown),
            is_shown,
            batch: at.checked_sub(1).map(|drawn| drawn % N_BATCHES),
        }
    });
    coalitions.collect()
}

/// The weight of a coalition.
pub(crate) fn weight(is_shown: &[bool]) -> f64 {
    let n_shown = is_shown.iter().filter(|&&is_shown| is_shown).count();
    let distance = 1.0 - (n_shown as f64 / is_shown.len() as f64).sqrt();
    (-(distance / KERNEL_WIDTH).powi(2)).exp().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_coalition_is_the_image_and_the_others_are_halves() {
        let found = coalitions(16, 401, 2);
        assert_eq!(found[0].is_shown, [true; 16]);
        assert_eq!((found[0].weight, found[0].batch), (1.0, None));
        let shown = found[1..].iter().flat_map(|c| &c.is_shown);
        let share = shown.filter(|&&is_shown| is_shown).count() as f64 / 6400.0;
        // Standard deviation: 0.5 / sqrt(6400) = 0.006.
        assert!((share - 0.5).abs() < 0.03, "{share}");
        let batches: Vec<usize> = found[1..].iter().map(|c| c.batch.unwrap()).collect();
        assert_eq!(batches[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    }

    #[test]
    fn nothing_has_the_weight_of_the_largest_distance() {
        assert_eq!(weight(&[false; 4]), (-8.0_f64).exp());
        // A quarter: the distance is a half.
        let quarter = weight(&[true, false, false, false]);
        assert!((quarter - (-2.0_f64).exp()).abs() < 1e-16);
    }
}
