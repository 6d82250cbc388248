//! Output sizes and values of kinds that slide a window.

use cnn_graph::{Conv, Op, Size, Window};

use crate::single::{assert_close, map, on_map, vector};

/// The size of a pooled map of one channel.
fn pooled(image: [usize; 2], window: Window, ceil_mode: bool) -> [usize; 2] {
    let [rows, cols] = image;
    let op = Op::MaxPool { window, ceil_mode };
    let (shape, _) = on_map([1, rows, cols], &vec![0.0; rows * cols], op);
    match shape {
        cnn_graph::Shape::Map { size, .. } => [size.rows, size.cols],
        other => panic!("{other}"),
    }
}

fn conv(weight: &[f32], bias: &[f32], window: Window, group: usize) -> Op {
    Op::Conv(Conv {
        weight: weight.to_vec(),
        bias: bias.to_vec(),
        window,
        group,
    })
}

#[test]
fn size_of_a_convolution_that_differs_on_every_side() {
    let window = Window {
        kernel_shape: [3, 2],
        strides: [2, 3],
        pads: [1, 0, 2, 1],
        dilations: [2, 1],
    };
    // Rows: (5 + 3 - 5) / 2 + 1; columns: (7 + 1 - 2) / 3 + 1.
    let (shape, _) = on_map([1, 5, 7], &[0.0; 35], conv(&[0.0; 6], &[0.0], window, 1));
    assert_eq!(shape, map(1, 2, 3));
}

#[test]
fn padding_of_a_convolution_may_exceed_its_kernel() {
    let window = Window {
        pads: [2, 0, 1, 3],
        ..Window::new([1, 1])
    };
    let (shape, values) = on_map([1, 1, 1], &[5.0], conv(&[2.0], &[1.0], window, 1));
    assert_eq!(shape, map(1, 4, 4));
    let mut expected = [1.0; 16];
    expected[8] = 11.0;
    assert_close(&values, &expected);
}

#[test]
fn size_of_a_map_that_is_no_map_is_refused() {
    let window = Window::new([1, 1]);
    let (rows, cols) = (1, usize::MAX);
    let problem = window.output_size(Size { rows, cols }, false).unwrap_err();
    let text = problem.to_string();
    assert!(text.starts_with("side of a map: "), "{text}");
}

#[test]
fn size_in_ceil_mode() {
    let window = |kernel, stride| Window {
        strides: [stride, stride],
        ..Window::new([kernel, kernel])
    };
    assert_eq!(pooled([6, 5], window(3, 2), false), [2, 2]);
    assert_eq!(pooled([6, 5], window(3, 2), true), [3, 2]);
}

#[test]
fn ceil_mode_drops_a_window_that_starts_behind_the_map() {
    let window = Window {
        strides: [3, 3],
        ..Window::new([2, 2])
    };
    assert_eq!(pooled([3, 4], window, true), [1, 2]);
    // The window at 3 starts in the padding at the end, and in the map where one column of padding
    // comes first.
    let pads = [0, 1, 1, 0];
    assert_eq!(pooled([3, 3], Window { pads, ..window }, true), [1, 2]);
}

#[test]
fn ceil_mode_takes_a_window_that_is_longer_than_the_map_by_less_than_a_step() {
    let window = Window {
        strides: [2, 3],
        ..Window::new([3, 4])
    };
    assert_eq!(pooled([2, 2], window, true), [1, 1]);
    assert!(window.output_size(Size { rows: 1, cols: 2 }, true).is_err());
    assert!(window.output_size(Size { rows: 2, cols: 1 }, true).is_err());
}

#[test]
fn convolution_with_padding_on_two_sides() {
    let window = Window {
        pads: [0, 1, 1, 0],
        ..Window::new([2, 2])
    };
    let pixels = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let op = conv(&[1.0, 2.0, 3.0, 4.0], &[10.0], window, 1);
    let (shape, values) = on_map([1, 2, 3], &pixels, op);
    assert_eq!(shape, map(1, 2, 3));
    assert_close(&values, &[28.0, 47.0, 57.0, 18.0, 24.0, 27.0]);
}

#[test]
fn convolution_with_groups_dilation_and_stride() {
    let window = Window {
        strides: [1, 2],
        dilations: [1, 2],
        ..Window::new([1, 2])
    };
    let pixels = [1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0];
    let weight = [1.0, -1.0, 2.0, 1.0, 1.0, 0.0, 0.0, 1.0];
    let op = conv(&weight, &[0.0, 0.5, 0.0, -1.0], window, 2);
    let (shape, values) = on_map([2, 1, 5], &pixels, op);
    assert_eq!(shape, map(4, 1, 2));
    // Two outputs of the first channel, then two of the second.
    assert_close(&values, &[-2.0, -2.0, 5.5, 11.5, 10.0, 30.0, 29.0, 49.0]);
}

#[test]
fn convolution_sums_over_channels() {
    let op = conv(&[1.0, 10.0, -1.0, 0.5], &[0.0, 0.0], Window::new([1, 1]), 1);
    let (_, values) = on_map([2, 1, 2], &[1.0, 2.0, 3.0, 4.0], op);
    assert_close(&values, &[31.0, 42.0, 0.5, 0.0]);
}

