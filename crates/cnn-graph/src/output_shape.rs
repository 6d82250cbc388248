//! The shape of what a node computes, where it fits its inputs.

use pixel_region::Size;

use crate::limits::{MAX_CHANNELS, MAX_SIDE, MAX_VALUES};
use crate::op::{Conv, Op};
use crate::problem::{
    Problem, expect_at_most, expect_finite, expect_length, expect_parameter, expect_per_channel,
};
use crate::shape::Shape;
use crate::window::{Window, WindowSide};

/// Checks a node other than the input against the shapes of its inputs.
pub(crate) fn output_shape(op: &Op, inputs: &[Shape]) -> Result<Shape, Problem> {
    let shape = match op {
        Op::Input => {
            return Err(Problem::Parameter {
                what: "kind",
                found: "a second Input".to_owned(),
                expected: "any other kind".to_owned(),
            });
        }
        Op::Add | Op::Mul => both(inputs)?,
        Op::Concat => concatenated(inputs)?,
        Op::Conv(conv) => convolved(conv, map(inputs)?)?,
        Op::MaxPool { window, ceil_mode } => pooled(window, *ceil_mode, false, map(inputs)?)?,
        Op::AveragePool {
            window,
            ceil_mode,
            count_include_pad,
        } => pooled(window, *ceil_mode, *count_include_pad, map(inputs)?)?,
        Op::GlobalAveragePool | Op::GlobalMaxPool => {
            let (len, _) = map(inputs)?;
            Shape::Vector { len }
        }
        Op::Pad { pads, mode } => {
            let (channels, size) = map(inputs)?;
            let size = pads.output_size(size, *mode)?;
            Shape::Map { channels, size }
        }
        Op::Resize { rows, cols } => {
            let (channels, size) = map(inputs)?;
            let rows = rows.output_len(size.rows)?;
            let cols = cols.output_len(size.cols)?;
            let size = Size { rows, cols };
            Shape::Map { channels, size }
        }
        Op::Flatten { .. } => {
            let (channels, size) = map(inputs)?;
            let len = Shape::Map { channels, size }.n_values();
            Shape::Vector { len }
        }
        Op::Gemm { weight, bias } => multiplied(weight, bias, vector(inputs)?)?,
        Op::Softmax => {
            let len = vector(inputs)?;
            Shape::Vector { len }
        }
        Op::Affine { .. }
        | Op::Activation(_)
        | Op::Gather { .. }
        | Op::LayerNormalization { .. }
        | Op::InstanceNormalization { .. }
        | Op::Lrn { .. } => per_channel(op, inputs)?,
    };
    expect_within_limits(shape)?;
    Ok(shape)
}

/// A shape that is not larger than [`crate::limits`] allows, and not empty.
pub(crate) fn expect_within_limits(shape: Shape) -> Result<(), Problem> {
    let n_values = match shape {
        Shape::Map { channels, size } => {
            let Size { rows, cols } = size;
            for (what, found) in [("channels", channels), ("rows", rows), ("columns", cols)] {
                expect_parameter(found > 0, what, found, "1 or more")?;
            }
            expect_at_most("channels", channels as u64, MAX_CHANNELS as u64)?;
            for (what, found) in [("rows", rows), ("columns", cols)] {
                expect_at_most(what, found as u64, MAX_SIDE as u64)?;
            }
            channels as u64 * rows as u64 * cols as u64
        }
        Shape::Vector { len } => {
            expect_parameter(len > 0, "values", len, "1 or more")?;
            len as u64
        }
    };
    expect_at_most("values", n_values, MAX_VALUES)
}

fn only(inputs: &[Shape]) -> Result<Shape, Problem> {
    match inputs {
        [input] => Ok(*input),
        _ => Err(input_count(inputs, "1")),
    }
}

fn map(inputs: &[Shape]) -> Result<(usize, Size), Problem> {
    match only(inputs)? {
        Shape::Map { channels, size } => Ok((channels, size)),
        found @ Shape::Vector { .. } => Err(input_shape(0, found, "a map")),
    }
}

fn vector(inputs: &[Shape]) -> Result<usize, Problem> {
    match only(inputs)? {
        Shape::Vector { len } => Ok(len),
        found @ Shape::Map { .. } => Err(input_shape(0, found, "a vector")),
    }
}

fn input_count(inputs: &[Shape], expected: &'static str) -> Problem {
    Problem::InputCount {
        found: inputs.len(),
        expected,
    }
}

fn input_shape(index: usize, found: Shape, expected: impl ToString) -> Problem {
    Problem::InputShape {
        index,
        found,
        expected: expected.to_string(),
    }
}

/// Two like values, or a map and a value for each of its channels.
fn both(inputs: &[Shape]) -> Result<Shape, Problem> {
    let &[first, second] = inputs else {
        return Err(input_count(inputs, "2"));
    };
    let per_channel = Shape::Vector {
        len: first.n_channels(),
    };
    if second == first || second == per_channel {
        return Ok(first);
    }
    let expected = match first {
        Shape::Map { .. } => format!("{first} or {per_channel}"),
        Shape::Vector { .. } => format!("{first} (a map comes first)"),
    };
    Err(input_shape(1, second, expected))
}

