//! What a declaration says, and which of several counts.

use ich::cnn_graph::End;
use ich::ct_preprocess::NetworkInput;
use ich::network::declaration::{LabelChoice, PartialDeclaration, Source};

use super::{SHA256, model, parse, resolve, sidecar, sources, text};

const WHOLE: &str = r#"{
  "ich_model": 1,
  "sha256": "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
  "input": { "layout": "NCHW", "size": [384, 384],
             "channels": [ {"window": "brain"}, {"window": [80, 200]}, {"window": [600, 2800]} ],
             "range": [0, 255], "mean": [123.5, 116, 103.5], "std": 57.5 },
  "output": { "values": "logits", "activation": "sigmoid",
              "labels": ["epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any"],
              "explain": "any", "thresholds": { "any": 0.25, "4": 0.75 } }
}"#;

#[test]
fn every_field_is_obeyed() {
    let declared = resolve(WHOLE, &model()).expect("complete");
    let expected = NetworkInput::new(3, &"brain,subdural,bone".parse().expect("windows"))
        .and_then(|input| input.with_range(0.0, 255.0))
        .and_then(|input| input.with_normalisation(&[123.5, 116.0, 103.5], &[57.5]))
        .expect("an input");
    assert_eq!(declared.input, expected);
    assert_eq!(declared.grid.side, 384);
    let outputs = &declared.outputs;
    assert_eq!(outputs.end, End::Sigmoid);
    assert_eq!(outputs.explained().ok(), Some(5));
    assert_eq!(outputs.thresholds, [0.5, 0.5, 0.5, 0.5, 0.75, 0.25]);
    assert_eq!(outputs.label(4), "subdural");
    assert_eq!(
        outputs.find(&LabelChoice::Name("subdural".to_owned())).ok(),
        Some(4)
    );
    assert_eq!(
        outputs.find(&LabelChoice::Name("2".to_owned())).ok(),
        Some(2)
    );
    assert!(outputs.find(&LabelChoice::Index(6)).is_err());
}

#[test]
fn the_rest_has_defaults() {
    let declared = resolve(&text("", ""), &model()).expect("complete");
    let brain = NetworkInput::new(3, &"brain".parse().expect("a window")).expect("an input");
    assert_eq!(declared.input, brain);
    assert_eq!(declared.grid.side, 384);
    assert_eq!(
        (declared.outputs.labels, declared.outputs.explain),
        (None, None)
    );
    assert_eq!(declared.outputs.thresholds, [0.5; 6]);
    assert_eq!(
        declared.provenance.to_string(),
        "channels: m.ich.json; size: the model; normalisation: default; activation: m.ich.json; \
         labels: none; label to explain: none; thresholds: default"
    );
}

#[test]
fn the_known_network_needs_no_declaration() {
    let mut model = model();
    (model.input.rows, model.input.cols, model.n_outputs) = (None, None, 1);
    let known = PartialDeclaration::of_rsna_hemorrhage_net();
    let network = Source::Network("RSNAHemorrhageNet");
    for end in [End::Logits, End::Sigmoid] {
        model.end = end;
        let declared = sources([(network.clone(), known.clone())]).resolve(&model);
        let declared = declared.expect("complete");
        assert_eq!(declared.input, NetworkInput::default());
        assert_eq!(
            (declared.grid.side, declared.outputs.end),
            (512, End::Sigmoid)
        );
        assert_eq!(declared.provenance.normalisation, "RSNAHemorrhageNet");
    }
}

