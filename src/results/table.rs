//! The table of predictions: a row a slice, whole rows only, and under its name when it is complete.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::files::exists;
use super::row::{MadeBy, Row};
use super::table_format::Format;
use crate::{Error, message};

/// Largest table that is read to go on with it: some ten times the rows of the RSNA 2019 data.
const MAX_TABLE_BYTES: u64 = 4 << 30;

/// What to do with an earlier table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlierTable {
    /// Leave it alone: it is an error that it is there.
    Keep,
    /// Go on with it.
    Resume,
    /// Begin anew.
    Replace,
}

/// A table that grows row by row in `NAME.partial`, which becomes `NAME` at the end.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    partial: PathBuf,
    file: File,
    format: Format,
    done: HashSet<String>,
}

impl Table {
    /// Begins a table, or goes on with an interrupted or finished one where that is asked for.
    ///
    /// Rows of another network or another reading are an error, for a table holds what can be
    /// compared. `lengths` are those of the files to predict now: a row of a file that has changed
    /// is not kept.
    ///
    /// # Errors
    ///
    /// [`Error::TableFormat`] for a name that ends neither in `.csv` nor in `.jsonl`,
    /// [`Error::Exists`], the other variants of a table, and [`Error::Write`].
    pub fn open(
        path: &Path,
        earlier: EarlierTable,
        made_by: &MadeBy,
        lengths: &HashMap<String, Option<u64>>,
    ) -> Result<Self, Error> {
        let format = Format::of(path)?;
        if earlier == EarlierTable::Keep && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&partial)
            .map_err(|error| Error::unwritten(&partial, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::in_file(&partial, Error::TableInUse));
            }
            Err(TryLockError::Error(error)) => tracing::warn!(
                "{}: this file system has no locks ({error}); start no second run for this table",
                partial.display()
            ),
        }
        let mut table = Self {
            path: path.to_owned(),
            partial,
            file,
            format,
            done: HashSet::new(),
        };
        let lines = table.take_over(earlier, made_by, lengths)?;
        table
            .file
            .set_len(0)
            .and_then(|()| table.file.write_all(&lines))
            .map_err(|error| Error::unwritten(&table.partial, error))?;
        Ok(table)
    }

    /// The lines with which the table begins: the header, and the rows of an earlier run that hold.
    fn take_over(
        &mut self,
        earlier: EarlierTable,
        made_by: &MadeBy,
        lengths: &HashMap<String, Option<u64>>,
    ) -> Result<Vec<u8>, Error> {
        let mut lines = self.format.header(made_by.all_labels.as_deref())?;
        if earlier == EarlierTable::Replace {
            return Ok(lines);
        }
        let (bytes, source) = self.earlier_rows()?;
        let rows = self
            .format
            .rows(&bytes)
            .map_err(|fault| not_ours(&source, &fault))?;
        if earlier == EarlierTable::Keep && !rows.is_empty() {
            let n_rows = rows.len();
            return Err(Error::in_file(&source, Error::TableInterrupted { n_rows }));
        }
        for row in rows {
            if let Some(difference) = made_by.difference(&row) {
                let fault = Error::TableMadeOtherwise { difference };
                return Err(Error::in_file(&source, fault));
            }
            let is_changed = lengths
                .get(&row.file)
                .is_some_and(|&bytes| bytes != row.bytes);
            if !is_changed {
                lines.extend(self.format.line(&row)?);
                self.done.insert(row.file);
            }
        }
        Ok(lines)
    }

    /// The whole rows of what an earlier run left, finished or not, and where they were found.
    fn earlier_rows(&mut self) -> Result<(Vec<u8>, PathBuf), Error> {
        let mut bytes = Vec::new();
        let mut source = self.partial.clone();
        let partial_fault = |error| Error::unread(&self.partial, error);
        self.file.rewind().map_err(partial_fault)?;
        (&self.file)
            .take(MAX_TABLE_BYTES)
            .read_to_end(&mut bytes)
            .map_err(partial_fault)?;
        if bytes.is_empty() && self.path.exists() {
            source = self.path.clone();
            let fault = |error| Error::unread(&self.path, error);
            let file = File::open(&self.path).map_err(fault)?;
            file.take(MAX_TABLE_BYTES)
                .read_to_end(&mut bytes)
                .map_err(fault)?;
        }
        // A row that was cut has no line feed yet. No value holds one but in quotation marks.
        let end = bytes.iter().rposition(|&byte| byte == b'\n');
        bytes.truncate(end.map_or(0, |end| end + 1));
        Ok((bytes, source))
    }

    /// True where the table has the row of this file already.
    pub fn has(&self, file: &str) -> bool {
        self.done.contains(file)
    }

    /// Adds a row, in one write.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn add(&mut self, row: &Row) -> Result<(), Error> {
        let line = self.format.line(row)?;
        let written = self.file.write_all(&line);
        written.map_err(|error| Error::unwritten(&self.partial, error))
    }

    /// Gives the table its name.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn finish(self) -> Result<(), Error> {
        self.file
            .sync_all()
            .and_then(|()| std::fs::rename(&self.partial, &self.path))
            .map_err(|error| Error::unwritten(&self.path, error))
    }
}

