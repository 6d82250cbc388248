use serde::Serialize;

/// What stands between the cells of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`, as spreadsheets write where the comma is the decimal point.
    Semicolon,
    /// The tab character.
    Tab,
}

impl Separator {
    /// All of them, the most common first.
    pub(crate) const ALL: [Separator; 3] = [Separator::Comma, Separator::Semicolon, Separator::Tab];

    pub(crate) fn char(self) -> char {
        match self {
            Separator::Comma => ',',
            Separator::Semicolon => ';',
            Separator::Tab => '\t',
        }
    }

    /// What numbers may have for a decimal point, beside the point.
    pub(crate) fn allows_decimal_comma(self) -> bool {
        self != Separator::Comma
    }
}

/// How a table was read: what was assumed, and what was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reading<Format> {
    /// The kind of table.
    pub format: Format,
    /// The one that makes the most columns of the header; none in JSON Lines.
    pub separator: Option<Separator>,
    /// Rows with content, the header aside.
    pub n_rows: usize,
    /// Rows of empty cells, passed over. Lines without a character are no rows.
    pub n_empty_rows: usize,
    /// Rows that say no more than earlier ones did of the same slice; they count once. A second box of a
    /// slice is not one.
    pub n_repeated_rows: usize,
    /// Numbers with a comma for the decimal point.
    pub n_decimal_commas: usize,
}
