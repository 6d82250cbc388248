use std::collections::BTreeMap;

use crate::plain::flag;
use crate::table::{Column, Table};
use crate::text::quoted;
use crate::{Error, Label, Subtype};

const EXPECTED_ID: &str = "`ID_<id>_<subtype>` with the subtype any, epidural, intraparenchymal, \
    intraventricular, subarachnoid or subdural";

/// The rows of one slice, in the order of [`Subtype::ALL`].
#[derive(Debug, Default)]
struct Rows {
    rows: [Option<Row>; 6],
}

#[derive(Debug, Clone, Copy)]
struct Row {
    is_positive: bool,
    line: usize,
}

/// Reads `ID_<id>_<subtype>,Label` rows.
pub(crate) fn read(
    table: &mut Table<'_>,
    id: Column,
    label: Column,
) -> Result<BTreeMap<String, Label>, Error> {
    let mut slices = Slices::default();
    while let Some(line) = table.advance()? {
        let is_positive = flag(table, label)?;
        let (name, subtype) = split(table, id)?;
        if !slices.insert(name, subtype, Row { is_positive, line })? {
            table.count_repeated();
        }
    }
    slices.labels()
}

/// Reads rows of one slice each, with a column for each subtype.
pub(crate) fn read_wide(
    table: &mut Table<'_>,
    name: Column,
    subtypes: &[(Subtype, Column)],
) -> Result<BTreeMap<String, Label>, Error> {
    let mut slices = Slices::default();
    while let Some(line) = table.advance()? {
        let mut is_new = false;
        for &(subtype, column) in subtypes {
            let is_positive = flag(table, column)?;
            is_new |= slices.insert(table.name(name)?, subtype, Row { is_positive, line })?;
        }
        if !is_new {
            table.count_repeated();
        }
    }
    slices.labels()
}

/// The slice and the subtype of a row.
pub(crate) fn split<'t>(table: &'t Table<'_>, id: Column) -> Result<(&'t str, Subtype), Error> {
    let parts = table
        .name(id)?
        .rsplit_once('_')
        .and_then(|(name, subtype)| {
            let is_named = name.strip_prefix("ID_").is_some_and(|id| !id.is_empty());
            let subtype = Subtype::ALL.into_iter().find(|s| s.name() == subtype)?;
            is_named.then_some((name, subtype))
        });
    parts.ok_or_else(|| table.unexpected(id, EXPECTED_ID))
}

/// The rows of each slice.
#[derive(Debug, Default)]
struct Slices {
    slices: BTreeMap<String, Rows>,
}

impl Slices {
    /// Adds what a row says of a slice; false if it was known.
    fn insert(&mut self, name: &str, subtype: Subtype, row: Row) -> Result<bool, Error> {
        let rows = match self.slices.get_mut(name) {
            Some(rows) => rows,
            None => self.slices.entry(name.to_owned()).or_default(),
        };
        let known = &mut rows.rows[subtype as usize];
        match *known {
            None => {
                *known = Some(row);
                Ok(true)
            }
            Some(first) if first.is_positive != row.is_positive => Err(Error::Contradiction {
                line: row.line,
                name: format!("{} of {}", subtype.name(), quoted(name)),
                found: u8::from(row.is_positive).to_string(),
                first_line: first.line,
                first: u8::from(first.is_positive).to_string(),
            }),
            Some(_) => Ok(false),
        }
    }

    fn labels(self) -> Result<BTreeMap<String, Label>, Error> {
        self.slices
            .into_iter()
            .map(|(name, rows)| {
                let label = rows.label(&name)?;
                Ok((name, label))
            })
            .collect()
    }
}

impl Rows {
    fn label(&self, name: &str) -> Result<Label, Error> {
        let [any, kinds @ ..] = &self.rows;
        let label = Subtype::ALL
            .into_iter()
            .zip(&self.rows)
            .filter(|(_, row)| row.is_some_and(|row| row.is_positive))
            .fold(Label::NEGATIVE, |label, (subtype, _)| label.with(subtype));
        match any {
            Some(any) if any.is_positive || !label.is_positive() => Ok(label),
            Some(any) => Err(self.denied(name, any.line)),
            None if label.is_positive() || kinds.iter().all(Option::is_some) => Ok(label),
            None => Err(Error::Incomplete {
                line: kinds
                    .iter()
                    .flatten()
                    .map(|row| row.line)
                    .min()
                    .unwrap_or(0),
                name: quoted(name),
            }),
        }
    }

    /// The error for a subtype where `any` is 0.
    fn denied(&self, name: &str, line: usize) -> Error {
        let kinds = Subtype::ALL.into_iter().zip(&self.rows);
        let (subtype, subtype_line) = kinds
            .filter_map(|(subtype, row)| {
                row.filter(|row| row.is_positive)
                    .map(|row| (subtype, row.line))
            })
            .next()
            .unwrap_or((Subtype::Any, line));
        Error::AnyDenied {
            line,
            name: quoted(name),
            subtype_line,
            subtype: subtype.name(),
        }
    }
}
