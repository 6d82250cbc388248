//! The report that is written beside each figure.

use std::path::Path;

use ich::ct_figure::BoundingBox;
use ich::ct_preprocess::{SliceGeometry, Warning};
use ich::hshap::{Explanation, Run, Traffic};
use serde::{Deserialize, Serialize};

use crate::network::Origin;

/// Said in every report and on every figure.
pub(crate) const NOTICE: &str = "Research use only. Not a medical device, not for clinical use.";

#[derive(Serialize)]
pub(crate) struct Report<'a> {
    pub(crate) notice: &'static str,
    pub(crate) program: &'static str,
    pub(crate) version: &'static str,
    pub(crate) input: InputReport<'a>,
    pub(crate) weights: &'a Origin,
    pub(crate) background: &'a Origin,
    pub(crate) probability: f32,
    pub(crate) prediction: u8,
    pub(crate) settings: &'a SettingsReport,
    /// Rows and columns.
    pub(crate) leaf_px: (usize, usize),
    pub(crate) evaluations: usize,
    pub(crate) completeness: Completeness,
    pub(crate) figure: &'a FigureReport,
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

/// How much of the output the values of the first level account for: Shapley values add up, so
/// their sum is the output of the image less that of the background.
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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

#[derive(Serialize)]
pub(crate) struct InputReport<'a> {
    pub(crate) source: &'a str,
    pub(crate) sha256: &'a str,
    /// Length of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dicom: Option<&'a DicomReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nifti: Option<&'a NiftiReport>,
    /// Where the network sees the slice turned, or on another grid than its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<&'a SeenReport>,
    /// The volume of maps that this slice's map is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<VolumeReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<WarningReport>,
    pub(crate) boxes: Vec<BoxReport<'a>>,
}

/// What a DICOM file says beside the pixels.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DicomReport {
    pub(crate) sop_instance_uid: Option<String>,
    pub(crate) series_instance_uid: Option<String>,
    pub(crate) study_instance_uid: Option<String>,
    /// Pixels that stand for no image.
    pub(crate) padded_pixels: usize,
    /// Of a file whose values may be wrapped: whether they were unwrapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rsna_repair: Option<&'static str>,
}

/// Where a slice of a NIfTI volume lies.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NiftiReport {
    /// From 0 at the feet.
    pub(crate) slice: usize,
    pub(crate) slices: usize,
    /// The ends to which the file's axes run.
    pub(crate) axis_codes: String,
    pub(crate) obliquity_degrees: f64,
    /// From voxel indices to the patient, the first three rows.
    pub(crate) affine: [[f64; 4]; 3],
}

/// How a slice was brought to the network's grid, in whose pixels leaves and cells are counted.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SeenReport {
    /// Of a patient who lay otherwise: how the slice was turned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) turned: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<&'static str>,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

/// Where a slice lies in the volume of maps that it is part of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VolumeReport {
    /// The name of the volume's file, in the folder of the report.
    pub(crate) file: String,
    /// Of a DICOM slice; one of a NIfTI volume has a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) geometry: Option<GeometryReport>,
}

/// DICOM's attributes of the same names.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
#[derive(Serialize)]
pub(crate) struct BoxReport<'a> {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    label: &'a str,
}

#[derive(Serialize)]
pub(crate) struct SettingsReport {
    /// `LEVEL:WIDTH`, of all channels or of each.
    pub(crate) windows_hu: String,
    /// How slices were read, as options say it.
    pub(crate) reading: String,
    pub(crate) label: usize,
    #[serde(flatten)]
    pub(crate) depth: DepthReport,
    #[serde(flatten)]
    pub(crate) threshold: ThresholdReport,
    pub(crate) radii_px: Vec<f64>,
    pub(crate) angles_rad: Vec<f64>,
    pub(crate) upstream: bool,
    pub(crate) engine: &'static str,
    pub(crate) device: String,
    pub(crate) threads: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DepthReport {
    MinSize(usize),
    Levels(usize),
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ThresholdReport {
    Threshold(f64),
    Percentile(f64),
}

/// What a dense explanation asked of its device.
#[derive(Serialize)]
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

#[derive(Serialize)]
pub(crate) struct RunReport {
    /// Rows and columns.
    shift_px: (i64, i64),
    /// All cells of every level.
    levels: Vec<Vec<CellReport>>,
}

#[derive(Serialize)]
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
