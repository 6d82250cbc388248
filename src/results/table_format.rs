//! How rows of the table of predictions are written, and read again.

use std::path::Path;

use ct_labels::spreadsheet;
use serde::Serialize;

use super::row::{ByLabel, Row};
use crate::Error;

/// First columns of a CSV table: the fields of [`Row`] that every row has.
const COLUMNS: [&str; 12] = [
    "file",
    "id",
    "sop_instance_uid",
    "series_instance_uid",
    "label",
    "probability",
    "prediction",
    "bytes",
    "weights",
    "reading",
    "version",
    "warnings",
];

/// What the name of a column begins with that holds the probability of one of all labels.
const OF_LABEL: &str = "probability_";

/// Formats of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
}

impl Format {
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Ok(Format::Csv),
            Some("jsonl") => Ok(Format::JsonLines),
            _ => Err(Error::in_file(path, Error::TableFormat)),
        }
    }

    /// What stands above the rows of a table with these labels beside that of the explained one.
    pub(crate) fn header(self, all_labels: Option<&[String]>) -> Result<Vec<u8>, Error> {
        match self {
            Format::Csv => {
                let of_labels = all_labels.unwrap_or_default().iter();
                let of_labels = of_labels.map(|label| format!("{OF_LABEL}{label}"));
                csv_line(
                    COLUMNS
                        .map(str::to_owned)
                        .into_iter()
                        .chain(of_labels)
                        .collect::<Vec<_>>(),
                )
            }
            Format::JsonLines => Ok(Vec::new()),
        }
    }

    pub(crate) fn line(self, row: &Row) -> Result<Vec<u8>, Error> {
        match self {
            Format::Csv => {
                let mut cells = row.map_texts(|text| spreadsheet::guard(text).into_owned());
                let by_label = cells.probabilities.take().map_or(Vec::new(), |all| all.0);
                let of_labels: Vec<f32> = by_label.into_iter().map(|(_, p)| p).collect();
                csv_line((cells, of_labels))
            }
            Format::JsonLines => {
                let mut line = serde_json::to_vec(row).map_err(Error::other)?;
                line.push(b'\n');
                Ok(line)
            }
        }
    }

    pub(crate) fn rows(self, bytes: &[u8]) -> Result<Vec<Row>, Error> {
        match self {
            Format::Csv => csv_rows(bytes),
            Format::JsonLines => serde_json::Deserializer::from_slice(bytes)
                .into_iter()
                .map(|row| row.map_err(Error::other))
                .collect(),
        }
    }
}

fn csv_line(cells: impl Serialize) -> Result<Vec<u8>, Error> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    writer.serialize(cells).map_err(Error::other)?;
    writer
        .into_inner()
        .map_err(|error| Error::other(error.into_error()))
}

fn csv_rows(bytes: &[u8]) -> Result<Vec<Row>, Error> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(Error::other)?.clone();
    let of_labels: Vec<(usize, &str)> = header
        .iter()
        .enumerate()
        .filter_map(|(at, column)| Some((at, column.strip_prefix(OF_LABEL)?)))
        .collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(Error::other)?;
        let row: Row = record.deserialize(Some(&header)).map_err(Error::other)?;
        let mut row = row.map_texts(|text| spreadsheet::unguard(text).to_owned());
        if !of_labels.is_empty() {
            let cell = |at: usize| record.get(at).unwrap_or_default().parse::<f32>();
            let probabilities = of_labels
                .iter()
                .map(|&(at, label)| Ok((label.to_owned(), cell(at).map_err(Error::other)?)));
            row.probabilities = Some(ByLabel(probabilities.collect::<Result<_, Error>>()?));
        }
        rows.push(row);
    }
    Ok(rows)
}
