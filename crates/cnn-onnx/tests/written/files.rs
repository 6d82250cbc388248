//! Files that contradict the format or themselves, and files beside them.

use cnn_onnx::Model;
use test_kit::damage::{assert_no_mutation_panics, damage_every_byte};
use test_kit::random::Random;
use test_kit::{in_workspace, with_causes};

use crate::writer::{external_tensor, graph, ints, model, node, value, weights};
use crate::{SIZE, assert_nodes_refused, assert_refused, lowered};

fn fixture(name: &str) -> Vec<u8> {
    let path = in_workspace("crates/cnn-onnx/tests/fixtures").join(name);
    std::fs::read(path).expect("a file")
}

#[test]
fn refuses_bytes_that_are_no_model() {
    for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", &[0xff; 100]] {
        let error = lowered(bytes).expect_err("no model");
        assert!(error.to_string().contains("malformed ONNX file"), "{error}");
    }
}

#[test]
fn refuses_values_that_nothing_computes() {
    let nodes = [node("Relu", &["nothing"], &["y"])];
    assert_nodes_refused(
        &nodes,
        &[],
        "node Relu uses nothing, which no earlier node computes",
    );
}

#[test]
fn refuses_cycles() {
    let nodes = [
        node("Add", &["x", "b"], &["a"]),
        node("Relu", &["a"], &["b"]),
    ];
    assert_nodes_refused(
        &nodes,
        &[],
        "node Add uses b, which no earlier node computes",
    );
}

#[test]
fn refuses_values_that_are_computed_twice() {
    let nodes = [node("Relu", &["x"], &["y"]), node("Tanh", &["x"], &["y"])];
    assert_nodes_refused(&nodes, &[], "y is computed twice");
    let nodes = [node("Conv", &["x", "w"], &["y"])];
    let twice = [weights("w", &[1, 3, 1, 1]), weights("w", &[1, 3, 1, 1])];
    assert_nodes_refused(&nodes, &twice, "w is given twice");
}

#[test]
fn refuses_an_output_that_nothing_computes() {
    let nodes = [node("Relu", &["x"], &["z"])];
    assert_nodes_refused(&nodes, &[], "nothing computes y");
}

#[test]
fn refuses_inputs_of_another_number() {
    let nodes = [node("Conv", &["x"], &["y"])];
    assert_nodes_refused(&nodes, &[], "node Conv (Conv) has no input 1");
}

#[test]
fn refuses_tensors_of_another_length() {
    let nodes = [node("Conv", &["x", "w"], &["y"])];
    let short = crate::writer::floats_tensor("w", &[1, 3, 1, 1], &[1.0]);
    let says = "tensor w of shape [1, 3, 1, 1] has 4 bytes of values, expected 12";
    assert_nodes_refused(&nodes, &[short], says);
    let negative = crate::writer::floats_tensor("w", &[1, -3, 1, 1], &[1.0]);
    assert_nodes_refused(&nodes, &[negative], "tensor w has shape [1, -3, 1, 1]");
}

/// A file of which the weights are beside it, at this place.
fn with_external(entries: &[(&str, &str)]) -> Vec<u8> {
    let nodes = [
        node("Conv", &["x", "w"], &["a"]).with(ints("strides", &[2, 1])),
        node("GlobalAveragePool", &["a"], &["y"]),
    ];
    let weight = external_tensor("w", &[2, 3, 1, 1], entries);
    model(20, graph(&nodes, &[weight], &[-1, 3, 8, 10])).0
}

