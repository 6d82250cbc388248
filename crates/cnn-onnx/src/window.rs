//! Windows of convolutions and pools, with their padding.

use cnn_graph::limits::{MAX_PAD, MAX_WINDOW};
use cnn_graph::{Size, Window};

use crate::call::Call;
use crate::error::Error;

/// The window that a node describes; `size` is that of the map.
pub(crate) fn window(
    call: &Call<'_, '_>,
    kernel_shape: [usize; 2],
    size: Size,
) -> Result<Window, Error> {
    for side in kernel_shape {
        expect_side(call, "kernel_shape", side as i64)?;
    }
    let mut window = Window::new(kernel_shape);
    window.strides = sides(call, "strides")?.unwrap_or([1, 1]);
    window.dilations = sides(call, "dilations")?.unwrap_or([1, 1]);
    let rule = call.text("auto_pad", "NOTSET")?;
    window.pads = match rule {
        "NOTSET" | "" => pads(call)?,
        "VALID" => [0; 4],
        "SAME_UPPER" | "SAME_LOWER" => same_pads(call, &window, size, rule == "SAME_UPPER")?,
        other => {
            let expected = "NOTSET, VALID, SAME_UPPER or SAME_LOWER";
            return Err(call.unexpected("auto_pad", other, expected));
        }
    };
    Ok(window)
}

/// Two whole numbers that are neither 0 nor large: a side of a window, a stride, a dilation.
pub(crate) fn sides(call: &Call<'_, '_>, name: &str) -> Result<Option<[usize; 2]>, Error> {
    match call.ints(name)? {
        None => Ok(None),
        Some(&[rows, cols]) => Ok(Some([
            expect_side(call, name, rows)?,
            expect_side(call, name, cols)?,
        ])),
        Some(other) => Err(call.unexpected(name, format!("{other:?}"), "two numbers")),
    }
}

fn expect_side(call: &Call<'_, '_>, name: &str, side: i64) -> Result<usize, Error> {
    let valid = usize::try_from(side).ok();
    valid
        .filter(|side| (1..=MAX_WINDOW).contains(side))
        .ok_or_else(|| call.unexpected(name, side, "1 to 1,024"))
}

/// Top, left, bottom, right.
fn pads(call: &Call<'_, '_>) -> Result<[usize; 4], Error> {
    let Some(pads) = call.ints("pads")? else {
        return Ok([0; 4]);
    };
    let valid = |pad: i64| {
        let pad = usize::try_from(pad).ok();
        pad.filter(|pad| *pad <= MAX_PAD)
    };
    let found: Option<Vec<usize>> = pads.iter().map(|&pad| valid(pad)).collect();
    found.and_then(|pads| pads.try_into().ok()).ok_or_else(|| {
        let expected = "four numbers from 0 to 1,048,576";
        call.unexpected("pads", format!("{pads:?}"), expected)
    })
}

/// Padding with which there are `ceil(len / stride)` windows along a side, the larger half behind
/// the map or before it. ONNX, operator Conv, `auto_pad`.
///
/// Windows with gaps between them need less than no padding. ONNX Runtime then starts pools, and no
/// convolutions, behind the first position; TensorFlow does not. Such pools are refused.
fn same_pads(
    call: &Call<'_, '_>,
    window: &Window,
    size: Size,
    larger_behind: bool,
) -> Result<[usize; 4], Error> {
    let mut pads = [0; 4];
    let sides = [(window.rows(), size.rows), (window.cols(), size.cols)];
    for (at, (side, len)) in sides.into_iter().enumerate() {
        let n_windows = len.div_ceil(side.stride);
        let covered = n_windows.saturating_sub(1) * side.stride + side.extent();
        if covered + 1 < len && call.node.op != "Conv" {
            let expected = "pads, because there are gaps between the windows";
            return Err(call.unexpected("auto_pad", "SAME", expected));
        }
        let total = covered.saturating_sub(len);
        let smaller = total / 2;
        let larger = total - smaller;
        (pads[at], pads[at + 2]) = match larger_behind {
            true => (smaller, larger),
            false => (larger, smaller),
        };
    }
    Ok(pads)
}

/// Number of windows along rows and columns. With `ceil_mode` the last one may reach beyond the
/// padding, but starts before it ends.
pub(crate) fn output_size(
    call: &Call<'_, '_>,
    window: &Window,
    size: Size,
    ceil_mode: bool,
) -> Result<Size, Error> {
    let output = window.output_size(size, ceil_mode);
    output.map_err(|problem| call.misfit(problem))
}
