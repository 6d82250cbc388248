//! Operators that are evaluated, with attributes that are not.

use crate::assert_nodes_refused;
use crate::writer::{floats_tensor, int, ints, ints_tensor, node, text, weights};

#[test]
fn refuses_attributes_that_are_not_evaluated() {
    let conv = || node("Conv", &["x", "w"], &["y"]);
    let pool = || node("MaxPool", &["x"], &["y"]).with(ints("kernel_shape", &[2, 2]));
    let resize = || node("Resize", &["x", "", "s"], &["y"]);
    let cases = [
        (
            conv().with(text("auto_pad", "SAME")),
            "auto_pad SAME, expected NOTSET, VALID, SAME_UPPER",
        ),
        (
            conv().with(ints("pads", &[-1, 0, 0, 0])),
            "pads [-1, 0, 0, 0], expected four numbers",
        ),
        (
            conv().with(ints("strides", &[0, 1])),
            "strides 0, expected 1 to 1,024",
        ),
        (conv().with(int("group", 0)), "group below 1"),
        (
            pool().with(int("storage_order", 1)),
            "storage_order 1, expected 0",
        ),
        (
            pool()
                .with(ints("strides", &[4, 1]))
                .with(text("auto_pad", "SAME_UPPER")),
            "auto_pad SAME, expected pads, because there are gaps between the windows",
        ),
        (node("MaxPool", &["x"], &["y"]), "kernel_shape is missing"),
        (
            node("Pad", &["x", "p"], &["y"]).with(text("mode", "wrap")),
            "mode wrap, expected constant",
        ),
        (
            resize().with(text("mode", "cubic")),
            "mode cubic, expected nearest or linear",
        ),
        (
            resize().with(text("coordinate_transformation_mode", "tf_crop_and_resize")),
            "coordinate_transformation_mode tf_crop_and_resize, expected half_pixel",
        ),
        (
            resize().with(int("antialias", 1)),
            "antialias 1, expected 0",
        ),
        (
            node("Cast", &["x"], &["y"]).with(int("to", 7)),
            "to 7, expected 1, 10, 11 or 16",
        ),
        (
            node("Gelu", &["x"], &["y"]).with(text("approximate", "erf")),
            "expected none or tanh",
        ),
        (
            node("LayerNormalization", &["x", "l"], &["y"]).with(int("axis", 1)),
            "axis 1, expected the last, which is that of the channels",
        ),
        (
            node("Elu", &["x"], &["y"]).with(text("alpha", "1")),
            "alpha is of another type",
        ),
    ];
    let initializers = [
        weights("w", &[4, 3, 3, 3]),
        weights("l", &[3]),
        ints_tensor("p", &[8], &[0, 0, 1, 1, 0, 0, 1, 1]),
        floats_tensor("s", &[4], &[1.0, 1.0, 2.0, 2.0]),
    ];
    for (node, says) in cases {
        assert_nodes_refused(&[node], &initializers, says);
    }
}

/// ONNX rounds a size down after a product in `f64` and puts the last position between pixels;
/// ONNX Runtime computes in `f32` and does not.
#[test]
fn refuses_scales_at_which_interpolation_is_not_agreed_on() {
    let aligned = || {
        let resize = node("Resize", &["x", "", "s"], &["y"]).with(text("mode", "linear"));
        resize.with(text("coordinate_transformation_mode", "align_corners"))
    };
    let scales = |rows: f32| floats_tensor("s", &[4], &[1.0, 1.0, rows, 1.0]);
    let says = "scales 0.3, 8 becomes 2.40000";
    assert_nodes_refused(&[aligned()], &[scales(0.3)], says);
    let plain = node("Resize", &["x", "", "t"], &["y"]);
    let all = [floats_tensor("t", &[4], &[1.0, 1.0, 1.0, 2.3])];
    assert_nodes_refused(&[plain], &all, "scales 2.3, 10 becomes 22.99999");
}

#[test]
fn refuses_a_transposed_image() {
    let nodes = [
        node("GlobalAveragePool", &["x"], &["a"]),
        node("Flatten", &["a"], &["b"]),
        node("Gemm", &["b", "w"], &["y"]).with(int("transA", 1)),
    ];
    assert_nodes_refused(&nodes, &[weights("w", &[3, 2])], "transA 1, expected 0");
}

#[test]
fn refuses_places_of_the_largest_values() {
    let nodes = [
        node("MaxPool", &["x"], &["a", "b"]).with(ints("kernel_shape", &[2, 2])),
        node("MaxUnpool", &["a", "b"], &["y"]),
    ];
    assert_nodes_refused(
        &nodes,
        &[],
        "the places of the largest values are not evaluated",
    );
}

#[test]
fn refuses_a_softmax_over_a_part_of_the_scores() {
    let nodes = [
        node("GlobalAveragePool", &["x"], &["a"]),
        node("Softmax", &["a"], &["y"]).with(int("axis", 0)),
    ];
    assert_nodes_refused(&nodes, &[], "axis 0, expected that of all scores");
}
