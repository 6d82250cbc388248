//! Cells that a spreadsheet would take as formulas.
//!
//! A file may be named `=HYPERLINK(...)`, and a table that lists it would run it when it is opened. [`guard`]
//! puts a quote before such a cell, and [`unguard`] takes it away again: `unguard(&guard(cell)) == cell` for
//! every text, also for one that begins with a quote itself.
//!
//! Call [`guard`] where cells of text are written to CSV, numbers not, and [`unguard`] where they are read
//! again; JSON needs neither. [`Predictions`](crate::Predictions) takes the quotes away by itself.

use std::borrow::Cow;

/// The first characters by which OWASP's "CSV Injection" tells a formula.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// A cell as it may be written: with a quote more before what would be a formula, quotes aside.
///
/// ```
/// use ct_labels::spreadsheet::guard;
///
/// assert_eq!(guard("scan.dcm"), "scan.dcm");
/// assert_eq!(guard("=1+1.dcm"), "'=1+1.dcm");
/// assert_eq!(guard("'=1+1.dcm"), "''=1+1.dcm");
/// assert_eq!(guard("'scan'.dcm"), "'scan'.dcm");
/// ```
#[must_use]
pub fn guard(cell: &str) -> Cow<'_, str> {
    match is_formula(cell) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

/// The cell that [`guard`] was given.
#[must_use]
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(inner) if is_formula(inner) => inner,
        _ => cell,
    }
}

/// Whether a formula begins after any number of quotes.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}
