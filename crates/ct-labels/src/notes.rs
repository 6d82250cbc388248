use std::fmt::{Display, Formatter, Result};

use crate::text::cut;
use crate::{JudgedBy, Reading, Separator, Summary};

/// Of a line of the printed summary.
pub(crate) const N_COLUMNS: usize = 80;

/// Names of boxes that are listed.
const N_NAMES: usize = 5;

const INDEPENDENCE: &str = "The intervals take slices as independent. Slices of one patient are not, so \
    the intervals are too narrow.";

const ALL_CERTAIN: &str = "Every probability is 0 or 1: are these verdicts or labels? Their ROC curve has one \
    corner, and nothing is said of calibration.";

impl Summary {
    /// What a reader of the numbers needs to know, at the end of the printed summary.
    pub(crate) fn notes(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f)?;
        note(f, &format!("Labels: {}", reading(&self.labels)))?;
        note(f, &format!("Predictions: {}", reading(&self.predictions)))?;
        self.subtype_notes(f)?;
        if self.n_certain == self.n_cases {
            note(f, ALL_CERTAIN)?;
        }
        if self.n_unlisted_negatives > 0 {
            let n = self.n_unlisted_negatives;
            note(
                f,
                &format!("Negative because the table of boxes does not list them: {n} slices."),
            )?;
        }
        if !self.other_label_names.is_empty() {
            let names = self.other_label_names.iter().take(N_NAMES);
            let names: Vec<_> = names.map(|name| cut(name, 20)).collect();
            let n = self.other_label_names.len();
            let names = names.join(", ");
            note(
                f,
                &format!("Names of boxes that are no subtype: {n}, the first: {names}."),
            )?;
        }
        note(f, INDEPENDENCE)?;
        match &self.youden {
            Ok(youden) => note(f, youden.warning),
            Err(_) => Ok(()),
        }
    }

    /// By which probability each subtype is judged.
    fn subtype_notes(&self, f: &mut Formatter<'_>) -> Result {
        let of = |judged_by| {
            let subtypes = self.subtypes.iter();
            let names = subtypes.filter(|subtype| subtype.judged_by == judged_by);
            let names: Vec<_> = names.map(|subtype| subtype.subtype.name()).collect();
            names.join(", ")
        };
        for (judged_by, names) in [JudgedBy::Own, JudgedBy::Any].map(|by| (by, of(by))) {
            let probability = match judged_by {
                JudgedBy::Own => "its own probability",
                JudgedBy::Any => "the probability of any hemorrhage",
            };
            if !names.is_empty() {
                note(
                    f,
                    &format!(
                        "Judged by {probability}, against slices without hemorrhage: {names}."
                    ),
                )?;
            }
        }
        for subtype in self
            .subtypes
            .iter()
            .filter(|subtype| subtype.n_without_probability > 0)
        {
            let (n, name) = (subtype.n_without_probability, subtype.subtype.name());
            note(
                f,
                &format!("Left out for want of a probability of {name}: {n} slices."),
            )?;
        }
        Ok(())
    }
}

/// How a table was read, in words.
fn reading<Format: Display>(reading: &Reading<Format>) -> String {
    let mut said = vec![format!(
        "{} rows, one for {}",
        reading.n_rows, reading.format
    )];
    if let Some(separator) = reading.separator {
        let separator = match separator {
            Separator::Comma => "commas",
            Separator::Semicolon => "semicolons",
            Separator::Tab => "tabs",
        };
        said.push(format!("separated by {separator}"));
    }
    for (n, what) in [
        (reading.n_repeated_rows, "repeated rows, counted once"),
        (reading.n_empty_rows, "empty rows, passed over"),
        (reading.n_decimal_commas, "decimal commas"),
    ] {
        if n > 0 {
            said.push(format!("{what}: {n}"));
        }
    }
    said.join("; ") + "."
}

/// Writes a text in lines of at most [`N_COLUMNS`].
fn note(f: &mut Formatter<'_>, text: &str) -> Result {
    let mut line = String::from("-");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > N_COLUMNS {
            writeln!(f, "{line}")?;
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(f, "{line}")
}
