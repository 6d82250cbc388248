//! Whether an earlier run has explained a slice as this one would.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::fault::Fault;
use crate::input::Input;
use crate::network::Origin;
use crate::output::Outputs;
use crate::report::{NOTICE, SettingsReport};

/// What results depend on beside their slice.
pub(crate) struct MadeWith<'a> {
    pub(crate) weights: &'a Origin,
    pub(crate) background: &'a Origin,
    pub(crate) settings: SettingsReport,
}

/// What an earlier run left of a slice.
pub(crate) enum Earlier {
    /// Every file, complete, as this run would make them.
    Whole,
    /// Nothing, or files that were cut short: to be made again.
    Unfinished,
    /// A report of something else, or a file that no run of this program wrote.
    Other(String),
}

/// Finds what is there. A report is written last and lists the lengths of the other files.
pub(crate) fn find(
    outputs: &Outputs,
    input: &Input,
    made_with: &MadeWith<'_>,
    with_against: bool,
) -> Result<Earlier, Fault> {
    let bytes = match fs::read(&outputs.report) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Earlier::Unfinished);
        }
        Err(error) => return Err(Fault::in_file(&outputs.report, error)),
    };
    let Ok(report) = serde_json::from_slice::<Value>(&bytes) else {
        return Ok(match is_cut_report(&bytes) {
            true => Earlier::Unfinished,
            false => Earlier::Other("no report of this program".to_owned()),
        });
    };
    let difference = match other_slice(input, &report)? {
        Some(difference) => Some(difference),
        None => made_with.difference(&report)?,
    };
    if let Some(difference) = difference {
        return Ok(Earlier::Other(difference));
    }
    let wanted = [
        Some(&outputs.figure),
        Some(&outputs.saliency),
        outputs.capture.as_ref(),
        with_against.then_some(&outputs.against),
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
    Ok(match are_whole {
        true => Earlier::Whole,
        false => Earlier::Unfinished,
    })
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
fn other_slice(input: &Input, report: &Value) -> Result<Option<String>, Fault> {
    let seen = input.seen_otherwise.as_ref().map(|seen| &seen.report);
    let report = &report["input"];
    first_difference([
        ("slice", &report["sha256"], input.sha256.clone().into()),
        ("seen", &report["seen"], serde_json::to_value(seen)?),
    ])
}

impl MadeWith<'_> {
    /// What differs between a report and this run; what computed it and how fast does not count.
    pub(crate) fn difference(&self, report: &Value) -> Result<Option<String>, Fault> {
        let mut settings = serde_json::to_value(&self.settings)?;
        for free in ["engine", "device", "threads"] {
            settings[free] = report["settings"][free].clone();
        }
        if report["settings"] != settings {
            return Ok(Some(changed_settings(&report["settings"], &settings)));
        }
        let version = env!("CARGO_PKG_VERSION");
        let content = |origin: &Value| {
            let mut content = origin.clone();
            // Where a file lies says nothing of what is in it.
            if let Some(fields) = content.as_object_mut() {
                fields.remove("source");
            }
            content
        };
        let [weights, background] = [&report["weights"], &report["background"]].map(content);
        first_difference([
            (
                "weights",
                &weights,
                serde_json::to_value(self.weights.content())?,
            ),
            (
                "background",
                &background,
                serde_json::to_value(self.background.content())?,
            ),
            ("version", &report["version"], version.into()),
        ])
    }
}

/// The first field that is not as wanted.
fn first_difference<const N: usize>(
    fields: [(&str, &Value, Value); N],
) -> Result<Option<String>, Fault> {
    let different = fields
        .into_iter()
        .find(|(_, found, wanted)| *found != wanted);
    Ok(different.map(|(what, found, wanted)| format!("{what} {found}, now {wanted}")))
}

/// The settings that differ, one by one.
fn changed_settings(found: &Value, wanted: &Value) -> String {
    let fields = wanted.as_object().into_iter().flatten();
    let changed = fields
        .filter(|(name, value)| found[name.as_str()] != **value)
        .map(|(name, value)| format!("{name} {}, now {value}", found[name.as_str()]));
    let changed: Vec<_> = changed.collect();
    match changed.is_empty() {
        true => "other settings".to_owned(),
        false => changed.join("; "),
    }
}
