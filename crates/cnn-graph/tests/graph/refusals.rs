//! One test for each way of not fitting.

use cnn_graph::{Activation, Axis, Conv, End, GraphBuilder, Op, PadMode, Pads, Size, Window};

use crate::single::{FLAT, builder, message, refusal};

fn conv(n_weights: usize, bias: Vec<f32>, window: Window, group: usize) -> Op {
    Op::Conv(Conv {
        weight: vec![0.5; n_weights],
        bias,
        window,
        group,
    })
}

fn max_pool(window: Window) -> Op {
    Op::MaxPool {
        window,
        ceil_mode: false,
    }
}

fn pad(top: i64, bottom: i64, mode: PadMode) -> Op {
    let pads = Pads {
        top,
        left: 0,
        bottom,
        right: 0,
    };
    Op::Pad { pads, mode }
}

#[test]
fn rejects_weights_of_another_length() {
    let text = refusal([2, 3, 3], conv(17, vec![0.0], Window::new([3, 3]), 1));
    assert_eq!(text, "node node (Conv): weight: 17 values, expected 18");
    let affine = Op::Affine {
        scale: vec![1.0; 2],
        shift: vec![1.0; 3],
    };
    let text = refusal([2, 3, 3], affine);
    assert_eq!(text, "node node (Affine): shift: 3 values, expected 2");
    let prelu = Activation::PRelu { slope: vec![0.1] };
    let text = refusal([2, 3, 3], Op::Activation(prelu));
    assert_eq!(text, "node node (Activation): slope: 1 values, expected 2");
}

#[test]
fn rejects_weights_that_are_no_numbers() {
    let window = Window::new([1, 1]);
    let text = refusal([1, 3, 3], conv(1, vec![f32::NAN], window, 1));
    let expected = "node node (Conv): bias: value 0 is NaN, expected finite numbers";
    assert_eq!(text, expected);
    let affine = Op::Affine {
        scale: vec![1.0, f32::INFINITY],
        shift: vec![0.0; 2],
    };
    let text = refusal([2, 3, 3], affine);
    let expected = "node node (Affine): scale: value 1 is inf, expected finite numbers";
    assert_eq!(text, expected);
}

#[test]
fn rejects_parameters_that_are_no_numbers() {
    let (min, max) = (f32::NAN, 1.0);
    let text = refusal([1, 3, 3], Op::Activation(Activation::Clip { min, max }));
    assert_eq!(
        text,
        "node node (Activation): min is NaN, expected a number"
    );
    let alpha = 0.0;
    let text = refusal([1, 3, 3], Op::Activation(Activation::Celu { alpha }));
    let expected = "node node (Activation): alpha is 0, expected a number other than 0";
    assert_eq!(text, expected);
    let text = refusal([1, 3, 3], pad(1, 1, PadMode::Constant(f32::NEG_INFINITY)));
    let expected = "node node (Pad): value: value 0 is -inf, expected finite numbers";
    assert_eq!(text, expected);
}

#[test]
fn rejects_groups_that_do_not_divide_the_channels() {
    for (bias, group) in [(3, 2), (2, 3), (2, 0), (0, 1)] {
        let op = conv(6, vec![0.0; bias], Window::new([1, 1]), group);
        let text = refusal([4, 3, 3], op);
        assert!(text.contains("group is"), "{text}");
    }
    let norm = Op::InstanceNormalization {
        groups: 3,
        scale: vec![1.0; 4],
        shift: vec![1.0; 4],
        epsilon: 1e-5,
    };
    let expected =
        "node node (InstanceNormalization): groups is 3, expected a divisor of 4 channels";
    assert_eq!(refusal([4, 3, 3], norm), expected);
}

#[test]
fn rejects_a_window_of_nothing() {
    let text = refusal([1, 3, 3], max_pool(Window::new([0, 1])));
    let expected = "node node (MaxPool): kernel_shape is 0, expected 1 or more";
    assert_eq!(text, expected);
    for window in [
        Window {
            strides: [1, 0],
            ..Window::new([1, 1])
        },
        Window {
            dilations: [0, 1],
            ..Window::new([1, 1])
        },
    ] {
        let text = refusal([1, 3, 3], max_pool(window));
        assert!(text.ends_with("is 0, expected 1 or more"), "{text}");
    }
}

