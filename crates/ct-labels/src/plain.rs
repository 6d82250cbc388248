use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::table::{Column, Table};
use crate::text::quoted;
use crate::{Error, Label, Subtype};

/// Reads rows of one slice each, with one label.
pub(crate) fn read(
    table: &mut Table<'_>,
    name: Column,
    label: Column,
) -> Result<BTreeMap<String, Label>, Error> {
    let mut slices: BTreeMap<String, (bool, usize)> = BTreeMap::new();
    while let Some(line) = table.advance()? {
        let is_positive = flag(table, label)?;
        match slices.entry(table.name(name)?.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert((is_positive, line));
            }
            Entry::Occupied(entry) => {
                let (first, first_line) = *entry.get();
                if first != is_positive {
                    return Err(Error::Contradiction {
                        line,
                        name: quoted(entry.key()),
                        found: u8::from(is_positive).to_string(),
                        first_line,
                        first: u8::from(first).to_string(),
                    });
                }
                table.count_repeated();
            }
        }
    }
    let label = |is_positive| match is_positive {
        true => Label::NEGATIVE.with(Subtype::Any),
        false => Label::NEGATIVE,
    };
    Ok(slices
        .into_iter()
        .map(|(name, (is_positive, _))| (name, label(is_positive)))
        .collect())
}

/// A label of the current record: 0 or 1, with zeros behind the point or without, or false or true in
/// whatever case.
pub(crate) fn flag(table: &mut Table<'_>, column: Column) -> Result<bool, Error> {
    let text = table.number(column);
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    // Not by value: 0.99999999999999999 is 1 as `f64`.
    let is_whole = decimals.bytes().all(|digit| digit == b'0');
    match whole {
        "0" if is_whole => Ok(false),
        "1" if is_whole => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ => Err(table.unexpected(column, "0 or 1 (a probability is no label)")),
    }
}
