use serde::Serialize;

use crate::interval::{Interval, Z};
use crate::undefined;
use crate::{Cases, Undefined};

/// Area under the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Auc {
    /// The area: the chance that a positive has a higher probability than a negative.
    pub estimate: f64,
    /// Square root of the DeLong variance.
    #[serde(serialize_with = "undefined::serialize")]
    pub standard_error: Result<f64, Undefined>,
    /// 95 % confidence.
    #[serde(serialize_with = "undefined::serialize")]
    pub interval: Result<Interval, Undefined>,
}

/// Area under the ROC curve, with an interval for independent cases.
///
/// The interval is symmetric on the scale of log odds and therefore stays in `[0, 1]`. At an area of
/// exactly 0 or 1, or if all probabilities are equal, the estimated variance is 0: there is no interval then,
/// [`Undefined::ZeroVariance`], and not one of length 0. With a single positive or negative it is
/// [`Undefined::FewerThanTwo`].
///
/// # Errors
///
/// [`Undefined::NoPositives`] or [`Undefined::NoNegatives`].
pub fn roc_auc(cases: &Cases) -> Result<Auc, Undefined> {
    cases.both_classes()?;
    let (m, n) = (cases.n_positives() as f64, cases.n_negatives() as f64);

    // Mann and Whitney 1947, Bamber 1975: the share of the m n pairs in which the positive is higher, ties
    // half. In half pairs, so that the sum is exact.
    let half_pairs: u64 = placements(cases)
        .map(|group| group.n_positives * group.half_negatives_below)
        .sum();
    let estimate = half_pairs as f64 / (2.0 * m * n);

    let standard_error = delong_variance(cases, estimate).map(f64::sqrt);
    Ok(Auc {
        estimate,
        standard_error,
        interval: standard_error.map(|error| logit_interval(estimate, error)),
    })
}

/// DeLong, DeLong and Clarke-Pearson, Biometrics 44:837-845 (1988): var = S10 / m + S01 / n, where S10 is the
/// sample variance of V10(X_i) = the share of negatives below positive i, and S01 that of V01(Y_j) = the
/// share of positives above negative j, ties half.
///
/// Sun and Xu, IEEE Signal Processing Letters 21:1389-1393 (2014), find these shares from midranks in one
/// sort. Counts of tied groups are the same midranks, written as differences.
fn delong_variance(cases: &Cases, auc: f64) -> Result<f64, Undefined> {
    let (m, n) = (cases.n_positives() as f64, cases.n_negatives() as f64);
    if m < 2.0 || n < 2.0 {
        return Err(Undefined::FewerThanTwo);
    }
    let (mut s10, mut s01) = (0.0, 0.0);
    for group in placements(cases) {
        let v10 = group.half_negatives_below as f64 / (2.0 * n);
        let v01 = 1.0 - group.half_positives_below as f64 / (2.0 * m);
        s10 += group.n_positives as f64 * (v10 - auc).powi(2);
        s01 += group.n_negatives as f64 * (v01 - auc).powi(2);
    }
    let variance = s10 / (m - 1.0) / m + s01 / (n - 1.0) / n;
    if variance > 0.0 {
        Ok(variance)
    } else {
        Err(Undefined::ZeroVariance)
    }
}

/// Pepe, "The Statistical Evaluation of Medical Tests" (2003), chapter 5: logit(A) -+ z se / (A (1 - A)), the
/// error carried to the logit by the delta method, and back.
fn logit_interval(auc: f64, standard_error: f64) -> Interval {
    let logit = (auc / (1.0 - auc)).ln();
    let half = Z * standard_error / (auc * (1.0 - auc));
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    Interval {
        low: logistic(logit - half).min(auc),
        high: logistic(logit + half).max(auc),
    }
}

/// A group of tied cases and twice the number of cases below it, a tied case counted as half below.
struct Placement {
    n_positives: u64,
    n_negatives: u64,
    half_positives_below: u64,
    half_negatives_below: u64,
}

fn placements(cases: &Cases) -> impl Iterator<Item = Placement> {
    let (mut positives_below, mut negatives_below) = (0, 0);
    cases.groups().iter().map(move |group| {
        let (n_positives, n_negatives) = (group.n_positives as u64, group.n_negatives as u64);
        let placement = Placement {
            n_positives,
            n_negatives,
            half_positives_below: 2 * positives_below + n_positives,
            half_negatives_below: 2 * negatives_below + n_negatives,
        };
        positives_below += n_positives;
        negatives_below += n_negatives;
        placement
    })
}

