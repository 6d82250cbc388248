use serde::Deserialize;

use crate::{BoundingBox, Error};

/// Bytes `data` may have; real ones have about 100.
const MAX_DATA_BYTES: usize = 4096;
/// Brackets `data` may open inside one another: the parser recurses on them.
const MAX_DATA_DEPTH: usize = 8;

#[derive(Deserialize)]
struct Keys {
    x: Option<f64>,
    y: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
}

/// Reads the Python dict literal of a record, without spaces around it.
pub(crate) fn rectangle(data: &str, label: String, line: usize) -> Result<BoundingBox, Error> {
    if is_missing(data) {
        return Err(Error::NoBox { line });
    }
    if data.len() > MAX_DATA_BYTES {
        return Err(Error::DataTooLong {
            line,
            n_bytes: data.len(),
            limit: MAX_DATA_BYTES,
        });
    }
    if depth(data) > MAX_DATA_DEPTH {
        return Err(Error::DataTooDeep {
            line,
            limit: MAX_DATA_DEPTH,
        });
    }
    let keys: Keys = json5::from_str(data).map_err(|source| Error::NotADict {
        line,
        source: Box::new(source),
    })?;
    Ok(BoundingBox {
        column: finite(keys.x, "x", line)?,
        row: finite(keys.y, "y", line)?,
        width: positive(keys.width, "width", line)?,
        height: positive(keys.height, "height", line)?,
        label,
    })
}

/// True of what Python, pandas, SQL and spreadsheets write where there is nothing.
fn is_missing(data: &str) -> bool {
    let words = ["", "none", "null", "nan", "na", "n/a", "<na>", "#n/a"];
    words.iter().any(|word| data.eq_ignore_ascii_case(word))
}

/// The most brackets open at once, those within strings included.
fn depth(data: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in data.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

fn finite(value: Option<f64>, key: &'static str, line: usize) -> Result<f64, Error> {
    match value {
        Some(value) if value.is_finite() => Ok(value),
        Some(value) => Err(Error::NotFinite { line, key, value }),
        None => Err(Error::MissingNumber { line, key }),
    }
}

fn positive(value: Option<f64>, key: &'static str, line: usize) -> Result<f64, Error> {
    let value = finite(value, key, line)?;
    if value > 0.0 {
        Ok(value)
    } else {
        Err(Error::NotPositive { line, key, value })
    }
}
