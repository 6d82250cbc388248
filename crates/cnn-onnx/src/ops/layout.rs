//! Operators that move no value: dimensions get other names or another order.

use cnn_graph::{Op, Order, Shape};

use crate::array::n_values;
use crate::axes::Role::{Channels, Cols, Group, GroupValues, InGroup, One, Positions, Rows};
use crate::axes::{Axes, Role, Value};
use crate::call::{Call, dims};
use crate::draft::{Draft, DraftOp};
use crate::error::Error;
use crate::reshape::{
    flatten_target, permutation, reshape_target, squeezed_axes, unsqueezed_axes, with_inserted,
};

/// Transpose.
pub(crate) fn transpose(draft: &Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let order = permutation(call, dims(draft, value).len())?;
    Ok(match value {
        // All dimensions but one are 1.
        Value::Vector { id, dims } => Value::Vector {
            id: *id,
            dims: order.iter().map(|&at| dims[at]).collect(),
        },
        Value::Map { id, axes } => Value::Map {
            id: *id,
            axes: Axes {
                roles: order.iter().map(|&at| axes.roles[at]).collect(),
                groups: axes.groups,
            },
        },
        Value::Constant(_) => return Err(call.refuse("its input is a constant")),
    })
}

/// Unsqueeze.
pub(crate) fn unsqueeze(draft: &Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let new = unsqueezed_axes(call, dims(draft, value).len())?;
    match value {
        Value::Vector { id, dims } => Ok(Value::Vector {
            id: *id,
            dims: with_inserted(dims, &new, 1),
        }),
        Value::Map { id, axes } => Ok(Value::Map {
            id: *id,
            axes: axes.with_roles(with_inserted(&axes.roles, &new, Role::One)),
        }),
        Value::Constant(_) => Err(call.refuse("its input is a constant")),
    }
}

/// Squeeze.
pub(crate) fn squeeze(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let before = dims(draft, value);
    let gone = squeezed_axes(call, &before)?;
    let left = |at: &usize| !gone.contains(at);
    let kept: Vec<usize> = (0..before.len()).filter(left).collect();
    if let Value::Map { id, axes } = value {
        let roles: Vec<Role> = kept.iter().map(|&at| axes.roles[at]).collect();
        if roles.contains(&Role::Rows) && roles.contains(&Role::Cols) {
            let groups = axes.groups;
            return Ok(Value::Map {
                id: *id,
                axes: Axes { roles, groups },
            });
        }
    }
    let target = kept.iter().map(|&at| before[at]).collect();
    reshaped(draft, call, value, target)
}

/// Reshape.
pub(crate) fn reshape(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let target = reshape_target(call, &dims(draft, value))?;
    reshaped(draft, call, value, target)
}

/// Flatten.
pub(crate) fn flatten(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let target = flatten_target(call, &dims(draft, value))?;
    reshaped(draft, call, value, target)
}