#[test]
fn padding_never_is_the_largest() {
    let window = Window {
        strides: [2, 2],
        pads: [1; 4],
        ..Window::new([2, 2])
    };
    let op = Op::MaxPool {
        window,
        ceil_mode: false,
    };
    let (_, values) = on_map([1, 2, 2], &[-1.0, -2.0, -3.0, -4.0], op);
    assert_close(&values, &[-1.0, -2.0, -3.0, -4.0]);
}

#[test]
fn max_pool_with_dilation() {
    let window = Window {
        dilations: [1, 2],
        ..Window::new([1, 2])
    };
    let op = Op::MaxPool {
        window,
        ceil_mode: false,
    };
    let (_, values) = on_map([1, 1, 5], &[1.0, 9.0, 4.0, 2.0, 3.0], op);
    assert_close(&values, &[4.0, 9.0, 4.0]);
}

/// The means of windows of 2 at stride 2 along 3, 6, 9 and perhaps 12.
fn means(n: usize, right: usize, ceil_mode: bool, count_include_pad: bool) -> Vec<f64> {
    let window = Window {
        strides: [1, 2],
        pads: [0, 1, 0, right],
        ..Window::new([1, 2])
    };
    let op = Op::AveragePool {
        window,
        ceil_mode,
        count_include_pad,
    };
    on_map([1, 1, n], &[3.0, 6.0, 9.0, 12.0][..n], op).1
}

#[test]
fn average_pool_along_rows_is_that_along_columns() {
    let op = Op::AveragePool {
        window: Window {
            strides: [2, 1],
            pads: [1, 0, 0, 0],
            ..Window::new([2, 1])
        },
        ceil_mode: true,
        count_include_pad: true,
    };
    let (_, values) = on_map([1, 4, 1], &[3.0, 6.0, 9.0, 12.0], op);
    assert_close(&values, &means(4, 0, true, true));
}

#[test]
fn average_pool_divides_by_what_it_counts() {
    assert_close(&means(3, 0, false, false), &[3.0, 7.5]);
    assert_close(&means(3, 0, false, true), &[1.5, 7.5]);
}

#[test]
fn average_pool_never_counts_beyond_the_padding() {
    assert_close(&means(4, 0, false, true), &[1.5, 7.5]);
    // The third window sees 12, and one position that is padding or is beyond it.
    assert_close(&means(4, 0, true, true), &[1.5, 7.5, 12.0]);
    assert_close(&means(4, 0, true, false), &[3.0, 7.5, 12.0]);
    assert_close(&means(4, 1, true, true), &[1.5, 7.5, 6.0]);
    let op = Op::AveragePool {
        window: Window {
            strides: [1, 2],
            ..Window::new([1, 4])
        },
        ceil_mode: true,
        count_include_pad: true,
    };
    let (_, values) = on_map([1, 1, 3], &[3.0, 6.0, 9.0], op);
    assert_close(&values, &[6.0]);
}

#[test]
fn average_pool_counts_rows_times_columns() {
    let window = Window {
        pads: [1, 0, 0, 2],
        strides: [2, 2],
        dilations: [1, 2],
        ..Window::new([2, 2])
    };
    let op = |count_include_pad| Op::AveragePool {
        window,
        ceil_mode: false,
        count_include_pad,
    };
    // The window's two columns are 0 and 2, then 2 and 4, which is padding.
    let pixels = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    let (shape, excluded) = on_map([1, 3, 3], &pixels, op(false));
    assert_eq!(shape, map(1, 2, 2));
    assert_close(&excluded, &[2.0, 3.0, 6.5, 7.5]);
    let (_, included) = on_map([1, 3, 3], &pixels, op(true));
    assert_close(&included, &[1.0, 0.75, 6.5, 3.75]);
}

#[test]
fn a_mean_of_padding_alone_is_0_where_padding_counts() {
    let window = Window {
        pads: [0, 1, 0, 1],
        dilations: [1, 2],
        ..Window::new([1, 2])
    };
    let op = Op::AveragePool {
        window,
        ceil_mode: false,
        count_include_pad: true,
    };
    assert_close(&on_map([1, 1, 1], &[7.0], op).1, &[0.0]);
}

#[test]
fn global_pools_are_vectors() {
    let pixels = [1.0, 2.0, 6.0, -5.0, -7.0, -9.0];
    let (shape, means) = on_map([2, 1, 3], &pixels, Op::GlobalAveragePool);
    assert_eq!(shape, vector(2));
    assert_close(&means, &[3.0, -7.0]);
    let (_, largest) = on_map([2, 1, 3], &pixels, Op::GlobalMaxPool);
    assert_close(&largest, &[6.0, -5.0]);
}

#[test]
fn a_value_that_is_no_number_stays_none_in_pools() {
    let op = Op::MaxPool {
        window: Window::new([1, 2]),
        ceil_mode: false,
    };
    let (_, values) = on_map([1, 1, 3], &[f64::NAN, 1.0, 2.0], op);
    assert!(values[0].is_nan());
    assert_close(&values[1..], &[2.0]);
}
