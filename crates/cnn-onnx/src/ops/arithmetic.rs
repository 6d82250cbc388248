//! Sums and products of two values, and of a value and a constant.

use cnn_graph::{Op, Order, Shape};

use crate::array::Array;
use crate::axes::{Role, Value};
use crate::broadcast::broadcast;
use crate::call::{Call, dims, replaced};
use crate::draft::{Draft, DraftId, DraftOp};
use crate::error::Error;

/// An operation on two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
}

/// Add, Sub, Mul, Div.
pub(crate) fn binary(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    binary: Binary,
) -> Result<Value, Error> {
    let (first, second) = (call.input(0)?, call.input(1)?);
    match (first, second) {
        (value, Value::Constant(array)) => {
            let numbers = per_channel(draft, call, array, value)?;
            let n = numbers.len();
            let (scale, shift) = match binary {
                Binary::Add => (vec![1.0; n], numbers),
                Binary::Sub => (vec![1.0; n], numbers.iter().map(|v| -v).collect()),
                Binary::Mul => (numbers, vec![0.0; n]),
                Binary::Div => (numbers.iter().map(|v| 1.0 / v).collect(), vec![0.0; n]),
            };
            affine(draft, call, value, array, scale, shift)
        }
        (Value::Constant(array), value) => {
            let numbers = per_channel(draft, call, array, value)?;
            let n = numbers.len();
            let (scale, shift) = match binary {
                Binary::Add => (vec![1.0; n], numbers),
                Binary::Sub => (vec![-1.0; n], numbers),
                Binary::Mul => (numbers, vec![0.0; n]),
                Binary::Div => return Err(call.refuse("a constant divided by a value")),
            };
            affine(draft, call, value, array, scale, shift)
        }
        (first, second) => match binary {
            Binary::Add => combined(draft, call, Op::Add, first, second),
            Binary::Mul => combined(draft, call, Op::Mul, first, second),
            Binary::Sub => {
                let second = negative(draft, call, second)?;
                combined(draft, call, Op::Add, first, &second)
            }
            Binary::Div => Err(call.refuse("both inputs depend on the image")),
        },
    }
}

/// Sum of any number of values.
pub(crate) fn sum(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let mut sum = call.input(0)?.clone();
    for index in 1..call.inputs.len() {
        let next = call.input(index)?;
        if matches!(sum, Value::Constant(_)) || matches!(next, Value::Constant(_)) {
            return Err(call.refuse("a sum with constants"));
        }
        sum = combined(draft, call, Op::Add, &sum, next)?;
    }
    Ok(sum)
}

/// Neg.
pub(crate) fn neg(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    negative(draft, call, call.input(0)?)
}

fn negative(draft: &mut Draft, call: &Call<'_, '_>, value: &Value) -> Result<Value, Error> {
    let id = variable(call, value)?;
    let n = draft.n_channels(id);
    draft.reserve(2 * n)?;
    let (scale, shift) = (vec![-1.0; n], vec![0.0; n]);
    let shape = draft.shape(id);
    let op = DraftOp::Affine { scale, shift };
    let new = draft.add(call.label(), op, vec![id], shape)?;
    Ok(replaced(value, new))
}

fn variable(call: &Call<'_, '_>, value: &Value) -> Result<DraftId, Error> {
    match value {
        Value::Map { id, .. } | Value::Vector { id, .. } => Ok(*id),
        Value::Constant(_) => Err(call.refuse("its input is a constant")),
    }
}

/// `scale x + shift`, whose shape in the file is that of both inputs under broadcasting.
fn affine(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    value: &Value,
    constant: &Array,
    scale: Vec<f64>,
    shift: Vec<f64>,
) -> Result<Value, Error> {
    let id = variable(call, value)?;
    let shape = draft.shape(id);
    let op = DraftOp::Affine { scale, shift };
    let id = draft.add(call.label(), op, vec![id], shape)?;
    Ok(match value {
        Value::Vector { dims, .. } => Value::Vector {
            id,
            dims: broadcast(dims, &constant.shape).unwrap_or_else(|| dims.clone()),
        },
        other => replaced(other, id),
    })
}

