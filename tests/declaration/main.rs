//! Declarations: what they make of a model, and that each mistake is named.

mod configs;
mod given;
mod refusals;
mod refused_outputs;
mod template;

use std::path::PathBuf;

use ich::cnn_graph::End;
use ich::cnn_onnx::{Input, Layout};
use ich::network::declaration::{
    Declaration, DeclarationError, ModelFacts, PartialDeclaration, Source, Sources,
};

/// A hash that is one.
const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Three channels of 384 x 384, six logits.
fn model() -> ModelFacts {
    let input = Input {
        name: "image".to_owned(),
        layout: Layout::Nchw,
        channels: 3,
        rows: Some(384),
        cols: Some(384),
    };
    ModelFacts::new(input, 6, End::Logits, SHA256.to_owned())
}

/// A declaration that fits it, with these fields in `input` and `output` beside the needed ones.
fn text(input: &str, output: &str) -> String {
    let comma = |fields: &str| if fields.is_empty() { "" } else { ", " }.to_owned() + fields;
    let (input, output) = (comma(input), comma(output));
    format!(
        r#"{{"ich_model": 1, "input": {{"channels": [{{"window": "brain"}}]{input}}},
             "output": {{"activation": "sigmoid"{output}}}}}"#
    )
}

fn parse(text: &str) -> PartialDeclaration {
    PartialDeclaration::from_json(text).expect("a declaration")
}

fn sidecar() -> Source {
    Source::Sidecar(PathBuf::from("m.ich.json"))
}

fn sources(parts: impl IntoIterator<Item = (Source, PartialDeclaration)>) -> Sources {
    let mut sources = Sources::default();
    for (source, declared) in parts {
        sources.push(source, declared);
    }
    sources
}

fn resolve(text: &str, model: &ModelFacts) -> Result<Declaration, DeclarationError> {
    sources([(sidecar(), parse(text))]).resolve(model)
}

/// What is said of a declaration that does not fit the model, or is none.
fn refusal(text: &str, model: &ModelFacts) -> String {
    let error = match PartialDeclaration::from_json(text) {
        Ok(declared) => sources([(sidecar(), declared)])
            .resolve(model)
            .expect_err("a refusal"),
        Err(error) => error,
    };
    ich::message(&error)
}

fn refuses(text: &str, says: &[&str]) {
    refuses_for(text, &model(), says);
}

fn refuses_for(text: &str, model: &ModelFacts, says: &[&str]) {
    let message = refusal(text, model);
    for said in says {
        assert!(message.contains(said), "{text}\n{message}\nwithout {said}");
    }
}
