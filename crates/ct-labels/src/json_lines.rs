use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::prediction_table::{EXPECTED_PROBABILITY, check_label};
use crate::probabilities::Probabilities;
use crate::table::check_name;
use crate::text::{MAX_ROWS, quoted};
use crate::{Error, PredictionFormat, Reading, Subtype};

const PROBABILITY: &str = "probability";
const EXPECTED_NAME: &str = "`SOPInstanceUID`, `sop_instance_uid`, `id` or `file`";

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "SOPInstanceUID")]
    uid: Option<String>,
    sop_instance_uid: Option<String>,
    id: Option<String>,
    file: Option<String>,
    /// None without the key, `Some(None)` where it is null.
    #[serde(default, deserialize_with = "present")]
    probability: Option<Option<f64>>,
    /// What `probability` is of.
    label: Option<String>,
    /// By label.
    #[serde(default)]
    probabilities: BTreeMap<String, Option<f64>>,
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Object {
    /// Those of the subtypes where the object has one of any hemorrhage among them, or else its one
    /// probability.
    fn probabilities(&self, line: usize) -> Result<Vec<(Subtype, Option<f64>)>, Error> {
        let by_label = self.probabilities.iter();
        let mut found: Vec<_> = by_label
            .filter_map(|(label, &p)| Some((Subtype::from_name(label)?, p)))
            .collect();
        if !found.iter().any(|&(subtype, _)| subtype == Subtype::Any) {
            let p = self.probability.ok_or(Error::MissingKey {
                line,
                expected: "`probability`",
            })?;
            check_label(self.label.as_deref().unwrap_or_default(), line)?;
            found = vec![(Subtype::Any, p)];
        }
        for p in found.iter().filter_map(|&(_, p)| p) {
            if !(0.0..=1.0).contains(&p) {
                return Err(Error::Field {
                    line,
                    column: PROBABILITY,
                    found: quoted(&p.to_string()),
                    expected: EXPECTED_PROBABILITY,
                });
            }
        }
        Ok(found)
    }

    /// Its names, the most certain first.
    fn names(self, line: usize) -> Result<Vec<String>, Error> {
        let named = [
            ("SOPInstanceUID", self.uid),
            ("sop_instance_uid", self.sop_instance_uid),
            ("id", self.id),
            ("file", self.file),
        ];
        let mut names = Vec::new();
        for (key, name) in named {
            if let Some(name) = name {
                check_name(name.trim(), key, line)?;
                names.push(name.trim().to_owned());
            }
        }
        match names.is_empty() {
            true => Err(Error::MissingKey {
                line,
                expected: EXPECTED_NAME,
            }),
            false => Ok(names),
        }
    }
}

/// Reads a JSON object a line.
pub(crate) fn read(text: &str) -> Result<(Probabilities, Reading<PredictionFormat>), Error> {
    let mut all = Probabilities::default();
    let mut reading = Reading {
        format: PredictionFormat::JsonLines,
        separator: None,
        n_rows: 0,
        n_empty_rows: 0,
        n_repeated_rows: 0,
        n_decimal_commas: 0,
    };
    for (index, json) in text.lines().enumerate() {
        let line = index + 1;
        if json.trim().is_empty() {
            continue;
        }
        reading.n_rows += 1;
        if reading.n_rows > MAX_ROWS {
            return Err(Error::TooManyRows {
                line,
                limit: MAX_ROWS,
            });
        }
        let object = object(json).map_err(|source| Error::Json {
            line,
            character: source.column().max(1),
            source: Box::new(source),
        })?;
        let probabilities = object.probabilities(line)?;
        let names = object.names(line)?;
        let mut is_new = false;
        for (subtype, p) in probabilities {
            is_new |= all.insert(names.clone(), subtype, p, line)?;
        }
        if !is_new {
            reading.n_repeated_rows += 1;
        }
    }
    Ok((all, reading))
}

/// An array is refused: `serde` would take its values in the order of the fields.
fn object(json: &str) -> Result<Object, serde_json::Error> {
    if json.trim_start().starts_with('[') {
        return Err(serde::de::Error::custom("an array, expected an object"));
    }
    serde_json::from_str(json)
}
