//! Interpolation: Resize and Upsample.

use cnn_graph::limits::MAX_SIDE;
use cnn_graph::{Op, Size};

use crate::axes::Value;
use crate::call::{Call, dims};
use crate::draft::{Draft, DraftOp};
use crate::error::Error;
use crate::interpolation::{Coordinates, Interpolation, Nearest};

/// How far a side grows, and to what.
#[derive(Debug, Clone, Copy)]
struct Growth {
    scale: f32,
    len: usize,
}

/// Resize and Upsample over rows and columns.
pub(crate) fn resize(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Value, Error> {
    let (id, channels, size) = call.map(draft, 0)?;
    let interpolation = interpolation(call)?;
    let sides = growth(call, &dims(draft, call.input(0)?))?;
    draft.reserve(4 * (sides[0].len + sides[1].len))?;
    let table = |len: usize, side: Growth| interpolation.table(len, side.len, side.scale);
    let op = DraftOp::Final(Op::Resize {
        rows: table(size.rows, sides[0]),
        cols: table(size.cols, sides[1]),
    });
    let size = Size {
        rows: sides[0].len,
        cols: sides[1].len,
    };
    call.new_map(draft, op, id, (channels, size))
}

/// Rows and columns: the scale that is given, or that to the size that is given.
fn growth(call: &Call<'_, '_>, before: &[usize]) -> Result<[Growth; 2], Error> {
    let is_upsample = call.node.op == "Upsample";
    let is_old = is_upsample || call.opset < 11;
    let axes: Vec<usize> = match call.ints("axes")? {
        Some(axes) => {
            let axes = axes.iter().map(|&axis| call.axis(axis, before.len()));
            axes.collect::<Result<_, _>>()?
        }
        None => (0..before.len()).collect(),
    };
    let index = if is_old { 1 } else { 2 };
    let mut scales: Option<Vec<f32>> = match call.floats("scales")? {
        Some(scales) => Some(scales.to_vec()),
        None => call.optional(index)?.map(|array| array.to_f32().to_vec()),
    };
    // An empty list stands for none.
    scales = scales.filter(|scales| !scales.is_empty());
    let mut sizes = None;
    if !is_old && call.has(3) {
        sizes = Some(call.int_list(3)?).filter(|sizes| !sizes.is_empty());
    }
    let mut all: Vec<Growth> = before
        .iter()
        .map(|&len| Growth { scale: 1.0, len })
        .collect();
    let n_given = scales.as_ref().map_or(0, Vec::len) + sizes.map_or(0, <[i64]>::len);
    if n_given != axes.len() || (scales.is_some() && sizes.is_some()) {
        return Err(call.misfit("one scale or one size an axis is expected"));
    }
    for (at, axis) in axes.into_iter().enumerate() {
        let before = before[axis];
        let (scale, len) = match (&scales, sizes) {
            (Some(scales), _) => (scales[at], scaled(call, before, scales[at])?),
            (None, Some(sizes)) => (sizes[at] as f32 / before as f32, sizes[at] as f64),
            (None, None) => (1.0, before as f64),
        };
        if !(1.0..=MAX_SIDE as f64).contains(&len) || scale.is_nan() || scale <= 0.0 {
            return Err(call.misfit(format!("a side of {before} becomes one of {len}")));
        }
        let len = len as usize;
        all[axis] = Growth { scale, len };
    }
    match all[..] {
        [one, channels, rows, cols] if one.scale == 1.0 && channels.scale == 1.0 => {
            Ok([rows, cols])
        }
        _ => Err(call.refuse("it changes something else than rows and columns")),
    }
}

/// The length of a side times a scale, rounded down. Refused are scales at which ONNX and ONNX
/// Runtime do not agree.
fn scaled(call: &Call<'_, '_>, before: usize, scale: f32) -> Result<f64, Error> {
    let exact = before as f64 * f64::from(scale);
    let rounded = before as f32 * scale;
    let is_between = rounded.fract() != 0.0;
    let mode = call.text("coordinate_transformation_mode", "half_pixel")?;
    if exact.floor() != f64::from(rounded.floor()) || (is_between && mode == "align_corners") {
        let expected = "one by which a side becomes a whole number";
        return Err(call.unexpected(
            "scales",
            format!("{scale}, {before} becomes {exact}"),
            expected,
        ));
    }
    Ok(exact.floor())
}

fn interpolation(call: &Call<'_, '_>) -> Result<Interpolation, Error> {
    let policy = call.text("keep_aspect_ratio_policy", "stretch")?;
    if policy != "stretch" {
        return Err(call.unexpected("keep_aspect_ratio_policy", policy, "stretch"));
    }
    if call.flag("antialias")? {
        return Err(call.unexpected("antialias", 1, "0"));
    }
    let is_old = call.node.op == "Upsample" || call.opset < 11;
    let (transformation, rounding) = match is_old {
        true => ("asymmetric", "old"),
        false => (
            call.text("coordinate_transformation_mode", "half_pixel")?,
            call.text("nearest_mode", "round_prefer_floor")?,
        ),
    };
    let coordinates = match transformation {
        "half_pixel" => Coordinates::HalfPixel,
        "half_pixel_symmetric" => Coordinates::HalfPixelSymmetric,
        "pytorch_half_pixel" => Coordinates::PytorchHalfPixel,
        "asymmetric" => Coordinates::Asymmetric,
        "align_corners" => Coordinates::AlignCorners,
        other => {
            return Err(call.unexpected(
                "coordinate_transformation_mode",
                other,
                "half_pixel, half_pixel_symmetric, pytorch_half_pixel, asymmetric or align_corners",
            ));
        }
    };
    let nearest = match rounding {
        "round_prefer_floor" => Nearest::RoundPreferFloor,
        "round_prefer_ceil" => Nearest::RoundPreferCeil,
        "floor" => Nearest::Floor,
        "ceil" => Nearest::Ceil,
        "old" if is_old => Nearest::Old,
        other => {
            let expected = "round_prefer_floor, round_prefer_ceil, floor or ceil";
            return Err(call.unexpected("nearest_mode", other, expected));
        }
    };
    let nearest = match call.text("mode", "nearest")? {
        "nearest" => Some(nearest),
        "linear" => None,
        other => return Err(call.unexpected("mode", other, "nearest or linear")),
    };
    Ok(Interpolation {
        coordinates,
        nearest,
    })
}
