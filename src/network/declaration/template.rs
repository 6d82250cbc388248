use cnn_graph::End;
use serde::Serialize;
use serde_json::{Value, json};

use super::facts::ModelFacts;
use super::json::{MARKER, VERSION};
use super::partial::{Activation, Values};

#[derive(Serialize)]
struct File<'a> {
    ich_model: u32,
    sha256: &'a str,
    input: Input,
    output: Output,
}

#[derive(Serialize)]
struct Input {
    size: Value,
    channels: Value,
    range: Value,
    mean: Value,
    std: Value,
}

#[derive(Serialize)]
struct Output {
    values: Value,
    activation: Value,
    labels: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Value>,
}

/// A declaration with what a model says of itself. What a person must fill in says so, and is refused
/// as long as it does.
pub fn template(model: &ModelFacts) -> String {
    let fill_in = |text: String| Value::String(format!("{MARKER}: {text}"));
    let n_channels = model.input.channels;
    let each = match n_channels {
        1 => "a list of one".to_owned(),
        _ => format!("a list of {n_channels}, or of one for all"),
    };
    let numbers = match n_channels {
        1 => "a number".to_owned(),
        _ => format!("a number, or a list of {n_channels}"),
    };
    let own = match model.end {
        End::Logits => None,
        End::Sigmoid => Some(Activation::Sigmoid),
        End::Softmax => Some(Activation::Softmax),
    };
    let n_outputs = model.n_outputs;
    let file = File {
        ich_model: VERSION,
        sha256: &model.sha256,
        input: Input {
            size: match (model.input.rows, model.input.cols) {
                (Some(rows), Some(cols)) => json!([rows, cols]),
                _ => fill_in("[rows, cols] of the images in training".to_owned()),
            },
            channels: fill_in(format!(
                "{each}: {{\"window\": \"brain\"}}, {{\"window\": [level, width]}} or \
                 {{\"hounsfield\": [low, high]}}"
            )),
            range: fill_in(
                "what 0 and 1 of a window become, [0, 1] or [0, 255]; leave it out for Hounsfield units"
                    .to_owned(),
            ),
            mean: fill_in(format!("{numbers}; 0 for none")),
            std: fill_in(format!("{numbers}; 1 for none")),
        },
        output: Output {
            values: match own {
                Some(_) => json!(Values::Probabilities),
                None => fill_in("logits or probabilities".to_owned()),
            },
            activation: match own {
                Some(own) => json!(own),
                None => fill_in(
                    "sigmoid or softmax, which makes probabilities of logits, or none".to_owned(),
                ),
            },
            labels: fill_in(format!("a list of {n_outputs} names")),
            explain: (n_outputs > 1).then(|| fill_in("the name to explain".to_owned())),
        },
    };
    // Text and numbers are always JSON.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}
