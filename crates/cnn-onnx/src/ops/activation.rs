//! Functions of one value, and the softmax.

use cnn_graph::{Activation, Op};

use super::arithmetic::per_channel;
use crate::axes::Value;
use crate::call::Call;
use crate::draft::{Draft, DraftOp};
use crate::error::Error;

/// A function of every value, if the node is one.
pub(crate) fn activation(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Option<Value>, Error> {
    let float = |name: &str, default: f32| call.float(name, default);
    // Defaults are ONNX's.
    let activation = match call.node.op {
        "Relu" => Activation::Relu,
        "Clip" => clip(call)?,
        "LeakyRelu" => Activation::LeakyRelu {
            alpha: float("alpha", 0.01)?,
        },
        "PRelu" => prelu(draft, call)?,
        "Elu" => Activation::Elu {
            alpha: float("alpha", 1.0)?,
        },
        "Selu" => Activation::Selu {
            alpha: float("alpha", 1.673_263_2)?,
            gamma: float("gamma", 1.050_701)?,
        },
        "Celu" => Activation::Celu {
            alpha: float("alpha", 1.0)?,
        },
        "Sigmoid" => Activation::Sigmoid,
        "HardSigmoid" => Activation::HardSigmoid {
            alpha: float("alpha", 0.2)?,
            beta: float("beta", 0.5)?,
        },
        "HardSwish" => Activation::HardSwish,
        "Gelu" => match call.text("approximate", "none")? {
            "none" => Activation::Gelu { tanh: false },
            "tanh" => Activation::Gelu { tanh: true },
            other => return Err(call.unexpected("approximate", other, "none or tanh")),
        },
        "Erf" => Activation::Erf,
        "Tanh" => Activation::Tanh,
        "Softplus" => Activation::Softplus,
        "Softsign" => Activation::Softsign,
        "Mish" => Activation::Mish,
        "ThresholdedRelu" => Activation::ThresholdedRelu {
            alpha: float("alpha", 1.0)?,
        },
        _ => return Ok(None),
    };
    let op = DraftOp::Final(Op::Activation(activation));
    call.same_shape(draft, op).map(Some)
}

/// Bounds are attributes before version 11 and inputs since.
fn clip(call: &Call<'_, '_>) -> Result<Activation, Error> {
    let (min, max) = match call.opset < 11 {
        true => (
            call.float("min", f32::NEG_INFINITY)?,
            call.float("max", f32::INFINITY)?,
        ),
        false => (
            call.number(1)?.map_or(f32::NEG_INFINITY, |min| min as f32),
            call.number(2)?.map_or(f32::INFINITY, |max| max as f32),
        ),
    };
    Ok(Activation::Clip { min, max })
}

fn prelu(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Activation, Error> {
    let slope = per_channel(draft, call, call.constant(1)?, call.input(0)?)?;
    let slope = slope.into_iter().map(|slope| slope as f32).collect();
    Ok(Activation::PRelu { slope })
}

/// `x sigmoid(alpha x)`.
pub(crate) fn swish(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let alpha = f64::from(call.float("alpha", 1.0)?);
    if alpha == 1.0 {
        return call.same_shape(draft, DraftOp::Final(Op::Activation(Activation::Silu)));
    }
    let id = call.variable(0)?;
    let shape = draft.shape(id);
    let n_channels = shape.n_channels();
    draft.reserve(2 * n_channels)?;
    let scaled = DraftOp::Affine {
        scale: vec![alpha; n_channels],
        shift: vec![0.0; n_channels],
    };
    let scaled = draft.add(call.label(), scaled, vec![id], shape)?;
    let sigmoid = DraftOp::Final(Op::Activation(Activation::Sigmoid));
    let sigmoid = draft.add(call.label(), sigmoid, vec![scaled], shape)?;
    let product = draft.add(
        call.label(),
        DraftOp::Final(Op::Mul),
        vec![id, sigmoid],
        shape,
    )?;
    Ok(crate::call::replaced(call.input(0)?, product))
}

/// Softmax over a whole vector. Before version 13 the dimensions from `axis` on are one.
pub(crate) fn softmax(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let Value::Vector { id, dims } = call.input(0)? else {
        return Err(call.refuse("a softmax over a map is not evaluated"));
    };
    let is_old = call.opset < 13;
    let axis = call.int("axis", if is_old { 1 } else { -1 })?;
    let axis = call.axis(axis, dims.len())?;
    let len: usize = match is_old {
        true => dims[axis..].iter().product(),
        false => dims[axis],
    };
    if len != draft.n_channels(*id) {
        return Err(call.unexpected("axis", axis, "that of all scores"));
    }
    call.same_shape(draft, DraftOp::Final(Op::Softmax))
}
