use serde::Serialize;

use crate::undefined;
use crate::{
    Auc, CalibrationBin, LabelFormat, OperatingPoint, PredictionFormat, Proportion, Reading,
    RocPoint, Subtype, Undefined,
};

/// Names listed of what found no counterpart.
const N_FIRST: usize = 5;

/// How well predictions agree with labels, with the notes that a reader of the numbers needs.
///
/// It serializes with a value or `{"undefined": "the reason"}` in each place, never with NaN, and prints as a
/// table of at most 80 columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// How the table of labels was read.
    pub labels: Reading<LabelFormat>,
    /// How the predictions were read.
    pub predictions: Reading<PredictionFormat>,
    /// Slices with a prediction and a label.
    pub n_cases: usize,
    /// Those with a hemorrhage.
    pub n_positives: usize,
    /// Those without.
    pub n_negatives: usize,
    /// Negatives because a table of boxes does not list them; see
    /// [`with_unlisted_negative`](crate::Labels::with_unlisted_negative).
    pub n_unlisted_negatives: usize,
    /// Cases with a probability of 0 or 1. If all have one, these may be verdicts or labels.
    pub n_certain: usize,
    /// Slices of the predictions whose probability is empty: they were left out, and their labels are without
    /// a prediction.
    pub without_probability: Unmatched,
    /// Predictions that were left out.
    pub without_label: Unmatched,
    /// Labels that were left out.
    pub without_prediction: Unmatched,
    /// Names in a table of boxes that count as a hemorrhage of no subtype.
    pub other_label_names: Vec<String>,
    /// Area under the ROC curve.
    #[serde(serialize_with = "undefined::serialize")]
    pub auc: Result<Auc, Undefined>,
    /// Area under the precision-recall curve.
    #[serde(serialize_with = "undefined::serialize")]
    pub average_precision: Result<f64, Undefined>,
    /// Mean squared error of the probabilities.
    #[serde(serialize_with = "undefined::serialize")]
    pub brier_score: Result<f64, Undefined>,
    /// At the threshold that was asked for.
    pub at_threshold: OperatingPoint,
    /// At the best threshold of these cases.
    #[serde(serialize_with = "undefined::serialize")]
    pub youden: Result<Youden, Undefined>,
    /// The five kinds of hemorrhage.
    pub subtypes: Vec<SubtypeSummary>,
    /// Ten bins of probability.
    pub calibration: Vec<CalibrationBin>,
    /// Corners of the ROC curve.
    #[serde(serialize_with = "undefined::serialize")]
    pub roc_curve: Result<Vec<RocPoint>, Undefined>,
}

/// Names that found no counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Unmatched {
    /// How many there are.
    pub n: usize,
    /// The first five in the order of the names.
    pub first: Vec<String>,
}

impl Unmatched {
    pub(crate) fn add(&mut self, name: &str) {
        self.n += 1;
        if self.first.len() < N_FIRST {
            self.first.push(name.to_owned());
        }
    }
}

/// The threshold that suits these cases best.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Youden {
    /// `sensitivity + specificity - 1`, the largest of all thresholds.
    pub index: f64,
    /// What the classifier does there.
    pub at: OperatingPoint,
    /// Why these numbers flatter.
    pub warning: &'static str,
}

impl Youden {
    pub(crate) const WARNING: &'static str = "The Youden threshold is chosen on the cases that it is \
        judged on: its numbers are too good, and its intervals do not hold. Choose it on other cases.";
}

/// The probability that a subtype is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JudgedBy {
    /// That of any hemorrhage: the predictions do not speak of the subtype.
    Any,
    /// That of the subtype.
    Own,
}

/// Slices with one kind of hemorrhage against all slices without any.
///
/// Slices with other kinds alone are left out, so that nothing here says how well kinds are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubtypeSummary {
    /// The kind.
    pub subtype: Subtype,
    /// By which probability.
    pub judged_by: JudgedBy,
    /// Slices that have it, alone or with others.
    pub n_positives: usize,
    /// Slices of either class that were left out for want of a probability of their own of this kind.
    pub n_without_probability: usize,
    /// Area under the ROC curve.
    #[serde(serialize_with = "undefined::serialize")]
    pub auc: Result<Auc, Undefined>,
    /// At the threshold that was asked for.
    #[serde(serialize_with = "undefined::serialize")]
    pub sensitivity: Result<Proportion, Undefined>,
}
