//! One network in the forms in which exporters write it: the graphs are the same.

use cnn_graph::{Activation, Graph, Op};

use crate::writer::{
    Message, float, floats_tensor, graph, int, ints, ints_tensor, model, node, text,
};
use crate::{kinds, lowered};

/// The graph of nodes from `m`, a map of 4 channels, to `r`, a map of 4 channels that is pooled.
#[track_caller]
fn graph_of(opset: i64, nodes: &[Message], initializers: &[Message]) -> Graph {
    let stem = node("Conv", &["x", "stem"], &["m"]).with(ints("strides", &[1, 2]));
    let tail = [
        node("GlobalAveragePool", &["r"], &["pooled"]),
        node("Flatten", &["pooled"], &["flat"]),
        node("Gemm", &["flat", "head"], &["y"]),
    ];
    let values: Vec<f32> = (0..12).map(|at| at as f32 / 8.0 - 0.5).collect();
    let own = [
        floats_tensor("stem", &[4, 3, 1, 1], &values),
        floats_tensor("head", &[4, 3], &values),
        constants(),
    ];
    let nodes = [&[stem], nodes, &tail].concat();
    let graph = graph(&nodes, &[&own, initializers].concat(), &[-1, 3, 8, 10]);
    let read = lowered(&model(opset, graph).0);
    read.unwrap_or_else(|error| panic!("{}", test_kit::with_causes(&error)))
}

/// `half`, for every file.
fn constants() -> Message {
    floats_tensor("half", &[], &[0.5])
}

fn number(name: &str, value: f32) -> Message {
    floats_tensor(name, &[], &[value])
}

fn per_channel(name: &str, shape: &[i64]) -> Message {
    floats_tensor(name, shape, &[0.5, 1.0, -1.5, 2.0])
}

/// Asserts that both lists of nodes, at version 20, are one graph.
#[track_caller]
fn assert_same(nodes: &[Message], as_nodes: &[Message], initializers: &[Message]) {
    let (graph, expected) = (
        graph_of(20, nodes, initializers),
        graph_of(20, as_nodes, initializers),
    );
    assert_eq!(kinds(&graph), kinds(&expected));
}

/// Asserts that nodes are the stem, one activation and the head.
#[track_caller]
fn assert_is_activation(nodes: &[Message], initializers: &[Message], expected: &Activation) {
    let graph = graph_of(20, nodes, initializers);
    let kinds: Vec<Op> = graph.nodes().iter().map(|node| node.op.clone()).collect();
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    assert_eq!(kinds[2], Op::Activation(expected.clone()));
}

#[test]
fn sigmoid_times_its_input_is_silu() {
    let nodes = [
        node("Sigmoid", &["m"], &["s"]),
        node("Mul", &["m", "s"], &["r"]),
    ];
    assert_is_activation(&nodes, &[], &Activation::Silu);
    assert_is_activation(&[node("Swish", &["m"], &["r"])], &[], &Activation::Silu);
}

#[test]
fn gelu_in_pieces_is_gelu() {
    let constants = [number("root", std::f32::consts::SQRT_2), number("one", 1.0)];
    let erf = |from: &str| {
        vec![
            node("Div", &[from, "root"], &["a"]),
            node("Erf", &["a"], &["b"]),
            node("Add", &["b", "one"], &["c"]),
        ]
    };
    let orders = [
        [
            node("Mul", &["m", "c"], &["d"]),
            node("Mul", &["d", "half"], &["r"]),
        ],
        [
            node("Mul", &["m", "half"], &["d"]),
            node("Mul", &["d", "c"], &["r"]),
        ],
        [
            node("Mul", &["c", "half"], &["d"]),
            node("Mul", &["m", "d"], &["r"]),
        ],
        [
            node("Mul", &["half", "c"], &["d"]),
            node("Mul", &["d", "m"], &["r"]),
        ],
    ];
    for order in orders {
        let nodes = [&erf("m")[..], &order].concat();
        assert_is_activation(&nodes, &constants, &Activation::Gelu { tanh: false });
    }
}

