//! Networks that are not evaluated, each by the node that says so.

use crate::writer::{
    floats_tensor, graph, int, ints_tensor, message, model, node, subgraph, value, weights,
};
use crate::{assert_nodes_refused, assert_refused};

#[test]
fn refuses_attention() {
    let nodes = [
        node("MatMul", &["x", "x"], &["a"]),
        node("Einsum", &["a"], &["b"]),
        node("LSTM", &["b"], &["y"]),
    ];
    assert_nodes_refused(
        &nodes,
        &[],
        "node MatMul (MatMul): both inputs depend on the image, and attention is not evaluated \
         (2 more nodes, of Einsum, LSTM)",
    );
}

#[test]
fn refuses_operators_that_are_not_evaluated() {
    for op in [
        "Einsum",
        "Attention",
        "ConvTranspose",
        "LSTM",
        "GRU",
        "TopK",
        "NonMaxSuppression",
    ] {
        let nodes = [node(op, &["x"], &["y"])];
        let says = format!("node {op} ({op}): the operator is not evaluated");
        assert_nodes_refused(&nodes, &[], &says);
    }
}

#[test]
fn refuses_a_constant_from_the_left() {
    let nodes = [node("MatMul", &["w", "x"], &["y"])];
    assert_nodes_refused(
        &nodes,
        &[weights("w", &[4, 8])],
        "times the image from the left",
    );
}

#[test]
fn refuses_a_softmax_over_a_map() {
    let nodes = [node("Softmax", &["x"], &["y"]).with(int("axis", 1))];
    assert_nodes_refused(&nodes, &[], "a softmax over a map is not evaluated");
}

#[test]
fn refuses_subgraphs() {
    for op in ["If", "Loop", "Scan"] {
        let nodes = [node(op, &["x"], &["y"]).with(subgraph("body"))];
        assert_nodes_refused(
            &nodes,
            &[],
            &format!("node {op} ({op}): the operator is not evaluated"),
        );
    }
    let condition = floats_tensor("c", &[], &[1.0]);
    let nodes = [
        node("If", &["c"], &["b"]).with(subgraph("then_branch")),
        node("Add", &["x", "b"], &["y"]),
    ];
    assert_nodes_refused(
        &nodes,
        &[condition],
        "node If (If): an operator on constants",
    );
}

const QUANTISED: &str = "the network is quantised, and its answers would differ; export it in f32";

#[test]
fn refuses_quantised_networks() {
    for op in [
        "DequantizeLinear",
        "QuantizeLinear",
        "QLinearConv",
        "ConvInteger",
    ] {
        let nodes = [node(op, &["x"], &["y"])];
        assert_nodes_refused(&nodes, &[], QUANTISED);
    }
}

#[test]
fn refuses_quantised_weights() {
    let nodes = [
        node("DequantizeLinear", &["q", "s"], &["w"]),
        node("Conv", &["x", "w"], &["y"]),
    ];
    let all = [weights("q", &[1, 3, 1, 1]), weights("s", &[])];
    assert_nodes_refused(&nodes, &all, QUANTISED);
}

#[test]
fn refuses_operators_of_other_domains() {
    let nodes = [node("FusedConv", &["x"], &["y"]).texts(7, &["com.microsoft"])];
    assert_nodes_refused(&nodes, &[], "ONNX Runtime fused it from other operators");
    let nodes = [node("Relu", &["x"], &["y"]).texts(7, &["org.example"])];
    assert_nodes_refused(
        &nodes,
        &[],
        "node Relu (org.example.Relu): no operator of the standard",
    );
}

#[test]
fn refuses_convolutions_of_one_and_three_dimensions() {
    for shape in [&[4, 3, 3][..], &[4, 3, 3, 3, 3]] {
        let nodes = [node("Conv", &["x", "w"], &["y"])];
        let says = format!("its weights are of {} dimensions, expected 4", shape.len());
        assert_nodes_refused(&nodes, &[weights("w", shape)], &says);
    }
}

#[test]
fn refuses_images_of_one_and_three_dimensions() {
    for dims in [&[1, 3, 80][..], &[1, 3, 4, 8, 10]] {
        let graph = graph(&[node("Relu", &["x"], &["y"])], &[], dims);
        assert_refused(
            &model(20, graph),
            "expected a batch of 1 or any, a known number",
        );
    }
}

#[test]
fn refuses_a_batch_of_two() {
    let graph = graph(&[node("Relu", &["x"], &["y"])], &[], &[2, 3, 8, 10]);
    assert_refused(
        &model(20, graph),
        "dimensions 2 x 3 x 8 x 10, expected a batch of 1",
    );
}

#[test]
fn refuses_a_batch_of_two_in_a_reshape() {
    let nodes = [node("Reshape", &["x", "s"], &["y"])];
    let shape = ints_tensor("s", &[2], &[2, 120]);
    assert_nodes_refused(
        &nodes,
        &[shape],
        "from [1, 3, 8, 10] to [2, 120]: images, rows",
    );
}

#[test]
fn refuses_rows_and_channels_that_are_mixed() {
    let nodes = [node("Reshape", &["x", "s"], &["y"])];
    let shape = ints_tensor("s", &[4], &[1, 6, 4, 10]);
    assert_nodes_refused(
        &nodes,
        &[shape],
        "images, rows, columns and channels would be mixed",
    );
}

