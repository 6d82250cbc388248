//! What is known of a slice beside its pixels, as reports say it.

use schemars::JsonSchema;
use serde::Serialize;

/// What a DICOM file says beside the pixels.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DicomFacts {
    /// `SOPInstanceUID`.
    pub sop_instance_uid: Option<String>,
    /// `SeriesInstanceUID`.
    pub series_instance_uid: Option<String>,
    /// `StudyInstanceUID`.
    pub study_instance_uid: Option<String>,
    /// Pixels that stand for no image.
    pub padded_pixels: usize,
    /// Of a file whose values may be wrapped around 4096: whether they were unwrapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rsna_repair: Option<&'static str>,
}

/// Where a slice of a NIfTI volume lies.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct NiftiFacts {
    /// From 0 at the feet.
    pub slice: usize,
    /// Number of slices.
    pub slices: usize,
    /// The ends to which the file's axes run.
    pub axis_codes: String,
    /// Largest angle between an axis of the file and one of the patient.
    pub obliquity_degrees: f64,
    /// From voxel indices to the patient in millimetres, the first three rows.
    pub affine: [[f64; 4]; 3],
}

/// How the network sees a slice that was turned or brought to another grid, in whose pixels leaves
/// and cells are counted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SeenFacts {
    /// Of a patient who lay otherwise: how the slice was turned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turned: Option<String>,
    /// How values between pixels were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<&'static str>,
    /// Rows that the network sees.
    pub rows: usize,
    /// Columns that the network sees.
    pub cols: usize,
}
