//! Functions of the values of one array, two or three.

use super::limit::reserve;
use crate::array::{Array, Kind, offsets, strides};
use crate::broadcast::broadcast;
use crate::call::Call;
use crate::draft::Draft;
use crate::error::Error;

/// Functions of one number.
type Unary = fn(f64) -> f64;

/// Functions of two numbers.
type Binary = fn(f64, f64) -> f64;

/// The same of whole numbers; none where there is no answer.
type IntBinary = fn(i64, i64) -> Option<i64>;

/// A node whose output has the shape of its inputs under broadcasting.
pub(super) fn elementwise(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    match call.node.op {
        "Where" => select(draft, call),
        "Clip" => clip(draft, call),
        "Min" | "Max" | "Sum" => fold_all(draft, call),
        "Mod" if call.flag("fmod")? => Err(call.unexpected("fmod", 1, "0")),
        "Not" => unary(draft, call, |v| f64::from(v == 0.0)),
        op => {
            if let Some(function) = unary_function(op) {
                unary(draft, call, function)
            } else if let Some((ints, floats, is_bool)) = binary_function(op) {
                let (a, b) = (call.constant(0)?, call.constant(1)?);
                binary(draft, call, (a, b), (ints, floats), is_bool)
            } else {
                Err(call.refuse("an operator on constants that is not evaluated"))
            }
        }
    }
}

fn unary_function(op: &str) -> Option<Unary> {
    Some(match op {
        "Neg" => |v| -v,
        "Abs" => f64::abs,
        "Sqrt" => f64::sqrt,
        "Exp" => f64::exp,
        "Log" => f64::ln,
        "Floor" => f64::floor,
        "Ceil" => f64::ceil,
        "Round" => f64::round_ties_even,
        "Reciprocal" => |v| 1.0 / v,
        "Relu" => |v| v.max(0.0),
        "Tanh" => f64::tanh,
        "Sigmoid" => |v| 1.0 / (1.0 + (-v).exp()),
        "Softplus" => |v| v.max(0.0) + (-v.abs()).exp().ln_1p(),
        _ => return None,
    })
}

/// The function of whole numbers, that of others, and whether the answer is true or false.
fn binary_function(op: &str) -> Option<(IntBinary, Binary, bool)> {
    Some(match op {
        "Add" => (i64::checked_add, |a, b| a + b, false),
        "Sub" => (i64::checked_sub, |a, b| a - b, false),
        "Mul" => (i64::checked_mul, |a, b| a * b, false),
        "Div" => (i64::checked_div, |a, b| a / b, false),
        // The sign is that of the divisor.
        "Mod" => (
            |a, b| {
                let rest = a.checked_rem(b)?;
                let is_other_sign = rest != 0 && (rest < 0) != (b < 0);
                Some(if is_other_sign { rest + b } else { rest })
            },
            |a, b| a - b * (a / b).floor(),
            false,
        ),
        "Pow" => (
            |a, b| a.checked_pow(u32::try_from(b).ok()?),
            f64::powf,
            false,
        ),
        "Equal" => (|a, b| Some((a == b).into()), |a, b| (a == b).into(), true),
        "Less" => (|a, b| Some((a < b).into()), |a, b| (a < b).into(), true),
        "LessOrEqual" => (|a, b| Some((a <= b).into()), |a, b| (a <= b).into(), true),
        "Greater" => (|a, b| Some((a > b).into()), |a, b| (a > b).into(), true),
        "GreaterOrEqual" => (|a, b| Some((a >= b).into()), |a, b| (a >= b).into(), true),
        "And" => (|_, _| None, |a, b| (a != 0.0 && b != 0.0).into(), true),
        "Or" => (|_, _| None, |a, b| (a != 0.0 || b != 0.0).into(), true),
        _ => return None,
    })
}

fn unary(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    function: impl Fn(f64) -> f64,
) -> Result<Array, Error> {
    let array = call.constant(0)?;
    reserve(draft, call, &array.shape)?;
    let values = array.iter().map(function).collect();
    Ok(Array::from_f64(array.shape.clone(), values, array.kind()))
}

