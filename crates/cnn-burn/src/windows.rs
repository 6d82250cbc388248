//! Kinds that slide a window over a map.

use std::sync::Arc;

use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, module};
use cnn_graph::{Conv, Window, WindowSide};

use crate::padding::Padding;
use crate::parameters::{Function, tensor};

pub(crate) fn conv(conv: &Conv, padding: Padding, device: &Device) -> Function {
    let Conv {
        weight,
        bias,
        window,
        group,
    } = conv;
    let [rows, cols] = window.kernel_shape;
    let c_out = bias.len();
    let c_in_of_group = weight.len() / (c_out * rows * cols);
    let weight = tensor(weight.clone(), [c_out, c_in_of_group, rows, cols], device);
    let bias = tensor(bias.clone(), [c_out], device);
    let options = ConvOptions::new_with_padding(window.strides, padding, window.dilations, *group);
    Arc::new(move |x| module::conv2d(x, weight.clone(), Some(bias.clone()), options.clone()))
}

pub(crate) fn max_pool(window: &Window, padding: Padding) -> Function {
    let options = MaxPoolOptions::new(window.kernel_shape)
        .with_stride(window.strides)
        .with_padding_pairs(padding)
        .with_dilation(window.dilations);
    Arc::new(move |x| module::max_pool2d(x, options.clone()))
}

/// Shapes are `[channels, rows, cols]`.
pub(crate) fn average_pool(
    window: &Window,
    count_include_pad: bool,
    padding: Padding,
    input: [usize; 3],
    output: [usize; 3],
    device: &Device,
) -> Function {
    let mean = if window.dilations == [1, 1] {
        mean_of_windows(window, padding)
    } else {
        mean_of_dilated_windows(window, padding, device)
    };
    // Both count every position of a window; so few of them may count that its mean is larger.
    let factors = |side, input, output| factors(side, count_include_pad, input, output);
    let of_rows = factors(window.rows(), input[1], output[1])
        .map(|factors| tensor(factors, [1, 1, output[1], 1], device));
    let of_cols = factors(window.cols(), input[2], output[2])
        .map(|factors| tensor(factors, [1, 1, 1, output[2]], device));
    let factors: Vec<_> = of_rows.into_iter().chain(of_cols).collect();
    Arc::new(move |x| factors.iter().cloned().fold(mean(x), Tensor::mul))
}

/// For each output along a side the length of the window over the number of positions that count;
/// nothing where all of them count everywhere.
fn factors(
    side: WindowSide,
    count_include_pad: bool,
    len: usize,
    n_outputs: usize,
) -> Option<Vec<f32>> {
    let n_counted = |output| {
        if count_include_pad {
            side.n_padded_taps(output, len)
        } else {
            side.taps(output, len).count()
        }
    };
    let factor = |output| side.kernel as f32 / n_counted(output) as f32;
    let factors: Vec<f32> = (0..n_outputs).map(factor).collect();
    factors
        .iter()
        .any(|&factor| factor != 1.0)
        .then_some(factors)
}

fn mean_of_windows(window: &Window, padding: Padding) -> Function {
    let options = AvgPoolOptions::new(window.kernel_shape)
        .with_stride(window.strides)
        .with_padding_pairs(padding);
    Arc::new(move |x| module::avg_pool2d(x, options.clone()))
}

/// The mean over rows and then over columns, as convolutions of each channel by itself.
fn mean_of_dilated_windows(window: &Window, padding: Padding, device: &Device) -> Function {
    let [n_rows, n_cols] = window.kernel_shape;
    let rows = tensor(vec![1.0 / n_rows as f32; n_rows], [1, 1, n_rows, 1], device);
    let cols = tensor(vec![1.0 / n_cols as f32; n_cols], [1, 1, 1, n_cols], device);
    let options =
        |strides, padding, dilations| ConvOptions::new_with_padding(strides, padding, dilations, 1);
    let [row_stride, col_stride] = window.strides;
    let [row_dilation, col_dilation] = window.dilations;
    let row_options = options([row_stride, 1], [padding[0], (0, 0)], [row_dilation, 1]);
    let col_options = options([1, col_stride], [(0, 0), padding[1]], [1, col_dilation]);
    Arc::new(move |x| {
        let [n, channels, n_rows, n_cols] = x.dims();
        let x = x.reshape([n * channels, 1, n_rows, n_cols]);
        let x = module::conv2d(x, rows.clone(), None, row_options.clone());
        let x = module::conv2d(x, cols.clone(), None, col_options.clone());
        let [_, _, n_rows, n_cols] = x.dims();
        x.reshape([n, channels, n_rows, n_cols])
    })
}
