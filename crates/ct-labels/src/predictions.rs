use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::Error;
use crate::table::{Table, check_name};
use crate::text::{self, MAX_ROWS, quoted};

/// Names that a prediction may have, the most certain first.
const NAMES: [&str; 4] = ["SOPInstanceUID", "sop_instance_uid", "id", "file"];

const PROBABILITY: &str = "probability";
const EXPECTED_COLUMNS: &str =
    "`probability` and one of `SOPInstanceUID`, `sop_instance_uid`, `id` and `file`";
const EXPECTED_NAME: &str = "`SOPInstanceUID`, `sop_instance_uid`, `id` or `file`";
const EXPECTED_PROBABILITY: &str = "a number from 0 to 1";

/// Probabilities of a hemorrhage, by slice.
///
/// Read from CSV with a header, or from JSON Lines, where each line is an object; the first character
/// decides. Both have `probability` and at least one name: `SOPInstanceUID`, `sop_instance_uid`, `id` or
/// `file`. Other columns and keys are ignored. Limits and line ends are those of
/// [`Labels`](crate::Labels); a row may be repeated, but not contradicted.
///
/// A prediction belongs to the label that has one of its names. If there is none, it belongs to a label
/// whose name, extensions aside, is the end of one of its paths: `scans/p1/ID_0a.dcm` to `ID_0a`,
/// `ID_0a.png`, `p1/ID_0a`. What follows the last dot of `1.2.840.17` is no extension but a number.
#[derive(Debug, Clone)]
pub struct Predictions {
    rows: BTreeMap<Vec<String>, f64>,
}

/// The lines seen so far.
type Rows = BTreeMap<Vec<String>, (f64, usize)>;

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "SOPInstanceUID")]
    uid: Option<String>,
    sop_instance_uid: Option<String>,
    id: Option<String>,
    file: Option<String>,
    probability: Option<f64>,
}

impl Predictions {
    /// Reads predictions from a file.
    ///
    /// # Errors
    ///
    /// [`Error::InFile`] around [`Error::NotAFile`], [`Error::Io`] or an error of
    /// [`from_reader`](Self::from_reader).
    pub fn read(path: impl AsRef<Path>) -> Result<Predictions, Error> {
        let path = path.as_ref();
        let read = || Predictions::from_reader(text::open(path)?);
        read().map_err(text::in_file(path))
    }

    /// Reads predictions.
    ///
    /// # Errors
    ///
    /// One error for each way of being malformed, with the line: [`Error::Io`], [`Error::TooLarge`],
    /// [`Error::TooManyRows`], [`Error::NotUtf8`], [`Error::NoRows`], [`Error::LineBreak`],
    /// [`Error::Header`], [`Error::DuplicateColumn`], [`Error::FieldCount`], [`Error::Field`],
    /// [`Error::Json`], [`Error::MissingKey`] and [`Error::Contradiction`].
    pub fn from_reader(reader: impl Read) -> Result<Predictions, Error> {
        let text = text::read(reader)?;
        let rows = if text.trim_start().starts_with('{') {
            read_json_lines(&text)?
        } else {
            read_csv(&text)?
        };
        Ok(Predictions {
            rows: rows.into_iter().map(|(names, (p, _))| (names, p)).collect(),
        })
    }

    /// The predictions, each with its names, sorted by them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[String], f64)> {
        self.rows.iter().map(|(names, &p)| (names.as_slice(), p))
    }

    /// Number of predictions.
    #[must_use]
    pub fn n_predictions(&self) -> usize {
        self.rows.len()
    }
}

fn read_csv(text: &str) -> Result<Rows, Error> {
    let mut table = Table::new(text)?;
    let mut columns = Vec::new();
    for name in NAMES {
        columns.extend(table.column(name)?);
    }
    let probability = match table.column(PROBABILITY)? {
        Some(column) if !columns.is_empty() => column,
        _ => return Err(table.unknown_header(EXPECTED_COLUMNS)),
    };
    let mut rows = Rows::new();
    while let Some(line) = table.advance()? {
        let p: f64 = match table.field(probability).parse() {
            Ok(p) if (0.0..=1.0).contains(&p) => p,
            _ => return Err(table.unexpected(probability, EXPECTED_PROBABILITY)),
        };
        // A cell may be empty where another one names the slice.
        let mut named: Vec<_> = columns
            .iter()
            .filter(|&&column| !table.field(column).is_empty())
            .collect();
        if named.is_empty() {
            // Its error names the column.
            named.extend(columns.first());
        }
        let names: Result<Vec<_>, _> = named
            .into_iter()
            .map(|&column| table.name(column).map(str::to_owned))
            .collect();
        insert(&mut rows, names?, p, line)?;
    }
    Ok(rows)
}

fn read_json_lines(text: &str) -> Result<Rows, Error> {
    let mut rows = Rows::new();
    let mut n_rows = 0;
    for (index, json) in text.lines().enumerate() {
        let line = index + 1;
        if json.trim().is_empty() {
            continue;
        }
        n_rows += 1;
        if n_rows > MAX_ROWS {
            return Err(Error::TooManyRows {
                line,
                limit: MAX_ROWS,
            });
        }
        let object = object(json).map_err(|source| Error::Json {
            line,
            character: source.column().max(1),
            source,
        })?;
        let p = object.probability.ok_or(Error::MissingKey {
            line,
            expected: "`probability`",
        })?;
        if !(0.0..=1.0).contains(&p) {
            return Err(Error::Field {
                line,
                column: PROBABILITY,
                found: quoted(&p.to_string()),
                expected: EXPECTED_PROBABILITY,
            });
        }
        let mut names = Vec::new();
        let values = [object.uid, object.sop_instance_uid, object.id, object.file];
        for (key, name) in NAMES.into_iter().zip(values) {
            if let Some(name) = name {
                check_name(name.trim(), key, line)?;
                names.push(name.trim().to_owned());
            }
        }
        if names.is_empty() {
            return Err(Error::MissingKey {
                line,
                expected: EXPECTED_NAME,
            });
        }
        insert(&mut rows, names, p, line)?;
    }
    Ok(rows)
}

/// An array is refused: `serde` would take its values in the order of the fields.
fn object(json: &str) -> Result<Object, serde_json::Error> {
    if json.trim_start().starts_with('[') {
        return Err(serde::de::Error::custom("an array, expected an object"));
    }
    serde_json::from_str(json)
}

fn insert(rows: &mut Rows, names: Vec<String>, p: f64, line: usize) -> Result<(), Error> {
    match rows.entry(names) {
        Entry::Vacant(entry) => {
            entry.insert((p, line));
        }
        Entry::Occupied(entry) => {
            let (first, first_line) = *entry.get();
            if first != p {
                return Err(Error::Contradiction {
                    line,
                    name: quoted(&entry.key().join(", ")),
                    found: p.to_string(),
                    first_line,
                    first: first.to_string(),
                });
            }
        }
    }
    Ok(())
}
