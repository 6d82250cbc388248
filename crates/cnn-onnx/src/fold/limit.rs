//! How much may be folded.

use crate::array::{MAX_RANK, n_values};
use crate::axes::Value;
use crate::call::Call;
use crate::draft::Draft;
use crate::error::Error;

/// Values of a folded constant, unless one that it is made of has more.
const MAX_VALUES: usize = 65_536;

/// Takes `shape` out of what may be folded, before it is allocated; the number of its values.
pub(super) fn reserve(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    shape: &[usize],
) -> Result<usize, Error> {
    if shape.len() > MAX_RANK {
        return Err(Error::TooLarge {
            what: format!("node {}: dimensions of a constant", call.label()),
            limit: MAX_RANK as u64,
        });
    }
    let length = |value: &Option<Value>| match value {
        Some(Value::Constant(array)) => array.len(),
        _ => 0,
    };
    let longest = call.inputs.iter().map(length).max().unwrap_or(0);
    let limit = longest.max(MAX_VALUES);
    let n = n_values(shape).filter(|&n| n <= limit);
    let n = n.ok_or_else(|| Error::TooLarge {
        what: format!("node {}: values of a constant", call.label()),
        limit: limit as u64,
    })?;
    draft.reserve(n)?;
    Ok(n)
}

/// None of the sizes of a shape is negative.
pub(super) fn sizes(call: &Call<'_, '_>, shape: &[i64]) -> Result<Vec<usize>, Error> {
    let sizes = shape.iter().map(|&size| usize::try_from(size));
    sizes
        .collect::<Result<_, _>>()
        .map_err(|_| call.misfit(format!("a shape of {shape:?}")))
}
