//! Rows and columns added around a map, or cut off.

use pixel_region::Size;

use crate::limits::MAX_PAD;
use crate::problem::{Problem, expect_at_most, expect_finite, expect_parameter};

/// Rows and columns added around a map; a negative number cuts that many off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pads {
    /// Rows above the first.
    pub top: i64,
    /// Columns before the first.
    pub left: i64,
    /// Rows below the last.
    pub bottom: i64,
    /// Columns behind the last.
    pub right: i64,
}

/// What padding holds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum PadMode {
    /// This number.
    Constant(f32),
    /// The nearest value of the map.
    Edge,
    /// The map mirrored at its border, whose values are not repeated.
    Reflect,
}

impl Pads {
    /// Size of a padded map.
    pub(crate) fn output_size(&self, size: Size, mode: PadMode) -> Result<Size, Problem> {
        if let PadMode::Constant(value) = mode {
            expect_finite("value", &[value])?;
        }
        Ok(Size {
            rows: output_len(self.top, self.bottom, size.rows, mode)?,
            cols: output_len(self.left, self.right, size.cols, mode)?,
        })
    }
}

fn output_len(begin: i64, end: i64, len: usize, mode: PadMode) -> Result<usize, Problem> {
    let mut cut = 0;
    let mut added = 0;
    for pad in [begin, end] {
        expect_at_most("pads", pad.unsigned_abs(), MAX_PAD as u64)?;
        let width = pad.unsigned_abs() as usize;
        if pad < 0 {
            cut += width;
        } else {
            added += width;
        }
    }
    let found = || format!("{begin} and {end}");
    let expected = format!("to leave something of a side of {len}");
    expect_parameter(cut < len, "pads", found(), &expected)?;
    let left = len - cut;
    if mode == PadMode::Reflect {
        let mirrored = begin.max(end).max(0) as usize;
        let expected = format!("less than the side that is mirrored, {left}");
        expect_parameter(mirrored < left, "pads", found(), &expected)?;
    }
    Ok(left + added)
}

impl PadMode {
    /// The position of a side of `len` that output `output` shows, where `begin` positions are before
    /// it; none if that is a constant.
    pub fn source(self, output: usize, begin: i64, len: usize) -> Option<usize> {
        let last = len as i64 - 1;
        let at = output as i64 - begin;
        let inside = match self {
            Self::Constant(_) => return (0..=last).contains(&at).then_some(at as usize),
            Self::Edge => at.clamp(0, last),
            Self::Reflect if at < 0 => -at,
            Self::Reflect if at > last => 2 * last - at,
            Self::Reflect => at,
        };
        Some(inside as usize)
    }
}
