//! The results of a slice as they lie in their files, of this run or of an earlier one.

use std::fs;
use std::path::Path;

use ct_io::Image;
use serde::Deserialize;
use serde_json::Value;

use super::drawing::how_exact;
use super::outputs::Outputs;
use crate::Error;

/// What page and contact sheet show of a slice.
pub(crate) struct EarlierResult {
    pub(crate) probability: f32,
    pub(crate) prediction: u8,
    pub(crate) evaluations: u64,
    /// What an explanation that ended early leaves open, in words.
    pub(crate) unexplored: Option<String>,
    pub(crate) seconds: f64,
    pub(crate) output_of_image: f64,
    /// Of the first run, as the sum is.
    pub(crate) output_of_background: f64,
    pub(crate) sum_of_first_level: f64,
    /// Of all runs and levels.
    pub(crate) cells: Vec<EarlierCell>,
    pub(crate) evidence: Image,
    pub(crate) against: Option<Image>,
}

/// A cell in the report, in pixels of what the network saw.
#[derive(Deserialize)]
pub(crate) struct EarlierCell {
    row: f64,
    col: f64,
    rows: f64,
    cols: f64,
    pub(crate) phi: f64,
    pub(crate) score: f64,
    pub(crate) path: String,
    pub(crate) kept: bool,
}

impl EarlierCell {
    /// Row, column, and how many of each.
    pub(crate) fn rectangle(&self) -> (f64, f64, f64, f64) {
        (self.row, self.col, self.rows, self.cols)
    }
}

impl EarlierResult {
    pub(crate) fn read(outputs: &Outputs) -> Result<Self, Error> {
        let path = &outputs.report;
        let bytes = fs::read(path).map_err(|error| Error::unread(path, error))?;
        let report: Value = serde_json::from_slice(&bytes)
            .map_err(|error| Error::in_file(path, Error::other(error)))?;
        let number = |field: &'static str| {
            report
                .pointer(field)
                .and_then(Value::as_f64)
                .ok_or_else(|| Error::in_file(path, Error::NoField { field }))
        };
        let mut cells = Vec::new();
        let runs = report["runs"].as_array().map_or(&[][..], Vec::as_slice);
        for run in runs {
            // Of several grids, the shift says of which.
            let shift = match (runs.len(), &run["shift_px"][0], &run["shift_px"][1]) {
                (1, _, _) => String::new(),
                (_, rows, cols) => format!("shift {rows}, {cols}: "),
            };
            for level in run["levels"].as_array().into_iter().flatten() {
                let level = Vec::<EarlierCell>::deserialize(level);
                let level = level.map_err(|error| Error::in_file(path, Error::other(error)))?;
                cells.extend(level.into_iter().map(|cell| EarlierCell {
                    path: format!("{shift}{}", cell.path),
                    ..cell
                }));
            }
        }
        let is_listed = |file: &Path| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let files = report["files"].as_array();
            files.is_some_and(|files| files.iter().any(|file| file["name"] == *name))
        };
        let evidence = match is_listed(&outputs.evidence) {
            true => &outputs.evidence,
            false => &outputs.saliency,
        };
        Ok(Self {
            probability: number("/probability")? as f32,
            prediction: number("/prediction")? as u8,
            evaluations: number("/evaluations")? as u64,
            unexplored: report.get("unexplored").map(|unexplored| {
                how_exact(
                    unexplored["relative_bound"].as_f64(),
                    unexplored["bound"].as_f64(),
                    unexplored["cells"].as_u64().unwrap_or_default(),
                )
            }),
            seconds: number("/seconds")?,
            output_of_image: number("/completeness/output_of_image")?,
            output_of_background: number("/completeness/output_of_background/0")?,
            sum_of_first_level: number("/completeness/sum_of_first_level/0")?,
            cells,
            evidence: Image::read_npy(evidence)?,
            against: match is_listed(&outputs.against) {
                true => Some(Image::read_npy(&outputs.against)?),
                false => None,
            },
        })
    }
}
