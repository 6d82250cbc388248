//! The cells of an explanation, as the report lists them.

use hshap::{Explanation, Run};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunReport {
    /// Rows and columns.
    shift_px: (i64, i64),
    /// All cells of every level.
    levels: Vec<Vec<CellReport>>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CellReport {
    row: usize,
    col: usize,
    rows: usize,
    cols: usize,
    phi: f64,
    score: f64,
    /// The quadrants that lead to the cell, from the whole image: 1 to 4, top left, top right,
    /// bottom left, bottom right.
    path: String,
    /// Whether the score passed the threshold.
    kept: bool,
}

/// The cells of every run.
pub(crate) fn runs(explanation: &Explanation) -> Vec<RunReport> {
    explanation.runs.iter().map(RunReport::from).collect()
}

impl From<&Run> for RunReport {
    fn from(run: &Run) -> Self {
        let level = |level: usize| {
            let cells = run.levels[level].cells.iter().enumerate();
            cells.map(move |(index, cell)| CellReport {
                row: cell.row,
                col: cell.col,
                rows: cell.n_rows,
                cols: cell.n_cols,
                phi: cell.phi,
                score: cell.score,
                path: path_text(run, level, index),
                kept: cell.is_kept,
            })
        };
        Self {
            shift_px: (run.shift.rows, run.shift.cols),
            levels: (0..run.levels.len()).map(|k| level(k).collect()).collect(),
        }
    }
}

/// The quadrants that lead to a cell, such as `1.3.2`.
pub(crate) fn path_text(run: &Run, level: usize, index: usize) -> String {
    let quadrants = run.path(level, index).unwrap_or_default();
    let digits: Vec<_> = quadrants.iter().map(u8::to_string).collect();
    digits.join(".")
}
