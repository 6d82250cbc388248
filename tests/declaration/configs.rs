//! What configurations of other programs fill in.

use std::path::PathBuf;

use ich::ct_preprocess::NetworkInput;
use ich::network::declaration::{Activation, PartialDeclaration, Source};
use test_kit::in_workspace;

use super::{model, parse, sidecar, sources};

const LABELS: [&str; 6] = [
    "epidural",
    "intraparenchymal",
    "intraventricular",
    "subarachnoid",
    "subdural",
    "any",
];

fn path(name: &str) -> PathBuf {
    in_workspace("tests/declaration/configs").join(name)
}

fn read(name: &str) -> PartialDeclaration {
    PartialDeclaration::read_config(path(name)).expect("a configuration")
}

/// A changed copy of a configuration.
fn changed(name: &str, from: &str, to: &str) -> Result<PartialDeclaration, String> {
    let text = std::fs::read_to_string(path(name)).expect("text");
    assert!(text.contains(from), "{from}");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join(name);
    std::fs::write(&copy, text.replace(from, to)).expect("written");
    PartialDeclaration::read_config(copy).map_err(|error| ich::message(&error))
}

#[test]
fn timm_says_size_normalisation_and_labels() {
    let declared = read("timm.json");
    assert_eq!(declared.size, Some([384, 384]));
    assert_eq!(declared.range, Some([0.0, 1.0]));
    assert_eq!(declared.mean, Some(vec![0.5, 0.4, 0.3]));
    assert_eq!(declared.std, Some(vec![0.25, 0.2, 0.1]));
    assert_eq!(declared.labels, Some(LABELS.map(str::to_owned).to_vec()));
    assert_eq!(declared.channels, None);
}

#[test]
fn an_image_processor_says_size_range_and_normalisation() {
    let declared = read("preprocessor_config.json");
    assert_eq!(declared.size, Some([224, 224]));
    assert_eq!(declared.range, Some([0.0, 1.0]));
    assert_eq!(declared.mean, Some(vec![0.5, 0.4, 0.3]));
    assert_eq!(declared.std, Some(vec![0.25, 0.2, 0.1]));

    let changed =
        |from, to| changed("preprocessor_config.json", from, to).expect("a configuration");
    let no_crop = changed(r#""do_center_crop": true"#, r#""do_center_crop": false"#);
    assert_eq!(no_crop.size, Some([256, 256]));
    let bytes = changed(r#""do_rescale": true"#, r#""do_rescale": false"#);
    assert_eq!(bytes.range, Some([0.0, 255.0]));
    let plain = changed(r#""do_normalize": true"#, r#""do_normalize": false"#);
    assert_eq!((plain.mean, plain.std), (None, None));
}

#[test]
fn transformers_say_labels_in_the_order_of_numbers_and_the_activation() {
    let declared = read("config.json");
    let labels = declared.labels.expect("labels");
    assert_eq!(labels[..6], LABELS);
    assert_eq!((labels.len(), labels[10].as_str()), (11, "ten"));
    assert_eq!(declared.activation, Some(Activation::Sigmoid));

    let single = changed("config.json", "multi_label", "single_label").expect("a configuration");
    assert_eq!(single.activation, Some(Activation::Softmax));
    let gap = changed("config.json", "\"10\"", "\"12\"").expect("a configuration");
    assert_eq!(gap.labels, None);
}

#[test]
fn a_declaration_takes_the_rest_from_a_configuration() {
    let ours = r#"{"ich_model": 1, "input": {"channels": [{"window": "subdural"}]},
                   "output": {"activation": "sigmoid", "explain": "any"}}"#;
    let both = sources([
        (sidecar(), parse(ours)),
        (Source::Config("timm.json".into()), read("timm.json")),
    ]);
    let declared = both.resolve(&model()).expect("complete");
    let expected = NetworkInput::new(3, &"subdural".parse().expect("a window"))
        .and_then(|input| input.with_normalisation(&[0.5, 0.4, 0.3], &[0.25, 0.2, 0.1]));
    assert_eq!(Some(declared.input), expected.ok());
    assert_eq!(declared.outputs.explain, Some(5));
    assert_eq!(declared.provenance.labels, "timm.json");
}

#[test]
fn rejects_configurations_that_are_none() {
    let other = changed("config.json", "_type\"", "_kind\"").map(|_| ());
    assert_eq!(other, Ok(()), "id2label is enough");
    let message = changed("timm.json", "pretrained_cfg", "cfg").expect_err("unknown");
    assert!(message.contains("preprocessor_config.json"), "{message}");
    let message = changed("timm.json", "[3, 384, 384]", "[3, 384]").expect_err("two sides");
    assert!(message.contains("pretrained_cfg.input_size"), "{message}");
    let message = changed("config.json", "\"10\"", "\"ten\"").expect_err("no number");
    assert!(message.contains("id2label"), "{message}");
}