fn not_ours(path: &Path, error: &Error) -> Error {
    let problem = message(error);
    Error::in_file(path, Error::NotATable { problem })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::results::ByLabel;

    fn row(file: &str) -> Row {
        Row {
            file: file.to_owned(),
            id: "ID_1".to_owned(),
            sop_instance_uid: Some("1.2.3".to_owned()),
            series_instance_uid: None,
            label: "any".to_owned(),
            probability: 0.25,
            prediction: 0,
            bytes: Some(7),
            weights: "ab".to_owned(),
            reading: "windows 40:80".to_owned(),
            version: "1".to_owned(),
            warnings: String::new(),
            probabilities: None,
        }
    }

    fn made_by() -> MadeBy {
        MadeBy {
            label: "any".to_owned(),
            all_labels: None,
            weights: "ab".to_owned(),
            reading: "windows 40:80".to_owned(),
            version: "1",
        }
    }

    fn open(path: &Path, earlier: EarlierTable) -> Result<Table, Error> {
        Table::open(path, earlier, &made_by(), &HashMap::new())
    }

    #[test]
    fn an_interrupted_table_is_continued_behind_its_last_whole_row() {
        for name in ["t.csv", "t.jsonl"] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(name);
            let mut table = open(&path, EarlierTable::Keep).expect("a table");
            table.add(&row("a, \"b\".npy")).expect("written");
            table.add(&row("=c.npy")).expect("written");
            drop(table);
            assert!(!path.exists());
            let partial = folder.path().join(format!("{name}.partial"));
            let bytes = fs::read(&partial).expect("bytes");
            fs::write(&partial, &bytes[..bytes.len() - 3]).expect("cut");

            let fault = open(&path, EarlierTable::Keep).expect_err("rows are there");
            assert!(message(&fault).contains("left 1 rows"), "{fault}");

            let mut table = open(&path, EarlierTable::Resume).expect("a table");
            assert!(table.has("a, \"b\".npy") && !table.has("=c.npy"));
            table.add(&row("=c.npy")).expect("written");
            table.finish().expect("renamed");
            assert_eq!(fs::read(&path).expect("bytes"), bytes);
            assert!(!partial.exists());

            assert!(open(&path, EarlierTable::Keep).is_err(), "it exists");
            let table = open(&path, EarlierTable::Resume).expect("a table");
            assert!(table.has("=c.npy"));
            assert!(open(&path, EarlierTable::Resume).is_err(), "it is locked");
        }
    }

    #[test]
    fn a_table_holds_the_predictions_of_one_network_and_one_reading() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.csv");
        let mut table = open(&path, EarlierTable::Keep).expect("a table");
        table.add(&row("a.npy")).expect("written");
        table.finish().expect("renamed");
        let bytes = fs::read(&path).expect("bytes");
        let other = |change: fn(&mut MadeBy)| {
            let mut made_by = made_by();
            change(&mut made_by);
            Table::open(&path, EarlierTable::Resume, &made_by, &HashMap::new())
                .map(drop)
                .map_err(|error| message(&error))
                .expect_err("made otherwise")
        };
        let weights = other(|made_by| made_by.weights = "cd".to_owned());
        assert!(weights.contains("weights ab, now cd"), "{weights}");
        let reading = other(|made_by| made_by.reading = "windows 80:200".to_owned());
        assert!(reading.contains("now windows 80:200"), "{reading}");
        assert!(other(|made_by| made_by.version = "2").contains("version 1, now 2"));
        assert_eq!(fs::read(&path).expect("bytes"), bytes);

        fs::write(&path, "file,id,probability\na,b,0.5\n").expect("written");
        let fault = open(&path, EarlierTable::Resume).expect_err("other columns");
        assert!(
            message(&fault).contains("not a table of this version"),
            "{fault}"
        );
    }

    #[test]
    fn a_table_with_all_labels_is_continued_with_the_same_labels() {
        let labels = vec!["any".to_owned(), "sub, dural".to_owned()];
        let made_by = MadeBy {
            all_labels: Some(labels.clone()),
            ..made_by()
        };
        for name in ["t.csv", "t.jsonl"] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(name);
            let row = Row {
                probabilities: Some(ByLabel(labels.iter().cloned().zip([0.25, 1e-9]).collect())),
                ..row("a.npy")
            };
            let open = |made_by| {
                Table::open(&path, EarlierTable::Resume, made_by, &HashMap::new())
                    .map_err(|error| message(&error))
            };
            let mut table = open(&made_by).expect("a table");
            table.add(&row).expect("written");
            table.finish().expect("renamed");
            let bytes = fs::read(&path).expect("bytes");
            let read = Format::of(&path).and_then(|format| format.rows(&bytes));
            assert_eq!(read.expect("rows"), [row]);

            let table = open(&made_by).expect("a table");
            assert!(table.has("a.npy"));
            drop(table);
            let fault = open(&self::made_by()).expect_err("other labels");
            assert!(
                fault.contains("all labels (any, sub, dural), now one label"),
                "{fault}"
            );
        }
    }

    #[test]
    fn a_file_that_changed_is_predicted_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.jsonl");
        let mut table = open(&path, EarlierTable::Keep).expect("a table");
        for file in ["a.npy", "b.npy"] {
            table.add(&row(file)).expect("written");
        }
        drop(table);
        let lengths = [("a.npy".to_owned(), Some(8)), ("b.npy".to_owned(), Some(7))].into();
        let table =
            Table::open(&path, EarlierTable::Resume, &made_by(), &lengths).expect("a table");
        assert!(!table.has("a.npy") && table.has("b.npy"));
    }
}