#[test]
fn reads_values_beside_the_file_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("model");
    std::fs::create_dir(&below).expect("a folder");
    let values: Vec<u8> = (0..8).flat_map(|v| (v as f32).to_le_bytes()).collect();
    std::fs::write(below.join("w.bin"), &values).expect("written");
    std::fs::write(folder.path().join("w.bin"), &values).expect("written");
    let read = |entries: &[(&str, &str)]| {
        let bytes = with_external(entries);
        let model = Model::from_bytes(bytes, Some(&below)).expect("a model");
        let n_files = model.external_files().count();
        let graph = model.graph(SIZE).map_err(|error| with_causes(&error));
        graph.map(|graph| (graph.n_outputs(), n_files))
    };
    let place = |offset, length| {
        [
            ("location", "w.bin"),
            ("offset", offset),
            ("length", length),
        ]
    };
    assert_eq!(read(&place("8", "24")), Ok((2, 1)));
    let refusals = [
        (
            place("16", "24"),
            "it has 32 bytes, 24 from byte 16 are expected",
        ),
        (
            place("8", "20"),
            "its length is 20 bytes, its shape asks for 24",
        ),
        (
            place("-1", "24"),
            "its offset is \"-1\", expected a whole number",
        ),
        (
            place("18446744073709551615", "24"),
            "24 from byte 18446744073709551615",
        ),
    ];
    for (entries, says) in refusals {
        let error = read(&entries).expect_err("a refusal");
        assert!(
            error.contains("tensor w has its values in \"w.bin\""),
            "{error}"
        );
        assert!(error.contains(says), "no {says:?} in: {error}");
    }
    for location in ["../w.bin", "/etc/hostname", "", "."] {
        let error = read(&[("location", location)]).expect_err("a refusal");
        let says = "only a file in the folder of the model is read";
        assert!(
            error.contains(says) || error.contains("not a regular file"),
            "{error}"
        );
    }
    let error = read(&[("location", "none.bin")]).expect_err("a refusal");
    assert!(error.contains("No such file"), "{error}");
    let bytes = with_external(&place("0", "24"));
    let error = lowered(&bytes).expect_err("no folder");
    assert!(
        with_causes(&error).contains("not a file with a folder"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn follows_no_link_out_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("model");
    std::fs::create_dir(&below).expect("a folder");
    std::fs::write(folder.path().join("secret"), [0; 24]).expect("written");
    std::os::unix::fs::symlink(folder.path().join("secret"), below.join("w.bin")).expect("a link");
    let bytes = with_external(&[("location", "w.bin")]);
    let model = Model::from_bytes(bytes, Some(&below)).expect("a model");
    let error = model.graph(SIZE).expect_err("a refusal");
    assert!(
        with_causes(&error).contains("only a file in the folder"),
        "{error}"
    );
}

#[test]
fn tells_what_a_file_says_of_itself() {
    let nodes = [
        node("Transpose", &["x"], &["t"]).with(ints("perm", &[0, 3, 1, 2])),
        node("Conv", &["t", "w"], &["c"]),
        node("GlobalMaxPool", &["c"], &["y"]),
    ];
    let graph = graph(&nodes, &[weights("w", &[2, 3, 1, 1])], &[-1, 8, -1, 3]);
    let entry = crate::writer::message()
        .texts(1, &["license"])
        .texts(2, &["MIT"]);
    let file = model(18, graph).messages(14, &[entry]);
    let model = Model::from_bytes(file.0, None).expect("a model");
    let metadata = model.metadata_props().expect("metadata");
    assert_eq!(metadata, [("license", "MIT")]);
    assert_eq!(model.opset().expect("a version"), 18);
    let initializers = model.initializers().expect("constants");
    let weight = cnn_onnx::Initializer {
        name: "w".to_owned(),
        dtype: "f32".to_owned(),
        shape: vec![2, 3, 1, 1],
    };
    assert_eq!(initializers, [weight]);
    assert_eq!(model.output_name().expect("an output"), "y");
    let expected = cnn_onnx::Input {
        name: "x".to_owned(),
        layout: cnn_onnx::Layout::Nhwc,
        channels: 3,
        rows: Some(8),
        cols: None,
    };
    assert_eq!(model.input().expect("an input"), expected);
    let graph = model.graph(SIZE).expect("a graph");
    assert_eq!((graph.n_channels(), graph.size()), (3, SIZE));
}

#[test]
fn names_the_framework_of_a_model_in_the_same_wire_format() {
    // Version 5, a description, and a neural network in field 500.
    let core_ml = [8, 5, 18, 4, 10, 2, 8, 1, 0xa2, 0x1f, 0];
    // Version 1 and a meta graph.
    let tensor_flow = [8, 1, 18, 4, 10, 2, 8, 1];
    for (bytes, name) in [(&core_ml[..], "Core ML"), (&tensor_flow, "TensorFlow")] {
        let error = Model::from_bytes(bytes.to_vec(), None).expect_err("no ONNX");
        assert_eq!(
            error.to_string(),
            format!("a model of {name}, expected one of ONNX")
        );
    }
}

#[test]
fn names_the_dimensions_of_an_image_that_is_not_known() {
    let nodes = [node("Relu", &["x"], &["y"])];
    let file = model(20, graph(&nodes, &[], &[-1, -1, -1, -1]));
    assert_refused(&file, "the input x has dimensions ? x ? x ? x ?, expected");
    let untyped = crate::writer::message().texts(1, &["x"]);
    let file = crate::writer::message()
        .messages(1, &nodes)
        .messages(11, &[untyped])
        .messages(12, &[value("y", &[1, 2])]);
    assert_refused(&model(20, file), "the input x has dimensions unknown");
}

#[test]
fn a_small_file_with_any_byte_changed_does_not_panic() {
    let file = fixture("keras_nhwc-explicit-15.onnx");
    damage_every_byte(&file, |bytes| {
        let size = cnn_graph::Size { rows: 23, cols: 19 };
        let _ = Model::from_bytes(bytes.to_vec(), None).and_then(|model| model.graph(size));
    });
}

#[test]
fn damaged_files_do_not_panic() {
    let names = [
        "odd-legacy-17.onnx",
        "same_padding-legacy-17.onnx",
        "group_norm-legacy-17.onnx",
    ];
    let sources = names.map(fixture).to_vec();
    assert_no_mutation_panics("ONNX", sources, mutate, |bytes| {
        let Ok(model) = Model::from_bytes(bytes.to_vec(), None) else {
            return false;
        };
        let side = |side: Option<usize>| side.unwrap_or(64).min(128);
        let input = model.input();
        let size = input.map(|input| cnn_graph::Size {
            rows: side(input.rows),
            cols: side(input.cols),
        });
        size.and_then(|size| model.graph(size)).is_ok()
    });
}

/// Some bytes changed, some cut out or doubled.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes.truncate(at.max(1)),
            1 => {
                let end = (at + random.below(8)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => bytes.insert(at, random.below(256) as u8),
            _ => bytes[at] = random.below(256) as u8,
        }
    }
}
