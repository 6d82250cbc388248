//! Concatenation and choice of channels.

use cnn_graph::{Op, Shape};

use crate::array::MAX_RANK;
use crate::axes::{Axes, Role, Value};
use crate::call::{Call, dims, replaced};
use crate::draft::{Draft, DraftOp};
use crate::error::Error;
use crate::select::{SliceRange, slice_ranges};

/// Concat along the channels of maps, or of vectors.
pub(crate) fn concat(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let first = call.input(0)?;
    let mut after = dims(draft, first);
    let axis = call.int("axis", 1)?;
    let axis = call.axis(axis, after.len())?;
    let mut ids = Vec::with_capacity(call.inputs.len());
    let mut n_channels = 0;
    for index in 0..call.inputs.len() {
        let value = call.input(index)?;
        let fits = match (first, value) {
            (Value::Map { id: a, axes }, Value::Map { id: b, axes: other }) => {
                axes == other
                    && axes.roles[axis] == Role::Channels
                    && size_of(draft.shape(*a)) == size_of(draft.shape(*b))
            }
            (Value::Vector { .. }, Value::Vector { dims, .. }) => {
                let is_along = |(at, &size): (usize, &usize)| at == axis || size == 1;
                dims.len() == after.len() && dims.iter().enumerate().all(is_along)
            }
            _ => false,
        };
        if !fits {
            let found = dims(draft, value);
            return Err(call.refuse(format!(
                "input {index} of shape {found:?} is not put behind {after:?} along the channels"
            )));
        }
        let id = call.variable(index)?;
        n_channels += draft.n_channels(id);
        ids.push(id);
    }
    let shape = match draft.shape(ids[0]) {
        Shape::Map { size, .. } => Shape::Map {
            channels: n_channels,
            size,
        },
        Shape::Vector { .. } => Shape::Vector { len: n_channels },
    };
    let id = draft.add(call.label(), DraftOp::Final(Op::Concat), ids, shape)?;
    after[axis] = n_channels;
    Ok(match first {
        Value::Vector { .. } => Value::Vector { id, dims: after },
        other => replaced(other, id),
    })
}

fn size_of(shape: Shape) -> Option<cnn_graph::Size> {
    match shape {
        Shape::Map { size, .. } => Some(size),
        Shape::Vector { .. } => None,
    }
}

/// Slice along the channels.
pub(crate) fn slice(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let mut value = call.input(0)?.clone();
    let sizes = dims(draft, &value);
    for (axis, range) in slice_ranges(call, &sizes)? {
        if !range.is_whole(sizes[axis]) {
            value = chosen(draft, call, &value, axis, range)?;
        }
    }
    Ok(value)
}

/// Split along the channels.
pub(crate) fn split(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Vec<Value>, Error> {
    let value = call.input(0)?;
    let sizes = dims(draft, value);
    let axis = call.int("axis", 0)?;
    let axis = call.axis(axis, sizes.len())?;
    let parts = crate::select::split_sizes(call, sizes[axis])?;
    let mut start = 0;
    let mut outputs = Vec::with_capacity(parts.len());
    for len in parts {
        let range = SliceRange {
            start: start as i64,
            step: 1,
            len,
        };
        outputs.push(chosen(draft, call, value, axis, range)?);
        start += len;
    }
    Ok(outputs)
}

/// Indices of one dimension.
fn chosen(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    value: &Value,
    axis: usize,
    range: SliceRange,
) -> Result<Value, Error> {
    draft.reserve(range.len)?;
    let channels = range.indices().map(|index| index as u32).collect();
    match value {
        Value::Map { axes, .. } if axes.roles[axis] == Role::Channels => {
            call.gather(draft, value, channels)
        }
        Value::Vector { id, dims } if dims[axis] == draft.n_channels(*id) => {
            let mut after = dims.clone();
            after[axis] = range.len;
            let chosen = call.gather(draft, value, channels)?;
            Ok(with_dims(chosen, after))
        }
        _ => Err(call.refuse("it chooses something else than channels")),
    }
}

fn with_dims(value: Value, dims: Vec<usize>) -> Value {
    match value {
        Value::Vector { id, .. } => Value::Vector { id, dims },
        other => other,
    }
}

/// Gather of channels, or of the only image of a batch.
pub(crate) fn gather(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let sizes = dims(draft, value);
    let axis = call.int("axis", 0)?;
    let axis = call.axis(axis, sizes.len())?;
    let indices = call.constant(1)?;
    if sizes.len() + indices.rank() > MAX_RANK {
        return Err(call.misfit(format!("more than {MAX_RANK} dimensions")));
    }
    draft.reserve(indices.len())?;
    let mut channels = Vec::with_capacity(indices.len());
    for &index in call.int_list(1)? {
        channels.push(call.axis(index, sizes[axis])? as u32);
    }
    match value {
        Value::Vector { id, dims } => {
            let is_single = |(at, &size): (usize, &usize)| at == axis || size == 1;
            let n_long = indices.shape.iter().filter(|&&size| size != 1).count();
            if !dims.iter().enumerate().all(is_single) || n_long > 1 {
                if dims[axis] != 1 || indices.len() != 1 {
                    return Err(call.refuse("it chooses something else than values of a vector"));
                }
                // The only image of a batch.
                let after = [&dims[..axis], &indices.shape, &dims[axis + 1..]].concat();
                return Ok(Value::Vector {
                    id: *id,
                    dims: after,
                });
            }
            let after = [&dims[..axis], &indices.shape, &dims[axis + 1..]].concat();
            Ok(with_dims(call.gather(draft, value, channels)?, after))
        }
        Value::Map { id, axes } => {
            let role = axes.roles[axis];
            let is_single = indices.rank() == 0;
            if indices.rank() > 1 || !matches!(role, Role::Channels | Role::One) {
                return Err(call.refuse("it chooses something else than channels"));
            }
            let chosen = match role {
                Role::Channels => call.gather(draft, value, channels)?,
                _ if channels.len() == 1 => value.clone(),
                _ => return Err(call.refuse("it repeats the image")),
            };
            let new = match chosen {
                Value::Map { id, .. } => id,
                _ => *id,
            };
            let mut roles = axes.roles.clone();
            if is_single {
                roles.remove(axis);
            }
            let groups = axes.groups;
            let axes = Axes { roles, groups };
            Ok(Value::Map { id: new, axes })
        }
        Value::Constant(_) => Err(call.refuse("its input is a constant")),
    }
}
