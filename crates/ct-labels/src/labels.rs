use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{Display, Formatter};
use std::io::Read;
use std::path::Path;

use serde::Serialize;

use crate::boxes::{LABEL_NAME, SOP_INSTANCE_UID};
use crate::path::{other_spellings, trailing_paths, without_extension};
use crate::table::{Column, SubtypeColumns, Table};
use crate::text::{self, quoted};
use crate::{Error, Label, Reading, Subtype, boxes, plain, rsna};

const EXPECTED: &str = "the columns `ID` and `Label`, `SOPInstanceUID` and `labelName`, or `label` or `any` \
    (or all of epidural, intraparenchymal, intraventricular, subarachnoid and subdural) beside one of `id`, \
    `SOPInstanceUID`, `sop_instance_uid`, `file`, `ID`, `Image`, `image` and `filename`";

/// The tables of labels that are known, told apart by their headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LabelFormat {
    /// `ID,Label`: the RSNA 2019 challenge, up to six rows a slice.
    Rsna,
    /// `SOPInstanceUID,...,labelName,...`: boxes around hemorrhages, as in BHX.
    Boxes,
    /// `ID,any,epidural,...`: one row a slice, a column a subtype.
    Wide,
    /// `id,label`: one row a slice.
    Plain,
}

/// What a row is for.
impl Display for LabelFormat {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LabelFormat::Rsna => "each slice and subtype",
            LabelFormat::Boxes => "each box",
            LabelFormat::Wide => "each slice, with a column for each subtype",
            LabelFormat::Plain => "each slice",
        })
    }
}

/// What is known of each slice, read from one table.
///
/// | header | row | a slice is positive where |
/// | --- | --- | --- |
/// | `ID,Label` | `ID_12cadc6af_subdural,1` | `any` is 1; the others are its subtypes |
/// | `SOPInstanceUID`, `labelName` | one box | a box is listed, of whatever name |
/// | `ID,any,epidural,...` | `ID_12cadc6af,1,0,...` | `any` is 1; the others are its subtypes |
/// | `id,label` | `scan-7,0` | `label` is 1 |
///
/// The first format of this list that a header fits is taken. Columns may stand in any order beside others;
/// their names are case-sensitive, those of subtypes in a wide table aside. In the last two formats slices are
/// named by the first there is of `id`, `SOPInstanceUID`, `sop_instance_uid`, `file`, `ID`, `Image`, `image`
/// and `filename`.
///
/// Cells are separated by commas, semicolons or tabs. Labels are `0` or `1`, with zeros behind the decimal
/// point or without, or `false` or `true` in whatever case: a table of probabilities is refused. A row may be
/// repeated, but not contradicted, and a row of empty cells is passed over; [`Reading`] counts both. A table
/// has at most 512 MiB and 16 million rows; a byte-order mark and Windows line ends are accepted.
///
/// In an RSNA table and in a wide one, `any` may stand alone, or be missing where the others decide it.
///
/// In a table of boxes, `labelName` gives the subtype if it is the name of one, in whatever case. Other
/// names, such as `Chronic`, say no more than that there is a hemorrhage
/// ([`other_names`](Self::other_names)). Slices that are not listed have no label, unless
/// [`with_unlisted_negative`](Self::with_unlisted_negative) says so.
#[derive(Debug, Clone)]
pub struct Labels {
    reading: Reading<LabelFormat>,
    slices: BTreeMap<String, Label>,
    other_names: BTreeSet<String>,
    unlisted_are_negative: bool,
    /// The slices by their names without extensions.
    bare: HashMap<String, Bare>,
}

#[derive(Debug, Clone)]
enum Bare {
    One(String),
    Several(String, String),
}

impl Labels {
    /// Reads a table from a file.
    ///
    /// # Errors
    ///
    /// [`Error::InFile`] around [`Error::NotAFile`], [`Error::Io`] or an error of
    /// [`from_reader`](Self::from_reader).
    pub fn read(path: impl AsRef<Path>) -> Result<Labels, Error> {
        text::from_file(path.as_ref(), Labels::from_reader)
    }

