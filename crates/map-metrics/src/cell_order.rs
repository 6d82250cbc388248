use pixel_region::{CellGrid, Region};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::curves::Curves;
use crate::endpoints::{Endpoints, expect_outputs};
use crate::error::Error;
use crate::map::Map;

/// Numbers of cells at which curves are read, before those that are equal after rounding fall together.
const N_STEPS: usize = 22;

/// The cells of a grid from the highest to the lowest by a map, to be shown or hidden in that order.
///
/// Insertion and deletion of Petsiuk, Das and Saenko (RISE, 2018), which are the region perturbation of
/// Samek et al. (2017), on cells and over a background: after how few cells does the network see the
/// finding, and after how few does it lose it?
///
/// - A cell is judged by the mean of the map in it. Where all cells are equally large, this is the order
///   by the sum.
/// - Tied cells are ordered by one drawn permutation. Use the same for all maps: an order by position
///   would favour what lies in the upper left corner.
/// - Curves are read at 1, 2, 3, ... cells in steps that grow by a constant factor, up to all of them: a
///   finding is a few percent of an image, and what is decided there would else be a single step.
#[derive(Debug, Clone, PartialEq)]
pub struct CellOrder {
    grid: CellGrid,
    order: Vec<usize>,
    steps: Vec<usize>,
    n_positive: usize,
}

impl CellOrder {
    /// Orders the cells of a grid, ties by a permutation drawn from the seed.
    ///
    /// # Errors
    ///
    /// [`Error::Sizes`] if the grid is that of another image.
    pub fn new(map: &Map<'_>, grid: &CellGrid, seed: u64) -> Result<CellOrder, Error> {
        let mut ties: Vec<usize> = (0..grid.n_cells()).collect();
        ties.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        Self::with_ties(map, grid, ties)
    }

    /// Orders the cells of a grid, ties as they stand in `ties`.
    ///
    /// # Errors
    ///
    /// [`Error::Sizes`] if the grid is that of another image, [`Error::Order`] unless `ties` names
    /// each cell once.
    pub fn with_ties(map: &Map<'_>, grid: &CellGrid, ties: Vec<usize>) -> Result<CellOrder, Error> {
        map.expect_size(grid.size())?;
        let n_cells = grid.n_cells();
        let mut is_named = vec![false; n_cells];
        for &cell in &ties {
            if let Some(is_named) = is_named.get_mut(cell) {
                *is_named = true;
            }
        }
        if ties.len() != n_cells || is_named.contains(&false) {
            return Err(Error::Order { n_cells });
        }
        let means = cell_means(map, grid);
        let mut order = ties;
        order.sort_by(|&a, &b| means[b].total_cmp(&means[a]));
        Ok(CellOrder {
            grid: grid.clone(),
            order,
            steps: steps(n_cells),
            n_positive: means.iter().filter(|&&mean| mean > 0.0).count(),
        })
    }

    /// The cells, the highest first.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// After how many cells the curves are read.
    #[must_use]
    pub fn steps(&self) -> &[usize] {
        &self.steps
    }

    /// The share of cells above 0: behind them the order is that of what does not speak for the output,
    /// or of ties.
    #[must_use]
    pub fn positive_share(&self) -> f64 {
        self.n_positive as f64 / self.order.len() as f64
    }

    /// What has to be evaluated: for each step but the last the mask that hides the first cells, then for
    /// each step but the last the mask that shows the first cells only. The last step of both is the
    /// background or the image.
    #[must_use]
    pub fn masks(&self) -> Vec<Region> {
        let (_, inner) = self.inner_steps();
        let masks = |shows_first: bool| {
            let mask = move |&n_first: &usize| {
                let mut is_shown = vec![!shows_first; self.order.len()];
                for &cell in &self.order[..n_first] {
                    is_shown[cell] = shows_first;
                }
                self.grid.region(&is_shown)
            };
            inner.iter().map(mask)
        };
        masks(false).chain(masks(true)).collect()
    }

    /// The curves, from the outputs for [`masks`](Self::masks) in their order.
    ///
    /// # Errors
    ///
    /// [`Error::OutputCount`] unless there is one for each mask, [`Error::Output`] if one is NaN or
    /// infinite.
    pub fn curves(&self, endpoints: &Endpoints, outputs: &[f64]) -> Result<Curves, Error> {
        let (last, inner) = self.inner_steps();
        expect_outputs(2 * inner.len(), outputs)?;
        let (deletion, insertion) = outputs.split_at(inner.len());
        let n_first = [&[0], inner, &[last]].concat();
        let (image, background) = ([endpoints.image()], [endpoints.background()]);
        let deletion = [&image, deletion, &background].concat();
        let insertion = [&background, insertion, &image].concat();
        Ok(Curves::new(*endpoints, n_first, deletion, insertion))
    }

    /// The last step, which shows or hides everything, and those before it.
    fn inner_steps(&self) -> (usize, &[usize]) {
        let n_cells = self.order.len();
        (n_cells, &self.steps[..self.steps.len() - 1])
    }
}

/// `unique(round(geomspace(1, n, 22)))`, halves to the even number.
fn steps(n_cells: usize) -> Vec<usize> {
    let log = (n_cells as f64).ln();
    let step = |at: usize| (log * at as f64 / (N_STEPS - 1) as f64).exp();
    let mut steps: Vec<usize> = (0..N_STEPS)
        .map(|at| step(at).round_ties_even() as usize)
        .map(|step| step.clamp(1, n_cells))
        .collect();
    steps[N_STEPS - 1] = n_cells;
    steps.dedup();
    steps
}

/// The mean of a map in each cell of a grid of its size; no mean is -0.
pub(crate) fn cell_means(map: &Map<'_>, grid: &CellGrid) -> Vec<f64> {
    let cells = grid.cells().map(|(rows, cols)| {
        let n_pixels = rows.len() * cols.len();
        map.sum_in(rows, cols) / n_pixels as f64 + 0.0
    });
    cells.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_numpy() {
        let expected = [
            1, 2, 3, 4, 5, 7, 10, 14, 20, 27, 38, 53, 73, 102, 141, 197, 273, 380, 529, 736, 1024,
        ];
        assert_eq!(steps(1024), expected);
    }

    #[test]
    fn small_grids_have_each_number_of_cells_once() {
        assert_eq!(steps(1), [1]);
        assert_eq!(steps(2), [1, 2]);
        assert_eq!(steps(5), [1, 2, 3, 4, 5]);
    }
}
