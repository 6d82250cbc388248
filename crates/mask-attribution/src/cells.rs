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
