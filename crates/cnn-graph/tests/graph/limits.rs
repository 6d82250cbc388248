//! What a graph may ask for: at the limits and beyond them, whatever the parameters are.

use cnn_graph::{Axis, Conv, GraphBuilder, NodeId, Op, Order, PadMode, Pads, Size, Window, limits};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::single::{FLAT, builder, finish, message, refusal};

#[test]
fn rejects_windows_strides_and_dilations_beyond_the_limit() {
    let window = Window::new([1, 1]);
    for (window, what) in [
        (
            Window {
                kernel_shape: [1, 1025],
                ..window
            },
            "kernel_shape",
        ),
        (
            Window {
                strides: [1 << 31, 1],
                ..window
            },
            "strides",
        ),
        (
            Window {
                dilations: [1, usize::MAX],
                ..window
            },
            "dilations",
        ),
    ] {
        let op = Op::MaxPool {
            window,
            ceil_mode: true,
        };
        let text = refusal([1, 3, 3], op);
        assert!(
            text.starts_with(&format!("node node (MaxPool): {what}: ")),
            "{text}"
        );
        assert!(text.ends_with("expected at most 1024"), "{text}");
    }
}

#[test]
fn rejects_padding_beyond_the_limit() {
    let window = Window {
        pads: [0, 0, 1 << 31, 0],
        ..Window::new([1, 1])
    };
    let conv = Conv {
        weight: vec![1.0],
        bias: vec![0.0],
        window,
        group: 1,
    };
    let text = refusal([1, 3, 3], Op::Conv(conv));
    assert_eq!(
        text,
        "node node (Conv): pads: 2147483648, expected at most 1048576"
    );
    let pads = Pads {
        top: i64::MIN,
        left: 0,
        bottom: 0,
        right: 0,
    };
    let text = refusal(
        [1, 3, 3],
        Op::Pad {
            pads,
            mode: PadMode::Edge,
        },
    );
    assert_eq!(
        text,
        "node node (Pad): pads: 9223372036854775808, expected at most 1048576"
    );
}

#[test]
fn rejects_sides_and_channels_beyond_the_limit() {
    let pads = Pads {
        top: 65_534,
        left: 0,
        bottom: 0,
        right: 0,
    };
    let text = refusal(
        [1, 3, 3],
        Op::Pad {
            pads,
            mode: PadMode::Edge,
        },
    );
    assert_eq!(text, "node node (Pad): rows: 65537, expected at most 65536");
    let channels = vec![0; limits::MAX_CHANNELS + 1];
    let text = refusal([1, 3, 3], Op::Gather { channels });
    assert_eq!(
        text,
        "node node (Gather): channels: 65537, expected at most 65536"
    );
    let size = Size { rows: 1, cols: 1 };
    assert!(GraphBuilder::new(limits::MAX_CHANNELS, size).is_ok());
    assert!(GraphBuilder::new(limits::MAX_CHANNELS + 1, size).is_err());
}

#[test]
fn rejects_maps_beyond_the_limit() {
    let size = Size {
        rows: 1 << 14,
        cols: 1 << 14,
    };
    assert!(GraphBuilder::new(1, size).is_ok());
    let error = GraphBuilder::new(2, size).unwrap_err();
    let expected = "node input (Input): values: 536870912, expected at most 268435456";
    assert_eq!(message(&error), expected);
    let (rows, cols) = (usize::MAX, usize::MAX);
    assert!(GraphBuilder::new(usize::MAX, Size { rows, cols }).is_err());
}