/// The value in other dimensions, where they stand for rows, columns and channels as before.
fn reshaped(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    value: &Value,
    target: Vec<usize>,
) -> Result<Value, Error> {
    let before = dims(draft, value);
    let refused = || {
        call.refuse(format!(
            "from {before:?} to {target:?}: images, rows, columns and channels would be mixed"
        ))
    };
    if n_values(&target) != n_values(&before) {
        return Err(refused());
    }
    let (id, axes) = match value {
        Value::Constant(_) => return Err(call.refuse("its input is a constant")),
        Value::Vector { id, .. } => {
            if target.iter().filter(|&&size| size != 1).count() > 1 {
                return Err(refused());
            }
            return Ok(Value::Vector {
                id: *id,
                dims: target,
            });
        }
        Value::Map { .. } if target == before => return Ok(value.clone()),
        Value::Map { id, axes } => (*id, axes),
    };
    let Shape::Map { channels, size } = draft.shape(id) else {
        return Err(refused());
    };
    let (rows, cols) = (size.rows, size.cols);
    let view = |axes: Axes| Ok(Value::Map { id, axes });
    match (&axes.roles[..], &target[..]) {
        // Channels in groups, and back.
        ([One, Channels, Rows, Cols], &[1, groups, _, r, c])
            if (r, c) == (rows, cols) && channels.is_multiple_of(groups) =>
        {
            return view(Axes::grouped(groups));
        }
        (&[One, a @ (Group | InGroup), _, Rows, Cols], &[1, c, h, w])
            if (c, h, w) == (channels, rows, cols) =>
        {
            return ungrouped(draft, call, value, axes.groups, a == InGroup);
        }
        // Rows and columns as one dimension, and back. One position is a vector.
        ([One, Channels, Rows, Cols], &[1, c, n]) if (c, n) == (channels, rows * cols) => {
            return view(Axes::of(&[One, Channels, Positions]));
        }
        ([One, Channels, Positions] | [One, Group, GroupValues], &[1, c, h, w])
            if (c, h, w) == (channels, rows, cols) =>
        {
            return view(Axes::nchw());
        }
        ([One, Rows, Cols, Channels], &[1, n, c])
            if n != 1 && (n, c) == (rows * cols, channels) =>
        {
            return view(Axes::of(&[One, Positions, Channels]));
        }
        ([One, Rows, Cols, Channels], &[n, c]) if n != 1 && (n, c) == (rows * cols, channels) => {
            return view(Axes::positions());
        }
        ([Positions, Channels] | [One, Positions, Channels], &[1, h, w, c])
            if (h, w, c) == (rows, cols, channels) =>
        {
            return view(Axes::nhwc());
        }
        // Groups of values.
        ([One, Channels, Rows, Cols], &[1, groups, _]) if channels.is_multiple_of(groups) => {
            return view(Axes::group_values(groups));
        }
        _ => {}
    }
    if target.iter().filter(|&&size| size != 1).count() <= 1
        && let Some(order) = flat_order(&axes.roles, &before)
    {
        let len = channels * rows * cols;
        let op = DraftOp::Final(Op::Flatten { order });
        let id = draft.add(call.label(), op, vec![id], Shape::Vector { len })?;
        return Ok(Value::Vector { id, dims: target });
    }
    match units_moved(axes, &before, &target) {
        Some(axes) => view(axes),
        None => Err(refused()),
    }
}

/// Channels of groups, or one channel of every group after the other, as channels again.
fn ungrouped(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    value: &Value,
    groups: usize,
    in_group_first: bool,
) -> Result<Value, Error> {
    let id = call.variable(0)?;
    let axes = Axes::nchw();
    if !in_group_first {
        return Ok(Value::Map { id, axes });
    }
    let n_channels = draft.n_channels(id);
    draft.reserve(n_channels)?;
    let in_group = n_channels / groups;
    let channels = (0..in_group).flat_map(|k| (0..groups).map(move |g| g * in_group + k));
    let channels = channels.map(|channel| channel as u32).collect();
    match call.gather(draft, value, channels)? {
        Value::Map { id, .. } => Ok(Value::Map { id, axes }),
        other => Ok(other),
    }
}

/// The order in which a map's values are flat. Dimensions of 1 do not matter.
fn flat_order(roles: &[Role], sizes: &[usize]) -> Option<Order> {
    let long = roles.iter().zip(sizes).filter(|&(_, &size)| size != 1);
    let long: Vec<Role> = long.map(|(&role, _)| role).collect();
    let chw = |role: &Role| match role {
        Role::One | Role::Channels | Role::Group => 0,
        Role::InGroup | Role::GroupValues => 1,
        Role::Rows | Role::Positions => 2,
        Role::Cols => 3,
    };
    let hwc = |role: &Role| match role {
        Role::One | Role::Rows | Role::Positions => 0,
        Role::Cols => 1,
        Role::Channels | Role::Group => 2,
        Role::InGroup | Role::GroupValues => 3,
    };
    if long.is_sorted_by_key(chw) {
        Some(Order::Chw)
    } else if long.is_sorted_by_key(hwc) && !long.contains(&Role::GroupValues) {
        Some(Order::Hwc)
    } else {
        None
    }
}

/// Dimensions of 1 that come and go, where it is clear which ones.
fn units_moved(axes: &Axes, before: &[usize], target: &[usize]) -> Option<Axes> {
    let long = |size: &&usize| **size != 1;
    if !before.iter().filter(long).eq(target.iter().filter(long)) {
        return None;
    }
    let mut roles = Vec::new();
    for (&role, &size) in axes.roles.iter().zip(before) {
        match (role, size) {
            (Role::One, _) => {}
            // Which of the ones of the target it is cannot be known.
            (_, 1) => return None,
            (role, _) => roles.push(role),
        }
    }
    let mut roles = roles.into_iter();
    let role = |&size: &usize| match size {
        1 => Some(Role::One),
        _ => roles.next(),
    };
    let roles = target.iter().map(role).collect::<Option<_>>()?;
    Some(axes.with_roles(roles))
}
