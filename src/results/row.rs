//! A row of the table of predictions.

use ct_io::Warning;
use ich_model::Prediction;
use serde::{Deserialize, Serialize};

use crate::session::Session;
use crate::study::Slice;

/// What is said of one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Row {
    /// The file as it was named, or what stands for it.
    pub file: String,
    /// Stem of the file's name: an RSNA id, a SOPInstanceUID.
    pub id: String,
    /// `SOPInstanceUID` of a DICOM file.
    pub sop_instance_uid: Option<String>,
    /// `SeriesInstanceUID` of a DICOM file.
    pub series_instance_uid: Option<String>,
    /// Of a hemorrhage.
    pub probability: f32,
    /// 1 above a probability of 0.5, else 0.
    pub prediction: u8,
    /// Length of the file; none of a phantom.
    pub bytes: Option<u64>,
    /// Hash of the file, and what was chosen of it.
    pub weights: String,
    /// How the slice was read, as options say it.
    pub reading: String,
    /// Of this program.
    pub version: String,
    /// Codes of warnings, separated by spaces.
    pub warnings: String,
}

impl Row {
    /// The row of a slice.
    pub fn of(slice: &Slice, prediction: Prediction, made_by: &MadeBy) -> Self {
        let dicom = slice.dicom.as_ref();
        let codes: Vec<_> = slice.warnings.iter().map(Warning::code).collect();
        Self {
            file: slice.source.clone(),
            id: slice.name.clone(),
            sop_instance_uid: dicom.and_then(|dicom| dicom.sop_instance_uid.clone()),
            series_instance_uid: dicom.and_then(|dicom| dicom.series_instance_uid.clone()),
            probability: prediction.probability,
            prediction: prediction.is_hemorrhage().into(),
            bytes: slice.bytes,
            weights: made_by.weights.clone(),
            reading: made_by.reading.clone(),
            version: made_by.version.to_owned(),
            warnings: codes.join(" "),
        }
    }

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
#[non_exhaustive]
pub struct MadeBy {
    /// As [`Row::weights`].
    pub weights: String,
    /// As [`Row::reading`].
    pub reading: String,
    /// As [`Row::version`].
    pub version: &'static str,
}

impl MadeBy {
    /// What predictions of this session depend on.
    pub fn of(session: &Session) -> Self {
        Self {
            weights: session.weights().content().to_string(),
            reading: session.reading().to_string(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

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