#[test]
fn rejects_a_window_longer_than_the_map() {
    let window = Window {
        pads: [1, 0, 0, 0],
        dilations: [2, 1],
        ..Window::new([3, 1])
    };
    let text = refusal([1, 3, 3], max_pool(window));
    let expected =
        "node node (MaxPool): the window covers 5 of a padded side of 4, which leaves no output";
    assert_eq!(text, expected);
}

#[test]
fn rejects_pooling_of_padding_alone() {
    let window = Window {
        pads: [0, 2, 0, 0],
        ..Window::new([1, 2])
    };
    let text = refusal([1, 3, 3], max_pool(window));
    let expected = "node node (MaxPool): output 0 along a side sees only padding, and pooling has \
                    no value there";
    assert_eq!(text, expected);
    let average = |count_include_pad| Op::AveragePool {
        window,
        ceil_mode: false,
        count_include_pad,
    };
    assert!(refusal([1, 3, 3], average(false)).contains("only padding"));
    let mut graph = builder([1, 3, 3]);
    assert!(graph.add("node", average(true), &[graph.input()]).is_ok());
}

#[test]
fn rejects_padding_that_leaves_nothing_or_mirrors_too_much() {
    let text = refusal([1, 3, 3], pad(-2, -1, PadMode::Edge));
    let expected = "node node (Pad): pads is -2 and -1, expected to leave something of a side of 3";
    assert_eq!(text, expected);
    let text = refusal([1, 3, 3], pad(-1, 2, PadMode::Reflect));
    let expected =
        "node node (Pad): pads is -1 and 2, expected less than the side that is mirrored, 2";
    assert_eq!(text, expected);
}

#[test]
fn rejects_interpolation_of_what_is_not_there() {
    let resize = |taps: Vec<Vec<(usize, f32)>>| Op::Resize {
        rows: Axis {
            taps: vec![vec![(0, 1.0)]],
        },
        cols: Axis { taps },
    };
    let text = refusal([1, 3, 3], resize(vec![vec![(2, 1.0), (3, 1.0)]]));
    let expected =
        "node node (Resize): taps is 3, expected input positions below 3 for every output";
    assert_eq!(text, expected);
    assert!(refusal([1, 3, 3], resize(vec![vec![]])).contains("taps is empty"));
    assert!(refusal([1, 3, 3], resize(vec![])).contains("taps is empty"));
    assert!(refusal([1, 3, 3], resize(vec![vec![(0, f32::NAN)]])).contains("weight of a tap"));
}

#[test]
fn rejects_channels_that_are_not_there() {
    let channels = vec![1, 2];
    let text = refusal([2, 3, 3], Op::Gather { channels });
    assert_eq!(text, "node node (Gather): channel is 2, expected below 2");
    let channels = vec![];
    let text = refusal([2, 3, 3], Op::Gather { channels });
    assert_eq!(
        text,
        "node node (Gather): channels is 0, expected 1 or more"
    );
}

#[test]
fn rejects_a_negative_epsilon_and_a_neighbourhood_of_nothing() {
    let norm = Op::LayerNormalization {
        scale: vec![1.0],
        shift: vec![0.0],
        epsilon: -1.0,
    };
    let expected =
        "node node (LayerNormalization): epsilon is -1, expected a finite number from 0 on";
    assert_eq!(refusal([1, 3, 3], norm), expected);
    let lrn = Op::Lrn {
        size: 0,
        alpha: 1.0,
        beta: 1.0,
        bias: 1.0,
    };
    let expected = "node node (LRN): size is 0, expected 1 to 65,536";
    assert_eq!(refusal([1, 3, 3], lrn), expected);
}

