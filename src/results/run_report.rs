//! The cells of an explanation, as the report lists them.

use std::collections::HashMap;

use hshap::{Cell, Explanation, Level, Run, Shift};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::session::EarlierRuns;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RunReport {
    /// Rows and columns.
    shift_px: (i64, i64),
    /// Which of the backgrounds, from 0.
    background: usize,
    output_of_background: f64,
    /// All cells of every level.
    levels: Vec<Vec<CellReport>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CellReport {
    row: usize,
    col: usize,
    rows: usize,
    cols: usize,
    phi: f64,
    score: f64,
    /// The output where the image shows this cell alone.
    output: f64,
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

/// What a report says was found; none of a report without it.
pub(crate) fn earlier_runs(report: &Value) -> Option<EarlierRuns> {
    let runs = Vec::<RunReport>::deserialize(&report["runs"]).ok()?;
    Some(EarlierRuns {
        runs: runs.iter().map(run).collect::<Option<_>>()?,
        n_evaluations: report["evaluations"].as_u64()?.try_into().ok()?,
        seconds: report["seconds"].as_f64()?,
    })
}

fn run(report: &RunReport) -> Option<Run> {
    let mut levels = Vec::with_capacity(report.levels.len());
    // Of the level before: the cells by their paths.
    let mut before: HashMap<&str, usize> = HashMap::new();
    for level in &report.levels {
        let cells = level.iter().map(|cell| {
            let (parent, quadrant) = match cell.path.rsplit_once('.') {
                Some((parent, quadrant)) => (Some(*before.get(parent)?), quadrant),
                None => (None, &*cell.path),
            };
            Some(Cell {
                row: cell.row,
                col: cell.col,
                n_rows: cell.rows,
                n_cols: cell.cols,
                phi: cell.phi,
                score: cell.score,
                worth: cell.output,
                is_kept: cell.kept,
                quadrant: quadrant.parse().ok()?,
                parent,
            })
        });
        levels.push(Level {
            cells: cells.collect::<Option<_>>()?,
        });
        before = level.iter().map(|cell| &*cell.path).zip(0..).collect();
    }
    let (rows, cols) = report.shift_px;
    Some(Run {
        shift: Shift { rows, cols },
        background: report.background,
        background_output: report.output_of_background,
        levels,
    })
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
                output: cell.worth,
                path: path_text(run, level, index),
                kept: cell.is_kept,
            })
        };
        Self {
            shift_px: (run.shift.rows, run.shift.cols),
            background: run.background,
            output_of_background: run.background_output,
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
