//! The report that is written beside each figure.

use ich::ct_figure::BoundingBox;
use ich::hshap::{Cell, Explanation, Run, Traffic};
use serde::Serialize;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) traffic: Option<TrafficReport>,
    pub(crate) seconds: f64,
    pub(crate) runs: Vec<RunReport>,
}

#[derive(Serialize)]
pub(crate) struct InputReport<'a> {
    pub(crate) source: &'a str,
    pub(crate) sha256: &'a str,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dicom: Option<&'a DicomReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nifti: Option<&'a NiftiReport>,
    /// Where the network sees another grid than the slice's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resampled: Option<&'a ResampleReport>,
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
pub(crate) struct ResampleReport {
    pub(crate) filter: &'static str,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
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
    /// The kept cells of every level.
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
        Self {
            shift_px: (run.shift.rows, run.shift.cols),
            levels: run
                .levels
                .iter()
                .map(|level| {
                    let kept = level.cells.iter().filter(|cell| cell.is_kept);
                    kept.map(CellReport::from).collect()
                })
                .collect(),
        }
    }
}

impl From<&Cell> for CellReport {
    fn from(cell: &Cell) -> Self {
        Self {
            row: cell.row,
            col: cell.col,
            rows: cell.n_rows,
            cols: cell.n_cols,
            phi: cell.phi,
            score: cell.score,
        }
    }
}
