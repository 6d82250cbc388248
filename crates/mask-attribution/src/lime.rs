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
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let coalitions = (0..self.n_samples).map(|at| {
            let cells = 0..grid.n_cells();
            let is_shown: Vec<bool> = cells.map(|_| at == 0 || random.random()).collect();
            Coalition {
                weight: weight(&is_shown),
                is_shown,
                batch: at.checked_sub(1).map(|drawn| drawn % N_BATCHES),
            }
        });
        let coalitions: Vec<Coalition> = coalitions.collect();
        regress(evaluator, &grid, &coalitions, |moments, _| {
            moments.ridge(ALPHA)
        })
    }
}

/// The weight of a coalition.
pub(crate) fn weight(is_shown: &[bool]) -> f64 {
    let n_shown = is_shown.iter().filter(|&&is_shown| is_shown).count();
    let distance = 1.0 - (n_shown as f64 / is_shown.len() as f64).sqrt();
    (-(distance / KERNEL_WIDTH).powi(2)).exp().sqrt()
}
