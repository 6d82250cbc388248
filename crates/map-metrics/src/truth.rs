use std::ops::Range;

use pixel_region::{CellGrid, Region, Size};

use crate::error::Error;
use crate::map::{expect_pixels, expect_same};
use crate::undefined::Undefined;

/// Where a finding is: pixels of an image, and the boxes they come from, where they do.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    mask: Vec<bool>,
    size: Size,
    n_pixels: usize,
    boxes: Vec<PixelBox>,
}

/// A box, in pixels of an image; it may reach beyond it. A whole coordinate is the middle of a pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle {
    /// Left edge.
    pub column: f64,
    /// Top edge.
    pub row: f64,
    /// Columns it spans.
    pub width: f64,
    /// Rows it spans.
    pub height: f64,
}

/// Which pixels a box holds whose coordinates are not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxRule {
    /// All four numbers lose their fraction, then the box holds `width` columns from `column` on and
    /// `height` rows from `row` on: the rule of the evaluations of h-Shap on head CT, for numbers that
    /// are compared with theirs. A box shrinks by up to a pixel and moves by up to a pixel.
    Truncated,
    /// The pixels whose middles lie in the box; its right and its lower edge do not belong to it.
    Centres,
}

/// Rows and columns of a box.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PixelBox {
    pub(crate) rows: Range<usize>,
    pub(crate) cols: Range<usize>,
}

impl Truth {
    /// The pixels that are true in a row-major mask, which may be none.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without a pixel, [`Error::Length`] if the mask does not hold `rows * cols`.
    pub fn from_mask(mask: Vec<bool>, size: Size) -> Result<Truth, Error> {
        expect_pixels(mask.len(), size)?;
        Ok(Truth {
            n_pixels: mask.iter().filter(|&&is_in| is_in).count(),
            mask,
            size,
            boxes: Vec::new(),
        })
    }

    /// The union of boxes, of which there may be none.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without a pixel, [`Error::Length`] if `rows * cols` overflows.
    pub fn from_boxes(boxes: &[Rectangle], rule: BoxRule, size: Size) -> Result<Truth, Error> {
        let n_pixels = size.rows.saturating_mul(size.cols);
        expect_pixels(n_pixels, size)?;
        let boxes: Vec<PixelBox> = boxes.iter().map(|b| b.pixels(rule, size)).collect();
        // How many more boxes hold a pixel than hold its neighbours above and on the left: two running
        // sums give the number of boxes at each pixel, however many there are.
        let across = size.cols + 1;
        let mut steps = vec![0_i64; (size.rows + 1) * across];
        for PixelBox { rows, cols } in &boxes {
            steps[rows.start * across + cols.start] += 1;
            steps[rows.start * across + cols.end] -= 1;
            steps[rows.end * across + cols.start] -= 1;
            steps[rows.end * across + cols.end] += 1;
        }
        let mut mask = Vec::with_capacity(n_pixels);
        let mut n_boxes = vec![0_i64; size.cols];
        for steps in steps.chunks(across).take(size.rows) {
            let mut change = 0;
            for (n_boxes, step) in n_boxes.iter_mut().zip(steps) {
                change += step;
                *n_boxes += change;
                mask.push(*n_boxes > 0);
            }
        }
        let truth = Truth::from_mask(mask, size)?;
        Ok(Truth { boxes, ..truth })
    }

    /// Rows and columns of the image.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Whether each pixel is part of the truth, row-major.
    #[must_use]
    pub fn mask(&self) -> &[bool] {
        &self.mask
    }

    /// Number of pixels of the truth.
    #[must_use]
    pub fn n_pixels(&self) -> usize {
        self.n_pixels
    }

    /// The truth's share of the image: what a map without information is expected to have of
    /// [energy](crate::Localisation::energy), [pointing](crate::Localisation::pointing),
    /// [rank accuracy](crate::Localisation::rank_accuracy) and
    /// [average precision](crate::Localisation::average_precision).
    #[must_use]
    pub fn chance(&self) -> f64 {
        self.n_pixels as f64 / self.mask.len() as f64
    }

    /// The largest [energy](crate::Localisation::energy) of any map that is constant on the cells of a
    /// grid: `max over cells c of #(t & c) / #c`. A map of coarse cells cannot have more, however well
    /// it chooses them.
    ///
    /// # Errors
    ///
    /// [`Error::Sizes`] if the grid is that of another image.
    pub fn energy_ceiling(&self, grid: &CellGrid) -> Result<Result<f64, Undefined>, Error> {
        expect_same(grid.size(), self.size)?;
        if self.n_pixels == 0 {
            return Ok(Err(Undefined::EmptyTruth));
        }
        let shares = grid.cells().map(|(rows, cols)| {
            let n_cell = rows.len() * cols.len();
            let held = rows.flat_map(|row| &self.mask[row * self.size.cols..][cols.clone()]);
            held.filter(|&&is_in| is_in).count() as f64 / n_cell as f64
        });
        Ok(Ok(shares.fold(0.0, f64::max)))
    }

    /// The mask that shows the truth alone, the background elsewhere.
    ///
    /// Its output is `truth_alone`: whether what is marked suffices for the network.
    #[must_use]
    pub fn alone(&self) -> Region {
        Region::from_mask(&self.mask, self.size)
    }

