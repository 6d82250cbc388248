//! Pooling, over windows and over everything.

use cnn_graph::{Op, Size};

use crate::axes::{Role, Value};
use crate::call::{Call, dims};
use crate::draft::{Draft, DraftOp};
use crate::error::Error;
use crate::window::{output_size, sides, window};

/// What is made of the values in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    Average,
    Max,
}

impl Pool {
    fn of_everything(self) -> DraftOp {
        DraftOp::Final(match self {
            Self::Average => Op::GlobalAveragePool,
            Self::Max => Op::GlobalMaxPool,
        })
    }
}

/// `MaxPool` and `AveragePool`. One window that is the whole map is a vector.
pub(crate) fn windowed(draft: &mut Draft, call: &Call<'_, '_>, pool: Pool) -> Result<Value, Error> {
    let kernel = sides(call, "kernel_shape")?;
    let kernel =
        kernel.ok_or_else(|| call.unexpected("kernel_shape", "is missing", "two numbers"))?;
    if call.has_more_outputs() {
        return Err(call.refuse("the places of the largest values are not evaluated"));
    }
    if call.flag("storage_order")? {
        return Err(call.unexpected("storage_order", 1, "0"));
    }
    if let Value::Vector { dims, .. } = call.input(0)?
        && dims.len() == 4
        && kernel == [1, 1]
    {
        return Ok(call.input(0)?.clone());
    }
    let (id, channels, size) = call.map(draft, 0)?;
    let window = window(call, kernel, size)?;
    let ceil_mode = call.flag("ceil_mode")?;
    let output = output_size(call, &window, size, ceil_mode)?;
    let is_whole = kernel == [size.rows, size.cols] && window.pads == [0; 4];
    if is_whole && window.dilations == [1, 1] && output == (Size { rows: 1, cols: 1 }) {
        return call.new_vector(draft, pool.of_everything(), id, vec![1, channels, 1, 1]);
    }
    let op = DraftOp::Final(match pool {
        Pool::Max => Op::MaxPool { window, ceil_mode },
        Pool::Average => Op::AveragePool {
            window,
            ceil_mode,
            count_include_pad: call.flag("count_include_pad")?,
        },
    });
    call.new_map(draft, op, id, (channels, output))
}

/// `GlobalAveragePool` and `GlobalMaxPool`.
pub(crate) fn global(draft: &mut Draft, call: &Call<'_, '_>, pool: Pool) -> Result<Value, Error> {
    if let Value::Vector { id, dims } = call.input(0)?
        && dims.len() >= 2
        && dims[1] == draft.n_channels(*id)
    {
        return Ok(call.input(0)?.clone());
    }
    let (id, channels, _) = call.map(draft, 0)?;
    call.new_vector(draft, pool.of_everything(), id, vec![1, channels, 1, 1])
}

/// `ReduceMean` and `ReduceMax` over rows and columns.
pub(crate) fn reduce(draft: &mut Draft, call: &Call<'_, '_>, pool: Pool) -> Result<Value, Error> {
    let value = call.input(0)?;
    let before = dims(draft, value);
    let mut reduced = vec![false; before.len()];
    match call.attribute_or_input("axes", 1)? {
        Some(axes) if !axes.is_empty() => {
            for &axis in axes {
                reduced[call.axis(axis, before.len())?] = true;
            }
        }
        _ if call.flag("noop_with_empty_axes")? => return Ok(value.clone()),
        _ => reduced.fill(true),
    }
    let keeps = call.int("keepdims", 1)? != 0;
    let left = |(&size, &reduced): (&usize, &bool)| match reduced {
        false => Some(size),
        true => keeps.then_some(1),
    };
    let after: Vec<usize> = before.iter().zip(&reduced).filter_map(left).collect();
    match value {
        Value::Vector { id, .. } => {
            if before
                .iter()
                .zip(&reduced)
                .any(|(&size, &r)| r && size != 1)
            {
                return Err(call.refuse("it reduces the channels, expected rows and columns"));
            }
            Ok(Value::Vector {
                id: *id,
                dims: after,
            })
        }
        Value::Map { id, axes } => {
            let is_space = |role: &Role| matches!(role, Role::Rows | Role::Cols | Role::Positions);
            let roles = axes.roles.iter().zip(&reduced);
            let mut roles = roles.filter(|(role, _)| **role != Role::One);
            if !roles.all(|(role, &r)| is_space(role) == r) || axes.groups != 1 {
                return Err(call.refuse("it reduces something else than rows and columns"));
            }
            call.new_vector(draft, pool.of_everything(), *id, after)
        }
        Value::Constant(_) => Err(call.refuse("its input is a constant")),
    }
}