#[test]
fn refuses_several_inputs() {
    let graph = graph(&[node("Add", &["x", "z"], &["y"])], &[], &[-1, 3, 8, 10]);
    let graph = graph.messages(11, &[value("z", &[1, 3, 8, 10])]);
    assert_refused(&model(20, graph), "2 inputs, expected one, an image");
}

#[test]
fn refuses_several_outputs() {
    let nodes = [
        node("GlobalAveragePool", &["x"], &["y"]),
        node("GlobalMaxPool", &["x"], &["z"]),
    ];
    let graph = graph(&nodes, &[], &[-1, 3, 8, 10]).messages(12, &[value("z", &[-1, 3])]);
    assert_refused(&model(20, graph), "2 outputs, expected one");
}

#[test]
fn refuses_a_map_as_output() {
    let nodes = [node("Relu", &["x"], &["y"])];
    assert_nodes_refused(
        &nodes,
        &[],
        "the output is a map of [1, 3, 8, 10], expected a vector",
    );
}

#[test]
fn refuses_an_output_that_does_not_depend_on_the_image() {
    let nodes = [node("Shape", &["x"], &["y"])];
    assert_nodes_refused(&nodes, &[], "the output does not depend on the image");
}

#[test]
fn refuses_training_mode() {
    let all = ["s", "b", "m", "v"].map(|name| weights(name, &[3]));
    let nodes = [
        node("BatchNormalization", &["x", "s", "b", "m", "v"], &["y"])
            .with(int("training_mode", 1)),
    ];
    assert_nodes_refused(
        &nodes,
        &all,
        "exported in training mode; export the model in eval mode",
    );
    let training = floats_tensor("t", &[], &[1.0]);
    let nodes = [node("Dropout", &["x", "", "t"], &["y"])];
    assert_nodes_refused(&nodes, &[training], "exported in training mode");
}

#[test]
fn refuses_weights_that_depend_on_the_image() {
    let nodes = [
        node("Relu", &["x"], &["w"]),
        node("Conv", &["x", "w"], &["y"]),
    ];
    assert_nodes_refused(
        &nodes,
        &[],
        "node Conv (Conv): input w depends on the image",
    );
}

#[test]
fn refuses_constants_that_vary_over_space() {
    let nodes = [node("Add", &["x", "p"], &["y"])];
    let says = "a constant of shape [8, 10] that is not one number a channel";
    assert_nodes_refused(&nodes, &[weights("p", &[8, 10])], says);
}

#[test]
fn refuses_weights_that_do_not_fit() {
    let nodes = [node("Conv", &["x", "w"], &["y"])];
    let says = "weights of 4 x 2 in 1 groups do not fit 3 channels";
    assert_nodes_refused(&nodes, &[weights("w", &[4, 2, 3, 3])], says);
}

#[test]
fn refuses_weights_that_are_no_numbers() {
    let nodes = [
        node("Conv", &["x", "w"], &["a"]),
        node("GlobalAveragePool", &["a"], &["y"]),
    ];
    let weight = floats_tensor("w", &[1, 3, 1, 1], &[0.0, f32::NAN, 0.0]);
    assert_nodes_refused(&nodes, &[weight], "weight holds NaN at index 1");
    let weight = floats_tensor("w", &[1, 3, 1, 1], &[0.0, 0.0, f32::INFINITY]);
    assert_nodes_refused(&nodes, &[weight], "weight holds inf at index 2");
}

#[test]
fn refuses_a_size_other_than_the_only_one() {
    let graph = graph(
        &[node("GlobalMaxPool", &["x"], &["y"])],
        &[],
        &[1, 3, 224, 224],
    );
    assert_refused(
        &model(20, graph),
        "the input is 224 x 224, asked for at 8 x 10",
    );
}

#[test]
fn refuses_operators_of_a_version_that_is_not_read() {
    for opset in [6, 29] {
        let graph = graph(&[node("Relu", &["x"], &["y"])], &[], &[-1, 3, 8, 10]);
        let says = format!("version {opset} of the ONNX operators, expected 7 to 28");
        assert_refused(&model(opset, graph), &says);
    }
}

#[test]
fn refuses_functions_and_sparse_initializers() {
    let nodes = || [node("GlobalMaxPool", &["x"], &["y"])];
    let plain = graph(&nodes(), &[], &[-1, 3, 8, 10]);
    let sparse = plain.clone().messages(15, &[message()]);
    assert_refused(&model(20, sparse), "it holds sparse initializers");
    let with_functions = model(20, plain).messages(25, &[message()]);
    assert_refused(&with_functions, "it holds functions, which are not read");
}

#[test]
fn leaves_a_head_for_training_alone() {
    let nodes = [
        node("Einsum", &["x"], &["auxiliary"]),
        node("GlobalMaxPool", &["x"], &["y"]),
    ];
    let graph = graph(&nodes, &[], &[-1, 3, 8, 10]);
    let graph = crate::lowered(&model(20, graph).0).expect("a graph");
    assert_eq!(graph.n_outputs(), 3);
}
