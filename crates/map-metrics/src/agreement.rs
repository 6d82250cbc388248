use pixel_region::CellGrid;

use crate::cell_order::cell_means;
use crate::correlation::{Unrelated, midranks, pearson};
use crate::error::Error;
use crate::map::{Map, expect_pixels, positive};
use crate::undefined::Undefined;

/// `sum of min(a+ / sum of a+, c+ / sum of c+)`, from 0 to 1: the share of positive values that two maps
/// have in the same pixels. 1 for maps that are equal up to a scale, 0 for maps that do not meet.
///
/// This is the base of all numbers for stability here. Structural similarity is not offered: where most
/// of both maps is 0, it is close to 1 whatever the rest.
///
/// # Errors
///
/// [`Error::Sizes`] if the maps have different sizes. The value is [`Undefined::NoPositiveValue`] where one
/// of them has none.
pub fn overlap(a: &Map<'_>, c: &Map<'_>) -> Result<Result<f64, Undefined>, Error> {
    a.expect_size(c.size())?;
    let positives = |map: &Map<'_>| positive(map.values()).collect::<Vec<_>>();
    Ok(overlap_of(&positives(a), &positives(c)))
}

/// Of values that are not negative.
fn overlap_of(a: &[f64], c: &[f64]) -> Result<f64, Undefined> {
    let (sum_a, sum_c) = (a.iter().sum::<f64>(), c.iter().sum::<f64>());
    if sum_a == 0.0 || sum_c == 0.0 {
        return Err(Undefined::NoPositiveValue);
    }
    let shared = a.iter().zip(c).map(|(a, c)| (a / sum_a).min(c / sum_c));
    Ok(shared.sum::<f64>().min(1.0))
}

/// How much the maps of several runs agree with their mean: shifts of a grid, seeds, backgrounds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Stability {
    /// The mean [`overlap`] with the mean map.
    pub mean: Result<f64, Undefined>,
    /// The smallest one.
    pub min: Result<f64, Undefined>,
    /// Runs without a value above 0, which have no overlap. Print it: where it is not 0, some runs found
    /// nothing.
    pub n_undefined: usize,
}

/// The overlap of each run's map with the mean of all, signs included in the mean.
///
/// With few runs each is a good part of the mean: two runs that do not meet at all have 0.5.
///
/// # Errors
///
/// [`Error::Sizes`] if the maps have different sizes.
pub fn stability(runs: &[Map<'_>]) -> Result<Stability, Error> {
    let Some(first) = runs.first() else {
        return Ok(Stability {
            mean: Err(Undefined::NoValues),
            min: Err(Undefined::NoValues),
            n_undefined: 0,
        });
    };
    let mut mean = vec![0.0; first.values().len()];
    for run in runs {
        run.expect_size(first.size())?;
        for (mean, &value) in mean.iter_mut().zip(run.values()) {
            *mean += f64::from(value) / runs.len() as f64;
        }
    }
    let mean: Vec<f64> = mean.into_iter().map(|value| value.max(0.0)).collect();
    let overlaps: Vec<f64> = runs
        .iter()
        .filter_map(|run| overlap_of(&positive(run.values()).collect::<Vec<_>>(), &mean).ok())
        .collect();
    let n_defined = overlaps.len();
    let is_defined = |value: f64| match n_defined {
        0 => Err(Undefined::NoPositiveValue),
        _ => Ok(value),
    };
    Ok(Stability {
        mean: is_defined(overlaps.iter().sum::<f64>() / n_defined as f64),
        min: is_defined(overlaps.iter().copied().fold(f64::INFINITY, f64::min)),
        n_undefined: runs.len() - n_defined,
    })
}

/// The Jaccard index of the `n_top` highest pixels of two maps, from 0 to 1. The usual number is 1 % of
/// the pixels.
///
/// Pixels tied at the last place belong to a map's set to the share of them that has room in it, and
/// the index is `sum of min / sum of max` of these shares. No order of ties has to be drawn, equal maps
/// have 1, and a map that is constant there agrees with another one by chance only.
///
/// # Errors
///
/// [`Error::Sizes`] if the maps have different sizes. The value is [`Undefined::NoValues`] where `n_top` is
/// 0; more pixels than there are count as all.
pub fn top_jaccard(
    a: &Map<'_>,
    c: &Map<'_>,
    n_top: usize,
) -> Result<Result<f64, Undefined>, Error> {
    a.expect_size(c.size())?;
    if n_top == 0 {
        return Ok(Err(Undefined::NoValues));
    }
    let (mut shared, mut either) = (0.0, 0.0);
    for (a, c) in top(a, n_top).into_iter().zip(top(c, n_top)) {
        shared += a.min(c);
        either += a.max(c);
    }
    Ok(Ok(shared / either))
}

/// To what share each pixel belongs to the highest ones.
fn top(map: &Map<'_>, n_top: usize) -> Vec<f64> {
    let mut falling = map.values().to_vec();
    let last = n_top.min(falling.len()) - 1;
    let (_, &mut limit, _) = falling.select_nth_unstable_by(last, |a, b| b.total_cmp(a));
    let n_of = |is_so: &dyn Fn(f32) -> bool| map.values().iter().filter(|v| is_so(**v)).count();
    let n_above = n_of(&|value| value > limit);
    let room = (last + 1 - n_above) as f64 / n_of(&|value| value == limit) as f64;
    let share = |&value: &f32| match value {
        value if value > limit => 1.0,
        value if value == limit => room,
        _ => 0.0,
    };
    map.values().iter().map(share).collect()
}

/// Spearman's rank correlation of the means of two maps in cells, from -1 to 1; ties have midranks.
///
/// Only cells count of which at least half lies `within` a mask, row-major: give that of the head. Over
/// the whole image it is the outline of the head that maps agree on.
///
/// # Errors
///
/// [`Error::Sizes`] if maps or grid have different sizes, [`Error::Length`] if the mask has. The value is
/// [`Undefined::EqualValues`] where all cells of a map are equal, [`Undefined::NoValues`] where no cell
/// counts.
pub fn spearman(
    a: &Map<'_>,
    c: &Map<'_>,
    grid: &CellGrid,
    within: &[bool],
) -> Result<Result<f64, Undefined>, Error> {
    a.expect_size(c.size())?;
    a.expect_size(grid.size())?;
    expect_pixels(within.len(), a.size())?;
    let counts: Vec<bool> = grid
        .cells()
        .map(|(rows, cols)| {
            let n_pixels = rows.len() * cols.len();
            let pixels = rows.flat_map(|row| &within[row * a.size().cols..][cols.clone()]);
            2 * pixels.filter(|&&is_within| is_within).count() >= n_pixels
        })
        .collect();
    let ranks = |map: &Map<'_>| {
        let means = cell_means(map, grid).into_iter().zip(&counts);
        let means = means.filter(|(_, counts)| **counts).map(|(mean, _)| mean);
        midranks(&means.collect::<Vec<_>>())
    };
    Ok(
        pearson(&ranks(a), &ranks(c)).map_err(|reason| match reason {
            Unrelated::Empty => Undefined::NoValues,
            Unrelated::FirstIsConstant | Unrelated::SecondIsConstant => Undefined::EqualValues,
        }),
    )
}
