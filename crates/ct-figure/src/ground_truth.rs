use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::StringRecord;

use crate::rectangle::rectangle;
use crate::{BoundingBox, Error};

/// Bytes a table may have.
const MAX_BYTES: u64 = 64 << 20;

/// Rows without a box whose reasons are kept; the others are counted.
const MAX_SKIPPED: usize = 100;

const SOP_INSTANCE_UID: &str = "SOPInstanceUID";
const DATA: &str = "data";
const LABEL_NAME: &str = "labelName";

/// Boxes that experts drew around hemorrhages, by slice.
///
/// The table is the CSV of the BHX annotations: a header, then one box a record. Three columns are read,
/// wherever they stand; others are ignored.
///
/// | column | content |
/// | --- | --- |
/// | `SOPInstanceUID` | the slice; spaces around it are dropped |
/// | `data` | a Python dict literal, `{'x': 302.7, 'y': 202.0, 'width': 56.0, 'height': 56.0}`, in pixels |
/// | `labelName` | the kind of hemorrhage; may be blank |
///
/// Fields stand between commas, semicolons or tabs: whichever splits the header into these columns. A box
/// is kept once, however often it is repeated for its slice. A byte-order mark and Windows line ends are
/// accepted.
///
/// A row without a usable box does not stop the others: it is skipped, and [`skipped`](Self::skipped)
/// says why.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroundTruth {
    boxes: BTreeMap<String, Vec<BoundingBox>>,
    skipped: Vec<SkippedRow>,
    n_skipped: usize,
}

/// A row of a table that gave no box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRow {
    /// Where it starts, counted from 1, the header included.
    pub line: usize,
    /// False where the row is empty or says that there is no box. True where it says something that
    /// cannot be read: a box may be missing.
    pub may_be_a_box: bool,
    /// What is wrong, with the line.
    pub reason: String,
}