/// A constant that is one number, or one for every channel under broadcasting, for every channel.
pub(crate) fn per_channel(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    constant: &Array,
    value: &Value,
) -> Result<Vec<f64>, Error> {
    let id = variable(call, value)?;
    let n_channels = draft.n_channels(id);
    let before = dims(draft, value);
    let n_values: usize = before.iter().product();
    // Broadcasting may not repeat the value.
    let after = broadcast(&before, &constant.shape);
    let keeps = after.is_some_and(|after| after.iter().product::<usize>() == n_values);
    let is_at_channels = match value {
        Value::Map { axes, .. } => {
            let behind = axes
                .position(Role::Channels)
                .map(|channels| axes.roles.len() - channels);
            let rank = constant.rank();
            rank <= before.len()
                && behind.is_some_and(|behind| {
                    rank >= behind && constant.shape[rank - behind] == n_channels
                })
        }
        _ => true,
    };
    let rank_fits = matches!(value, Value::Vector { .. }) || constant.rank() <= before.len();
    // The other array of an affine map is of the same length.
    draft.reserve(2 * n_channels)?;
    match constant.single() {
        Some(number) if keeps && rank_fits => Ok(vec![number; n_channels]),
        None if keeps && is_at_channels && constant.len() == n_channels => {
            Ok(constant.iter().collect())
        }
        _ => Err(call.refuse(format!(
            "a constant of shape {:?} that is not one number a channel of {before:?}",
            constant.shape
        ))),
    }
}

/// Two values that depend on the image: of one shape, or a map and a vector of its channels.
fn combined(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    op: Op,
    first: &Value,
    second: &Value,
) -> Result<Value, Error> {
    let misfit = || {
        let (first, second) = (dims(draft, first), dims(draft, second));
        call.misfit(format!("shapes {first:?} and {second:?} do not fit"))
    };
    let (map, id, other, view) = match (first, second) {
        (Value::Map { id, axes }, Value::Map { id: other, axes: b }) => {
            let (a, shape) = (draft.shape(*id), draft.shape(*other));
            if axes != b || a.n_channels() != shape.n_channels() {
                return Err(misfit());
            }
            if a == shape {
                (first, *id, *other, None)
            } else if shape.n_positions() == 1 {
                (first, *id, *other, Some(*other))
            } else if a.n_positions() == 1 {
                (second, *other, *id, Some(*id))
            } else {
                return Err(misfit());
            }
        }
        (Value::Map { id, axes }, Value::Vector { id: other, dims })
        | (Value::Vector { id: other, dims }, Value::Map { id, axes }) => {
            let map = match first {
                Value::Map { .. } => first,
                _ => second,
            };
            // The long dimension of the vector lies on the channels.
            let n_channels = draft.n_channels(*id);
            let rank = axes.roles.len();
            let behind = rank.checked_sub(dims.len());
            let lies = |missing: usize| {
                let roles = axes.roles[missing..].iter().zip(dims);
                let mut roles = roles.map(|(role, &size)| size == 1 || *role == Role::Channels);
                roles.all(|fits| fits)
            };
            if !behind.is_some_and(lies) || draft.n_channels(*other) != n_channels {
                return Err(misfit());
            }
            (map, *id, *other, None)
        }
        (Value::Vector { id, dims: a }, Value::Vector { id: other, dims: b }) => {
            let len = draft.n_channels(*id);
            let after = broadcast(a, b);
            let after = after.filter(|after| after.iter().product::<usize>() == len);
            let (Some(dims), true) = (after, draft.n_channels(*other) == len) else {
                return Err(misfit());
            };
            let shape = Shape::Vector { len };
            let op = DraftOp::Final(op);
            let id = draft.add(call.label(), op, vec![*id, *other], shape)?;
            return Ok(Value::Vector { id, dims });
        }
        _ => return Err(misfit()),
    };
    let other = match view {
        None => other,
        // A map of one position is a vector.
        Some(single) => {
            let order = Order::Chw;
            let len = draft.n_channels(single);
            let flatten = DraftOp::Final(Op::Flatten { order });
            draft.add(call.label(), flatten, vec![single], Shape::Vector { len })?
        }
    };
    let shape = draft.shape(id);
    let new = draft.add(call.label(), DraftOp::Final(op), vec![id, other], shape)?;
    Ok(replaced(map, new))
}
