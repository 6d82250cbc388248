//! Whether an earlier run has explained a slice as this one would.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::made_with::{MadeWith, first_difference, json};
use super::notice::NOTICE;
use super::outputs::Outputs;
use super::run_report::earlier_runs;
use crate::Error;
use crate::session::EarlierRuns;
use crate::study::Slice;

/// What an earlier run left of a slice.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Earlier {
    /// Every file, complete, as this run would make them or closer to the exact map.
    Whole,
    /// An explanation that ended before this run would, or files that were cut short beside a report that
    /// is complete: what is missing can be found from where it ended.
    Open(EarlierRuns),
    /// Nothing, or a report that was cut short: to be made again.
    Unfinished,
    /// A report of something else, or a file that no run of this program wrote.
    Other(String),
}

/// Finds what is there. A report is written last and lists the lengths of the other files.
pub(crate) fn find(
    outputs: &Outputs,
    slice: &Slice,
    made_with: &MadeWith<'_>,
    with_against: bool,
) -> Result<Earlier, Error> {
    let bytes = match fs::read(&outputs.report) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Earlier::Unfinished);
        }
        Err(error) => return Err(Error::unread(&outputs.report, error)),
    };
    let Ok(report) = serde_json::from_slice::<Value>(&bytes) else {
        return Ok(match is_cut_report(&bytes) {
            true => Earlier::Unfinished,
            false => Earlier::Other("no report of this program".to_owned()),
        });
    };
    let difference = match other_slice(slice, &report)? {
        Some(difference) => Some(difference),
        None => made_with.difference(&report)?,
    };
    if let Some(difference) = difference {
        return Ok(Earlier::Other(difference));
    }
    let is_open = report["unexplored"].is_object();
    let runs = report["runs"].as_array().map_or(&[][..], Vec::as_slice);
    let are_several = |field: &str| runs.iter().any(|run| run[field] != runs[0][field]);
    let wanted = [
        Some(&outputs.figure),
        Some(&outputs.saliency),
        outputs.capture.as_ref(),
        with_against.then_some(&outputs.against),
        outputs.bound.as_ref().filter(|_| is_open),
        outputs.spread.as_ref().filter(|_| are_several("shift_px")),
        outputs
            .spread_of_backgrounds
            .as_ref()
            .filter(|_| are_several("background")),
    ];
    let are_there = wanted
        .into_iter()
        .flatten()
        .all(|path| lengths(&report, outputs).any(|(listed, _)| listed == *path));
    let are_whole = are_there
        && lengths(&report, outputs).all(|(path, bytes)| {
            let found = fs::metadata(path).ok().map(|metadata| metadata.len());
            found == bytes
        });
    if are_whole && made_with.is_far_enough(&report) {
        return Ok(Earlier::Whole);
    }
    Ok(earlier_runs(&report).map_or(Earlier::Unfinished, Earlier::Open))
}

/// True of the beginning of a report, or of nothing.
fn is_cut_report(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let start = format!("{{\n  \"notice\": \"{NOTICE}\"");
    text.starts_with(&start) || start.starts_with(text.trim_end_matches('\u{fffd}'))
}

/// The files of a report, which lie beside it, and their lengths.
fn lengths(report: &Value, outputs: &Outputs) -> impl Iterator<Item = (PathBuf, Option<u64>)> {
    let files = report["files"].as_array().into_iter().flatten();
    files.map(|file| {
        let name = file["name"].as_str().unwrap_or_default();
        let path = outputs.report.with_file_name(name);
        (path, file["bytes"].as_u64())
    })
}

/// What differs between the slice of a report and this one.
fn other_slice(slice: &Slice, report: &Value) -> Result<Option<String>, Error> {
    let seen = slice.seen.as_ref().map(|seen| &seen.facts);
    let report = &report["input"];
    Ok(first_difference([
        ("slice", &report["sha256"], slice.sha256.clone().into()),
        ("seen", &report["seen"], json(&seen)?),
    ]))
}
