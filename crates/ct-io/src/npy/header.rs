//! The header of an `.npy` file, and which of its axes are those of slices.

use std::io::Cursor;
use std::path::Path;

use ndarray_npy::npy::header::{Header, Layout};

use super::NpyError;
use crate::Error;
use crate::element::{ByteOrder, Element};
use crate::file::{length_of, read_prefix};

/// NumPy's own default limit (`max_header_size`).
const MAX_HEADER_BYTES: usize = 10_000;

/// The magic string, the version and the longer form of the header's length.
const MAX_PREFIX_BYTES: usize = 12;

/// From this ratio of its sides on, what should be a slice is none: the axes have another order.
const MAX_SIDES_RATIO: usize = 4;

/// What an `.npy` file says of its slices, before any of them is read.
///
/// | shape | slices |
/// | --- | --- |
/// | `(rows, cols)` | one |
/// | `(1, rows, cols)`, `(rows, cols, 1)` and others with axes of one element | one |
/// | `(n, rows, cols)` | n along the first axis |
#[derive(Debug, Clone)]
pub struct NpyHeader {
    element: Element,
    order: ByteOrder,
    layout: Layout,
    n_slices: usize,
    rows: usize,
    cols: usize,
    /// Where the values start in the file.
    start: usize,
}

impl NpyHeader {
    /// Reads the header of a file, which must be as long as the header says, and no values.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: an [`Error::Npy`] for a
    /// malformed file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::of_file(path).map_err(|error| error.in_file(path))
    }

    fn of_file(path: &Path) -> Result<Self, Error> {
        let n_bytes = length_of(path)?;
        let prefix = read_prefix(path, (MAX_PREFIX_BYTES + MAX_HEADER_BYTES) as u64)?;
        Self::parse(&prefix, n_bytes)
    }

    /// Checks everything that can be checked without the values.
    pub(super) fn parse(prefix: &[u8], file_bytes: u64) -> Result<Self, Error> {
        check_length(prefix)?;
        let mut cursor = Cursor::new(prefix);
        let header =
            Header::from_reader(&mut cursor).map_err(|error| NpyError::Header(Box::new(error)))?;
        let start = cursor.position() as usize;
        let Some(descr) = header.type_descriptor.as_string() else {
            return Err(NpyError::Type {
                found: header.type_descriptor.to_string(),
            }
            .into());
        };
        let (element, order) = element(descr)?;
        let [n_slices, rows, cols] = slices(&header.shape)?;

        let found = file_bytes.saturating_sub(start as u64);
        let expected = [n_slices, rows, cols, element.n_bytes()]
            .into_iter()
            .fold(1_u128, |product, factor| {
                product.saturating_mul(factor as u128)
            });
        if expected != u128::from(found) {
            return Err(NpyError::DataLength {
                shape: header.shape,
                item_bytes: element.n_bytes(),
                expected,
                found,
            }
            .into());
        }
        if expected == 0 {
            return Err(match n_slices {
                0 => NpyError::Shape {
                    found: header.shape,
                }
                .into(),
                _ => Error::Empty { rows, cols },
            });
        }
        Ok(Self {
            element,
            order,
            layout: header.layout,
            n_slices,
            rows,
            cols,
            start,
        })
    }

    /// Number of slices.
    pub fn n_slices(&self) -> usize {
        self.n_slices
    }

    /// Rows and columns of a slice.
    pub fn slice_shape(&self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    /// The values of a slice of the whole file, row by row.
    pub(super) fn values<'a>(
        &'a self,
        bytes: &'a [u8],
        slice: usize,
    ) -> impl Iterator<Item = f64> + 'a {
        let (rows, cols) = (self.rows, self.cols);
        (0..rows * cols).map(move |pixel| {
            let (row, col) = (pixel / cols, pixel % cols);
            let index = match self.layout {
                Layout::Standard => (slice * rows + row) * cols + col,
                Layout::Fortran => slice + self.n_slices * (row + rows * col),
            };
            let place = self.start + index * self.element.n_bytes();
            self.element.decode(self.order, &bytes[place..])
        })
    }
}

/// Checks the magic string and the declared header length, which the parser would allocate.
fn check_length(bytes: &[u8]) -> Result<(), NpyError> {
    let prefix: &[u8; MAX_PREFIX_BYTES] = bytes.first_chunk().ok_or(NpyError::NotNpy)?;
    if !prefix.starts_with(b"\x93NUMPY") {
        return Err(NpyError::NotNpy);
    }
    let (declared, prefix_bytes) = match prefix[6] {
        1 => (u16::from_le_bytes([prefix[8], prefix[9]]).into(), 10),
        _ => (
            u32::from_le_bytes([prefix[8], prefix[9], prefix[10], prefix[11]]).into(),
            12,
        ),
    };
    if declared > MAX_HEADER_BYTES as u64 || declared as usize > bytes.len() - prefix_bytes {
        return Err(NpyError::HeaderLength {
            declared,
            limit: MAX_HEADER_BYTES,
        });
    }
    Ok(())
}

/// The type that a `descr` names; a single byte has no order, which `|` says.
fn element(descr: &str) -> Result<(Element, ByteOrder), NpyError> {
    if descr.trim_start_matches(['|', '<', '>', '=']) == "b1" {
        return Err(NpyError::Mask);
    }
    let unknown = || NpyError::Type {
        found: descr.to_owned(),
    };
    let (order, kind) = match (descr.get(..1), descr.get(1..)) {
        (Some("<" | "|"), Some(kind)) => (ByteOrder::Little, kind),
        (Some(">"), Some(kind)) => (ByteOrder::Big, kind),
        _ => return Err(unknown()),
    };
    let element = match kind {
        "i1" => Element::I8,
        "u1" => Element::U8,
        "i2" => Element::I16,
        "u2" => Element::U16,
        "i4" => Element::I32,
        "u4" => Element::U32,
        "i8" => Element::I64,
        "u8" => Element::U64,
        "f2" => Element::F16,
        "f4" => Element::F32,
        "f8" => Element::F64,
        _ => return Err(unknown()),
    };
    if descr.starts_with('|') && element.n_bytes() > 1 {
        return Err(unknown());
    }
    Ok((element, order))
}

/// Slices, rows and columns of a shape.
fn slices(shape: &[usize]) -> Result<[usize; 3], NpyError> {
    let found = || shape.to_vec();
    // Axes of one element are dropped while more than two are left.
    let mut axes = shape.to_vec();
    while axes.len() > 2
        && let Some(axis) = axes.iter().position(|&side| side == 1)
    {
        axes.remove(axis);
    }
    match axes[..] {
        [rows, cols] => Ok([1, rows, cols]),
        [rows, cols, 3 | 4] if rows.min(cols) > 4 => Err(NpyError::Colour { found: found() }),
        [first, second, last]
            if (first == second && second != last)
                || last.saturating_mul(MAX_SIDES_RATIO) < first.min(second) =>
        {
            Err(NpyError::Axes { found: found() })
        }
        [n_slices, rows, cols] => Ok([n_slices, rows, cols]),
        _ => Err(NpyError::Shape { found: found() }),
    }
}
