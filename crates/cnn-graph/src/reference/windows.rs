//! Kinds that slide a window over a map.

use crate::op::Conv;
use crate::shape::Shape;
use crate::window::Window;

use super::value::{Value, fill};

pub(super) fn conv(conv: &Conv, input: Value, output: Shape) -> Vec<f64> {
    let [n_rows, n_cols] = conv.window.kernel_shape;
    let size = input.size();
    let c_in_of_group = input.shape.n_channels() / conv.group;
    let c_out_of_group = output.n_channels() / conv.group;
    fill(output, |c_out, row, col| {
        let first = c_out / c_out_of_group * c_in_of_group;
        let rows = conv.window.rows().taps(row, size.rows);
        let cols = conv.window.cols().taps(col, size.cols);
        let mut sum = f64::from(conv.bias[c_out]);
        for c in 0..c_in_of_group {
            let channel = input.channel(first + c);
            for (t_row, row) in rows.clone() {
                let weights = ((c_out * c_in_of_group + c) * n_rows + t_row) * n_cols;
                for (t_col, col) in cols.clone() {
                    sum += f64::from(conv.weight[weights + t_col]) * channel[row * size.cols + col];
                }
            }
        }
        sum
    })
}

pub(super) fn max_pool(window: &Window, input: Value, output: Shape) -> Vec<f64> {
    fill(output, |channel, row, col| {
        largest(seen(window, input, channel, row, col))
    })
}

pub(super) fn average_pool(
    window: &Window,
    count_include_pad: bool,
    input: Value,
    output: Shape,
) -> Vec<f64> {
    let size = input.size();
    fill(output, |channel, row, col| {
        let (mut n, mut sum) = (0, 0.0);
        for x in seen(window, input, channel, row, col) {
            n += 1;
            sum += x;
        }
        if count_include_pad {
            let n_rows = window.rows().n_padded_taps(row, size.rows);
            n = n_rows * window.cols().n_padded_taps(col, size.cols);
        }
        sum / n as f64
    })
}

/// The values that a window sees, the padding left out.
fn seen<'a>(
    window: &Window,
    input: Value<'a>,
    channel: usize,
    row: usize,
    col: usize,
) -> impl Iterator<Item = f64> + 'a {
    let size = input.size();
    let channel = input.channel(channel);
    let rows = window.rows().taps(row, size.rows);
    let cols = window.cols().taps(col, size.cols);
    rows.flat_map(move |(_, row)| {
        let cols = cols.clone();
        cols.map(move |(_, col)| channel[row * size.cols + col])
    })
}

/// The largest value; NaN if one is NaN.
pub(super) fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, |largest, x| {
        if x > largest || x.is_nan() {
            x
        } else {
            largest
        }
    })
}
