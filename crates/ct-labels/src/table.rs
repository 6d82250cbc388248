use std::borrow::Cow;

use csv::StringRecord;

use crate::text::{MAX_NAME_BYTES, MAX_ROWS, cut, n_line_ends, quoted};
use crate::{Error, Reading, Separator, Subtype, spreadsheet};

/// Characters shown of a header: more than those of the widest table that is known.
const N_SHOWN: usize = 200;

/// Columns that name a slice, the most certain first. A table may have several.
const NAMES: [&str; 4] = ["SOPInstanceUID", "sop_instance_uid", "id", "file"];

/// Columns that name a slice where there is none of [`NAMES`].
const OTHER_NAMES: [&str; 4] = ["ID", "Image", "image", "filename"];

/// Where a column stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    at: usize,
}

/// Columns of subtypes.
pub(crate) type SubtypeColumns = Vec<(Subtype, Column)>;

/// A CSV table with a header, read record by record.
pub(crate) struct Table<'t> {
    reader: csv::Reader<&'t [u8]>,
    header: StringRecord,
    header_line: usize,
    separator: Separator,
    record: StringRecord,
    line: usize,
    lines: Lines<'t>,
    n_rows: usize,
    n_empty_rows: usize,
    n_repeated_rows: usize,
    n_decimal_commas: usize,
}