#[test]
fn rejects_maps_where_vectors_are_expected_and_vectors_where_maps_are() {
    let text = refusal([2, 3, 3], Op::Softmax);
    let expected = "node node (Softmax): input 0 is a map of 2 x 3 x 3, expected a vector";
    assert_eq!(text, expected);
    let mut graph = builder([2, 3, 3]);
    let mean = graph
        .add("mean", Op::GlobalAveragePool, &[graph.input()])
        .unwrap();
    let text = message(&graph.add("flat", FLAT, &[mean]).unwrap_err());
    let expected = "node flat (Flatten): input 0 is a vector of 2, expected a map";
    assert_eq!(text, expected);
}

#[test]
fn rejects_sums_and_joins_of_unlike_values() {
    let mut graph = builder([2, 3, 3]);
    let input = graph.input();
    let channels = vec![0];
    let one = graph.add("one", Op::Gather { channels }, &[input]).unwrap();
    let text = message(&graph.add("sum", Op::Add, &[input, one]).unwrap_err());
    let expected = "node sum (Add): input 1 is a map of 1 x 3 x 3, expected a map of 2 x 3 x 3 or \
                    a vector of 2";
    assert_eq!(text, expected);
    let mean = graph.add("mean", Op::GlobalAveragePool, &[input]).unwrap();
    let text = message(&graph.add("gate", Op::Mul, &[mean, input]).unwrap_err());
    let expected = "node gate (Mul): input 1 is a map of 2 x 3 x 3, expected a vector of 2 (a map \
                    comes first)";
    assert_eq!(text, expected);
    let pool = max_pool(Window::new([2, 1]));
    let pool = graph.add("pool", pool, &[input]).unwrap();
    let text = message(&graph.add("all", Op::Concat, &[input, pool]).unwrap_err());
    let expected = "node all (Concat): input 1 is a map of 2 x 2 x 3, expected a map of 2 x 3 x 3";
    assert_eq!(text, expected);
}

#[test]
fn rejects_other_numbers_of_inputs() {
    let mut graph = builder([2, 3, 3]);
    let input = graph.input();
    for (op, inputs, expected) in [
        (Op::Add, vec![input], "(Add): 1 inputs, expected 2"),
        (Op::Concat, vec![], "(Concat): 0 inputs, expected 1 or more"),
        (FLAT, vec![input, input], "(Flatten): 2 inputs, expected 1"),
        (
            Op::Input,
            vec![],
            "(Input): kind is a second Input, expected any other kind",
        ),
    ] {
        let text = message(&graph.add("node", op, &inputs).unwrap_err());
        assert_eq!(text, format!("node node {expected}"));
    }
}

#[test]
fn rejects_nodes_of_a_longer_graph() {
    let mut longer = builder([2, 3, 3]);
    let flat = longer.add("flat", FLAT, &[longer.input()]).unwrap();
    let mut graph = builder([2, 3, 3]);
    let text = message(&graph.add("node", Op::Softmax, &[flat]).unwrap_err());
    assert_eq!(text, "node node (Softmax): input 0 is no earlier node");
    let text = message(&graph.finish(flat, End::Logits).unwrap_err());
    assert_eq!(text, "the logits are no node of this graph");
}

#[test]
fn rejects_logits_that_are_a_map() {
    let graph = builder([2, 3, 3]);
    let input = graph.input();
    let text = message(&graph.finish(input, End::Logits).unwrap_err());
    let expected = "the logits, node input, are a map of 2 x 3 x 3, expected a vector";
    assert_eq!(text, expected);
}

#[test]
fn rejects_nodes_that_nothing_reads() {
    let mut graph = builder([2, 3, 3]);
    let flat = graph.add("flat", FLAT, &[graph.input()]).unwrap();
    graph.add("head", Op::Softmax, &[flat]).unwrap();
    let text = message(&graph.finish(flat, End::Logits).unwrap_err());
    assert_eq!(text, "nothing reads the output of node head (Softmax)");
}

#[test]
fn rejects_an_empty_image() {
    for (channels, rows, cols, what) in [
        (0, 1, 1, "channels"),
        (1, 0, 1, "rows"),
        (1, 1, 0, "columns"),
    ] {
        let error = GraphBuilder::new(channels, Size { rows, cols }).unwrap_err();
        let expected = format!("node input (Input): {what} is 0, expected 1 or more");
        assert_eq!(message(&error), expected);
    }
}
