use std::collections::{HashMap, HashSet};

use crate::calibration::{brier_score, calibration};
use crate::roc::{average_precision, roc_auc, roc_curve, youden_threshold};
use crate::summary::{JudgedBy, SubtypeSummary, Summary, Unmatched, Youden};
use crate::text::quoted;
use crate::{Cases, Error, Label, Labels, OperatingPoint, Predictions, Subtype};

/// Judges predictions against labels, with cases at or above `threshold` called positive.
///
/// Predictions without a label or without a probability, and labels without a prediction, are counted and left
/// out. A subtype that the predictions speak of is judged by its own probabilities, and by those of any
/// hemorrhage otherwise.
///
/// # Errors
///
/// [`Error::Threshold`] if it is not in `[0, 1]`, [`Error::NoMatch`] if no prediction is among the labels, and
/// [`Error::AmbiguousLabel`] or [`Error::TwoPredictions`] where it is not clear what belongs together.
pub fn judge(labels: &Labels, predictions: &Predictions, threshold: f64) -> Result<Summary, Error> {
    let pairs = Pairs::new(labels, predictions)?;
    let cases = Cases::new(pairs.cases(Subtype::Any, |_| true))?;
    let youden = match youden_threshold(&cases) {
        Ok((threshold, index)) => Ok(Youden {
            index,
            at: OperatingPoint::new(&cases, threshold)?,
            warning: Youden::WARNING,
        }),
        Err(reason) => Err(reason),
    };
    let subtypes: Result<Vec<_>, Error> = Subtype::ALL
        .into_iter()
        .filter(|&subtype| subtype != Subtype::Any)
        .map(|subtype| pairs.judge_subtype(subtype, threshold))
        .collect();
    Ok(Summary {
        labels: labels.reading().clone(),
        predictions: predictions.reading().clone(),
        n_cases: cases.n_cases(),
        n_positives: cases.n_positives(),
        n_negatives: cases.n_negatives(),
        n_unlisted_negatives: pairs.n_unlisted,
        n_certain: cases.n_certain(),
        without_probability: pairs.without_probability,
        without_label: pairs.without_label,
        without_prediction: pairs.without_prediction,
        other_label_names: labels.other_names().map(str::to_owned).collect(),
        auc: roc_auc(&cases),
        average_precision: average_precision(&cases),
        brier_score: brier_score(&cases),
        at_threshold: OperatingPoint::new(&cases, threshold)?,
        youden,
        subtypes: subtypes?,
        calibration: calibration(&cases),
        roc_curve: roc_curve(&cases),
    })
}

/// Predictions and the labels they belong to.
struct Pairs<'p> {
    predictions: &'p Predictions,
    /// The places of the predictions, and the labels.
    pairs: Vec<(usize, Label)>,
    n_unlisted: usize,
    without_probability: Unmatched,
    without_label: Unmatched,
    without_prediction: Unmatched,
}

impl<'p> Pairs<'p> {
    fn new(labels: &Labels, predictions: &'p Predictions) -> Result<Pairs<'p>, Error> {
        let mut taken: HashMap<&str, &[String]> = HashMap::new();
        let mut pairs = Vec::with_capacity(predictions.n_predictions());
        let mut n_unlisted = 0;
        let mut without_probability = Unmatched::default();
        let mut without_label = Unmatched::default();
        for (names, at) in predictions.slices() {
            if predictions.probability(Subtype::Any, at).is_none() {
                without_probability.add(&names[0]);
                continue;
            }
            match labels.find(names)? {
                Some((name, label)) => {
                    if let Some(first) = taken.insert(name, names) {
                        return Err(Error::TwoPredictions {
                            label: quoted(name),
                            first: quoted(&first.join(", ")),
                            second: quoted(&names.join(", ")),
                        });
                    }
                    pairs.push((at, label));
                }
                None if labels.unlisted_are_negative() => {
                    n_unlisted += 1;
                    pairs.push((at, Label::NEGATIVE));
                }
                None => without_label.add(&names[0]),
            }
        }
        if taken.is_empty() {
            return Err(no_match(labels, predictions));
        }
        let taken: HashSet<&str> = taken.into_keys().collect();
        let mut without_prediction = Unmatched::default();
        for (name, _) in labels.iter().filter(|(name, _)| !taken.contains(name)) {
            without_prediction.add(name);
        }
        Ok(Pairs {
            predictions,
            pairs,
            n_unlisted,
            without_probability,
            without_label,
            without_prediction,
        })
    }

    fn judge_subtype(&self, subtype: Subtype, threshold: f64) -> Result<SubtypeSummary, Error> {
        let (judged_by, probability_of) = match self.predictions.speak_of(subtype) {
            true => (JudgedBy::Own, subtype),
            false => (JudgedBy::Any, Subtype::Any),
        };
        let is_asked_for = |label: Label| label.has(subtype) || !label.is_positive();
        let cases = Cases::new(self.cases(probability_of, is_asked_for))?;
        let n_asked_for = self.cases(Subtype::Any, is_asked_for).count();
        Ok(SubtypeSummary {
            subtype,
            judged_by,
            n_positives: cases.n_positives(),
            n_without_probability: n_asked_for - cases.n_cases(),
            auc: roc_auc(&cases),
            sensitivity: OperatingPoint::new(&cases, threshold)?.sensitivity,
        })
    }

    /// Probabilities of a subtype where the label is asked for, and whether there is a hemorrhage.
    fn cases(
        &self,
        subtype: Subtype,
        is_asked_for: impl Fn(Label) -> bool,
    ) -> impl Iterator<Item = (f64, bool)> {
        let asked_for = self
            .pairs
            .iter()
            .filter(move |(_, label)| is_asked_for(*label));
        asked_for.filter_map(move |&(at, label)| {
            let probability = self.predictions.probability(subtype, at)?;
            Some((probability, label.is_positive()))
        })
    }
}

fn no_match(labels: &Labels, predictions: &Predictions) -> Error {
    let prediction = predictions.iter().next().map(|(names, _)| names.join(", "));
    let label = labels.iter().next().map(|(name, _)| name);
    Error::NoMatch {
        n_predictions: predictions.n_predictions(),
        prediction: quoted(&prediction.unwrap_or_default()),
        n_labels: labels.n_slices(),
        label: quoted(label.unwrap_or_default()),
    }
}