#[test]
fn hard_swish_in_pieces_is_hard_swish() {
    let constants = [
        number("three", 3.0),
        number("six", 6.0),
        number("zero", 0.0),
    ];
    let clipped = [
        node("Add", &["m", "three"], &["a"]),
        node("Clip", &["a", "zero", "six"], &["b"]),
    ];
    let behind = [
        node("Mul", &["m", "b"], &["c"]),
        node("Div", &["c", "six"], &["r"]),
    ];
    let before = [
        node("Div", &["b", "six"], &["c"]),
        node("Mul", &["c", "m"], &["r"]),
    ];
    for order in [behind, before] {
        let nodes = [&clipped[..], &order].concat();
        assert_is_activation(&nodes, &constants, &Activation::HardSwish);
    }
    let gate = |alpha: f32| {
        [
            node("HardSigmoid", &["m"], &["a"]).with(float("alpha", alpha)),
            node("Mul", &["m", "a"], &["r"]),
        ]
    };
    assert_is_activation(&gate(1.0 / 6.0), &[], &Activation::HardSwish);
    // ONNX's default is another function.
    assert_eq!(graph_of(20, &gate(0.2), &[]).nodes().len(), 6);
}

#[test]
fn mish_in_pieces_is_mish() {
    let nodes = [
        node("Softplus", &["m"], &["a"]),
        node("Tanh", &["a"], &["b"]),
        node("Mul", &["m", "b"], &["r"]),
    ];
    assert_is_activation(&nodes, &[], &Activation::Mish);
}

#[test]
fn layer_normalisation_in_pieces_is_layer_normalisation() {
    let last = |op: &str, inputs: &[&str], output: &str| {
        node(op, inputs, &[output]).with(ints("axes", &[-1]))
    };
    let first = node("Transpose", &["m"], &["t"]).with(ints("perm", &[0, 2, 3, 1]));
    let back = node("Transpose", &["n"], &["r"]).with(ints("perm", &[0, 3, 1, 2]));
    let initializers = [
        number("two", 2.0),
        number("epsilon", 1e-6),
        per_channel("scale", &[4]),
        per_channel("bias", &[4]),
    ];
    for square in [
        node("Pow", &["d", "two"], &["q"]),
        node("Mul", &["d", "d"], &["q"]),
    ] {
        let pieces = [
            first.clone(),
            last("ReduceMean", &["t"], "mean"),
            node("Sub", &["t", "mean"], &["d"]),
            square,
            last("ReduceMean", &["q"], "v"),
            node("Add", &["v", "epsilon"], &["e"]),
            node("Sqrt", &["e"], &["s"]),
            node("Div", &["d", "s"], &["f"]),
            node("Mul", &["f", "scale"], &["g"]),
            node("Add", &["g", "bias"], &["n"]),
            back.clone(),
        ];
        let whole = [
            first.clone(),
            node("LayerNormalization", &["t", "scale", "bias"], &["n"])
                .with(float("epsilon", 1e-6)),
            back.clone(),
        ];
        let pieces = graph_of(13, &pieces, &initializers);
        let whole = graph_of(17, &whole, &initializers);
        assert_eq!(kinds(&pieces), kinds(&whole));
    }
}

#[test]
fn a_mean_over_channels_alone_is_refused() {
    let nodes = [
        node("ReduceMean", &["x"], &["a"]).with(ints("axes", &[1])),
        node("GlobalMaxPool", &["a"], &["y"]),
    ];
    let file = model(13, graph(&nodes, &[], &[-1, 3, 8, 10]));
    crate::assert_refused(
        &file,
        "node ReduceMean (ReduceMean): a mean over channels, or what",
    );
}

#[test]
fn group_normalisation_by_reshapes_is_group_normalisation() {
    let initializers = [
        ints_tensor("split", &[3], &[0, 2, -1]),
        ints_tensor("join", &[4], &[1, 4, 8, 5]),
        floats_tensor("ones", &[2], &[1.0, 1.0]),
        floats_tensor("zeros", &[2], &[0.0, 0.0]),
        per_channel("scale", &[4]),
        per_channel("bias", &[4]),
        per_channel("scales", &[4, 1, 1]),
        per_channel("biases", &[1, 4, 1, 1]),
    ];
    let pieces = [
        node("Reshape", &["m", "split"], &["a"]),
        node("InstanceNormalization", &["a", "ones", "zeros"], &["b"]),
        node("Reshape", &["b", "join"], &["c"]),
        node("Mul", &["c", "scales"], &["d"]),
        node("Add", &["d", "biases"], &["r"]),
    ];
    let whole = node("GroupNormalization", &["m", "scale", "bias"], &["r"]);
    let whole = graph_of(21, &[whole.with(int("num_groups", 2))], &initializers);
    assert_eq!(kinds(&graph_of(17, &pieces, &initializers)), kinds(&whole));
}

