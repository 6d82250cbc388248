//! The table of predictions: a row a slice, whole rows only, and under its name when it is complete.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::output::exists;

/// Largest table that is read to go on with it: some ten times the rows of the RSNA 2019 data.
const MAX_TABLE_BYTES: u64 = 4 << 30;

/// First line of a CSV table: the fields of [`Row`].
const HEADER: &[u8] = b"file,id,sop_instance_uid,series_instance_uid,probability,prediction\n";

/// What is said of one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The file as it was named, or what stands for it.
    pub(crate) file: String,
    /// Stem of the file's name: an RSNA id, a SOPInstanceUID.
    pub(crate) id: String,
    /// Of a DICOM file.
    pub(crate) sop_instance_uid: Option<String>,
    pub(crate) series_instance_uid: Option<String>,
    pub(crate) probability: f32,
    pub(crate) prediction: u8,
}

/// Formats of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

/// A table that grows row by row in `NAME.partial`, which becomes `NAME` at the end.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    partial: PathBuf,
    file: File,
    format: Format,
    done: HashSet<String>,
}

impl Table {
    /// Begins a table, or goes on with an interrupted or finished one where `resume` asks for it.
    pub(crate) fn open(path: &Path, resume: bool, force: bool) -> Result<Self, Fault> {
        let extension = path.extension().unwrap_or_default();
        let format = if extension == "csv" {
            Format::Csv
        } else if extension == "jsonl" {
            Format::JsonLines
        } else {
            return Err(Fault::new(format!(
                "{}: ends neither in .csv nor in .jsonl",
                path.display()
            )));
        };
        let is_there = path.symlink_metadata().is_ok();
        if is_there && !resume && !force {
            return Err(exists(path));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let fault = |error| Fault::in_file(&partial, error);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&partial)
            .map_err(fault)?;
        if file.try_lock().is_err() {
            return Err(Fault::new(format!(
                "{}: another run writes this table",
                partial.display()
            )));
        }
        let mut table = Self {
            path: path.to_owned(),
            partial: partial.clone(),
            file,
            format,
            done: HashSet::new(),
        };
        let mut bytes = Vec::new();
        if resume {
            bytes = table.read_rows()?;
        }
        table.file.set_len(0).map_err(fault)?;
        if bytes.is_empty() && format == Format::Csv {
            bytes = HEADER.to_vec();
        }
        table.file.write_all(&bytes).map_err(fault)?;
        Ok(table)
    }

    /// The whole rows of what an earlier run left, finished or not.
    fn read_rows(&mut self) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let partial_fault = |error| Fault::in_file(&self.partial, error);
        self.file.rewind().map_err(partial_fault)?;
        (&self.file)
            .take(MAX_TABLE_BYTES)
            .read_to_end(&mut bytes)
            .map_err(partial_fault)?;
        if bytes.is_empty() && self.path.exists() {
            let fault = |error| Fault::in_file(&self.path, error);
            let file = File::open(&self.path).map_err(fault)?;
            file.take(MAX_TABLE_BYTES)
                .read_to_end(&mut bytes)
                .map_err(fault)?;
        }
        // A row that was cut has no line feed yet. No value holds one but in quotation marks.
        let end = bytes.iter().rposition(|&byte| byte == b'\n');
        bytes.truncate(end.map_or(0, |end| end + 1));
        let rows: Vec<Row> = match self.format {
            Format::Csv => csv::Reader::from_reader(&bytes[..])
                .into_deserialize()
                .collect::<Result<_, _>>()
                .map_err(|error| Fault::in_file(&self.path, error))?,
            Format::JsonLines => serde_json::Deserializer::from_slice(&bytes)
                .into_iter()
                .collect::<Result<_, _>>()
                .map_err(|error| Fault::in_file(&self.path, error))?,
        };
        self.done = rows.into_iter().map(|row| row.file).collect();
        Ok(bytes)
    }

    /// True where the table has the row of this file already.
    pub(crate) fn has(&self, file: &str) -> bool {
        self.done.contains(file)
    }

    /// Adds a row, in one write.
    pub(crate) fn add(&mut self, row: &Row) -> Result<(), Fault> {
        let line = match self.format {
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new()
                    .has_headers(false)
                    .from_writer(Vec::new());
                writer.serialize(row)?;
                writer
                    .into_inner()
                    .map_err(|error| Fault::from(error.into_error()))?
            }
            Format::JsonLines => {
                let mut line = serde_json::to_vec(row)?;
                line.push(b'\n');
                line
            }
        };
        let written = self.file.write_all(&line);
        written.map_err(|error| Fault::in_file(&self.partial, error))
    }

    /// Gives the table its name.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        self.file
            .sync_all()
            .and_then(|()| std::fs::rename(&self.partial, &self.path))
            .map_err(|error| Fault::in_file(&self.path, error))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn row(file: &str) -> Row {
        Row {
            file: file.to_owned(),
            id: "ID_1".to_owned(),
            sop_instance_uid: Some("1.2.3".to_owned()),
            series_instance_uid: None,
            probability: 0.25,
            prediction: 0,
        }
    }

    #[test]
    fn an_interrupted_table_is_continued_behind_its_last_whole_row() {
        for name in ["t.csv", "t.jsonl"] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(name);
            let mut table = Table::open(&path, false, false).expect("a table");
            table.add(&row("a, \"b\".npy")).expect("written");
            table.add(&row("c.npy")).expect("written");
            drop(table);
            assert!(!path.exists());
            let partial = folder.path().join(format!("{name}.partial"));
            let bytes = fs::read(&partial).expect("bytes");
            fs::write(&partial, &bytes[..bytes.len() - 3]).expect("cut");

            let mut table = Table::open(&path, true, false).expect("a table");
            assert!(table.has("a, \"b\".npy") && !table.has("c.npy"));
            table.add(&row("c.npy")).expect("written");
            table.finish().expect("renamed");
            assert_eq!(fs::read(&path).expect("bytes"), bytes);
            assert!(!partial.exists());

            assert!(Table::open(&path, false, false).is_err(), "it exists");
            let table = Table::open(&path, true, false).expect("a table");
            assert!(table.has("c.npy"));
            assert!(Table::open(&path, true, false).is_err(), "it is locked");
        }
    }
}
