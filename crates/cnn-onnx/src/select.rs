//! What Slice and Split choose of a dimension.

use crate::call::Call;
use crate::error::Error;

/// Every `step`-th index of a dimension from `start` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SliceRange {
    pub(crate) start: i64,
    pub(crate) step: i64,
    /// Number of indices.
    pub(crate) len: usize,
}

impl SliceRange {
    /// What ONNX's Slice chooses of `size` indices: starts and ends may count from the end, and are
    /// clamped to the dimension.
    fn clamped(start: i64, end: i64, step: i64, size: usize) -> Option<Self> {
        // Sizes are those of arrays in memory.
        let size = size as i64;
        let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
        let clamp = |index: i64| {
            let from_start = if index < 0 {
                index.saturating_add(size)
            } else {
                index
            };
            from_start.clamp(low, high)
        };
        let (start, end) = (clamp(start), clamp(end));
        let span = if step > 0 { end - start } else { start - end };
        let len = match span {
            1.. => (span as u64).div_ceil(step.checked_abs()? as u64),
            _ => 0,
        };
        (step != 0).then_some(Self {
            start,
            step,
            len: len as usize,
        })
    }

    pub(crate) fn is_whole(self, size: usize) -> bool {
        self.step == 1 && self.len == size
    }

    pub(crate) fn indices(self) -> impl Iterator<Item = usize> {
        (0..self.len as i64).map(move |at| (self.start + at * self.step) as usize)
    }
}

/// The dimensions of which a Slice chooses, and what. Attributes before version 10, inputs since.
pub(crate) fn slice_ranges(
    call: &Call<'_, '_>,
    sizes: &[usize],
) -> Result<Vec<(usize, SliceRange)>, Error> {
    let missing = |name: &str| call.unexpected(name, "is missing", "one number a dimension");
    let list = |name: &str, index: usize| call.attribute_or_input(name, index);
    let starts = list("starts", 1)?.ok_or_else(|| missing("starts"))?;
    let ends = list("ends", 2)?.ok_or_else(|| missing("ends"))?;
    let all: Vec<i64> = (0..starts.len() as i64).collect();
    let axes = list("axes", 3)?.unwrap_or(&all);
    let steps = match call.has(4) {
        true => call.int_list(4)?.to_vec(),
        false => vec![1; starts.len()],
    };
    let n = starts.len();
    if n > sizes.len() || [ends.len(), axes.len(), steps.len()] != [n; 3] {
        return Err(call.misfit("starts, ends, axes and steps are not of one length"));
    }
    let mut ranges = Vec::with_capacity(n);
    for (at, &axis) in axes.iter().enumerate() {
        let axis = call.axis(axis, sizes.len())?;
        let range = SliceRange::clamped(starts[at], ends[at], steps[at], sizes[axis]);
        let range = range.ok_or_else(|| call.unexpected("steps", steps[at], "any but 0"))?;
        if ranges.iter().any(|&(other, _)| other == axis) {
            return Err(call.misfit(format!("axis {axis} is given twice")));
        }
        ranges.push((axis, range));
    }
    Ok(ranges)
}

/// The sizes of the parts of a Split: an attribute before version 13, an input since, or equal
/// parts of which the last may be smaller.
pub(crate) fn split_sizes(call: &Call<'_, '_>, size: usize) -> Result<Vec<usize>, Error> {
    let n_outputs = call.node.outputs.len();
    let sizes: Vec<usize> = match call.attribute_or_input("split", 1)? {
        Some(sizes) => {
            let sizes = sizes.iter().map(|&size| usize::try_from(size));
            let sizes: Result<_, _> = sizes.collect();
            sizes.map_err(|_| call.misfit("a part of a negative size"))?
        }
        None => {
            let n_parts = call.int("num_outputs", n_outputs as i64)?;
            let n_parts = usize::try_from(n_parts).ok().filter(|&n| n == n_outputs);
            let n_parts = n_parts.filter(|&n| n > 0);
            let n_parts =
                n_parts.ok_or_else(|| call.misfit("as many parts as outputs expected"))?;
            let part = size.div_ceil(n_parts);
            let start = |at: usize| (at * part).min(size);
            (0..n_parts).map(|at| start(at + 1) - start(at)).collect()
        }
    };
    let total = sizes.iter().try_fold(0_usize, |sum, &n| sum.checked_add(n));
    if total != Some(size) || sizes.len() != n_outputs {
        return Err(call.misfit(format!("parts {sizes:?} do not make up {size}")));
    }
    Ok(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python's `range(size)[start:end:step]` has.
    #[test]
    fn slices_as_python_does() {
        let indices = |start, end, step| {
            let range = SliceRange::clamped(start, end, step, 6).expect("a step");
            range.indices().collect::<Vec<_>>()
        };
        assert_eq!(indices(1, 4, 1), [1, 2, 3]);
        assert_eq!(indices(-2, i64::MAX, 1), [4, 5]);
        assert_eq!(indices(-1, i64::MIN, -2), [5, 3, 1]);
        assert_eq!(indices(100, 0, -1), [5, 4, 3, 2, 1]);
        assert_eq!(indices(4, 2, 1), [0; 0]);
        assert_eq!(SliceRange::clamped(0, 1, 0, 6), None);
    }
}