#[test]
fn rejects_more_operations_than_the_limit() {
    let mut graph = builder([64, 2048, 2048]);
    let mut last = graph.input();
    // Windows of 2^20 values on 2^28 positions.
    let window = Window {
        pads: [512, 512, 511, 511],
        ..Window::new([1024, 1024])
    };
    let op = || Op::MaxPool {
        window,
        ceil_mode: false,
    };
    let text = message(&graph.add("pool", op(), &[last]).unwrap_err());
    assert!(
        text.starts_with("node pool (MaxPool): operations for one image: 28147"),
        "{text}"
    );
    // The builder is as it was.
    let mut n = 0;
    let error = loop {
        match graph.add(
            "relu",
            Op::Lrn {
                size: 1000,
                alpha: 0.1,
                beta: 1.0,
                bias: 1.0,
            },
            &[last],
        ) {
            Ok(node) => last = node,
            Err(error) => break error,
        }
        n += 1;
    };
    assert_eq!(n, 37);
    assert!(message(&error).contains("operations for one image"));
}

#[test]
fn rejects_more_nodes_and_inputs_than_the_limit() {
    let mut graph = builder([1, 1, 1]);
    let input = graph.input();
    let inputs = vec![input; limits::MAX_INPUTS + 1];
    let all = graph.add("all", Op::Concat, &inputs[1..]).unwrap();
    let text = message(&graph.add("all", Op::Concat, &inputs).unwrap_err());
    assert_eq!(
        text,
        "node all (Concat): inputs: 1025, expected at most 1024"
    );
    let mut last = all;
    for _ in 2..limits::MAX_NODES {
        last = graph.add("sum", Op::Add, &[last, all]).unwrap();
    }
    let text = message(&graph.add("sum", Op::Add, &[last, all]).unwrap_err());
    assert_eq!(text, "node sum (Add): nodes: 10001, expected at most 10000");
}

#[test]
fn rejects_more_rows_and_columns_than_the_limit() {
    let mut graph = builder([1, 1, limits::MAX_SIDE]);
    let mut last = graph.input();
    let error = loop {
        match graph.add("sum", Op::Add, &[last, last]) {
            Ok(node) => last = node,
            Err(error) => break error,
        }
    };
    let expected =
        "node sum (Add): rows and columns of all maps: 16777472, expected at most 16777216";
    assert_eq!(message(&error), expected);
    assert_eq!(last.index(), 254);
}

#[test]
fn a_graph_as_deep_as_the_limit_needs_no_deep_stack() {
    let mut graph = builder([1, 1, 1]);
    let mut last = graph.input();
    for _ in 0..limits::MAX_NODES - 2 {
        let affine = Op::Affine {
            scale: vec![1.0],
            shift: vec![1.0],
        };
        last = graph.add("affine", affine, &[last]).unwrap();
    }
    let graph = finish(graph, last);
    assert_eq!(graph.last_map(), last);
    assert_eq!(graph.fields().len(), limits::MAX_NODES);
    assert_eq!(graph.reference(&[1.0]).unwrap(), [9_999.0]);
}

#[test]
fn counts_multiplications_of_convolutions_and_linear_maps() {
    let mut graph = builder([4, 6, 5]);
    let window = Window {
        strides: [2, 1],
        ..Window::new([3, 2])
    };
    let weight = vec![0.5; 6 * 2 * 3 * 2];
    let conv = Conv {
        weight,
        bias: vec![0.0; 6],
        window,
        group: 2,
    };
    let conv = graph.add("conv", Op::Conv(conv), &[graph.input()]).unwrap();
    let flat = graph.add("flat", FLAT, &[conv]).unwrap();
    let gemm = Op::Gemm {
        weight: vec![0.5; 2 * 48],
        bias: vec![0.0; 2],
    };
    let gemm = graph.add("gemm", gemm, &[flat]).unwrap();
    // 2 x 4 positions of 6 channels, each of 2 channels x 3 x 2.
    assert_eq!(finish(graph, gemm).n_macs(), 48 * 12 + 2 * 48);
}

fn number() -> impl Strategy<Value = usize> {
    prop_oneof![
        8 => 0..5_usize,
        1 => prop::sample::select(vec![
            7, 1 << 10, 1025, 1 << 16, 1 << 20, 1 << 31, 1 << 40, usize::MAX / 2, usize::MAX,
        ]),
    ]
}