impl<'t> Table<'t> {
    /// By the separator that makes the most columns of the header.
    pub(crate) fn new(text: &'t str) -> Result<Table<'t>, Error> {
        let mut best: Option<Table<'t>> = None;
        for separator in Separator::ALL {
            let table = Table::separated_by(separator, text)?;
            if best
                .as_ref()
                .is_none_or(|best| table.header.len() > best.header.len())
            {
                best = Some(table);
            }
        }
        best.ok_or(Error::NoRows)
    }

    /// By the first separator with which the header has the columns that are needed; where there is none, with
    /// the error of commas.
    pub(crate) fn with_columns<Columns>(
        text: &'t str,
        find: impl Fn(&Table<'t>) -> Result<Columns, Error>,
    ) -> Result<(Table<'t>, Columns), Error> {
        let mut missing = None;
        for separator in Separator::ALL {
            let table = Table::separated_by(separator, text)?;
            match find(&table) {
                Ok(columns) => return Ok((table, columns)),
                Err(error @ Error::MissingColumn { .. }) => {
                    missing.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(missing.unwrap_or(Error::NoRows))
    }

    fn separated_by(separator: Separator, text: &'t str) -> Result<Table<'t>, Error> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator.char() as u8)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut lines = Lines::new(text.as_bytes());
        let mut header = StringRecord::new();
        if !read(&mut reader, &mut header, 1)? {
            return Err(Error::NoRows);
        }
        let header_line = lines.line_of(&header);
        Ok(Table {
            reader,
            header,
            header_line,
            separator,
            record: StringRecord::new(),
            line: header_line,
            lines,
            n_rows: 0,
            n_empty_rows: 0,
            n_repeated_rows: 0,
            n_decimal_commas: 0,
        })
    }

    /// A column by its exact name, if the header has it.
    pub(crate) fn column(&self, name: &'static str) -> Result<Option<Column>, Error> {
        self.column_where(name, |cell| cell == name)
    }

    /// A column by its exact name; without it, the error lists all columns that are `needed`.
    pub(crate) fn needed_column(
        &self,
        name: &'static str,
        needed: &'static str,
    ) -> Result<Column, Error> {
        self.column(name)?.ok_or(Error::MissingColumn {
            line: self.header_line,
            column: name,
            needed,
        })
    }

    /// The columns of subtypes that the header has, by their names in whatever case behind `prefix`, in the
    /// order of [`Subtype::ALL`].
    pub(crate) fn subtype_columns(&self, prefix: &str) -> Result<SubtypeColumns, Error> {
        let mut columns = Vec::new();
        for subtype in Subtype::ALL {
            let is_it = |cell: &str| {
                let name = cell.strip_prefix(prefix);
                name.and_then(Subtype::from_name) == Some(subtype)
            };
            let column = self.column_where(subtype.name(), is_it)?;
            columns.extend(column.map(|column| (subtype, column)));
        }
        Ok(columns)
    }

    /// The columns that name a slice, the most certain first.
    pub(crate) fn name_columns(&self) -> Result<Vec<Column>, Error> {
        let mut columns = Vec::new();
        for name in NAMES {
            columns.extend(self.column(name)?);
        }
        for name in OTHER_NAMES {
            if columns.is_empty() {
                columns.extend(self.column(name)?);
            }
        }
        Ok(columns)
    }

    /// The column that names a slice where one name is enough: `id`, or the most certain other one.
    pub(crate) fn name_column(&self) -> Result<Option<Column>, Error> {
        match self.column("id")? {
            Some(id) => Ok(Some(id)),
            None => Ok(self.name_columns()?.first().copied()),
        }
    }

    fn column_where(
        &self,
        name: &'static str,
        is_it: impl Fn(&str) -> bool,
    ) -> Result<Option<Column>, Error> {
        let mut found = (0..self.header.len()).filter(|&at| is_it(self.header[at].trim()));
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(at), None) => Ok(Some(Column { name, at })),
            (Some(_), Some(_)) => Err(Error::DuplicateColumn {
                line: self.header_line,
                column: name,
            }),
        }
    }

    /// The error for a header that lacks columns.
    pub(crate) fn unknown_header(&self, expected: &'static str) -> Error {
        let fields: Vec<_> = self.header.iter().map(str::trim).collect();
        let header = fields.join(&self.separator.char().to_string());
        Error::Header {
            line: self.header_line,
            found: format!("`{}`", cut(&header, N_SHOWN)),
            expected,
        }
    }

    /// Goes to the next record that has content, of as many fields as the header and of one line, and gives
    /// its line; `None` at the end.
    pub(crate) fn advance(&mut self) -> Result<Option<usize>, Error> {
        while let Some(line) = self.advance_to_any()? {
            if self.is_empty() {
                continue;
            }
            // An open quote swallows the lines below it; no field of these tables has two lines.
            if self.record.iter().any(has_line_break) {
                return Err(Error::LineBreak { line });
            }
            self.check_length()?;
            return Ok(Some(line));
        }
        match self.n_rows {
            0 => Err(Error::NoRows),
            _ => Ok(None),
        }
    }

    /// Goes to the next record, whatever is in it, and gives its line; `None` at the end.
    pub(crate) fn advance_to_any(&mut self) -> Result<Option<usize>, Error> {
        if !read(&mut self.reader, &mut self.record, self.line + 1)? {
            return Ok(None);
        }
        self.line = self.lines.line_of(&self.record);
        if self.n_rows + self.n_empty_rows == MAX_ROWS {
            return Err(Error::TooManyRows {
                line: self.line,
                limit: MAX_ROWS,
            });
        }
        match self.is_empty() {
            true => self.n_empty_rows += 1,
            false => self.n_rows += 1,
        }
        Ok(Some(self.line))
    }

    /// Whether all fields of the current record are blank.
    pub(crate) fn is_empty(&self) -> bool {
        self.record.iter().all(|field| field.trim().is_empty())
    }

    /// Refuses the current record if it is longer or shorter than the header.
    pub(crate) fn check_length(&self) -> Result<(), Error> {
        match self.record.len() == self.header.len() {
            true => Ok(()),
            false => Err(Error::FieldCount {
                line: self.line,
                n_fields: self.record.len(),
                n_columns: self.header.len(),
            }),
        }
    }

    /// A field of the current record, without the spaces around it.
    pub(crate) fn field(&self, column: Column) -> &str {
        self.record.get(column.at).unwrap_or_default().trim()
    }

    /// The text of a number in the current record, with a point for a decimal comma.
    ///
    /// A comma is taken as the decimal comma where it does not separate cells and is the only mark: a
    /// probability or a label has no thousands.
    pub(crate) fn number(&mut self, column: Column) -> Cow<'_, str> {
        let text = self.record.get(column.at).unwrap_or_default().trim();
        let is_decimal_comma = self.separator.allows_decimal_comma()
            && text.matches(',').count() == 1
            && !text.contains('.');
        match is_decimal_comma {
            true => {
                self.n_decimal_commas += 1;
                Cow::Owned(text.replace(',', "."))
            }
            false => Cow::Borrowed(text),
        }
    }

    /// The name of a slice in the current record.
    pub(crate) fn name(&self, column: Column) -> Result<&str, Error> {
        let name = self.field(column);
        check_name(name, column.name, self.line)?;
        Ok(name)
    }

    /// The name of a slice in the current record, without the quote that keeps spreadsheets from running it.
    pub(crate) fn unguarded_name(&self, column: Column) -> Result<&str, Error> {
        let name = spreadsheet::unguard(self.field(column)).trim();
        check_name(name, column.name, self.line)?;
        Ok(name)
    }

    /// Counts the current record as one that says nothing new.
    pub(crate) fn count_repeated(&mut self) {
        self.n_repeated_rows += 1;
    }

    /// How the table was read so far.
    pub(crate) fn reading<Format>(&self, format: Format) -> Reading<Format> {
        Reading {
            format,
            separator: Some(self.separator),
            n_rows: self.n_rows,
            n_empty_rows: self.n_empty_rows,
            n_repeated_rows: self.n_repeated_rows,
            n_decimal_commas: self.n_decimal_commas,
        }
    }

    /// The error for a field of the current record.
    pub(crate) fn unexpected(&self, column: Column, expected: &'static str) -> Error {
        Error::Field {
            line: self.line,
            column: column.name,
            found: quoted(self.field(column)),
            expected,
        }
    }
}

/// Refuses a name that is blank or longer than a path.
pub(crate) fn check_name(name: &str, column: &'static str, line: usize) -> Result<(), Error> {
    let expected = if name.is_empty() {
        "a name"
    } else if name.len() > MAX_NAME_BYTES {
        "a name of at most 4096 bytes"
    } else {
        return Ok(());
    };
    Err(Error::Field {
        line,
        column,
        found: quoted(name),
        expected,
    })
}

/// Whether a field goes over the end of its line, one at the beginning of a guarded name aside.
fn has_line_break(field: &str) -> bool {
    let name = spreadsheet::unguard(field);
    let rest = match name.len() == field.len() {
        true => field,
        false => name.trim_start(),
    };
    rest.contains(['\n', '\r'])
}

fn read(
    reader: &mut csv::Reader<&[u8]>,
    record: &mut StringRecord,
    line: usize,
) -> Result<bool, Error> {
    reader.read_record(record).map_err(|source| Error::Csv {
        line,
        source: Box::new(source),
    })
}

/// Counts lines up to the start of each record. The positions of `csv` are those before the line ends and
/// blank lines that it skips.
struct Lines<'t> {
    bytes: &'t [u8],
    offset: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    fn new(bytes: &'t [u8]) -> Lines<'t> {
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
