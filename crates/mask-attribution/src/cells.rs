use pixel_region::{CellGrid, Region};

use crate::attribution::{Attribution, Kind};
use crate::error::Error;
use crate::evaluator::Evaluator;
use crate::moments::Moments;

/// Parts of a sample that are left out in turn, for the jackknife.
pub(crate) const N_BATCHES: usize = 10;

/// Cells that are shown together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coalition {
    /// Whether each cell is shown.
    pub(crate) is_shown: Vec<bool>,
    pub(crate) weight: f64,
    /// In which part of the sample it is; none if it is not drawn at random.
    pub(crate) batch: Option<usize>,
}

/// `side x side` cells of the image.
pub(crate) fn grid(side: usize, evaluator: &Evaluator<'_>) -> Result<CellGrid, Error> {
    let size = evaluator.size();
    CellGrid::new(size, side, side).ok_or(Error::Cells {
        n_rows: side,
        n_cols: side,
        size: (size.rows, size.cols),
    })
}

/// Values of cells by a regression of outputs on coalitions, with their error by the jackknife.
///
/// `fit` gives a value for each cell from moments of coalitions and of outputs less the background's, and
/// the rise from background to image; none where they do not determine the values.
pub(crate) fn regress(
    evaluator: &mut Evaluator<'_>,
    grid: &CellGrid,
    coalitions: &[Coalition],
    fit: impl Fn(&Moments, f64) -> Option<Vec<f64>>,
) -> Result<Attribution, Error> {
    let masks: Vec<Region> = coalitions
        .iter()
        .map(|c| grid.region(&c.is_shown))
        .collect();
    let (background_output, image_output) = evaluator.ends()?;
    let outputs = evaluator.outputs(&masks)?;
    let rise = image_output - background_output;

    let n_cells = grid.n_cells();
    let mut fixed = Moments::new(n_cells);
    let mut batches = vec![Moments::new(n_cells); N_BATCHES];
    for (coalition, output) in coalitions.iter().zip(outputs) {
        let part = match coalition.batch {
            Some(batch) => &mut batches[batch],
            None => &mut fixed,
        };
        part.add(
            &coalition.is_shown,
            coalition.weight,
            output - background_output,
        );
    }
    let without = |left_out: Option<usize>| {
        let drawn = batches.iter().map(Moments::weight).sum::<f64>();
        let kept = drawn - left_out.map_or(0.0, |batch| batches[batch].weight());
        let mut moments = fixed.clone();
        for (batch, part) in batches.iter().enumerate() {
            if left_out != Some(batch) && part.weight() > 0.0 {
                // What is drawn keeps its weight beside what is not.
                moments.add_scaled(part, drawn / kept);
            }
        }
        moments
    };
    let values = fit(&without(None), rise).ok_or(Error::Singular {
        n_samples: coalitions.len(),
        n_cells,
    })?;
    let is_drawn = batches.iter().all(|batch| batch.weight() > 0.0);
    let fits = (0..N_BATCHES).map(|batch| fit(&without(Some(batch)), rise));
    let fits: Option<Vec<Vec<f64>>> = is_drawn.then(|| fits.collect()).flatten();
    Ok(Attribution {
        values: paint(grid, &values),
        size: grid.size(),
        kind: Kind::Density,
        image_output,
        background_output,
        n_masks: masks.len(),
        standard_error: fits.map(|fits| largest_error(&fits)),
    })
}

/// The jackknife's standard error of each cell, `sqrt((B - 1) / B sum (v_b - mean)^2)`, and of these the
/// largest (Efron and Tibshirani, 1993, chapter 11).
fn largest_error(fits: &[Vec<f64>]) -> f64 {
    let n = fits.len() as f64;
    let errors = (0..fits[0].len()).map(|cell| {
        let mean = fits.iter().map(|fit| fit[cell]).sum::<f64>() / n;
        let squares = fits.iter().map(|fit| (fit[cell] - mean).powi(2));
        ((n - 1.0) / n * squares.sum::<f64>()).sqrt()
    });
    errors.fold(0.0, f64::max)
}

/// Spreads the value of each cell evenly over its pixels.
fn paint(grid: &CellGrid, values: &[f64]) -> Vec<f32> {
    let size = grid.size();
    let mut pixels = vec![0.0; size.rows * size.cols];
    for ((rows, cols), value) in grid.cells().zip(values) {
        let share = value / (rows.len() * cols.len()) as f64;
        for row in rows {
            pixels[row * size.cols..][cols.clone()].fill(share as f32);
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixel_region::Size;

    /// Two cells, one fixed coalition and ten drawn ones, and a fit that is a mean: the jackknife of means
    /// has a closed form.
    #[test]
    fn the_error_is_the_jackknifes_and_what_is_drawn_keeps_its_weight() {
        let size = Size { rows: 1, cols: 5 };
        let grid = CellGrid::new(size, 1, 5).unwrap();
        let coalition = |shown: usize, batch: Option<usize>| Coalition {
            is_shown: (0..5).map(|cell| shown >> cell & 1 == 1).collect(),
            weight: if batch.is_some() { 0.3 } else { 2.0 },
            batch,
        };
        // The output is the number that the shown cells spell: 1 to 10 are drawn, 16 is fixed.
        let mut coalitions = vec![coalition(16, None)];
        coalitions.extend((0..10).map(|batch| coalition(batch + 1, Some(batch))));
        let mut model = |shown: &[Region]| {
            let spell = |region: &Region| {
                let mut cells = vec![false; 5];
                region.fill(&mut cells, size);
                (0..5)
                    .map(|cell| f64::from(u8::from(cells[cell]) << cell))
                    .sum::<f64>()
            };
            Ok(shown.iter().map(spell).collect())
        };
        let mut evaluator = Evaluator::new(&mut model, size).unwrap();
        let mean = |moments: &Moments, _| Some(vec![moments.mean_output()]);
        let found = regress(&mut evaluator, &grid, &coalitions, mean).unwrap();

        // Weights: 2 for the fixed 16, and 3 in all for what is drawn, in each refit too. Leaving out n
        // leaves a mean of (55 - n) / 9.
        let refits: Vec<f64> = (1..=10)
            .map(|n| (2.0 * 16.0 + 3.0 * (55.0 - f64::from(n)) / 9.0) / 5.0)
            .collect();
        let centre = refits.iter().sum::<f64>() / 10.0;
        let squares: f64 = refits.iter().map(|refit| (refit - centre).powi(2)).sum();
        let expected = (0.9 * squares).sqrt();
        assert!((found.standard_error.unwrap() - expected).abs() < 1e-12);
        assert!((f64::from(found.values[0]) - (32.0 + 3.0 * 5.5) / 5.0).abs() < 1e-6);
    }

    #[test]
    fn too_few_draws_have_no_error() {
        let size = Size { rows: 1, cols: 2 };
        let grid = CellGrid::new(size, 1, 2).unwrap();
        let coalitions: Vec<Coalition> = (0..9)
            .map(|batch| Coalition {
                is_shown: vec![batch % 2 == 0, batch % 2 == 1],
                weight: 1.0,
                batch: Some(batch),
            })
            .collect();
        let mut model = |shown: &[Region]| Ok(vec![0.5; shown.len()]);
        let mut evaluator = Evaluator::new(&mut model, size).unwrap();
        let fit = |moments: &Moments, rise| moments.with_sum(rise);
        let found = regress(&mut evaluator, &grid, &coalitions, fit).unwrap();
        assert_eq!(found.standard_error, None);
    }
}
