use crate::probabilities::Probabilities;
use crate::table::{Column, SubtypeColumns, Table};
use crate::text::quoted;
use crate::{Error, PredictionFormat, Reading, Subtype, rsna};

const EXPECTED_COLUMNS: &str = "`probability` (or `any`, and subtypes) and one of `SOPInstanceUID`, \
    `sop_instance_uid`, `id`, `file`, `ID`, `Image`, `image` and `filename`, or `ID` and `Label` as in an \
    RSNA submission";

pub(crate) const LABEL: &str = "label";

const EXPECTED_LABEL: &str = "`any`, or a table with columns `probability_any`, \
    `probability_subdural` and so on, as `ich predict --all-labels` writes them";

pub(crate) const EXPECTED_PROBABILITY: &str =
    "a number from 0 to 1 with a decimal point, or nothing where there is no prediction";

/// Where a table holds its probabilities.
enum Columns {
    /// A row for each slice and subtype.
    Submission { id: Column, label: Column },
    /// A row for each slice.
    Slices {
        names: Vec<Column>,
        probabilities: SubtypeColumns,
        /// What a single column of probabilities is of.
        label: Option<Column>,
    },
}

/// Reads a CSV table.
pub(crate) fn read(text: &str) -> Result<(Probabilities, Reading<PredictionFormat>), Error> {
    let mut table = Table::new(text)?;
    let (format, columns) = columns(&table)?;
    let mut all = Probabilities::default();
    while let Some(line) = table.advance()? {
        let mut is_new = false;
        match &columns {
            Columns::Submission { id, label } => {
                let p = probability(&mut table, *label)?;
                let (name, subtype) = rsna::split(&table, *id)?;
                is_new = all.insert(vec![name.to_owned()], subtype, p, line)?;
            }
            Columns::Slices {
                names,
                probabilities,
                label,
            } => {
                if let Some(label) = *label {
                    check_label(table.field(label).trim(), line)?;
                }
                for &(subtype, column) in probabilities {
                    let p = probability(&mut table, column)?;
                    is_new |= all.insert(row_names(&table, names)?, subtype, p, line)?;
                }
            }
        }
        if !is_new {
            table.count_repeated();
        }
    }
    Ok((all, table.reading(format)))
}

fn columns(table: &Table<'_>) -> Result<(PredictionFormat, Columns), Error> {
    let names = table.name_columns()?;
    let has_names = !names.is_empty();
    let slices = |names, probabilities, label| Columns::Slices {
        names,
        probabilities,
        label,
    };
    let by_label = table.subtype_columns("probability_")?;
    if let (true, Some((Subtype::Any, _))) = (has_names, by_label.first()) {
        return Ok((PredictionFormat::Wide, slices(names, by_label, None)));
    }
    if let (true, Some(column)) = (has_names, table.column("probability")?) {
        let probabilities = vec![(Subtype::Any, column)];
        let columns = slices(names, probabilities, table.column(LABEL)?);
        return Ok((PredictionFormat::Plain, columns));
    }
    if let (Some(id), Some(label)) = (table.column("ID")?, table.column("Label")?) {
        return Ok((PredictionFormat::Rsna, Columns::Submission { id, label }));
    }
    let probabilities = table.subtype_columns("")?;
    match (has_names, probabilities.first()) {
        (true, Some((Subtype::Any, _))) => {
            Ok((PredictionFormat::Wide, slices(names, probabilities, None)))
        }
        _ => Err(table.unknown_header(EXPECTED_COLUMNS)),
    }
}

/// Refuses probabilities that the table says are of one kind of hemorrhage: they are judged as those of any.
/// Other names are those of a network for what it finds.
pub(crate) fn check_label(label: &str, line: usize) -> Result<(), Error> {
    match Subtype::from_name(label) {
        None | Some(Subtype::Any) => Ok(()),
        Some(_) => Err(Error::Field {
            line,
            column: LABEL,
            found: quoted(label),
            expected: EXPECTED_LABEL,
        }),
    }
}

/// The names of a row. A cell may be empty where another one names the slice.
fn row_names(table: &Table<'_>, columns: &[Column]) -> Result<Vec<String>, Error> {
    let mut named: Vec<_> = columns
        .iter()
        .filter(|&&column| !table.field(column).is_empty())
        .collect();
    if named.is_empty() {
        // Its error names the column.
        named.extend(columns.first());
    }
    let names = named.into_iter();
    names
        .map(|&column| table.unguarded_name(column).map(str::to_owned))
        .collect()
}

/// A probability of the current record; none in an empty cell.
fn probability(table: &mut Table<'_>, column: Column) -> Result<Option<f64>, Error> {
    let text = table.number(column);
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(Some(p)),
        _ => Err(table.unexpected(column, EXPECTED_PROBABILITY)),
    }
}
