//! Normalisation: by stored statistics, over channels, and over space.

use cnn_graph::Shape;

use crate::array::Array;
use crate::axes::{Axes, Role, Value};
use crate::call::Call;
use crate::draft::{Draft, DraftOp};
use crate::error::Error;

/// ONNX's default of `epsilon` in all of them.
const EPSILON: f32 = 1e-5;

/// Batch normalisation at inference: `(x - mean) / sqrt(variance + epsilon) scale + bias`.
pub(crate) fn batch(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let is_training = call.opset >= 14 && call.flag("training_mode")?;
    if is_training || call.has_more_outputs() {
        return Err(call.refuse("it was exported in training mode; export the model in eval mode"));
    }
    if call.opset < 9 && call.int("spatial", 1)? != 1 {
        return Err(call.unexpected("spatial", 0, "1"));
    }
    let (id, is_at_channels) = match call.input(0)? {
        Value::Map { id, axes } => (*id, axes.position(Role::Channels) == Some(1)),
        Value::Vector { id, dims } => {
            let is_vector = dims.len() >= 2 && dims[1] == draft.n_channels(*id);
            (*id, is_vector)
        }
        Value::Constant(_) => return Err(call.refuse("its input is a constant")),
    };
    if !is_at_channels {
        return Err(call.refuse("the second dimension of its input is not that of the channels"));
    }
    let n_channels = draft.n_channels(id);
    let parameter = |index: usize| expect_length(call, call.constant(index)?, n_channels);
    let (scale, bias) = (parameter(1)?, parameter(2)?);
    let (mean, variance) = (parameter(3)?, parameter(4)?);
    let epsilon = f64::from(call.float("epsilon", EPSILON)?);
    draft.reserve(2 * n_channels)?;
    let factor = |at| scale.get(at) / (variance.get(at) + epsilon).sqrt();
    let factors: Vec<f64> = (0..n_channels).map(factor).collect();
    let shift = |at: usize| bias.get(at) - mean.get(at) * factors[at];
    let shift = (0..n_channels).map(shift).collect();
    let scale = factors;
    call.same_shape(draft, DraftOp::Affine { scale, shift })
}

fn expect_length<'a>(call: &Call<'_, '_>, array: &'a Array, n: usize) -> Result<&'a Array, Error> {
    match array.len() == n {
        true => Ok(array),
        false => Err(call.misfit(format!(
            "a parameter of shape {:?}, expected {n} values",
            array.shape
        ))),
    }
}

/// Layer normalisation over the channels of every position.
pub(crate) fn layer(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let axis = call.int("axis", -1)?;
    if call.has_more_outputs() {
        return Err(call.refuse("means and deviations are not evaluated"));
    }
    let (id, is_over_channels) = match call.input(0)? {
        Value::Map { id, axes } => {
            let axis = call.axis(axis, axes.roles.len())?;
            let is_last = axis + 1 == axes.roles.len();
            (*id, is_last && axes.last() == Some(Role::Channels))
        }
        Value::Vector { id, dims } => {
            let axis = call.axis(axis, dims.len())?;
            let n: usize = dims[axis..].iter().product();
            (*id, n == draft.n_channels(*id))
        }
        Value::Constant(_) => return Err(call.refuse("its input is a constant")),
    };
    if !is_over_channels {
        return Err(call.unexpected("axis", axis, "the last, which is that of the channels"));
    }
    let n_channels = draft.n_channels(id);
    draft.reserve(2 * n_channels)?;
    let scale = expect_length(call, call.constant(1)?, n_channels)?;
    let scale = scale.iter().collect();
    let shift = match call.optional(2)? {
        Some(shift) => expect_length(call, shift, n_channels)?.iter().collect(),
        None => vec![0.0; n_channels],
    };
    let epsilon = call.float("epsilon", EPSILON)?;
    let op = DraftOp::LayerNormalization {
        scale,
        shift,
        epsilon,
    };
    call.same_shape(draft, op)
}

/// Instance normalisation: of channels, or of groups of channels that are one dimension with their
/// rows and columns.
pub(crate) fn instance(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let (id, groups) = match call.input(0)? {
        Value::Map { id, axes } if axes.roles == [Role::One, Role::Group, Role::GroupValues] => {
            (*id, axes.groups)
        }
        Value::Map { id, axes }
            if *axes == Axes::nchw()
                || axes.roles == [Role::One, Role::Channels, Role::Positions] =>
        {
            (*id, draft.n_channels(*id))
        }
        _ => return Err(call.refuse("its input is no map of batch, channels, rows and columns")),
    };
    normalized(draft, call, id, groups)
}

/// Group normalisation. Scale and bias are one number a group before version 21, and one a channel
/// since.
pub(crate) fn group(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let (id, channels, _) = call.map(draft, 0)?;
    let groups = call.int("num_groups", 0)?;
    let valid = usize::try_from(groups).ok();
    let valid = valid.filter(|&groups| groups > 0 && channels.is_multiple_of(groups));
    let valid = valid.ok_or_else(|| {
        let expected = format!("a divisor of {channels} channels");
        call.unexpected("num_groups", groups, &expected)
    })?;
    normalized(draft, call, id, valid)
}

fn normalized(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    id: usize,
    groups: usize,
) -> Result<Value, Error> {
    let Shape::Map { channels, .. } = draft.shape(id) else {
        return Err(call.refuse("its input is a vector"));
    };
    draft.reserve(2 * channels)?;
    let all = |array: &Array| match array.len() {
        n if n == channels => Ok(array.iter().collect()),
        n if n == groups => {
            let in_group = channels / groups;
            Ok((0..channels).map(|at| array.get(at / in_group)).collect())
        }
        _ => Err(call.misfit(format!(
            "a parameter of shape {:?}, expected {groups} or {channels} values",
            array.shape
        ))),
    };
    let op = DraftOp::InstanceNormalization {
        groups,
        scale: all(call.constant(1)?)?,
        shift: all(call.constant(2)?)?,
        epsilon: call.float("epsilon", EPSILON)?,
    };
    call.same_shape(draft, op)
}
