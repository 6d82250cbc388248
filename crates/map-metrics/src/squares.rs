use pixel_region::{Rect, Region, Size};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::correlation::{Unrelated, pearson};
use crate::endpoints::expect_outputs;
use crate::error::Error;
use crate::map::Map;
use crate::undefined::Undefined;

/// Sides of random squares, in 32nds of the image's smaller side: 32, 48, 64, 96 and 128 of 512 pixels.
const SIDES: [usize; 5] = [2, 3, 4, 6, 8];

/// A square of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Square {
    /// Its first row.
    pub row: usize,
    /// Its first column.
    pub col: usize,
    /// Rows and columns of pixels.
    pub side: usize,
}

/// Squares that are hidden one at a time: does a map have much where hiding changes the output much?
///
/// The same squares serve all maps of an image, so that they are evaluated once. They should not be the
/// windows of a method that is judged: that would favour it.
#[derive(Debug, Clone, PartialEq)]
pub struct Squares {
    size: Size,
    squares: Vec<Square>,
}

/// How the sums `s` of a map in squares go with the changes `d = f(x) - f(x without the square)`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SquareScores {
    /// Pearson's correlation of `s` and `d`, from -1 to 1, higher is better: the faithfulness correlation
    /// of Bhatt et al. (2020), close to the sensitivity-n of Ancona et al. (2018).
    ///
    /// Large squares change more. [`area_correlation`](Self::area_correlation) is what this alone gives.
    pub correlation: Result<f64, Undefined>,
    /// The correlation of the squares' areas and `d`: that of a constant map, to print beside it.
    pub area_correlation: Result<f64, Undefined>,
    /// `1 - (sum s d)^2 / (sum s^2 sum d^2)`, from 0 to 1, lower is better: the infidelity of Yeh et al.
    /// (2019) at the best scale of the map, divided by the mean of `d^2`. It has no unit and serves maps
    /// of any scale; a map and its negative have the same.
    pub scaled_infidelity: Result<f64, Undefined>,
    /// The mean of `(s - d)^2`, lower is better. Only for maps whose sum over a region is in units of the
    /// output.
    pub infidelity: Result<f64, Undefined>,
}

impl Squares {
    /// Takes squares of an image of this size.
    ///
    /// # Errors
    ///
    /// [`Error::Square`] at the first square without a pixel, or that reaches beyond the image.
    pub fn new(squares: Vec<Square>, size: Size) -> Result<Squares, Error> {
        let fits =
            |start: usize, side: usize, n: usize| side > 0 && side <= n.saturating_sub(start);
        let is_outside =
            |s: &&Square| !(fits(s.row, s.side, size.rows) && fits(s.col, s.side, size.cols));
        match squares.iter().find(is_outside) {
            Some(&Square { row, col, side }) => Err(Error::Square {
                row,
                col,
                side,
                size: (size.rows, size.cols),
            }),
            None => Ok(Squares { size, squares }),
        }
    }

    /// Draws squares with sides of 1/16 to 1/4 of the image's smaller side, anywhere in it. The usual
    /// number is 64.
    ///
    /// # Errors
    ///
    /// [`Error::Square`] if the image has no pixel.
    pub fn random(n_squares: usize, seed: u64, size: Size) -> Result<Squares, Error> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let smaller = size.rows.min(size.cols);
        let squares = (0..n_squares).map(|_| {
            let side = (smaller * SIDES[random.random_range(0..SIDES.len())] / 32).max(1);
            Square {
                row: random.random_range(0..=size.rows.saturating_sub(side)),
                col: random.random_range(0..=size.cols.saturating_sub(side)),
                side,
            }
        });
        Squares::new(squares.collect(), size)
    }

    /// The squares.
    #[must_use]
    pub fn squares(&self) -> &[Square] {
        &self.squares
    }

    /// What has to be evaluated: for each square the mask that shows everything but the square.
    #[must_use]
    pub fn masks(&self) -> Vec<Region> {
        let squares = self.squares.iter().map(|square| {
            let rect = Rect {
                row: square.row,
                col: square.col,
                n_rows: square.side,
                n_cols: square.side,
            };
            Region::union([rect], self.size).complement(self.size)
        });
        squares.collect()
    }

    /// Compares a map with the outputs for [`masks`](Self::masks) in their order; `image` is the output
    /// for the image.
    ///
    /// # Errors
    ///
    /// [`Error::Sizes`] if the map is that of another image, [`Error::OutputCount`] unless there is an
    /// output for each mask, [`Error::Output`] if one is NaN or infinite; the output of the image is the
    /// one behind the others.
    pub fn scores(
        &self,
        map: &Map<'_>,
        image: f64,
        outputs: &[f64],
    ) -> Result<SquareScores, Error> {
        map.expect_size(self.size)?;
        expect_outputs(self.squares.len(), outputs)?;
        expect_outputs(outputs.len() + 1, &[outputs, &[image]].concat())?;
        let drops: Vec<f64> = outputs.iter().map(|output| image - output).collect();
        let sums = self.squares.iter().map(|square| {
            let rows = square.row..square.row + square.side;
            map.sum_in(rows, square.col..square.col + square.side)
        });
        let sums: Vec<f64> = sums.collect();
        let areas = self.squares.iter().map(|s| (s.side * s.side) as f64);
        let correlation = |sums: &[f64]| {
            pearson(sums, &drops).map_err(|reason| match reason {
                Unrelated::FirstIsConstant => Undefined::EqualSums,
                Unrelated::SecondIsConstant => Undefined::EqualDrops,
                Unrelated::Empty => Undefined::NoValues,
            })
        };
        Ok(SquareScores {
            correlation: correlation(&sums),
            area_correlation: correlation(&areas.collect::<Vec<_>>()),
            scaled_infidelity: scaled_infidelity(&sums, &drops),
            infidelity: infidelity(&sums, &drops),
        })
    }
}

fn scaled_infidelity(sums: &[f64], drops: &[f64]) -> Result<f64, Undefined> {
    // Scaled to a largest magnitude of 1, squares neither under- nor overflow.
    let scaled = |values: &[f64]| {
        let largest = values
            .iter()
            .fold(0.0, |largest, v| f64::max(largest, v.abs()));
        (largest > 0.0).then(|| values.iter().map(|v| v / largest).collect::<Vec<_>>())
    };
    if sums.is_empty() {
        return Err(Undefined::NoValues);
    }
    let sums = scaled(sums).ok_or(Undefined::ZeroSums)?;
    let drops = scaled(drops).ok_or(Undefined::ZeroDrops)?;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let explained = product(&sums, &drops).powi(2);
    let explained = explained / (product(&sums, &sums) * product(&drops, &drops));
    // Rounding may put a perfect map just below 0.
    Ok((1.0 - explained).max(0.0))
}

fn infidelity(sums: &[f64], drops: &[f64]) -> Result<f64, Undefined> {
    if sums.is_empty() {
        return Err(Undefined::NoValues);
    }
    let squares = sums.iter().zip(drops).map(|(s, d)| (s - d).powi(2));
    Ok(squares.sum::<f64>() / sums.len() as f64)
}
