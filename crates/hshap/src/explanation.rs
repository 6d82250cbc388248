use masked_cnn::Rect;

use crate::{SaliencyMap, Shift};

/// An explanation of one output of a model on one image.
///
/// A score is a product of Shapley values, so its sign is that of the whole path: two negative
/// values in a row make a positive score, and a positive value under a negative parent a negative
/// one. With [`Threshold::Absolute`](crate::Threshold::Absolute) of 0 or more, no cell with such a
/// path is kept. With any other threshold `map` may show them, and what speaks for and against the
/// output is told apart by `evidence` and `counter_evidence`. Over runs r with the leaves L_r, their
/// cells C_r and the divisor D of the cycle, a pixel p has
///
/// > map(p) = 1/D sum over r, and c in L_r with p in c, of score(c),
/// >
/// > evidence(p) = the same over c in L_r whose whole path has phi > 0,
/// >
/// > counter_evidence(p) = the same over c in C_r, kept or dropped, with phi(c) < 0 and phi > 0 for
/// > all before it on its path.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Explanation {
    /// The saliency map: the mean over the shifts and backgrounds of the scores of the leaves, the
    /// smallest cells that were kept.
    pub map: SaliencyMap,
    /// What speaks for the output: the map of leaves whose whole path is positive, 0 or more
    /// everywhere. Equal to `map` where the threshold is absolute and 0 or more.
    pub evidence: SaliencyMap,
    /// What speaks against the output: the scores of the cells at which a path turns negative, 0 or
    /// less everywhere. They were dropped where the threshold is absolute and 0 or more.
    pub counter_evidence: SaliencyMap,
    /// The model's output for the unmasked image.
    pub output: f64,
    /// Rows and columns of the largest of the smallest cells, in pixels.
    pub leaf_px: (usize, usize),
    /// Levels down to these cells.
    pub n_levels: usize,
    /// Whether the maps hold ones in place of scores.
    pub is_binary: bool,
    /// Masked images given to the model. No mask is evaluated twice over the same background.
    pub n_evaluations: usize,
    /// What went to the device and back; none of a network that computes on the CPU by itself.
    pub traffic: Option<Traffic>,
    /// What an exploration that ended early leaves open; none of one that is exact.
    pub unexplored: Option<Unexplored>,
    /// What was found over each background, and there under each shift, in their order.
    pub runs: Vec<Run>,
}

/// What an exploration that ended early leaves open.
///
/// The map then holds the leaves that were reached, the evidence and the counter-evidence likewise.
/// Under a [`Threshold::Percentile`](crate::Threshold::Percentile) they hold the kept cells of the
/// last level that is complete.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Unexplored {
    /// Why it ended.
    pub ended_by: EndedBy,
    /// Cells that were kept and not cut further, under all shifts; a grid of which nothing was cut
    /// counts as one.
    pub n_cells: usize,
    /// How much they can add to the map, where there is a bound.
    pub bound: Option<Bound>,
}

/// How much the map can miss: `map <= exact map <= map + bound.map`, at every pixel.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Bound {
    /// By pixel, 0 where the map is exact.
    pub map: SaliencyMap,
    /// Its largest value.
    pub largest: f64,
    /// Its largest value over that of the map, which is at most that of the exact map; infinite
    /// where the map is 0 everywhere.
    pub relative: f64,
}

/// Why an exploration ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum EndedBy {
    /// The map is proven to be as close to the exact one as was asked for.
    Tolerance,
    /// No more evaluations were allowed.
    Evaluations,
    /// The time was over.
    Time,
    /// The observer said so.
    Interrupt,
}

/// What an explanation asked of a device. Weights do not count, they are there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Traffic {
    /// Calls of the model, each with a batch of masked images.
    pub n_calls: usize,
    /// Image and backgrounds once, and the rectangles of every mask.
    pub bytes_to_device: usize,
    /// The model's outputs.
    pub bytes_from_device: usize,
}

/// The exploration under one shift of the grid: every node that was evaluated, kept or dropped.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Run {
    /// The shift.
    pub shift: Shift,
    /// The background's place among those of the explainer, from 0.
    pub background: usize,
    /// The model's output for the background alone. What a shift moves is set by the convention, so
    /// another run may have another background.
    pub background_output: f64,
    /// The levels from coarse to fine. A run in which no cell of a level is kept ends with it.
    pub levels: Vec<Level>,
}

impl Run {
    /// The sum of the Shapley values of the first level. They share out what the image adds to the
    /// background: it equals the explanation's output minus [`Self::background_output`], up to
    /// rounding.
    pub fn top_level_sum(&self) -> f64 {
        let cells = self.levels.first().map_or(&[][..], |level| &level.cells);
        cells.iter().map(|cell| cell.phi).sum()
    }

    /// The quadrants that lead from the whole image to a cell, the cell's own last: `[1, 3]` is the
    /// lower left quadrant of the upper left one. `level` and `cell` are positions in
    /// [`Self::levels`] and [`Level::cells`]; none if there is no such cell.
    pub fn path(&self, level: usize, cell: usize) -> Option<Vec<u8>> {
        let mut path = Vec::new();
        let mut next = Some(cell);
        for level in self.levels.get(..=level)?.iter().rev() {
            let cell = level.cells.get(next?)?;
            path.push(cell.quadrant);
            next = cell.parent;
        }
        path.reverse();
        Some(path)
    }
}

/// The cells of one level: the quadrants of all that was kept of the level before.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Level {
    /// The cells, quadrant by quadrant within their parents.
    pub cells: Vec<Cell>,
}

/// A quadrant of its parent, in pixels of the image. A cell of a shifted grid may reach over the
/// lower or the right border, where it continues on the other side.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cell {
    /// Its first row.
    pub row: usize,
    /// Its first column.
    pub col: usize,
    /// Number of rows.
    pub n_rows: usize,
    /// Number of columns.
    pub n_cols: usize,
    /// Its Shapley value among the quadrants of its parent.
    pub phi: f64,
    /// The product of the Shapley values on its path.
    pub score: f64,
    /// The model's output for the image that shows this cell alone.
    pub worth: f64,
    /// Whether its score passes the threshold.
    pub is_kept: bool,
    /// Which quadrant of its parent it is: 1 top left, 2 top right, 3 bottom left, 4 bottom right.
    pub quadrant: u8,
    /// Position of its parent among the cells of the level before; none at the first level.
    pub parent: Option<usize>,
}

impl Cell {
    pub(crate) fn rect(&self) -> Rect {
        Rect {
            row: self.row,
            col: self.col,
            n_rows: self.n_rows,
            n_cols: self.n_cols,
        }
    }
}
