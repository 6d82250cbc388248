use serde::Serialize;

use crate::undefined;
use crate::{Cases, Error, Proportion, Undefined};

/// What a classifier does that calls a case positive at or above a threshold.
///
/// Shares have Wilson intervals, for independent cases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OperatingPoint {
    /// In `[0, 1]`.
    pub threshold: f64,
    /// Positives called positive.
    pub n_true_positives: usize,
    /// Negatives called positive.
    pub n_false_positives: usize,
    /// Negatives called negative.
    pub n_true_negatives: usize,
    /// Positives called negative.
    pub n_false_negatives: usize,
    /// `TP / (TP + FN)`.
    #[serde(serialize_with = "undefined::serialize")]
    pub sensitivity: Result<Proportion, Undefined>,
    /// `TN / (TN + FP)`.
    #[serde(serialize_with = "undefined::serialize")]
    pub specificity: Result<Proportion, Undefined>,
    /// Positive predictive value, `TP / (TP + FP)`. It holds for this share of positives only.
    #[serde(serialize_with = "undefined::serialize")]
    pub ppv: Result<Proportion, Undefined>,
    /// Negative predictive value, `TN / (TN + FN)`. It holds for this share of positives only.
    #[serde(serialize_with = "undefined::serialize")]
    pub npv: Result<Proportion, Undefined>,
    /// `(TP + TN) / all`.
    #[serde(serialize_with = "undefined::serialize")]
    pub accuracy: Result<Proportion, Undefined>,
    /// `2 TP / (2 TP + FP + FN)`. It is not a share of cases, and has no interval.
    #[serde(serialize_with = "undefined::serialize")]
    pub f1: Result<f64, Undefined>,
}

impl OperatingPoint {
    /// Counts at a threshold; a probability equal to it is called positive.
    ///
    /// # Errors
    ///
    /// [`Error::Threshold`] if it is NaN or not in `[0, 1]`.
    pub fn new(cases: &Cases, threshold: f64) -> Result<OperatingPoint, Error> {
        if !(0.0..=1.0).contains(&threshold) {
            return Err(Error::Threshold(threshold));
        }
        let (mut tp, mut fp) = (0, 0);
        for group in cases.groups() {
            if group.probability >= threshold {
                tp += group.n_positives;
                fp += group.n_negatives;
            }
        }
        let (tn, fn_) = (cases.n_negatives() - fp, cases.n_positives() - tp);
        Ok(OperatingPoint {
            threshold,
            n_true_positives: tp,
            n_false_positives: fp,
            n_true_negatives: tn,
            n_false_negatives: fn_,
            sensitivity: Proportion::new(tp, fn_, Undefined::NoPositives),
            specificity: Proportion::new(tn, fp, Undefined::NoNegatives),
            ppv: Proportion::new(tp, fp, Undefined::NoPredictedPositives),
            npv: Proportion::new(tn, fn_, Undefined::NoPredictedNegatives),
            accuracy: Proportion::new(tp + tn, fp + fn_, Undefined::NoCases),
            f1: match 2 * tp + fp + fn_ {
                0 => Err(Undefined::NoPositives),
                n => Ok((2 * tp) as f64 / n as f64),
            },
        })
    }
}
