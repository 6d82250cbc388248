//! Nodes that do not depend on the image, computed once. Exporters write them to compute shapes.

mod elementwise;
mod limit;
mod movement;
mod reduction;

use self::limit::{reserve, sizes};
use crate::array::{Array, Kind};
use crate::axes::Value;
use crate::call::Call;
use crate::draft::Draft;
use crate::error::Error;
use crate::external::ExternalData;
use crate::values;

/// The value of a Constant node.
pub(crate) fn constant(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    data: &ExternalData,
) -> Result<Array, Error> {
    if let Some(tensor) = call.tensor("value")? {
        return values::read(tensor, data);
    }
    draft.reserve(1)?;
    if let Some(floats) = call.floats("value_floats")? {
        return Ok(Array::f32(vec![floats.len()], floats.to_vec()));
    }
    if let Some(ints) = call.ints("value_ints")? {
        return Ok(Array::i64(vec![ints.len()], ints.to_vec()));
    }
    if call.attribute("value_float").is_some() {
        return Ok(Array::f32(
            Vec::new(),
            vec![call.float("value_float", 0.0)?],
        ));
    }
    if call.attribute("value_int").is_some() {
        return Ok(Array::i64(Vec::new(), vec![call.int("value_int", 0)?]));
    }
    Err(call.refuse("a constant that is neither a tensor nor numbers"))
}

/// The dimensions of a value, whatever it depends on.
pub(crate) fn shape(call: &Call<'_, '_>, dims: &[usize]) -> Result<Array, Error> {
    let rank = dims.len() as i64;
    let clamp = |at: i64| {
        let at = if at < 0 { at.saturating_add(rank) } else { at };
        at.clamp(0, rank) as usize
    };
    let start = clamp(call.int("start", 0)?);
    let end = clamp(call.int("end", rank)?);
    let chosen = dims.get(start..end).unwrap_or(&[]);
    let sizes: Vec<i64> = chosen.iter().map(|&size| size as i64).collect();
    Ok(Array::i64(vec![sizes.len()], sizes))
}

/// The outputs of a node whose inputs are all constants.
pub(crate) fn fold(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    data: &ExternalData,
) -> Result<Vec<Value>, Error> {
    if call.node.op == "Split" {
        let parts = movement::split(draft, call)?;
        return Ok(parts.into_iter().map(Value::Constant).collect());
    }
    let array = match call.node.op {
        "Identity" => call.constant(0)?.clone(),
        "Dropout" => dropout(call)?,
        "Cast" => cast(draft, call)?,
        "CastLike" => cast_to(draft, call.constant(0)?, call.constant(1)?.kind())?,
        "Size" => Array::i64(Vec::new(), vec![call.constant(0)?.len() as i64]),
        "ConstantOfShape" => constant_of_shape(draft, call, data)?,
        "Range" => range(draft, call)?,
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => movement::renamed(call)?,
        "Transpose" => movement::transpose(draft, call)?,
        "Expand" => movement::expand(draft, call)?,
        "Concat" => movement::concat(draft, call)?,
        "Gather" => movement::gather(draft, call)?,
        "Slice" => movement::slice(draft, call)?,
        "ReduceSum" | "ReduceMean" | "ReduceProd" | "ReduceMax" | "ReduceMin" => {
            reduction::reduce(draft, call)?
        }
        _ => elementwise::elementwise(draft, call)?,
    };
    Ok(vec![Value::Constant(array)])
}

fn dropout(call: &Call<'_, '_>) -> Result<Array, Error> {
    match call.number(2)? {
        Some(training) if training != 0.0 => Err(call.refuse("it was exported in training mode")),
        _ => Ok(call.constant(0)?.clone()),
    }
}

fn cast(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    // `TensorProto.DataType`.
    let kind = match call.int("to", 0)? {
        1 | 10 | 16 => Kind::F32,
        11 => Kind::F64,
        2..=7 | 12 | 13 => Kind::I64,
        9 => Kind::Bool,
        other => return Err(call.unexpected("to", other, "a type of real numbers")),
    };
    cast_to(draft, call.constant(0)?, kind)
}

fn cast_to(draft: &mut Draft, array: &Array, kind: Kind) -> Result<Array, Error> {
    if array.kind() == kind {
        return Ok(array.clone());
    }
    draft.reserve(array.len())?;
    Ok(Array::from_f64(
        array.shape.clone(),
        array.iter().collect(),
        kind,
    ))
}

fn constant_of_shape(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    data: &ExternalData,
) -> Result<Array, Error> {
    let shape = sizes(call, call.int_list(0)?)?;
    let n = reserve(draft, call, &shape)?;
    let Some(tensor) = call.tensor("value")? else {
        return Ok(Array::f32(shape, vec![0.0; n]));
    };
    let value = values::read(tensor, data)?;
    match value.len() {
        1 => Ok(value.choose(shape, &vec![0; n])),
        n => Err(call.unexpected("value", format!("of {n} numbers"), "one number")),
    }
}

fn range(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let missing = || call.refuse("start, limit and step are expected");
    let number = |index| call.number(index)?.ok_or_else(missing);
    let (start, limit, step) = (number(0)?, number(1)?, number(2)?);
    // The cast of NaN and of a negative number is 0, that of infinity too large.
    let n = ((limit - start) / step).ceil() as usize;
    let n = reserve(draft, call, &[n])?;
    let values = (0..n).map(|at| start + at as f64 * step).collect();
    Ok(Array::from_f64(vec![n], values, call.constant(0)?.kind()))
}