/// A corner of the ROC curve: the rates if cases at or above the threshold are called positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RocPoint {
    /// A probability that occurs; none at the first point, where nothing is called positive.
    pub threshold: Option<f64>,
    /// Share of the negatives that are called positive: 1 - specificity.
    pub false_positive_rate: f64,
    /// Share of the positives that are called positive: the sensitivity.
    pub true_positive_rate: f64,
}

/// The ROC curve from (0, 0) to (1, 1), by falling threshold (Fawcett 2006, algorithm 1).
///
/// Points inside a straight part are left out: the curve and its area are those of all thresholds.
///
/// # Errors
///
/// [`Undefined::NoPositives`] or [`Undefined::NoNegatives`].
pub fn roc_curve(cases: &Cases) -> Result<Vec<RocPoint>, Undefined> {
    cases.both_classes()?;
    let mut corners: Vec<Counts> = vec![Counts::default()];
    for counts in Counts::by_falling_threshold(cases) {
        if let [.., before, last] = corners[..]
            && last.is_between(before, counts)
        {
            corners.pop();
        }
        corners.push(counts);
    }
    let (m, n) = (cases.n_positives() as f64, cases.n_negatives() as f64);
    Ok(corners
        .into_iter()
        .map(|counts| RocPoint {
            threshold: counts.threshold,
            false_positive_rate: counts.n_false as f64 / n,
            true_positive_rate: counts.n_true as f64 / m,
        })
        .collect())
}

/// The threshold with the largest `sensitivity + specificity - 1`, and that index (Youden, Cancer 3:32-35,
/// 1950); the highest one if there are several.
///
/// # Errors
///
/// [`Undefined::NoPositives`] or [`Undefined::NoNegatives`].
pub fn youden_threshold(cases: &Cases) -> Result<(f64, f64), Undefined> {
    cases.both_classes()?;
    let (m, n) = (cases.n_positives() as i128, cases.n_negatives() as i128);
    // m n times the index, an integer: ties are ties.
    let mut best: Option<(f64, i128)> = None;
    for counts in Counts::by_falling_threshold(cases) {
        let index = counts.n_true as i128 * n - counts.n_false as i128 * m;
        if let Some(threshold) = counts.threshold
            && best.is_none_or(|(_, largest)| index > largest)
        {
            best = Some((threshold, index));
        }
    }
    let (threshold, index) = best.ok_or(Undefined::NoPositives)?;
    Ok((threshold, index as f64 / (m as f64 * n as f64)))
}

/// Sum over thresholds of `(recall_k - recall_(k-1)) precision_k`, falling: the area under the steps of the
/// precision-recall curve, not interpolated (Manning, Raghavan and Schuetze 2008, section 8.4). Tied cases
/// are one step.
///
/// # Errors
///
/// [`Undefined::NoPositives`] or [`Undefined::NoNegatives`].
pub fn average_precision(cases: &Cases) -> Result<f64, Undefined> {
    cases.both_classes()?;
    let (mut sum, mut n_true_before) = (0.0, 0);
    for counts in Counts::by_falling_threshold(cases) {
        let precision = counts.n_true as f64 / (counts.n_true + counts.n_false) as f64;
        sum += (counts.n_true - n_true_before) as f64 * precision;
        n_true_before = counts.n_true;
    }
    Ok(sum / cases.n_positives() as f64)
}

/// Cases at or above a threshold.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    threshold: Option<f64>,
    n_true: usize,
    n_false: usize,
}

impl Counts {
    fn by_falling_threshold(cases: &Cases) -> impl Iterator<Item = Counts> {
        let falling = cases.groups().iter().rev();
        falling.scan(Counts::default(), |counts, group| {
            *counts = Counts {
                threshold: Some(group.probability),
                n_true: counts.n_true + group.n_positives,
                n_false: counts.n_false + group.n_negatives,
            };
            Some(*counts)
        })
    }

    /// Whether the point is on the straight line from one to the other.
    fn is_between(self, from: Counts, to: Counts) -> bool {
        let step = |from: Counts, to: Counts| {
            let n_true = (to.n_true - from.n_true) as u128;
            (n_true, (to.n_false - from.n_false) as u128)
        };
        let (first, second) = (step(from, self), step(self, to));
        first.0 * second.1 == first.1 * second.0
    }
}