fn concatenated(inputs: &[Shape]) -> Result<Shape, Problem> {
    let Some(&first) = inputs.first() else {
        return Err(input_count(inputs, "1 or more"));
    };
    let mut n_channels = 0_usize;
    for (index, &found) in inputs.iter().enumerate() {
        let expected = first.with_channels(found.n_channels());
        if found != expected {
            return Err(input_shape(index, found, expected));
        }
        n_channels = n_channels.saturating_add(found.n_channels());
    }
    Ok(first.with_channels(n_channels))
}

fn convolved(conv: &Conv, (c_in, size): (usize, Size)) -> Result<Shape, Problem> {
    let Conv {
        weight,
        bias,
        window,
        group,
    } = conv;
    let c_out = bias.len();
    expect_at_most("channels", c_out as u64, MAX_CHANNELS as u64)?;
    let size = window.output_size(size, false)?;
    let divides = *group > 0 && c_in % group == 0 && c_out % group == 0 && c_out > 0;
    let expected = format!("a divisor of {c_in} channels and of {c_out}");
    expect_parameter(divides, "group", group, &expected)?;
    let [rows, cols] = window.kernel_shape.map(|side| side as u64);
    // At most 2^16 channels on either side and 2^10 rows and columns.
    let n_weights = c_out as u64 * (c_in / group) as u64 * rows * cols;
    expect_length("weight", weight.len(), n_weights)?;
    expect_finite("weight", weight)?;
    expect_finite("bias", bias)?;
    Ok(Shape::Map {
        channels: c_out,
        size,
    })
}

fn pooled(
    window: &Window,
    ceil_mode: bool,
    count_include_pad: bool,
    (channels, size): (usize, Size),
) -> Result<Shape, Problem> {
    let output = window.output_size(size, ceil_mode)?;
    if !count_include_pad {
        expect_no_empty_window(window.rows(), size.rows, output.rows)?;
        expect_no_empty_window(window.cols(), size.cols, output.cols)?;
    }
    Ok(Shape::Map {
        channels,
        size: output,
    })
}

/// Every window along a side reads something of it: the mean of nothing is no number, and its
/// largest value is minus infinity.
fn expect_no_empty_window(side: WindowSide, len: usize, n_outputs: usize) -> Result<(), Problem> {
    expect_at_most("outputs along a side", n_outputs as u64, MAX_SIDE as u64)?;
    match (0..n_outputs).find(|&output| side.taps(output, len).next().is_none()) {
        None => Ok(()),
        Some(output) => Err(Problem::OnlyPadding { output }),
    }
}

fn multiplied(weight: &[f32], bias: &[f32], n_inputs: usize) -> Result<Shape, Problem> {
    let n_outputs = bias.len();
    expect_at_most("values", n_outputs as u64, MAX_VALUES)?;
    // Both at most 2^28.
    let n_weights = n_outputs as u64 * n_inputs as u64;
    expect_length("weight", weight.len(), n_weights)?;
    expect_finite("weight", weight)?;
    expect_finite("bias", bias)?;
    Ok(Shape::Vector { len: n_outputs })
}

/// Kinds that keep the positions of their only input.
fn per_channel(op: &Op, inputs: &[Shape]) -> Result<Shape, Problem> {
    let shape = only(inputs)?;
    let n_channels = shape.n_channels();
    let expect_affine = |scale: &[f32], shift: &[f32]| {
        expect_per_channel("scale", scale, n_channels)?;
        expect_per_channel("shift", shift, n_channels)
    };
    let expect_epsilon = |epsilon: f32| {
        let valid = epsilon.is_finite() && epsilon >= 0.0;
        expect_parameter(valid, "epsilon", epsilon, "a finite number from 0 on")
    };
    match op {
        Op::Affine { scale, shift } => expect_affine(scale, shift)?,
        Op::Activation(activation) => activation.expect_valid(n_channels)?,
        Op::Gather { channels } => {
            let expected = format!("below {n_channels}");
            for &channel in channels {
                let exists = (channel as usize) < n_channels;
                expect_parameter(exists, "channel", channel, &expected)?;
            }
            return Ok(shape.with_channels(channels.len()));
        }
        Op::LayerNormalization {
            scale,
            shift,
            epsilon,
        } => {
            expect_affine(scale, shift)?;
            expect_epsilon(*epsilon)?;
        }
        Op::InstanceNormalization {
            groups,
            scale,
            shift,
            epsilon,
        } => {
            map(inputs)?;
            let divides = *groups > 0 && n_channels.is_multiple_of(*groups);
            let expected = format!("a divisor of {n_channels} channels");
            expect_parameter(divides, "groups", groups, &expected)?;
            expect_affine(scale, shift)?;
            expect_epsilon(*epsilon)?;
        }
        Op::Lrn {
            size,
            alpha,
            beta,
            bias,
        } => {
            map(inputs)?;
            let valid = (1..=MAX_CHANNELS).contains(size);
            expect_parameter(valid, "size", size, "1 to 65,536")?;
            for (what, value) in [("alpha", *alpha), ("beta", *beta), ("bias", *bias)] {
                expect_finite(what, &[value])?;
            }
        }
        _ => {}
    }
    Ok(shape)
}
