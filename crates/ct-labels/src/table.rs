use csv::StringRecord;

use crate::Error;
use crate::text::{MAX_NAME_BYTES, MAX_ROWS, n_line_ends, quoted};

/// Where a column stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    at: usize,
}

/// A CSV table with a header, read record by record.
pub(crate) struct Table<'t> {
    reader: csv::Reader<&'t [u8]>,
    header: StringRecord,
    header_line: usize,
    record: StringRecord,
    line: usize,
    lines: Lines<'t>,
    n_rows: usize,
}

impl<'t> Table<'t> {
    pub(crate) fn new(text: &'t str) -> Result<Table<'t>, Error> {
        let mut reader = csv::ReaderBuilder::new()
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
            record: StringRecord::new(),
            line: header_line,
            lines,
            n_rows: 0,
        })
    }

    /// A column by its exact name, if the header has it.
    pub(crate) fn column(&self, name: &'static str) -> Result<Option<Column>, Error> {
        let mut found = (0..self.header.len()).filter(|&at| self.header[at].trim() == name);
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
        Error::Header {
            line: self.header_line,
            found: quoted(&fields.join(",")),
            expected,
        }
    }

    /// Goes to the next record and gives its line; `None` at the end.
    pub(crate) fn advance(&mut self) -> Result<Option<usize>, Error> {
        if !read(&mut self.reader, &mut self.record, self.line + 1)? {
            return match self.n_rows {
                0 => Err(Error::NoRows),
                _ => Ok(None),
            };
        }
        let line = self.lines.line_of(&self.record);
        self.line = line;
        self.n_rows += 1;
        if self.n_rows > MAX_ROWS {
            return Err(Error::TooManyRows {
                line,
                limit: MAX_ROWS,
            });
        }
        // An open quote swallows the lines below it; none of these tables has a field of two lines.
        if self.record.as_slice().contains(['\n', '\r']) {
            return Err(Error::LineBreak { line });
        }
        if self.record.len() != self.header.len() {
            return Err(Error::FieldCount {
                line,
                n_fields: self.record.len(),
                n_columns: self.header.len(),
            });
        }
        Ok(Some(line))
    }

    /// A field of the current record, without the spaces around it.
    pub(crate) fn field(&self, column: Column) -> &str {
        self.record.get(column.at).unwrap_or_default().trim()
    }

    /// The name of a slice in the current record.
    pub(crate) fn name(&self, column: Column) -> Result<&str, Error> {
        let name = self.field(column);
        check_name(name, column.name, self.line)?;
        Ok(name)
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

fn read(
    reader: &mut csv::Reader<&[u8]>,
    record: &mut StringRecord,
    line: usize,
) -> Result<bool, Error> {
    reader
        .read_record(record)
        .map_err(|source| Error::Csv { line, source })
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
