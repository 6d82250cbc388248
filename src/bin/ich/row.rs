//! A row of the table of predictions.

use serde::{Deserialize, Serialize};

/// What is said of one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The file as it was named, or what stands for it.
    pub(crate) file: String,
    /// Stem of the file's name: an RSNA id, a SOPInstanceUID.
    pub(crate) id: String,
    /// Of a DICOM file.
    pub(crate) sop_instance_uid: Option<String>,
    pub(crate) series_instance_uid: Option<String>,
    pub(crate) probability: f32,
    pub(crate) prediction: u8,
    /// Length of the file; none of a phantom.
    pub(crate) bytes: Option<u64>,
    /// Hash of the file, and what was chosen of it.
    pub(crate) weights: String,
    /// How the slice was read, as options say it.
    pub(crate) reading: String,
    /// Of this program.
    pub(crate) version: String,
    /// Codes of warnings, separated by spaces.
    pub(crate) warnings: String,
}

impl Row {
    /// The row with the texts that come from outside changed.
    pub(crate) fn map_texts(&self, change: impl Fn(&str) -> String) -> Self {
        Self {
            file: change(&self.file),
            id: change(&self.id),
            sop_instance_uid: self.sop_instance_uid.as_deref().map(&change),
            series_instance_uid: self.series_instance_uid.as_deref().map(&change),
            weights: change(&self.weights),
            ..self.clone()
        }
    }
}

/// What all predictions of a call depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MadeBy {
    pub(crate) weights: String,
    pub(crate) reading: String,
    pub(crate) version: &'static str,
}

impl MadeBy {
    /// What differs between a row and the predictions of this call, if anything does.
    pub(crate) fn difference(&self, row: &Row) -> Option<String> {
        let pairs = [
            ("weights", &*row.weights, &*self.weights),
            ("reading", &*row.reading, &*self.reading),
            ("version", &*row.version, self.version),
        ];
        let (what, theirs, ours) = pairs.into_iter().find(|(_, a, b)| a != b)?;
        Some(format!("{what} {theirs}, now {ours}"))
    }
}