    /// The mask that shows everything but the truth.
    ///
    /// Its output is `truth_removed`. Where this is still near that of the image, the network does
    /// not need what is marked: a faithful map may then miss the truth, and localisation says little
    /// about it. [`Endpoints::normalised`](crate::Endpoints::normalised) brings it to a scale on
    /// which slices below 0.5 can be summarised separately.
    #[must_use]
    pub fn removed(&self) -> Region {
        self.alone().complement(self.size)
    }

    pub(crate) fn boxes(&self) -> &[PixelBox] {
        &self.boxes
    }
}

impl Rectangle {
    /// Rows and columns in an image, clipped at its border.
    fn pixels(self, rule: BoxRule, size: Size) -> PixelBox {
        let range = |start: f64, length: f64, n: usize| {
            let (first, end) = match rule {
                BoxRule::Truncated => (start.trunc(), start.trunc() + length.trunc()),
                BoxRule::Centres => (start.ceil(), (start + length).ceil()),
            };
            // The cast saturates, and NaN is 0.
            let clipped = |edge: f64| (edge.max(0.0) as usize).min(n);
            clipped(first)..clipped(end).max(clipped(first))
        };
        PixelBox {
            rows: range(self.row, self.height, size.rows),
            cols: range(self.column, self.width, size.cols),
        }
    }
}

impl PixelBox {
    pub(crate) fn n_pixels(&self) -> usize {
        self.rows.len() * self.cols.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { rows: 3, cols: 5 };

    fn rectangle(column: f64, row: f64, width: f64, height: f64) -> Rectangle {
        Rectangle {
            column,
            row,
            width,
            height,
        }
    }

    fn pixels(boxes: &[Rectangle], rule: BoxRule) -> Vec<(usize, usize)> {
        let truth = Truth::from_boxes(boxes, rule, SIZE).unwrap();
        let held = (0..15).filter(|&at| truth.mask()[at]);
        held.map(|at| (at / 5, at % 5)).collect()
    }

    #[test]
    fn whole_boxes_hold_the_same_pixels_by_both_rules() {
        for rule in [BoxRule::Truncated, BoxRule::Centres] {
            let held = pixels(&[rectangle(2.0, 1.0, 3.0, 1.0)], rule);
            assert_eq!(held, [(1, 2), (1, 3), (1, 4)]);
        }
    }

    #[test]
    fn a_truncated_box_loses_all_fractions() {
        // Columns 1 and 2, row 0: int(1.9), int(2.9), int(0.9), int(1.9).
        let held = pixels(&[rectangle(1.9, 0.9, 2.9, 1.9)], BoxRule::Truncated);
        assert_eq!(held, [(0, 1), (0, 2)]);
    }

    #[test]
    fn a_box_holds_the_centres_inside() {
        // The middles 2, 3, 4 of columns lie from 1.9 to below 4.8, and 1, 2 of rows from 0.9 to 2.8.
        let held = pixels(&[rectangle(1.9, 0.9, 2.9, 1.9)], BoxRule::Centres);
        assert_eq!(held, [(1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (2, 4)]);
    }

    #[test]
    fn a_pixel_in_several_boxes_is_in_the_truth_once() {
        let boxes = [
            rectangle(0.0, 0.0, 2.0, 2.0),
            rectangle(1.0, 1.0, 2.0, 1.0),
            rectangle(0.0, 0.0, 2.0, 2.0),
        ];
        let held = pixels(&boxes, BoxRule::Truncated);
        assert_eq!(held, [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]);
    }

    #[test]
    fn what_lies_outside_the_image_is_cut_off() {
        for rule in [BoxRule::Truncated, BoxRule::Centres] {
            assert_eq!(
                pixels(&[rectangle(-1e300, -7.0, f64::MAX, 99.0)], rule).len(),
                15
            );
            assert_eq!(pixels(&[rectangle(5.0, 0.0, 9.0, 9.0)], rule), []);
            assert_eq!(pixels(&[rectangle(-9.0, 0.0, 9.0, 9.0)], rule), []);
            assert_eq!(pixels(&[rectangle(f64::NAN, 0.0, f64::NAN, 3.0)], rule), []);
            assert_eq!(pixels(&[rectangle(3.0, 0.0, -2.0, 3.0)], rule), []);
        }
    }

    #[test]
    fn the_truth_alone_and_the_truth_removed_share_the_image() {
        let mask: Vec<bool> = (0..15).map(|at| at % 4 == 1).collect();
        let truth = Truth::from_mask(mask.clone(), SIZE).unwrap();
        let (mut alone, mut removed) = (vec![false; 15], vec![false; 15]);
        truth.alone().fill(&mut alone, SIZE);
        truth.removed().fill(&mut removed, SIZE);
        assert_eq!(alone, mask);
        assert!(alone.iter().zip(&removed).all(|(a, r)| a != r));
    }

    #[test]
    fn rejects_a_mask_of_another_length() {
        let error = Truth::from_mask(vec![true; 14], SIZE).unwrap_err();
        assert_eq!(
            error.to_string(),
            "an image of 3 x 5 pixels cannot have 14 values"
        );
        let empty = Size { rows: 0, cols: 5 };
        let error = Truth::from_boxes(&[], BoxRule::Centres, empty).unwrap_err();
        assert_eq!(error, Error::Empty { rows: 0, cols: 5 });
    }
}
