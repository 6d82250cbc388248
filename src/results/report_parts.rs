//! Parts of the report of a slice.

use std::path::Path;

use ct_io::{SliceGeometry, Warning};
use ct_labels::BoundingBox;
use hshap::{EndedBy, Explanation, Run, Traffic, Unexplored};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much of the output the values of the first level account for: Shapley values add up, so
/// their sum is the output of the image less that of the background.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Completeness {
    pub(crate) output_of_image: f64,
    /// Of each run; one number where all have one background.
    pub(crate) output_of_background: Vec<f64>,
    pub(crate) sum_of_first_level: Vec<f64>,
}

impl Completeness {
    pub(crate) fn of(explanation: &Explanation) -> Self {
        let runs = &explanation.runs;
        Self {
            output_of_image: explanation.output,
            output_of_background: one_if_equal(runs.iter().map(|run| run.background_output)),
            sum_of_first_level: runs.iter().map(Run::top_level_sum).collect(),
        }
    }
}

/// Numbers, or the one number that they all are.
fn one_if_equal(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<_> = numbers.collect();
    if numbers.windows(2).all(|pair| pair[0] == pair[1]) {
        numbers.truncate(1);
    }
    numbers
}

/// What the colours of the figure mean.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct FigureReport {
    pub(crate) colormap: String,
    /// The score at which colours end.
    pub(crate) scale: f32,
    pub(crate) scale_rule: String,
    /// Scores up to this one are not drawn.
    pub(crate) drawn_above: f32,
    /// Whether regions that speak against a hemorrhage are drawn.
    pub(crate) shows_against: bool,
}

/// A result, to be found whole by a later run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct FileReport {
    name: String,
    bytes: usize,
}

impl FileReport {
    pub(crate) fn of(path: &Path, bytes: &[u8]) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self {
            name: name.to_string_lossy().into_owned(),
            bytes: bytes.len(),
        }
    }
}

/// What a user should know of a slice that was read all the same.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct WarningReport {
    code: &'static str,
    text: String,
}

impl From<&Warning> for WarningReport {
    fn from(warning: &Warning) -> Self {
        Self {
            code: warning.code(),
            text: warning.to_string(),
        }
    }
}

/// Where a slice lies in the volume of maps that it is part of.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct VolumeReport {
    /// The name of the volume's file, in the folder of the report.
    pub(crate) file: String,
    /// Of a DICOM slice; one of a NIfTI volume has a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) geometry: Option<GeometryReport>,
}

/// DICOM's attributes of the same names.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct GeometryReport {
    pixel_spacing_mm: (f64, f64),
    image_orientation: [f64; 6],
    image_position_mm: [f64; 3],
    slice_thickness_mm: Option<f64>,
}

impl VolumeReport {
    pub(crate) fn of(path: &Path, geometry: Option<&SliceGeometry>) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self {
            file: name.to_string_lossy().into_owned(),
            geometry: geometry.map(|geometry| GeometryReport {
                pixel_spacing_mm: geometry.spacing_mm,
                image_orientation: geometry.orientation,
                image_position_mm: geometry.position_mm,
                slice_thickness_mm: geometry.thickness_mm,
            }),
        }
    }
}

impl From<GeometryReport> for SliceGeometry {
    fn from(report: GeometryReport) -> Self {
        Self {
            spacing_mm: report.pixel_spacing_mm,
            orientation: report.image_orientation,
            position_mm: report.image_position_mm,
            thickness_mm: report.slice_thickness_mm,
        }
    }
}

/// Pixels, as in the ground-truth table.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BoxReport<'a> {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    label: &'a str,
}

impl<'a> From<&'a BoundingBox> for BoxReport<'a> {
    fn from(b: &'a BoundingBox) -> Self {
        Self {
            x: b.column,
            y: b.row,
            width: b.width,
            height: b.height,
            label: &b.label,
        }
    }
}

/// What an explanation that ended early leaves open.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UnexploredReport {
    ended_by: EndedByReport,
    /// Cells that were kept and not cut further, under all shifts.
    cells: usize,
    /// No pixel of the exact map is further above the map than this; absent where nothing bounds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<f64>,
    /// The bound over the largest value of the map; absent where that is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    relative_bound: Option<f64>,
}

/// Why an explanation ended early.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EndedByReport {
    Tolerance,
    Evaluations,
    Time,
    Interrupt,
}

impl From<&Unexplored> for UnexploredReport {
    fn from(unexplored: &Unexplored) -> Self {
        let bound = unexplored.bound.as_ref();
        Self {
            ended_by: match unexplored.ended_by {
                EndedBy::Tolerance => EndedByReport::Tolerance,
                EndedBy::Evaluations => EndedByReport::Evaluations,
                EndedBy::Time => EndedByReport::Time,
                EndedBy::Interrupt => EndedByReport::Interrupt,
            },
            cells: unexplored.n_cells,
            bound: bound.map(|bound| bound.largest),
            relative_bound: bound
                .map(|bound| bound.relative)
                .filter(|relative| relative.is_finite()),
        }
    }
}

/// What a dense explanation asked of its device.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrafficReport {
    calls: usize,
    bytes_to_device: usize,
    bytes_from_device: usize,
}

impl From<Traffic> for TrafficReport {
    fn from(traffic: Traffic) -> Self {
        Self {
            calls: traffic.n_calls,
            bytes_to_device: traffic.bytes_to_device,
            bytes_from_device: traffic.bytes_from_device,
        }
    }
}
