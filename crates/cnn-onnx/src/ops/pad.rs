//! Padding of rows and columns, and normalisation by neighbouring channels.

use cnn_graph::limits::MAX_PAD;
use cnn_graph::{Op, PadMode, Pads, Shape, Size};

use crate::axes::{Role, Value};
use crate::call::{Call, dims, replaced};
use crate::draft::{Draft, DraftOp};
use crate::error::Error;

/// Pad of rows and columns.
pub(crate) fn pad(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let rank = dims(draft, value).len();
    let missing = || call.unexpected("pads", "is missing", "two numbers a dimension");
    let pads = call.attribute_or_input("pads", 1)?.ok_or_else(missing)?;
    let axes: Vec<usize> = match call.has(3) {
        true => {
            let axes = call.int_list(3)?.iter();
            axes.map(|&axis| call.axis(axis, rank))
                .collect::<Result<_, _>>()?
        }
        false => (0..rank).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(call.misfit(format!("{} pads for {} axes", pads.len(), axes.len())));
    }
    let (begins, ends) = pads.split_at(axes.len());
    let mut all = vec![(0, 0); rank];
    for ((&axis, &begin), &end) in axes.iter().zip(begins).zip(ends) {
        all[axis] = (begin, end);
    }
    if all.iter().all(|&pads| pads == (0, 0)) {
        return Ok(value.clone());
    }
    let Value::Map { id, axes } = value else {
        return Err(call.refuse("it pads a vector"));
    };
    let mut of_rows = (0, 0);
    let mut of_cols = (0, 0);
    for (&role, pads) in axes.roles.iter().zip(all) {
        match role {
            Role::Rows => of_rows = pads,
            Role::Cols => of_cols = pads,
            _ if pads == (0, 0) => {}
            _ => return Err(call.refuse("it pads something else than rows and columns")),
        }
    }
    let Shape::Map { channels, size } = draft.shape(*id) else {
        return Err(call.refuse("it pads a vector"));
    };
    let mode = match call.text("mode", "constant")? {
        "constant" => PadMode::Constant(match call.number(2)? {
            Some(value) => value as f32,
            None => call.float("value", 0.0)?,
        }),
        "edge" => PadMode::Edge,
        "reflect" => PadMode::Reflect,
        other => return Err(call.unexpected("mode", other, "constant, edge or reflect")),
    };
    let padded = |len: usize, (begin, end): (i64, i64)| {
        let limit = MAX_PAD as u64;
        let fits = begin.unsigned_abs() <= limit && end.unsigned_abs() <= limit;
        let len = fits.then(|| len as i64 + begin + end);
        len.and_then(|len| usize::try_from(len).ok())
            .filter(|&len| len > 0)
            .ok_or_else(|| call.misfit(format!("pads of {begin} and {end} at a side of {size}")))
    };
    let size = Size {
        rows: padded(size.rows, of_rows)?,
        cols: padded(size.cols, of_cols)?,
    };
    let pads = Pads {
        top: of_rows.0,
        left: of_cols.0,
        bottom: of_rows.1,
        right: of_cols.1,
    };
    let op = DraftOp::Final(Op::Pad { pads, mode });
    let new = draft.add(call.label(), op, vec![*id], Shape::Map { channels, size })?;
    Ok(replaced(value, new))
}

/// LRN.
pub(crate) fn lrn(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let (id, channels, size) = call.map(draft, 0)?;
    let n = call.int("size", 0)?;
    let n = usize::try_from(n).map_err(|_| call.unexpected("size", n, "1 or more"))?;
    let op = DraftOp::Final(Op::Lrn {
        size: n,
        alpha: call.float("alpha", 1e-4)?,
        beta: call.float("beta", 0.75)?,
        bias: call.float("bias", 1.0)?,
    });
    call.new_map(draft, op, id, (channels, size))
}