/// The common shape of some arrays, and for each of them where its values are.
fn aligned<const N: usize>(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    arrays: [&Array; N],
) -> Result<(Vec<usize>, [Vec<usize>; N]), Error> {
    let mut shape = Vec::new();
    for array in arrays {
        shape = broadcast(&shape, &array.shape)
            .ok_or_else(|| call.misfit(format!("{:?} does not fit {shape:?}", array.shape)))?;
    }
    reserve(draft, call, &shape)?;
    let rank = shape.len();
    let places = arrays.map(|array| offsets(&shape, &broadcast_steps(&array.shape, rank)));
    Ok((shape, places))
}

/// Steps along the dimensions of a shape of `rank` dimensions, 0 where the array is repeated.
pub(super) fn broadcast_steps(shape: &[usize], rank: usize) -> Vec<usize> {
    let steps = strides(shape);
    let step = |(&size, step): (&usize, usize)| if size == 1 { 0 } else { step };
    let own = shape.iter().zip(steps).map(step);
    std::iter::repeat_n(0, rank - shape.len())
        .chain(own)
        .collect()
}

fn binary(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    (a, b): (&Array, &Array),
    (ints, floats): (IntBinary, Binary),
    is_bool: bool,
) -> Result<Array, Error> {
    let (shape, [first, second]) = aligned(draft, call, [a, b])?;
    let pairs = first.iter().zip(&second);
    if let (Some(a), Some(b)) = (a.ints(), b.ints()) {
        let values = pairs.map(|(&i, &j)| ints(a[i], b[j]));
        let values: Option<Vec<i64>> = values.collect();
        let values = values.ok_or_else(|| call.misfit("whole numbers without an answer"))?;
        return Ok(match is_bool {
            true => Array::bool(shape, values.iter().map(|&v| v != 0).collect()),
            false => Array::i64(shape, values),
        });
    }
    let values = pairs.map(|(&i, &j)| floats(a.get(i), b.get(j))).collect();
    let kind = match (is_bool, a.kind(), b.kind()) {
        (true, ..) => Kind::Bool,
        (_, Kind::F64, _) | (_, _, Kind::F64) => Kind::F64,
        // Pow takes an exponent of another type, and answers in that of the base.
        (_, Kind::I64, Kind::F32) if call.node.op == "Pow" => Kind::I64,
        _ => Kind::F32,
    };
    Ok(Array::from_f64(shape, values, kind))
}

fn fold_all(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let functions: (IntBinary, Binary) = match call.node.op {
        "Min" => (|a, b| Some(a.min(b)), f64::min),
        "Max" => (|a, b| Some(a.max(b)), f64::max),
        _ => (i64::checked_add, |a, b| a + b),
    };
    let mut all = call.constant(0)?.clone();
    for index in 1..call.inputs.len() {
        all = binary(draft, call, (&all, call.constant(index)?), functions, false)?;
    }
    Ok(all)
}

fn clip(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let (min, max) = match call.opset < 11 {
        true => (
            f64::from(call.float("min", f32::NEG_INFINITY)?),
            f64::from(call.float("max", f32::INFINITY)?),
        ),
        false => (
            call.number(1)?.unwrap_or(f64::NEG_INFINITY),
            call.number(2)?.unwrap_or(f64::INFINITY),
        ),
    };
    unary(draft, call, |v| v.max(min).min(max))
}

/// Where: the first value or the second.
fn select(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let (condition, a, b) = (call.constant(0)?, call.constant(1)?, call.constant(2)?);
    if a.kind() != b.kind() {
        return Err(call.misfit("its values are not of one type"));
    }
    let (shape, [at, first, second]) = aligned(draft, call, [condition, a, b])?;
    let is_first = |index: usize| condition.get(at[index]) != 0.0;
    if let (Some(a), Some(b)) = (a.ints(), b.ints()) {
        let value = |index| {
            if is_first(index) {
                a[first[index]]
            } else {
                b[second[index]]
            }
        };
        let values = (0..at.len()).map(value).collect();
        return Ok(Array::i64(shape, values));
    }
    let value = |index| match is_first(index) {
        true => a.get(first[index]),
        false => b.get(second[index]),
    };
    let values = (0..at.len()).map(value).collect();
    Ok(Array::from_f64(shape, values, a.kind()))
}
