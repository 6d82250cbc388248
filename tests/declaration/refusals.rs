//! One test for each way in which a declaration can be wrong: its message names the field, what is
//! there and what is expected.

use ich::network::declaration::{PartialDeclaration, Sources};

use super::{SHA256, model, refusal, refuses, refuses_for, text};

fn input(fields: &str) -> String {
    text(fields, "")
}

/// The needed fields, with other channels.
fn channels(json: &str) -> String {
    text("", "").replace(r#"[{"window": "brain"}]"#, json)
}

#[test]
fn rejects_what_is_no_json() {
    refuses("{\"ich_model\": 1,", &["not JSON", "line 1"]);
    refuses(&"[".repeat(1000), &["not JSON", "recursion limit"]);
}

#[test]
fn rejects_another_version_or_none() {
    refuses(
        &input("").replace("_model\": 1", "_model\": 2"),
        &["version 2, expected 1"],
    );
    refuses("{}", &["missing field `ich_model`"]);
}

#[test]
fn rejects_unknown_fields() {
    refuses(
        &input(r#""windows": ["brain"]"#),
        &["input.windows", "unknown field", "`channels`"],
    );
    refuses(
        &text("", r#""treshold": 1"#),
        &["output.treshold", "`thresholds`"],
    );
    refuses(
        &channels(r#"[{"window": "brain", "level": 3}]"#),
        &["input.channels[0].level"],
    );
}

#[test]
fn rejects_a_field_that_is_there_twice() {
    refuses(
        &input(r#""range": [0, 1], "range": [0, 255]"#),
        &["duplicate field `range`"],
    );
}

#[test]
fn rejects_values_of_another_type() {
    refuses(&input(r#""size": 512"#), &["input.size", "found 512"]);
    refuses(
        &input(r#""size": [-1, 512]"#),
        &["input.size[0]", "found -1"],
    );
    refuses(
        &input(r#""mean": "0.5""#),
        &[
            "input.mean",
            "expected a number, or a list",
            "found \"0.5\"",
        ],
    );
    refuses(&input(r#""layout": "CHW""#), &["input.layout", "`NCHW`"]);
    refuses(
        &text("", r#""values": "scores""#),
        &["output.values", "`probabilities`"],
    );
    refuses(
        &text("", r#""explain": -1"#),
        &["output.explain", "the name of a label", "found -1"],
    );
    refuses(
        &text("", r#""labels": "any""#),
        &["output.labels", "found \"any\""],
    );
    let long = format!("\"{}\"", "x".repeat(1000));
    let message = refusal(&text("", &format!("\"labels\": {long}")), &model());
    assert!(
        message.len() < 350 && message.contains("a sequence"),
        "{message}"
    );
}

#[test]
fn rejects_a_window_that_is_none() {
    refuses(
        &channels(r#"[{"window": "brian"}]"#),
        &["input.channels[0].window", "\"brian\"", "subdural"],
    );
    refuses(
        &channels(r#"[{"window": "brain"}, {"window": [40, 1]}]"#),
        &["channels[1].window", "1 HU"],
    );
    refuses(
        &channels(r#"[{"window": [40]}]"#),
        &["input.channels[0].window", "[level, width]"],
    );
    refuses(
        &channels(r#"[{"window": 40}]"#),
        &["input.channels[0].window", "found 40"],
    );
}

#[test]
fn rejects_units_that_are_none() {
    refuses(
        &channels(r#"[{"hounsfield": [300, -100]}]"#),
        &["channels[0].hounsfield", "300 to -100"],
    );
}

#[test]
fn rejects_a_slice_that_is_no_neighbour() {
    let of = |slice: &str| channels(&format!(r#"[{{"window": "brain", "slice": {slice}}}]"#));
    refuses(
        &of("17"),
        &["input.channels[0].slice", "17 beside", "-16 to 16"],
    );
    refuses(&of("0.5"), &["input.channels[0].slice", "found 0.5"]);
}

#[test]
fn rejects_a_channel_of_nothing_or_of_both() {
    refuses(
        &channels("[{}]"),
        &["input.channels[0]", "neither a window"],
    );
    refuses(
        &channels(r#"[{"window": "brain", "hounsfield": [0, 1]}]"#),
        &["input.channels[0]", "both a window"],
    );
}

#[test]
fn rejects_no_channels_and_another_number_than_the_model_takes() {
    refuses(&channels("[]"), &["input.channels", "0 channels"]);
    let two = r#"[{"window": "brain"}, {"window": "bone"}]"#;
    refuses(
        &channels(two),
        &[
            "m.ich.json: input.channels",
            "2 channels, expected one for all or 3",
        ],
    );
    let many = format!("[{}]", vec![r#"{"window": "brain"}"#; 5000].join(","));
    refuses(&channels(&many), &["input.channels", "expected 1 to 128"]);
}

#[test]
fn rejects_a_model_of_too_many_channels() {
    let mut model = model();
    model.input.channels = 65_536;
    refuses_for(&input(""), &model, &["input.channels", "65536 channels"]);
}

#[test]
fn rejects_a_range_that_is_none_or_of_units() {
    refuses(&input(r#""range": [255, 0]"#), &["input.range", "255 to 0"]);
    let units = channels(r#"[{"hounsfield": [0, 100]}], "range": [0, 255]"#);
    refuses(&units, &["input.range", "Hounsfield units, as they are"]);
}

#[test]
fn rejects_a_normalisation_that_is_none() {
    refuses(
        &input(r#""mean": [0.5, 0.5]"#),
        &["input.mean", "2 means, expected one for all channels or 3"],
    );
    refuses(
        &input(r#""std": [1, 1, 1, 1]"#),
        &["input.std", "4 standard deviations"],
    );
    refuses(
        &input(r#""std": [1, 0, 1]"#),
        &["input.std", "deviation of 0"],
    );
    refuses(&input(r#""mean": 1e39"#), &["input.mean", "mean of inf"]);
}

#[test]
fn rejects_a_size_that_the_model_does_not_take() {
    refuses(
        &input(r#""size": [512, 512]"#),
        &["input.size: 512 x 512 is declared", "384 x 384"],
    );
    let mut model = model();
    model.input.cols = None;
    refuses_for(&input(r#""size": [512, 512]"#), &model, &["384 x ?"]);
}

#[test]
fn rejects_a_size_that_is_left_open() {
    let mut model = model();
    model.input.rows = None;
    refuses_for(
        &input(""),
        &model,
        &["input.size is not declared", "leaves open"],
    );
}

#[test]
fn rejects_a_size_that_is_no_square_or_too_large() {
    let mut model = model();
    (model.input.rows, model.input.cols) = (None, None);
    for size in ["[512, 384]", "[0, 0]", "[4096, 4096]"] {
        let text = input(&format!("\"size\": {size}"));
        refuses_for(
            &text,
            &model,
            &["input.size", "expected a square of at most 2048"],
        );
    }
}

#[test]
fn rejects_another_layout() {
    refuses(
        &input(r#""layout": "NHWC""#),
        &["input.layout: NHWC is declared", "NCHW", "leave it out"],
    );
}

#[test]
fn rejects_a_declaration_of_another_file() {
    let of = |hash: &str| format!("{{\"sha256\": \"{hash}\", {}", &text("", "")[1..]);
    refuses(
        &of(&SHA256.replace('e', "f")),
        &["m.ich.json: sha256", "this one has e3b0"],
    );
    refuses(
        &of("abc"),
        &["m.ich.json: sha256: 3 characters, expected 64"],
    );
}

#[test]
fn rejects_no_declaration_and_shows_what_to_fill_in() {
    let message = Sources::default()
        .resolve(&model())
        .expect_err("nothing")
        .to_string();
    assert!(message.contains("NAME.ich.json") && message.contains("\"channels\": \"FILL IN"));
}

#[test]
fn rejects_files_that_are_too_long_or_no_text() {
    let long = " ".repeat((1 << 20) + 1);
    let error = PartialDeclaration::from_bytes(long.as_bytes()).expect_err("too long");
    assert!(error.to_string().contains("1048576 bytes"), "{error}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.ich.json");
    for bytes in [&b"\xff\xfe{"[..], long.as_bytes(), b"[]"] {
        std::fs::write(&path, bytes).expect("written");
        for error in [
            PartialDeclaration::read(&path).expect_err("no declaration"),
            PartialDeclaration::read_beside(folder.path().join("m.onnx")).expect_err("none"),
            PartialDeclaration::read_config(&path).expect_err("no configuration"),
        ] {
            assert!(error.to_string().contains("m.ich.json"), "{error}");
        }
    }
    let error = PartialDeclaration::from_metadata(&[("ich.model", "{}")]).expect_err("empty");
    assert!(
        ich::message(&error).contains("ich.model: the text: missing field `ich_model`"),
        "{error}"
    );
}
