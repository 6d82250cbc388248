use serde::Serialize;

use crate::undefined;
use crate::{Cases, Proportion, Undefined};

/// Bins of the calibration table.
const N_BINS: usize = 10;

/// Mean of `(probability - truth)^2`, truth 0 or 1: best is 0 (Brier, Monthly Weather Review 78:1-3, 1950, the
/// term of one of the two classes).
///
/// # Errors
///
/// [`Undefined::NoCases`].
pub fn brier_score(cases: &Cases) -> Result<f64, Undefined> {
    if cases.n_cases() == 0 {
        return Err(Undefined::NoCases);
    }
    let sum: f64 = cases
        .groups()
        .iter()
        .map(|group| {
            let p = group.probability;
            group.n_positives as f64 * (1.0 - p).powi(2) + group.n_negatives as f64 * p.powi(2)
        })
        .sum();
    Ok(sum / cases.n_cases() as f64)
}

/// Cases whose probability is in one tenth of `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CalibrationBin {
    /// Probabilities are above this; in the first bin, 0 too.
    pub above: f64,
    /// Probabilities are this or below.
    pub up_to: f64,
    /// Mean of the probabilities.
    #[serde(serialize_with = "undefined::serialize")]
    pub mean_probability: Result<f64, Undefined>,
    /// Share of positives: the mean probability, if the classifier is calibrated.
    #[serde(serialize_with = "undefined::serialize")]
    pub positives: Result<Proportion, Undefined>,
}

/// Probabilities and what came true, in ten bins of equal width (DeGroot and Fienberg 1983).
#[must_use]
pub fn calibration(cases: &Cases) -> Vec<CalibrationBin> {
    let edge = |bin: usize| bin as f64 / N_BINS as f64;
    let mut rest = cases.groups();
    (0..N_BINS)
        .map(|bin| {
            let n_groups = rest.partition_point(|group| group.probability <= edge(bin + 1));
            let (inside, above) = rest.split_at(n_groups);
            rest = above;
            let n_positives = inside.iter().map(|group| group.n_positives).sum();
            let n_negatives: usize = inside.iter().map(|group| group.n_negatives).sum();
            let n_cases = n_positives + n_negatives;
            let sum: f64 = inside
                .iter()
                .map(|group| (group.n_positives + group.n_negatives) as f64 * group.probability)
                .sum();
            CalibrationBin {
                above: edge(bin),
                up_to: edge(bin + 1),
                mean_probability: match n_cases {
                    0 => Err(Undefined::EmptyBin),
                    n => Ok(sum / n as f64),
                },
                positives: Proportion::new(n_positives, n_negatives, Undefined::EmptyBin),
            }
        })
        .collect()
}