#[test]
fn shuffled_channels_are_a_gather() {
    let initializers = [
        ints_tensor("split", &[5], &[1, 2, 2, 8, 5]),
        ints_tensor("join", &[4], &[1, -1, 8, 5]),
        ints_tensor("order", &[4], &[0, 2, 1, 3]),
    ];
    let pieces = [
        node("Reshape", &["m", "split"], &["a"]),
        node("Transpose", &["a"], &["b"]).with(ints("perm", &[0, 2, 1, 3, 4])),
        node("Reshape", &["b", "join"], &["r"]),
    ];
    let whole = node("Gather", &["m", "order"], &["r"]).with(int("axis", 1));
    assert_same(&pieces, &[whole], &initializers);
}

#[test]
fn zero_padding_becomes_part_of_a_convolution_only() {
    let initializers = [
        ints_tensor("pads", &[8], &[0, 0, 1, 2, 0, 0, 0, 1]),
        floats_tensor("w", &[4, 1, 2, 2], &[0.5; 16]),
    ];
    let pad = || node("Pad", &["m", "pads"], &["a"]);
    let conv = |from: &str| node("Conv", &[from, "w"], &["r"]).with(int("group", 4));
    let padded = conv("m").with(ints("pads", &[1, 2, 0, 1]));
    assert_same(&[pad(), conv("a")], &[padded], &initializers);
    let pool = node("MaxPool", &["a"], &["r"]).with(ints("kernel_shape", &[2, 2]));
    let graph = graph_of(20, &[pad(), pool], &initializers);
    assert!(graph.nodes().iter().any(|node| node.op.kind() == "Pad"));
    // What is padded with is not 0.
    let mode = || pad().with(text("mode", "edge"));
    let graph = graph_of(20, &[mode(), conv("a")], &initializers);
    assert!(graph.nodes().iter().any(|node| node.op.kind() == "Pad"));
}

#[test]
fn batch_normalisation_is_folded_unless_the_convolution_has_other_readers() {
    let all = ["s", "b", "v"].map(|name| floats_tensor(name, &[4], &[0.5, 1.0, 2.0, 4.0]));
    let normalised = node("BatchNormalization", &["m", "s", "b", "b", "v"], &["n"]);
    let plain = [normalised.clone(), node("Relu", &["n"], &["r"])];
    assert_eq!(graph_of(20, &plain, &all).nodes().len(), 5);
    let shared = [normalised, node("Add", &["n", "m"], &["r"])];
    assert_eq!(graph_of(20, &shared, &all).nodes().len(), 6);
}

#[test]
fn differences_and_sums_are_additions() {
    let difference = [
        node("Relu", &["m"], &["a"]),
        node("Sub", &["m", "a"], &["r"]),
    ];
    let sum = [
        node("Relu", &["m"], &["a"]),
        node("Neg", &["a"], &["b"]),
        node("Sum", &["m", "b"], &["r"]),
    ];
    assert_same(&difference, &sum, &[]);
}

#[test]
fn a_pool_of_everything_is_a_mean() {
    let pool = node("AveragePool", &["m"], &["r"]).with(ints("kernel_shape", &[8, 5]));
    let mean = node("ReduceMean", &["m"], &["r"]).with(int("keepdims", 1));
    let nodes = [mean.with(ints("axes", &[-1, -2]))];
    let expected = graph_of(13, &nodes, &[]);
    assert_eq!(kinds(&graph_of(13, &[pool], &[])), kinds(&expected));
    let one = node("AveragePool", &["m"], &["r"]).with(ints("kernel_shape", &[1, 1]));
    assert_same(&[one], &[node("Identity", &["m"], &["r"])], &[]);
}

/// Roles and not sizes decide what a dimension is.
#[test]
fn transposed_maps_of_equal_sides_are_told_apart() {
    let weight = floats_tensor("w", &[5, 5, 1, 1], &[0.5; 25]);
    let nodes = [
        node("Transpose", &["x"], &["t"]).with(ints("perm", &[0, 2, 1, 3])),
        node("Conv", &["t", "w"], &["a"]),
        node("GlobalMaxPool", &["a"], &["y"]),
    ];
    let file = model(20, graph(&nodes, &[weight], &[1, 5, 5, 5]));
    let size = cnn_graph::Size { rows: 5, cols: 5 };
    let read = cnn_onnx::Model::from_bytes(file.0, None).and_then(|model| model.graph(size));
    let error = read.expect_err("a refusal").to_string();
    assert!(
        error.contains("expected batch, channels, rows and columns"),
        "{error}"
    );
}