fn signed() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => -4..5_i64,
        1 => prop::sample::select(vec![i64::MIN, -1 << 31, -65_536, 65_536, 1 << 31, i64::MAX]),
    ]
}

fn values() -> impl Strategy<Value = Vec<f32>> {
    let odd = prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::MAX, 0.0, -0.0]);
    vec(prop_oneof![20 => -2.0..2.0_f32, 1 => odd], 0..9)
}

fn any_window() -> impl Strategy<Value = Window> {
    let pair = || [number(), number()];
    (
        pair(),
        pair(),
        [number(), number(), number(), number()],
        pair(),
    )
        .prop_map(|(kernel_shape, strides, pads, dilations)| Window {
            kernel_shape,
            strides,
            pads,
            dilations,
        })
}

fn any_op() -> impl Strategy<Value = Op> {
    let conv = (values(), values(), any_window(), number());
    let pads = [signed(), signed(), signed(), signed()];
    let taps = || vec(vec((number(), -1.0..1.0_f32), 0..3), 0..5);
    let modes = vec![
        PadMode::Constant(f32::NAN),
        PadMode::Constant(1.0),
        PadMode::Edge,
        PadMode::Reflect,
    ];
    let norm = || (number(), values(), values(), -1.0..1.0_f32);
    prop_oneof![
        conv.prop_map(|(weight, bias, window, group)| Op::Conv(Conv {
            weight,
            bias,
            window,
            group
        })),
        (any_window(), any::<bool>())
            .prop_map(|(window, ceil_mode)| Op::MaxPool { window, ceil_mode }),
        (any_window(), any::<[bool; 2]>()).prop_map(|(window, [ceil_mode, count_include_pad])| {
            Op::AveragePool {
                window,
                ceil_mode,
                count_include_pad,
            }
        }),
        (values(), values()).prop_map(|(scale, shift)| Op::Affine { scale, shift }),
        (values(), values()).prop_map(|(weight, bias)| Op::Gemm { weight, bias }),
        vec(0..9_u32, 0..5).prop_map(|channels| Op::Gather { channels }),
        (pads, prop::sample::select(modes)).prop_map(|([top, left, bottom, right], mode)| {
            Op::Pad {
                pads: Pads {
                    top,
                    left,
                    bottom,
                    right,
                },
                mode,
            }
        }),
        (taps(), taps()).prop_map(|(rows, cols)| Op::Resize {
            rows: Axis { taps: rows },
            cols: Axis { taps: cols },
        }),
        norm().prop_map(
            |(groups, scale, shift, epsilon)| Op::InstanceNormalization {
                groups,
                scale,
                shift,
                epsilon,
            }
        ),
        norm().prop_map(|(_, scale, shift, epsilon)| Op::LayerNormalization {
            scale,
            shift,
            epsilon
        }),
        norm().prop_map(|(size, _, _, alpha)| Op::Lrn {
            size,
            alpha,
            beta: 0.5,
            bias: 1.0
        }),
        prop::sample::select(vec![
            Op::Input,
            Op::GlobalAveragePool,
            Op::GlobalMaxPool,
            Op::Add,
            Op::Mul,
            Op::Concat,
            Op::Flatten { order: Order::Hwc },
            Op::Softmax,
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_parameters_are_taken_or_refused(
        [channels, rows, cols] in [number(), number(), number()],
        nodes in vec((any_op(), vec(0..6_usize, 0..4)), 1..8),
    ) {
        let Ok(mut graph) = GraphBuilder::new(channels, Size { rows, cols }) else {
            return Ok(());
        };
        let mut ids: Vec<NodeId> = vec![graph.input()];
        for (op, inputs) in nodes {
            let inputs: Vec<_> = inputs.iter().map(|at| ids[at % ids.len()]).collect();
            if let Ok(id) = graph.add("node", op, &inputs) {
                prop_assert!(graph.shape(id).unwrap().n_values() <= 1 << 28);
                ids.push(id);
            }
        }
    }
}
