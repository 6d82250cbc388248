//! Convolutions and linear maps.

use cnn_graph::{Shape, Window};

use crate::array::Array;
use crate::axes::{Role, Value};
use crate::call::Call;
use crate::draft::{Draft, DraftOp, Weight};
use crate::error::Error;
use crate::window::{output_size, sides, window};

/// Conv over rows and columns, or with a kernel of 1 x 1 of a vector `[1, C, 1, 1]`.
pub(crate) fn conv(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let weight = call.constant(1)?;
    let &[c_out, in_group, rows, cols] = &weight.shape[..] else {
        return Err(call.refuse(format!(
            "its weights are of {} dimensions, expected 4",
            weight.rank()
        )));
    };
    if let Some(kernel) = sides(call, "kernel_shape")?
        && kernel != [rows, cols]
    {
        return Err(call.misfit(format!(
            "kernel_shape is {kernel:?}, and the weights are of {rows} x {cols}"
        )));
    }
    let group = call.int("group", 1)?;
    let group = usize::try_from(group).ok().filter(|&group| group > 0);
    let group = group.ok_or_else(|| call.unexpected("group", "below 1", "1 or more"))?;
    let bias = bias(draft, call, 2, c_out, 1.0)?;
    if let Value::Vector { id, dims } = call.input(0)? {
        let is_linear = dims.len() == 4 && dims[1] == in_group && rows == 1 && cols == 1;
        let is_plain = call
            .ints("pads")?
            .is_none_or(|pads| pads.iter().all(|&p| p == 0));
        if !is_linear || !is_plain || group != 1 || dims[1] != draft.n_channels(*id) {
            return Err(call.refuse("a convolution of a vector that is no linear map"));
        }
        let weight = weights(draft, weight, c_out, 1.0)?;
        let op = DraftOp::Gemm { weight, bias };
        return call.new_vector(draft, op, *id, vec![1, c_out, 1, 1]);
    }
    let (id, channels, size) = call.map(draft, 0)?;
    if in_group.checked_mul(group) != Some(channels) || c_out == 0 || !c_out.is_multiple_of(group) {
        return Err(call.misfit(format!(
            "weights of {c_out} x {in_group} in {group} groups do not fit {channels} channels"
        )));
    }
    let window = window(call, [rows, cols], size)?;
    let size = output_size(call, &window, size, false)?;
    let op = DraftOp::Conv {
        weight: weights(draft, weight, c_out, 1.0)?,
        bias,
        window,
        group,
    };
    call.new_map(draft, op, id, (c_out, size))
}

/// Gemm with constant weights.
pub(crate) fn gemm(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    expect_image_first(call)?;
    if call.flag("transA")? {
        return Err(call.unexpected("transA", 1, "0"));
    }
    let weight = call.constant(1)?;
    let weight = match call.flag("transB")? {
        true => weight.clone(),
        false => transposed(draft, call, weight)?,
    };
    let &[n_outputs, _] = &weight.shape[..] else {
        return Err(call.refuse("its weights are no matrix"));
    };
    let alpha = f64::from(call.float("alpha", 1.0)?);
    let beta = f64::from(call.float("beta", 1.0)?);
    let bias = bias(draft, call, 2, n_outputs, beta)?;
    linear(draft, call, &weight, bias, alpha)
}

/// `MatMul` with a constant matrix behind the image.
pub(crate) fn mat_mul(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    expect_image_first(call)?;
    let weight = transposed(draft, call, call.constant(1)?)?;
    draft.reserve(weight.shape[0])?;
    let bias = vec![0.0; weight.shape[0]];
    linear(draft, call, &weight, bias, 1.0)
}

fn expect_image_first(call: &Call<'_, '_>) -> Result<(), Error> {
    match (call.input(0)?, call.input(1)?) {
        (_, Value::Constant(_)) => Ok(()),
        (Value::Constant(_), _) => Err(call.refuse("a constant times the image from the left")),
        _ => Err(call.refuse("both inputs depend on the image, and attention is not evaluated")),
    }
}

/// A vector times weights `[n_outputs, n_inputs]`, or the channels of every position of a map.
fn linear(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    weight: &Array,
    bias: Vec<f64>,
    alpha: f64,
) -> Result<Value, Error> {
    let (n_outputs, n_inputs) = (weight.shape[0], weight.shape[1]);
    let misfit = |found: &str| call.misfit(format!("{n_inputs} inputs expected, found {found}"));
    let weight = weights(draft, weight, n_outputs, alpha)?;
    match call.input(0)? {
        Value::Vector { id, dims } => {
            let Some((&last, before)) = dims.split_last() else {
                return Err(misfit("one number"));
            };
            if last != n_inputs || draft.n_channels(*id) != n_inputs || n_outputs == 0 {
                return Err(misfit(&format!("{dims:?}")));
            }
            let dims = [before, &[n_outputs]].concat();
            call.new_vector(draft, DraftOp::Gemm { weight, bias }, *id, dims)
        }
        Value::Map { id, axes } => {
            let Shape::Map { channels, size } = draft.shape(*id) else {
                return Err(misfit("a vector"));
            };
            if axes.last() != Some(Role::Channels) || channels != n_inputs || n_outputs == 0 {
                return Err(call.refuse("it multiplies something else than the channels of a map"));
            }
            let op = DraftOp::Conv {
                weight,
                bias,
                window: Window::new([1, 1]),
                group: 1,
            };
            let channels = n_outputs;
            let shape = Shape::Map { channels, size };
            let id = draft.add(call.label(), op, vec![*id], shape)?;
            let axes = axes.clone();
            Ok(Value::Map { id, axes })
        }
        Value::Constant(_) => Err(call.refuse("its input is a constant")),
    }
}

/// Weights whose outputs come first.
fn weights(
    draft: &mut Draft,
    array: &Array,
    n_outputs: usize,
    factor: f64,
) -> Result<Weight, Error> {
    draft.reserve(array.len())?;
    Ok(Weight {
        values: array.to_f32(),
        scale: vec![factor; n_outputs],
    })
}

fn bias(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    index: usize,
    n_outputs: usize,
    factor: f64,
) -> Result<Vec<f64>, Error> {
    // And as many factors of the weights.
    draft.reserve(2 * n_outputs)?;
    let Some(array) = call.optional(index)? else {
        return Ok(vec![0.0; n_outputs]);
    };
    if let Some(number) = array.single() {
        return Ok(vec![number * factor; n_outputs]);
    }
    if array.len() != n_outputs || array.shape.last() != Some(&n_outputs) {
        return Err(call.refuse(format!(
            "a bias of shape {:?}, expected one number for each of {n_outputs} outputs",
            array.shape
        )));
    }
    Ok(array.iter().map(|value| value * factor).collect())
}

/// A matrix with its rows and columns exchanged.
fn transposed(draft: &mut Draft, call: &Call<'_, '_>, array: &Array) -> Result<Array, Error> {
    let &[rows, cols] = &array.shape[..] else {
        return Err(call.refuse("its weights are no matrix"));
    };
    draft.reserve(array.len())?;
    let values = array.to_f32();
    let exchanged = (0..cols).flat_map(|col| (0..rows).map(move |row| row * cols + col));
    let exchanged: Vec<f32> = exchanged.map(|at| values[at]).collect();
    Ok(Array::f32(vec![cols, rows], exchanged))
}
