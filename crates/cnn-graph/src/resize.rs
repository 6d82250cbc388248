//! Interpolation along one axis of a map.

use crate::limits::MAX_SIDE;
use crate::problem::{Problem, expect_at_most, expect_finite, expect_parameter};

/// Interpolation along one axis, as a table.
///
/// Nearest, linear and any other interpolation that treats rows and columns separately is such a
/// table; whoever builds the graph decides how coordinates are rounded.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// For every output position the input positions that it reads and their weights.
    pub taps: Vec<Vec<(usize, f32)>>,
}

impl Axis {
    /// Number of output positions, where every one reads something of an input of `len`.
    pub(crate) fn output_len(&self, len: usize) -> Result<usize, Problem> {
        expect_parameter(!self.taps.is_empty(), "taps", "empty", "an output position")?;
        expect_at_most("taps", self.taps.len() as u64, MAX_SIDE as u64)?;
        let expected = format!("input positions below {len} for every output");
        for taps in &self.taps {
            expect_parameter(!taps.is_empty(), "taps", "empty", &expected)?;
            for &(at, weight) in taps {
                expect_parameter(at < len, "taps", at, &expected)?;
                expect_finite("weight of a tap", &[weight])?;
            }
        }
        Ok(self.taps.len())
    }

    /// Number of all taps.
    pub(crate) fn n_taps(&self) -> u64 {
        self.taps.iter().map(|taps| taps.len() as u64).sum()
    }
}
