//! Layer normalisation in pieces, as it is written before version 17 of the operators:
//! `(x - mean) / sqrt(mean((x - mean)^2) + epsilon)` over the channels.
//!
//! A piece is a node that is read by the next piece only. If it is read by anything else, the graph
//! is refused at its end.

use cnn_graph::Shape;

use crate::axes::{Role, Value};
use crate::call::{Call, dims, replaced};
use crate::draft::{Draft, DraftId, DraftOp, Piece};
use crate::error::Error;

/// The next piece or the whole, if the node is one.
pub(crate) fn layer_norm(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Option<Value>, Error> {
    match call.node.op {
        "ReduceMean" => mean(draft, call),
        "Sub" => {
            let (Some((x, _)), Some((of, Piece::Mean))) =
                (any(draft, call, 0), piece(draft, call, 1))
            else {
                return Ok(None);
            };
            let (value, mean) = (call.input(0)?, call.input(1)?);
            if x != of || !is_same_view(value, mean) {
                return Ok(None);
            }
            let shape = draft.shape(x);
            add(draft, call, x, Piece::Centered, shape).map(Some)
        }
        "Pow" => match (piece(draft, call, 0), call.input(1)?) {
            (Some((x, Piece::Centered)), Value::Constant(power)) if power.single() == Some(2.0) => {
                let shape = draft.shape(x);
                add(draft, call, x, Piece::Squared, shape).map(Some)
            }
            _ => Ok(None),
        },
        "Mul" => match (piece(draft, call, 0), piece(draft, call, 1)) {
            (Some((x, Piece::Centered)), Some((y, Piece::Centered))) if x == y => {
                let shape = draft.shape(x);
                add(draft, call, x, Piece::Squared, shape).map(Some)
            }
            _ => Ok(None),
        },
        "Add" => match (piece(draft, call, 0), call.input(1)?) {
            (Some((x, Piece::Variance)), Value::Constant(epsilon)) if epsilon.len() == 1 => {
                let shape = draft.shape(call.variable(0)?);
                let epsilon = epsilon.get(0) as f32;
                add(draft, call, x, Piece::Shifted { epsilon }, shape).map(Some)
            }
            _ => Ok(None),
        },
        "Sqrt" => match piece(draft, call, 0) {
            Some((x, Piece::Shifted { epsilon })) => {
                let shape = draft.shape(call.variable(0)?);
                add(draft, call, x, Piece::Deviation { epsilon }, shape).map(Some)
            }
            _ => Ok(None),
        },
        "Div" => match (piece(draft, call, 0), piece(draft, call, 1)) {
            (Some((x, Piece::Centered)), Some((y, Piece::Deviation { epsilon })))
                if x == y && is_same_view(call.input(0)?, call.input(1)?) =>
            {
                let shape = draft.shape(x);
                let n = shape.n_channels();
                draft.reserve(2 * n)?;
                let op = DraftOp::LayerNormalization {
                    scale: vec![1.0; n],
                    shift: vec![0.0; n],
                    epsilon,
                };
                let id = draft.add(call.label(), op, vec![x], shape)?;
                Ok(Some(replaced(call.input(0)?, id)))
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// The mean over the channels, of a value or of the squares of a centred one.
fn mean(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Option<Value>, Error> {
    let value = call.input(0)?;
    let sizes = dims(draft, value);
    let Some(&[axis]) = call.attribute_or_input("axes", 1)? else {
        return Ok(None);
    };
    let axis = call.axis(axis, sizes.len())?;
    let is_over_channels = match value {
        Value::Map { axes, .. } => axes.roles[axis] == Role::Channels,
        Value::Vector { id, .. } => sizes[axis] == draft.n_channels(*id) && sizes[axis] > 1,
        Value::Constant(_) => false,
    };
    if !is_over_channels || call.int("keepdims", 1)? == 0 {
        return Ok(None);
    }
    let (of, next) = match piece(draft, call, 0) {
        Some((x, Piece::Squared)) => (x, Piece::Variance),
        _ => (call.variable(0)?, Piece::Mean),
    };
    let shape = match draft.shape(of) {
        Shape::Map { size, .. } => Shape::Map { channels: 1, size },
        Shape::Vector { .. } => Shape::Vector { len: 1 },
    };
    let value = add(draft, call, of, next, shape)?;
    Ok(Some(match value {
        Value::Vector { id, mut dims } => {
            dims[axis] = 1;
            Value::Vector { id, dims }
        }
        other => other,
    }))
}

/// Adds a piece of the normalisation of `x`; its dimensions are in the order of input 0.
fn add(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    x: DraftId,
    piece: Piece,
    shape: Shape,
) -> Result<Value, Error> {
    let id = draft.add(call.label(), DraftOp::Piece(piece), vec![x], shape)?;
    Ok(replaced(call.input(0)?, id))
}

/// An input that depends on the image, and what it is.
fn any<'d>(draft: &'d Draft, call: &Call<'_, '_>, index: usize) -> Option<(DraftId, &'d DraftOp)> {
    let id = call.variable(index).ok()?;
    Some((id, &draft.nodes[id].op))
}

/// The normalised value and the piece, if an input is one.
fn piece(draft: &Draft, call: &Call<'_, '_>, index: usize) -> Option<(DraftId, Piece)> {
    match any(draft, call, index)? {
        (id, DraftOp::Piece(piece)) => Some((*draft.nodes[id].inputs.first()?, *piece)),
        _ => None,
    }
}

/// Whether two values have their dimensions in the same order.
fn is_same_view(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Map { axes: a, .. }, Value::Map { axes: b, .. }) => a == b,
        (Value::Vector { dims: a, .. }, Value::Vector { dims: b, .. }) => a.len() == b.len(),
        _ => false,
    }
}
