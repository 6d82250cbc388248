//! The report that is written beside each figure.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::report_parts::{
    BoxReport, Completeness, FigureReport, FileReport, TrafficReport, UnexploredReport,
    VolumeReport, WarningReport,
};
use super::run_report::RunReport;
use super::settings_report::SettingsReport;
use crate::network::declaration::Provenance;
use crate::session::Origin;
use crate::study::{DicomFacts, NiftiFacts, SeenFacts};

/// Raised when a field changes its meaning or goes.
pub(crate) const SCHEMA_VERSION: u32 = 2;

/// The JSON schema of reports.
pub fn report_schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<Report<'static>>()
}

/// What was done with a slice, and what was found: the file `NAME.json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report<'a> {
    pub(crate) notice: &'static str,
    pub(crate) program: &'static str,
    pub(crate) version: &'static str,
    /// Of the schema of this report.
    pub(crate) schema_version: u32,
    pub(crate) input: InputReport<'a>,
    pub(crate) weights: &'a Origin,
    /// Who says how the network's input is made and what its outputs mean.
    pub(crate) declared_by: &'a Provenance,
    /// Of several, the map is the mean over them.
    pub(crate) backgrounds: &'a [Origin],
    /// Of the label that is explained.
    pub(crate) probability: f32,
    /// Of every label, where the network has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) probabilities: Option<BTreeMap<&'a str, f32>>,
    pub(crate) prediction: u8,
    pub(crate) settings: &'a SettingsReport,
    /// Rows and columns.
    pub(crate) leaf_px: (usize, usize),
    pub(crate) evaluations: usize,
    /// What an explanation that ended early leaves open; absent where the map is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unexplored: Option<UnexploredReport>,
    pub(crate) completeness: Completeness,
    pub(crate) figure: FigureReport,
    /// Share of the map's positive scores that lies in the boxes, where there are boxes and scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) energy_in_boxes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) traffic: Option<TrafficReport>,
    pub(crate) seconds: f64,
    /// The other files of the slice.
    pub(crate) files: Vec<FileReport>,
    pub(crate) runs: Vec<RunReport>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InputReport<'a> {
    pub(crate) source: &'a str,
    pub(crate) sha256: &'a str,
    /// Length of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dicom: Option<&'a DicomFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nifti: Option<&'a NiftiFacts>,
    /// Where the network sees the slice turned, or on another grid than its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<&'a SeenFacts>,
    /// The volume of maps that this slice's map is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<VolumeReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<WarningReport>,
    pub(crate) boxes: Vec<BoxReport<'a>>,
}
