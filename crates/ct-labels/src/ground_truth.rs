use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::Path;

use crate::boxes::{LABEL_NAME, SOP_INSTANCE_UID};
use crate::rectangle::rectangle;
use crate::table::{Column, Table};
use crate::text;
use crate::{BoundingBox, Error};

/// Bytes a table of boxes may have: several times those of BHX.
const MAX_BYTES: u64 = 64 << 20;

/// Rows without a box whose reasons are kept; the others are counted.
const MAX_SKIPPED: usize = 100;

const DATA: &str = "data";
const NEEDED: &str = "`SOPInstanceUID`, `data` and `labelName`";

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
/// Cells are separated by commas, semicolons or tabs: the first of these that splits the header into these
/// columns. A box is kept once, however often it is repeated for its slice. A byte-order mark and Windows line
/// ends are accepted. [`Labels`](crate::Labels) reads the same table for which slices are positive.
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
#[non_exhaustive]
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
    /// Reads a table from a file.
    ///
    /// # Errors
    ///
    /// [`Error::InFile`] around [`Error::NotAFile`], [`Error::Io`] or an error of
    /// [`from_reader`](Self::from_reader).
    pub fn read(path: impl AsRef<Path>) -> Result<GroundTruth, Error> {
        text::from_file(path.as_ref(), GroundTruth::from_reader)
    }

    /// Reads a table of at most 64 MiB.
    ///
    /// A row is skipped where all its fields are blank, where `data` is blank or a word for nothing, such
    /// as `None`, `null`, `NaN` or `<NA>`, and where it cannot be read. A table of a header alone has no
    /// boxes.
    ///
    /// # Errors
    ///
    /// One error for each way in which the table itself is malformed: [`Error::Io`], [`Error::TooLarge`],
    /// [`Error::TooManyRows`], [`Error::NotUtf8`], [`Error::NoRows`], [`Error::MissingColumn`],
    /// [`Error::DuplicateColumn`] and [`Error::FieldCount`], after which the rows cannot be trusted. And where
    /// no row of the table has a box but some cannot be read, what is wrong with the first of them:
    /// [`Error::Field`] for the slice, and for `data` [`Error::DataTooLong`], [`Error::DataTooDeep`],
    /// [`Error::NotADict`], [`Error::MissingNumber`], [`Error::NotFinite`] and [`Error::NotPositive`].
    pub fn from_reader(reader: impl Read) -> Result<GroundTruth, Error> {
        let text = text::read_at_most(reader, MAX_BYTES)?;
        let (mut table, columns) = Table::with_columns(&text, Columns::find)?;
        let mut seen = HashSet::new();
        let mut truth = GroundTruth::default();
        let mut first_error = None;
        while let Some(line) = table.advance_to_any()? {
            match columns.parse(&table, line) {
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

fn is_no_box(error: &Error) -> bool {
    matches!(error, Error::NoBox { .. })
}

/// Where the columns stand.
struct Columns {
    sop_instance_uid: Column,
    data: Column,
    label_name: Column,
}

impl Columns {
    fn find(table: &Table<'_>) -> Result<Columns, Error> {
        Ok(Columns {
            sop_instance_uid: table.needed_column(SOP_INSTANCE_UID, NEEDED)?,
            data: table.needed_column(DATA, NEEDED)?,
            label_name: table.needed_column(LABEL_NAME, NEEDED)?,
        })
    }

    /// The slice and the box of the current record.
    fn parse<'t>(
        &self,
        table: &'t Table<'_>,
        line: usize,
    ) -> Result<(&'t str, BoundingBox), Error> {
        if table.is_empty() {
            return Err(Error::NoBox { line });
        }
        table.check_length()?;
        let label = table.field(self.label_name).to_owned();
        let bounds = rectangle(table.field(self.data), label, line)?;
        Ok((table.name(self.sop_instance_uid)?, bounds))
    }
}
