//! Convolutions and pooling.

use cnn_graph::{Conv, Op, Window};

use super::{CHANNELS, Case, numbers, one};

fn window(kernel_shape: [usize; 2], strides: [usize; 2], pads: [usize; 4]) -> Window {
    Window {
        strides,
        pads,
        ..Window::new(kernel_shape)
    }
}

fn dilated(kernel_shape: [usize; 2], dilations: [usize; 2], pads: [usize; 4]) -> Window {
    Window {
        pads,
        dilations,
        ..Window::new(kernel_shape)
    }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = convolutions();
    cases.extend(max_pools());
    cases.extend(average_pools());
    cases
}

pub(crate) fn conv(window: Window, c_in: usize, c_out: usize, group: usize) -> Conv {
    let [rows, cols] = window.kernel_shape;
    let per_output = c_in / group * rows * cols;
    let scale = 1.0 / (per_output as f32).sqrt();
    let weight = numbers(1, c_out * per_output);
    Conv {
        weight: weight.into_iter().map(|w| w * scale).collect(),
        bias: numbers(2, c_out),
        window,
        group,
    }
}

fn convolutions() -> Vec<Case> {
    let with = |name: &str, window, c_out, group| {
        let conv = conv(window, CHANNELS, c_out, group);
        one(format!("conv {name}"), Op::Conv(conv))
    };
    vec![
        with("1x1", window([1, 1], [1, 1], [0; 4]), 3, 1),
        with("1x1 of stride 2", window([1, 1], [2, 2], [0; 4]), 3, 1),
        with("1x1, padded", window([1, 1], [1, 1], [1, 0, 2, 3]), 3, 1),
        with("3x3", window([3, 3], [1, 1], [1; 4]), 6, 1),
        with("3x3 of stride 2", window([3, 3], [2, 2], [1; 4]), 6, 1),
        with("3x3 without padding", window([3, 3], [1, 1], [0; 4]), 5, 1),
        with(
            "3x2 of strides 3 and 2",
            window([3, 2], [3, 2], [0; 4]),
            3,
            1,
        ),
        with("1x5", window([1, 5], [1, 1], [0, 2, 0, 2]), 3, 1),
        with(
            "7x7 larger than the map",
            window([7, 7], [2, 2], [3; 4]),
            3,
            1,
        ),
        with(
            "2x2, unlike pads",
            window([2, 2], [1, 1], [0, 1, 2, 0]),
            3,
            1,
        ),
        with(
            "3x3 of stride 2, pads behind",
            window([3, 3], [2, 2], [0, 0, 1, 1]),
            3,
            1,
        ),
        with(
            "pads that exceed the window",
            window([3, 2], [2, 1], [4, 5, 3, 6]),
            3,
            1,
        ),
        with(
            "like pads that exceed it",
            window([2, 2], [1, 2], [4; 4]),
            3,
            1,
        ),
        with(
            "rows and columns left over",
            window([2, 3], [4, 3], [0; 4]),
            3,
            1,
        ),
        with(
            "of a stride beyond the window",
            window([1, 2], [3, 3], [0, 1, 0, 0]),
            3,
            1,
        ),
        with("dilated", dilated([2, 3], [3, 2], [0; 4]), 3, 1),
        with(
            "dilated, padded",
            dilated([3, 3], [2, 1], [2, 1, 3, 0]),
            3,
            1,
        ),
        with("of 2 groups", window([3, 3], [1, 1], [1; 4]), 6, 2),
        with(
            "depthwise",
            window([3, 3], [1, 1], [1; 4]),
            CHANNELS,
            CHANNELS,
        ),
        with(
            "depthwise of stride 2",
            window([5, 5], [2, 2], [2; 4]),
            CHANNELS,
            CHANNELS,
        ),
        with(
            "depthwise, 2 each",
            window([3, 3], [1, 1], [0, 1, 1, 0]),
            8,
            CHANNELS,
        ),
    ]
}

/// Windows for pooling, and whether `ceil_mode` is on.
fn pooling_windows() -> Vec<(&'static str, Window, bool)> {
    vec![
        ("2x2 of stride 2", window([2, 2], [2, 2], [0; 4]), false),
        ("3x3 of stride 2", window([3, 3], [2, 2], [1; 4]), false),
        ("3x3 of stride 1", window([3, 3], [1, 1], [1; 4]), false),
        (
            "3x2, unlike pads",
            window([3, 2], [2, 1], [0, 1, 2, 0]),
            false,
        ),
        (
            "of a stride beyond the window",
            window([2, 1], [3, 2], [0; 4]),
            false,
        ),
        (
            "that reaches the end by ceil_mode",
            window([2, 2], [2, 2], [0; 4]),
            true,
        ),
        ("3x3 with ceil_mode", window([3, 3], [2, 2], [0; 4]), true),
        (
            "padded with ceil_mode",
            window([3, 3], [3, 2], [1, 1, 0, 1]),
            true,
        ),
        (
            "whose last window ceil_mode drops",
            window([2, 2], [3, 3], [1, 1, 1, 1]),
            true,
        ),
        ("dilated", dilated([2, 3], [2, 1], [0; 4]), false),
        (
            "dilated, padded",
            dilated([2, 2], [3, 2], [1, 0, 2, 1]),
            false,
        ),
        (
            "dilated, padded, with ceil_mode",
            Window {
                strides: [2, 3],
                ..dilated([2, 2], [2, 3], [1, 0, 1, 2])
            },
            true,
        ),
    ]
}

fn max_pools() -> Vec<Case> {
    let with = |(name, window, ceil_mode)| {
        let op = Op::MaxPool { window, ceil_mode };
        one(format!("max pool {name}"), op)
    };
    let mut cases: Vec<Case> = pooling_windows().into_iter().map(with).collect();
    cases.push(one("global max pool", Op::GlobalMaxPool));
    cases
}

fn average_pools() -> Vec<Case> {
    let with = |(name, window, ceil_mode)| {
        [false, true].map(|count_include_pad| {
            let op = Op::AveragePool {
                window,
                ceil_mode,
                count_include_pad,
            };
            let name = format!("average pool {name}, padding counts: {count_include_pad}");
            one(name, op)
        })
    };
    let mut cases: Vec<Case> = pooling_windows().into_iter().flat_map(with).collect();
    cases.push(one(
        "average pool of windows in the padding",
        Op::AveragePool {
            window: window([2, 2], [1, 1], [3, 4, 2, 3]),
            ceil_mode: false,
            count_include_pad: true,
        },
    ));
    cases.push(one("global average pool", Op::GlobalAveragePool));
    cases
}
