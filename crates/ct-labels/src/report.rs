use std::fmt::{Display, Formatter, Result};

use crate::notes::N_COLUMNS;
use crate::text::cut;
use crate::{
    Auc, CalibrationBin, Interval, OperatingPoint, Proportion, SubtypeSummary, Summary, Undefined,
    Unmatched, Youden,
};

type Defined<T> = std::result::Result<T, Undefined>;

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Summary {
            n_cases,
            n_positives,
            n_negatives,
            ..
        } = self;
        writeln!(
            f,
            "{n_cases} slices judged: {n_positives} positive, {n_negatives} negative"
        )?;
        writeln!(f)?;
        row(f, "", "value   95 % interval")?;
        row(f, "ROC AUC", &auc(&self.auc))?;
        row(f, "average precision", &number(self.average_precision))?;
        row(f, "Brier score", &number(self.brier_score))?;

        writeln!(
            f,
            "\nPositive from probability {}",
            threshold(self.at_threshold.threshold)
        )?;
        operating_point(f, &self.at_threshold)?;
        match &self.youden {
            Ok(Youden { index, at, .. }) => {
                let threshold = threshold(at.threshold);
                writeln!(
                    f,
                    "\nYouden: positive from probability {threshold}, index {}",
                    decimal(*index)
                )?;
                operating_point(f, at)?;
            }
            Err(reason) => writeln!(f, "\nYouden: {reason}")?,
        }

        writeln!(f)?;
        writeln!(
            f,
            "{:<17}{:>6}  {:<26}sensitivity",
            "subtype", "slices", "AUC"
        )?;
        for subtype in &self.subtypes {
            subtype_row(f, subtype)?;
        }

        writeln!(f)?;
        writeln!(
            f,
            "{:<14}{:>9}{:>11}{:>11}  95 % interval",
            "probability", "slices", "mean", "positive"
        )?;
        for bin in &self.calibration {
            bin_row(f, bin)?;
        }

        if self.without_probability.n > 0 {
            unmatched(
                f,
                "predictions without a probability",
                &self.without_probability,
            )?;
        }
        unmatched(f, "predictions without a label", &self.without_label)?;
        unmatched(f, "labels without a prediction", &self.without_prediction)?;
        self.notes(f)
    }
}

fn operating_point(f: &mut Formatter<'_>, at: &OperatingPoint) -> Result {
    row(f, "sensitivity", &proportion(&at.sensitivity, true))?;
    row(f, "specificity", &proportion(&at.specificity, true))?;
    row(f, "PPV", &proportion(&at.ppv, true))?;
    row(f, "NPV", &proportion(&at.npv, true))?;
    row(f, "accuracy", &proportion(&at.accuracy, true))?;
    row(f, "F1", &number(at.f1))?;
    writeln!(
        f,
        "  TP {}, FP {}, TN {}, FN {}",
        at.n_true_positives, at.n_false_positives, at.n_true_negatives, at.n_false_negatives
    )
}

/// A threshold with all its digits; a tiny one with an exponent, and not with all its zeros.
fn threshold(threshold: f64) -> String {
    let decimal = threshold.to_string();
    match decimal.len() {
        0..=22 => decimal,
        _ => format!("{threshold:e}"),
    }
}

fn row(f: &mut Formatter<'_>, name: &str, value: &str) -> Result {
    writeln!(f, "{}", format!("  {name:<22}{value}").trim_end())
}

fn subtype_row(f: &mut Formatter<'_>, subtype: &SubtypeSummary) -> Result {
    let auc = match &subtype.auc {
        Ok(Auc {
            estimate,
            interval: Err(_),
            ..
        }) => format!("{}  no interval", decimal(*estimate)),
        auc_or_reason => auc(auc_or_reason),
    };
    let line = format!(
        "{:<17}{:>6}  {auc:<26}{}",
        subtype.subtype.name(),
        subtype.n_positives,
        proportion(&subtype.sensitivity, false),
    );
    writeln!(f, "{}", line.trim_end())
}

fn bin_row(f: &mut Formatter<'_>, bin: &CalibrationBin) -> Result {
    let range = format!("{:.1} to {:.1}", bin.above, bin.up_to);
    match (bin.mean_probability, bin.positives) {
        (Ok(mean), Ok(positives)) => writeln!(
            f,
            "{range:<14}{:>9}{:>11}{:>11}  {}",
            positives.n_cases,
            decimal(mean),
            decimal(positives.estimate),
            interval(positives.interval),
        ),
        _ => writeln!(f, "{range:<14}{:>9}{:>11}{:>11}", 0, "-", "-"),
    }
}

fn number(value: Defined<f64>) -> String {
    value.map_or_else(|reason| reason.to_string(), decimal)
}

/// Four decimals, where 0 and 1 stand only for what is exactly that: 0.99997 of the cases is not all.
fn decimal(value: f64) -> String {
    let shown = match value > 0.0 && value < 1.0 {
        true => value.clamp(0.0001, 0.9999),
        false => value,
    };
    format!("{shown:.4}")
}

fn interval(interval: Interval) -> String {
    format!("{} to {}", decimal(interval.low), decimal(interval.high))
}

fn auc(auc: &Defined<Auc>) -> String {
    match auc {
        Ok(auc) => {
            let estimate = decimal(auc.estimate);
            match auc.interval {
                Ok(ends) => format!("{estimate}  {}", interval(ends)),
                Err(reason) => format!("{estimate}  no interval: {reason}"),
            }
        }
        Err(reason) => reason.to_string(),
    }
}

fn proportion(proportion: &Defined<Proportion>, with_counts: bool) -> String {
    match proportion {
        Ok(p) => {
            let counts = match with_counts {
                true => format!("  {} of {}", p.n_hits, p.n_cases),
                false => String::new(),
            };
            format!("{}  {}{counts}", decimal(p.estimate), interval(p.interval))
        }
        Err(reason) => reason.to_string(),
    }
}

fn unmatched(f: &mut Formatter<'_>, what: &str, unmatched: &Unmatched) -> Result {
    let n = unmatched.n;
    match n {
        0 => writeln!(f, "\n{what}: none")?,
        _ if n > unmatched.first.len() => writeln!(f, "\n{what}: {n}, the first:")?,
        _ => writeln!(f, "\n{what}: {n}")?,
    }
    for name in &unmatched.first {
        writeln!(f, "  {}", cut(name, N_COLUMNS - 2))?;
    }
    Ok(())
}