impl GroundTruth {
    /// Reads a table of at most 64 MiB from a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::NotAFile`] and [`Error::FileTooLarge`] for the file, and
    /// [`Error::Malformed`] with an error of [`from_bytes`](Self::from_bytes) as its source.
    pub fn read(path: impl AsRef<Path>) -> Result<GroundTruth, Error> {
        let path = path.as_ref();
        let bytes = read_capped(path, MAX_BYTES)?;
        GroundTruth::from_bytes(&bytes).map_err(|source| Error::Malformed {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Reads a table from the bytes of a CSV file.
    ///
    /// A row is skipped where all its fields are blank, where `data` is blank or a word for nothing, such
    /// as `None`, `null`, `NaN` or `<NA>`, and where it cannot be read.
    ///
    /// # Errors
    ///
    /// One error for each way in which the table itself is malformed: [`Error::NotUtf8`],
    /// [`Error::MissingColumn`], [`Error::DuplicateColumn`] and [`Error::FieldCount`], after which the
    /// rows cannot be trusted. And where no row of the table has a box but some cannot be read, what is
    /// wrong with the first of them: [`Error::EmptyField`], and for `data` [`Error::DataTooLong`],
    /// [`Error::DataTooDeep`], [`Error::Data`], [`Error::MissingKey`], [`Error::NotFinite`] and
    /// [`Error::NotPositive`].
    pub fn from_bytes(bytes: &[u8]) -> Result<GroundTruth, Error> {
        let text = std::str::from_utf8(bytes).map_err(|source| Error::NotUtf8 {
            line: 1 + n_line_ends(&bytes[..source.valid_up_to()]),
            source,
        })?;
        let (columns, delimiter) = Columns::find(text)?;

        let mut lines = Lines::new(bytes);
        let mut seen = HashSet::new();
        let mut truth = GroundTruth::default();
        let mut first_error = None;
        for record in reader(text, delimiter).into_records() {
            let record = record.map_err(Error::Csv)?;
            let line = lines.line_of(&record);
            match columns.parse(&record, line) {
                Ok((uid, bounds)) => {
                    if seen.insert((uid.to_owned(), bounds.bits(), bounds.label.clone())) {
                        truth.boxes.entry(uid.to_owned()).or_default().push(bounds);
                    }
                }
                Err(error @ Error::FieldCount { .. }) => return Err(error),
                Err(error) => {
                    truth.skip(line, &error);
                    if !is_no_box(&error) {
                        first_error.get_or_insert(error);
                    }
                }
            }
        }
        match first_error {
            Some(error) if truth.boxes.is_empty() => Err(error),
            _ => Ok(truth),
        }
    }

    fn skip(&mut self, line: usize, error: &Error) {
        self.n_skipped += 1;
        if self.skipped.len() < MAX_SKIPPED {
            let cause = std::error::Error::source(error);
            self.skipped.push(SkippedRow {
                line,
                may_be_a_box: !is_no_box(error),
                reason: match cause {
                    Some(cause) => format!("{error}: {cause}"),
                    None => error.to_string(),
                },
            });
        }
    }

    /// The first 100 rows that gave no box, in the order of the table.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedRow] {
        &self.skipped
    }

    /// How many rows gave no box.
    #[must_use]
    pub fn n_skipped(&self) -> usize {
        self.n_skipped
    }

    /// The boxes of a slice in the order of the table; none for a slice that is not in it.
    #[must_use]
    pub fn boxes(&self, sop_instance_uid: &str) -> &[BoundingBox] {
        self.boxes.get(sop_instance_uid).map_or(&[], Vec::as_slice)
    }

    /// The slices that have a box, sorted.
    pub fn sop_instance_uids(&self) -> impl Iterator<Item = &str> {
        self.boxes.keys().map(String::as_str)
    }
}

/// Reads a regular file: a pipe might never end.
fn read_capped(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(Error::NotAFile {
            path: path.to_owned(),
        });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(Error::FileTooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// True of a row that says nothing, or that there is no box.
fn is_no_box(error: &Error) -> bool {
    matches!(error, Error::EmptyField { column, .. } if *column == DATA)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// Where the columns stand.
struct Columns {
    n_columns: usize,
    sop_instance_uid: usize,
    data: usize,
    label_name: usize,
}

impl Columns {
    /// The columns, and what stands between the fields; without a choice the error of commas.
    fn find(text: &str) -> Result<(Columns, u8), Error> {
        let find = |delimiter| {
            let mut reader = reader(text, delimiter);
            let columns = Columns::of(reader.headers().map_err(Error::Csv)?)?;
            Ok((columns, delimiter))
        };
        let comma = find(b',');
        match comma {
            Err(Error::MissingColumn { .. }) => {
                let mut others = [b';', b'\t'].into_iter();
                others.find_map(|other| find(other).ok()).map_or(comma, Ok)
            }
            _ => comma,
        }
    }

    fn of(header: &StringRecord) -> Result<Columns, Error> {
        let find = |column: &'static str| {
            let mut found = (0..header.len()).filter(|&at| header[at].trim() == column);
            match (found.next(), found.next()) {
                (Some(at), None) => Ok(at),
                (None, _) => Err(Error::MissingColumn { column }),
                (Some(_), Some(_)) => Err(Error::DuplicateColumn { column }),
            }
        };
        Ok(Columns {
            n_columns: header.len(),
            sop_instance_uid: find(SOP_INSTANCE_UID)?,
            data: find(DATA)?,
            label_name: find(LABEL_NAME)?,
        })
    }

    fn parse<'r>(
        &self,
        record: &'r StringRecord,
        line: usize,
    ) -> Result<(&'r str, BoundingBox), Error> {
        if record.iter().all(|field| field.trim().is_empty()) {
            return Err(Error::EmptyField { line, column: DATA });
        }
        if record.len() != self.n_columns {
            return Err(Error::FieldCount {
                line,
                n_fields: record.len(),
                n_columns: self.n_columns,
            });
        }
        let label = record[self.label_name].trim().to_owned();
        let bounds = rectangle(&record[self.data], label, line)?;
        let uid = record[self.sop_instance_uid].trim();
        if uid.is_empty() {
            return Err(Error::EmptyField {
                line,
                column: SOP_INSTANCE_UID,
            });
        }
        Ok((uid, bounds))
    }
}

/// Counts lines up to the start of each record. The positions of `csv` are those before the line ends and
/// blank lines that it skips.
struct Lines<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Lines<'a> {
        Lines {
            bytes,
            offset: 0,
            line: 1,
        }
    }

    fn line_of(&mut self, record: &StringRecord) -> usize {
        let mut start = record
            .position()
            .map_or(self.offset, |position| position.byte() as usize)
            .clamp(self.offset, self.bytes.len());
        while matches!(self.bytes.get(start), Some(b'\r' | b'\n')) {
            start += 1;
        }
        self.line += n_line_ends(&self.bytes[self.offset..start]);
        self.offset = start;
        self.line
    }
}

fn n_line_ends(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_file_above_the_limit() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let error = read_capped(&manifest, 10).unwrap_err();
        assert!(matches!(error, Error::FileTooLarge { limit: 10, .. }));
        assert!(error.to_string().contains("Cargo.toml"));
        assert!(read_capped(&manifest, 1 << 20).is_ok());
    }
}
