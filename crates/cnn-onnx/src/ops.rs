//! Operators on values that depend on the image.

mod activation;
mod arithmetic;
mod channels;
mod conv;
mod layer_norm;
mod layout;
mod normalization;
mod pad;
mod pool;
mod resize;

use crate::array::Kind;
use crate::axes::Value;
use crate::broadcast::broadcast;
use crate::call::{Call, dims};
use crate::draft::Draft;
use crate::error::Error;
use arithmetic::Binary;
use pool::Pool;

/// All operators that are evaluated in some place, on the image or on constants.
#[rustfmt::skip]
const EVALUATED: &[&str] = &[
    "Abs", "Add", "And", "AveragePool", "BatchNormalization", "Cast", "CastLike", "Ceil", "Celu", "Clip",
    "Concat", "Constant", "ConstantOfShape", "Conv", "Div", "Dropout", "Elu", "Equal", "Erf", "Exp",
    "Expand", "Flatten", "Floor", "Gather", "Gelu", "Gemm", "GlobalAveragePool", "GlobalMaxPool",
    "Greater", "GreaterOrEqual", "GroupNormalization", "HardSigmoid", "HardSwish", "Identity",
    "InstanceNormalization", "LRN", "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log",
    "MatMul", "Max", "MaxPool", "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pad", "Pow",
    "Range", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu",
    "Reshape", "Resize", "Round", "Selu", "Shape", "Sigmoid", "Size", "Slice", "Softmax", "Softplus",
    "Softsign", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Swish", "Tanh", "ThresholdedRelu",
    "Transpose", "Unsqueeze", "Upsample", "Where",
];

/// Whether an operator of the standard is evaluated in some place.
pub(crate) fn is_evaluated(op: &str) -> bool {
    EVALUATED.contains(&op)
}

/// The outputs of a node of which an input depends on the image.
pub(crate) fn evaluate(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Vec<Value>, Error> {
    if call.node.op == "Split" {
        return channels::split(draft, call);
    }
    if let Some(value) = layer_norm::layer_norm(draft, call)? {
        return Ok(vec![value]);
    }
    if let Some(value) = activation::activation(draft, call)? {
        return Ok(vec![value]);
    }
    let value = match call.node.op {
        "Identity" => call.input(0)?.clone(),
        "Dropout" => dropout(call)?,
        "Cast" => cast(call)?,
        "CastLike" => cast_like(call)?,
        "Conv" => conv::conv(draft, call)?,
        "Gemm" => conv::gemm(draft, call)?,
        "MatMul" => conv::mat_mul(draft, call)?,
        "AveragePool" => pool::windowed(draft, call, Pool::Average)?,
        "MaxPool" => pool::windowed(draft, call, Pool::Max)?,
        "GlobalAveragePool" => pool::global(draft, call, Pool::Average)?,
        "GlobalMaxPool" => pool::global(draft, call, Pool::Max)?,
        "ReduceMean" => pool::reduce(draft, call, Pool::Average)?,
        "ReduceMax" => pool::reduce(draft, call, Pool::Max)?,
        "BatchNormalization" => normalization::batch(draft, call)?,
        "LayerNormalization" => normalization::layer(draft, call)?,
        "InstanceNormalization" => normalization::instance(draft, call)?,
        "GroupNormalization" => normalization::group(draft, call)?,
        "LRN" => pad::lrn(draft, call)?,
        "Swish" => activation::swish(draft, call)?,
        "Softmax" => activation::softmax(draft, call)?,
        "Neg" => arithmetic::neg(draft, call)?,
        "Add" => arithmetic::binary(draft, call, Binary::Add)?,
        "Sub" => arithmetic::binary(draft, call, Binary::Sub)?,
        "Mul" => arithmetic::binary(draft, call, Binary::Mul)?,
        "Div" => arithmetic::binary(draft, call, Binary::Div)?,
        "Sum" => arithmetic::sum(draft, call)?,
        "Concat" => channels::concat(draft, call)?,
        "Slice" => channels::slice(draft, call)?,
        "Gather" => channels::gather(draft, call)?,
        "Pad" => pad::pad(draft, call)?,
        "Resize" | "Upsample" => resize::resize(draft, call)?,
        "Transpose" => layout::transpose(draft, call)?,
        "Reshape" => layout::reshape(draft, call)?,
        "Flatten" => layout::flatten(draft, call)?,
        "Squeeze" => layout::squeeze(draft, call)?,
        "Unsqueeze" => layout::unsqueeze(draft, call)?,
        "Expand" => expand(draft, call)?,
        op if is_evaluated(op) => {
            return Err(call.refuse("on values that depend on the image it is not evaluated"));
        }
        _ => return Err(call.refuse("the operator is not evaluated")),
    };
    Ok(vec![value])
}

fn dropout(call: &Call<'_, '_>) -> Result<Value, Error> {
    match call.number(2)? {
        Some(training) if training != 0.0 => {
            Err(call.refuse("it was exported in training mode; export the model in eval mode"))
        }
        _ => Ok(call.input(0)?.clone()),
    }
}

/// From one type of floating-point numbers to another: values are computed as they are.
fn cast(call: &Call<'_, '_>) -> Result<Value, Error> {
    // FLOAT, FLOAT16, DOUBLE, BFLOAT16.
    match call.int("to", 0)? {
        1 | 10 | 11 | 16 => Ok(call.input(0)?.clone()),
        other => Err(call.unexpected("to", other, "1, 10, 11 or 16, floating-point numbers")),
    }
}

fn cast_like(call: &Call<'_, '_>) -> Result<Value, Error> {
    match (call.input(0)?, call.input(1)?) {
        (_, Value::Constant(like)) if matches!(like.kind(), Kind::I64 | Kind::Bool) => {
            Err(call.refuse("to a type other than floating-point numbers"))
        }
        (value, _) => Ok(value.clone()),
    }
}

/// Expand, where it repeats nothing.
fn expand(draft: &Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let value = call.input(0)?;
    let before = dims(draft, value);
    let target: Option<Vec<usize>> = call
        .int_list(1)?
        .iter()
        .map(|&size| usize::try_from(size).ok())
        .collect();
    let after = target.and_then(|target| broadcast(&before, &target));
    match after == Some(before) {
        true => Ok(value.clone()),
        false => Err(call.refuse("it repeats values")),
    }
}
