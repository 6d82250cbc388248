//! A row of the table of predictions.

use std::fmt;

use ct_io::Warning;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::session::{Prediction, Session};
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
    /// What the probability is of: the name of an output of the network.
    pub label: String,
    /// Of the label.
    pub probability: f32,
    /// 1 above the label's threshold, 0.5 where nothing else is declared; else 0.
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
    /// Of every label of the network, where they are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<ByLabel>,
}

/// Probabilities by label, in the network's order.
#[derive(Debug, Clone, PartialEq)]
pub struct ByLabel(pub Vec<(String, f32)>);

impl Serialize for ByLabel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(label, p)| (label, p)))
    }
}

impl<'de> Deserialize<'de> for ByLabel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = ByLabel;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("probabilities by label")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByLabel, A::Error> {
                let mut probabilities = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    probabilities.push(entry);
                }
                Ok(ByLabel(probabilities))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl Row {
    /// The row of a slice.
    pub fn of(slice: &Slice, prediction: &Prediction, made_by: &MadeBy) -> Self {
        let dicom = slice.dicom.as_ref();
        let codes: Vec<_> = slice.warnings.iter().map(Warning::code).collect();
        Self {
            file: slice.source.clone(),
            id: slice.name.clone(),
            sop_instance_uid: dicom.and_then(|dicom| dicom.sop_instance_uid.clone()),
            series_instance_uid: dicom.and_then(|dicom| dicom.series_instance_uid.clone()),
            label: made_by.label.clone(),
            probability: prediction.probability,
            prediction: prediction.is_positive.into(),
            bytes: slice.bytes,
            weights: made_by.weights.clone(),
            reading: made_by.reading.clone(),
            version: made_by.version.to_owned(),
            warnings: codes.join(" "),
            probabilities: made_by.all_labels.as_ref().map(|labels| {
                let probabilities = prediction.probabilities.iter().copied();
                ByLabel(labels.iter().cloned().zip(probabilities).collect())
            }),
        }
    }

    /// The row with the texts that come from outside changed.
    pub(crate) fn map_texts(&self, change: impl Fn(&str) -> String) -> Self {
        Self {
            file: change(&self.file),
            id: change(&self.id),
            sop_instance_uid: self.sop_instance_uid.as_deref().map(&change),
            series_instance_uid: self.series_instance_uid.as_deref().map(&change),
            label: change(&self.label),
            weights: change(&self.weights),
            ..self.clone()
        }
    }
}

/// What all predictions of a call depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeBy {
    /// As [`Row::label`].
    pub label: String,
    /// The labels of [`Row::probabilities`], where they are asked for.
    pub all_labels: Option<Vec<String>>,
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
        let labels = session.labels();
        Self {
            label: labels.chosen_name().to_owned(),
            all_labels: None,
            weights: session.weights().content().to_string(),
            reading: session.reading().to_string(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The same with the probabilities of all labels of the session's network.
    pub fn with_all_labels(self, session: &Session) -> Self {
        Self {
            all_labels: Some(session.labels().names().to_vec()),
            ..self
        }
    }

    /// What differs between a row and the predictions of this call, if anything does.
    pub(crate) fn difference(&self, row: &Row) -> Option<String> {
        let listed = |labels: Option<&[String]>| match labels {
            Some(labels) => format!("all labels ({})", labels.join(", ")),
            None => "one label".to_owned(),
        };
        let theirs = row.probabilities.as_ref().map(|by_label| {
            let labels = by_label.0.iter().map(|(label, _)| label.clone());
            labels.collect::<Vec<_>>()
        });
        let (theirs, ours) = (
            listed(theirs.as_deref()),
            listed(self.all_labels.as_deref()),
        );
        let pairs = [
            ("weights", &*row.weights, &*self.weights),
            ("label", &*row.label, &*self.label),
            ("probabilities of", &*theirs, &*ours),
            ("reading", &*row.reading, &*self.reading),
            ("version", &*row.version, self.version),
        ];
        let (what, theirs, ours) = pairs.into_iter().find(|(_, a, b)| a != b)?;
        Some(format!("{what} {theirs}, now {ours}"))
    }
}