#[test]
fn units_of_one_channel_are_an_input() {
    let mut model = model();
    model.input.channels = 1;
    let text = text("", "").replace(r#""window": "brain""#, r#""hounsfield": [-100, 300]"#);
    let declared = resolve(&text, &model).expect("complete");
    let units = NetworkInput::new(1, &"hu:-100:300".parse().expect("units")).expect("an input");
    assert_eq!(declared.input, units);
}

#[test]
fn channels_may_be_of_neighbouring_slices() {
    let three = r#"[{"window": "brain", "slice": -1}, {"window": "brain"}, {"window": "brain", "slice": 1}]"#;
    let text = text("", "").replace(r#"[{"window": "brain"}]"#, three);
    let declared = resolve(&text, &model()).expect("complete");
    let expected = "brain@-1,brain,brain@1".parse().expect("channels");
    assert_eq!(Some(declared.input), NetworkInput::new(3, &expected).ok());
}

#[test]
fn an_only_output_is_explained() {
    let mut model = model();
    model.n_outputs = 1;
    let declared = resolve(&text("", ""), &model).expect("complete");
    assert_eq!(declared.outputs.explained().ok(), Some(0));
}

#[test]
fn the_end_of_a_model_is_its_own() {
    let mut model = model();
    for (end, activation) in [(End::Sigmoid, "sigmoid"), (End::Softmax, "softmax")] {
        model.end = end;
        let plain = text("", "").replace(r#""activation": "sigmoid""#, "");
        assert_eq!(resolve(&plain, &model).expect("complete").outputs.end, end);
        let said = text("", r#""values": "probabilities""#).replace("sigmoid", activation);
        assert_eq!(resolve(&said, &model).expect("complete").outputs.end, end);
    }
    model.end = End::Logits;
    let softmax = text("", "").replace("sigmoid", "softmax");
    assert_eq!(
        resolve(&softmax, &model).expect("complete").outputs.end,
        End::Softmax
    );
    let none = text("", r#""values": "probabilities""#).replace("sigmoid", "none");
    assert_eq!(
        resolve(&none, &model).expect("complete").outputs.end,
        End::Logits
    );
}

#[test]
fn what_comes_first_counts_field_by_field() {
    let mut flags = PartialDeclaration::default();
    flags.channels = "subdural".parse().ok();
    flags.explain = Some(LabelChoice::Index(2));
    let mut config = PartialDeclaration::default();
    config.size = Some([384, 384]);
    config.mean = Some(vec![9.0]);
    config.std = Some(vec![9.0]);
    let side = parse(&text(r#""range": [-1, 1]"#, r#""explain": 1"#));
    let all = sources([
        (Source::Flags, flags),
        (sidecar(), side),
        (Source::Config("config.json".into()), config),
    ]);
    let declared = all.resolve(&model()).expect("complete");
    // A mean of another program is for its own range.
    let expected = NetworkInput::new(3, &"subdural".parse().expect("a window"))
        .and_then(|input| input.with_range(-1.0, 1.0));
    assert_eq!(Some(declared.input), expected.ok());
    assert_eq!(declared.outputs.explain, Some(2));
    let from = declared.provenance;
    assert_eq!(
        [from.channels, from.size, from.normalisation, from.explain],
        ["options", "config.json", "m.ich.json", "options"]
    );
}

#[test]
fn a_file_beside_the_model_and_its_metadata_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let model_file = folder.path().join("net.v2.onnx");
    assert_eq!(
        PartialDeclaration::read_beside(&model_file).expect("no file"),
        None
    );
    let path = folder.path().join("net.v2.ich.json");
    std::fs::write(&path, WHOLE).expect("written");
    let found = PartialDeclaration::read_beside(&model_file).expect("a declaration");
    assert_eq!(found, Some((path, parse(WHOLE))));

    let metadata = [("author", "x"), ("ich.model", WHOLE)];
    let found = PartialDeclaration::from_metadata(&metadata).expect("a declaration");
    assert_eq!(found, Some(parse(WHOLE)));
    assert_eq!(
        PartialDeclaration::from_metadata(&metadata[..1]).expect("none"),
        None
    );
    assert_eq!(
        found
            .and_then(|declared| declared.sha256)
            .map(|hash| hash.to_lowercase()),
        Some(SHA256.to_owned())
    );
}