    /// Reads a table.
    ///
    /// # Errors
    ///
    /// One error for each way of being malformed, with the line: [`Error::Io`], [`Error::TooLarge`],
    /// [`Error::TooManyRows`], [`Error::NotUtf8`], [`Error::NoRows`], [`Error::LineBreak`],
    /// [`Error::Header`], [`Error::DuplicateColumn`], [`Error::FieldCount`], [`Error::Field`],
    /// [`Error::Contradiction`], [`Error::AnyDenied`] and [`Error::Incomplete`].
    pub fn from_reader(reader: impl Read) -> Result<Labels, Error> {
        let text = text::read(reader)?;
        let mut table = Table::new(&text)?;
        let mut other_names = BTreeSet::new();
        let columns = |first, second| Ok((table.column(first)?, table.column(second)?));
        let (format, slices) = if let (Some(id), Some(label)) = columns("ID", "Label")? {
            (LabelFormat::Rsna, rsna::read(&mut table, id, label)?)
        } else if let (Some(uid), Some(name)) = columns(SOP_INSTANCE_UID, LABEL_NAME)? {
            let slices = boxes::read(&mut table, uid, name, &mut other_names)?;
            (LabelFormat::Boxes, slices)
        } else if let Some((name, subtypes)) = wide_columns(&table)? {
            let slices = rsna::read_wide(&mut table, name, &subtypes)?;
            (LabelFormat::Wide, slices)
        } else if let (Some(name), Some(label)) = (table.name_column()?, table.column("label")?) {
            (LabelFormat::Plain, plain::read(&mut table, name, label)?)
        } else {
            return Err(table.unknown_header(EXPECTED));
        };
        Ok(Labels {
            reading: table.reading(format),
            bare: by_bare_name(&slices),
            slices,
            other_names,
            unlisted_are_negative: false,
        })
    }

    /// Takes every slice that a table of boxes does not list as negative.
    ///
    /// This is right only for slices that the experts looked through.
    ///
    /// # Errors
    ///
    /// [`Error::UnlistedNegative`] if this is not a table of boxes.
    pub fn with_unlisted_negative(mut self) -> Result<Labels, Error> {
        if self.format() != LabelFormat::Boxes {
            return Err(Error::UnlistedNegative);
        }
        self.unlisted_are_negative = true;
        Ok(self)
    }

    /// The kind of table that was read.
    #[must_use]
    pub fn format(&self) -> LabelFormat {
        self.reading.format
    }

    /// How the table was read.
    #[must_use]
    pub fn reading(&self) -> &Reading<LabelFormat> {
        &self.reading
    }

    /// Whether slices that are not listed count as negative.
    #[must_use]
    pub fn unlisted_are_negative(&self) -> bool {
        self.unlisted_are_negative
    }

    /// Names in a table of boxes that are not those of a [`Subtype`](crate::Subtype), sorted; a blank one
    /// is left out.
    pub fn other_names(&self) -> impl Iterator<Item = &str> {
        self.other_names.iter().map(String::as_str)
    }

    /// The label of a slice by its exact name in the table.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Label> {
        self.slices.get(name).copied()
    }

    /// The slices of the table, sorted by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, Label)> {
        self.slices
            .iter()
            .map(|(name, &label)| (name.as_str(), label))
    }

    /// Number of slices in the table.
    #[must_use]
    pub fn n_slices(&self) -> usize {
        self.slices.len()
    }

    /// The label that a prediction with these names belongs to: one of the same name, or else one whose
    /// name ends the path, extensions and the prefix `ID_` aside.
    pub(crate) fn find(&self, names: &[String]) -> Result<Option<(&str, Label)>, Error> {
        if let Some(found) = names.iter().find_map(|name| self.listed(name)) {
            return Ok(Some(found));
        }
        for path in names.iter().flat_map(|name| trailing_paths(name)) {
            if let Some(found) = self.listed(path) {
                return Ok(Some(found));
            }
            let stem = without_extension(path);
            let other = || other_spellings(stem).find_map(|stem| self.bare.get(&stem));
            match self.bare.get(stem).or_else(other) {
                None => {}
                Some(Bare::One(name)) => return Ok(self.listed(name)),
                Some(Bare::Several(first, second)) => {
                    return Err(Error::AmbiguousLabel {
                        prediction: quoted(path),
                        first: quoted(first),
                        second: quoted(second),
                    });
                }
            }
        }
        Ok(None)
    }

    fn listed(&self, name: &str) -> Option<(&str, Label)> {
        let (name, &label) = self.slices.get_key_value(name)?;
        Some((name.as_str(), label))
    }
}

/// The columns of a wide table: that of the names, and those of the subtypes, which decide `any`.
fn wide_columns(table: &Table<'_>) -> Result<Option<(Column, SubtypeColumns)>, Error> {
    let subtypes = table.subtype_columns("")?;
    let has_any = subtypes
        .first()
        .is_some_and(|&(first, _)| first == Subtype::Any);
    let is_decided = has_any || subtypes.len() == Subtype::ALL.len() - 1;
    let name = table.name_column()?.filter(|_| is_decided);
    Ok(name.map(|name| (name, subtypes)))
}

fn by_bare_name(slices: &BTreeMap<String, Label>) -> HashMap<String, Bare> {
    let mut bare = HashMap::with_capacity(slices.len());
    for name in slices.keys() {
        bare.entry(without_extension(name).to_owned())
            .and_modify(|bare| {
                if let Bare::One(first) = bare {
                    *bare = Bare::Several(std::mem::take(first), name.clone());
                }
            })
            .or_insert_with(|| Bare::One(name.clone()));
    }
    bare
}
