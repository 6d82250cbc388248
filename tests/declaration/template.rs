//! The template knows what the model says, and is refused until it is filled in.

use ich::cnn_graph::End;
use ich::network::declaration::{declaration_schema, template};

use super::{model, refusal, resolve};

#[test]
fn what_is_not_filled_in_is_named() {
    let message = refusal(&template(&model()), &model());
    for field in [
        "input.channels",
        "input.range",
        "input.mean",
        "output.values",
        "output.labels",
        "output.explain",
    ] {
        assert!(message.contains(field), "{message}");
    }
    assert!(!message.contains("input.size"), "{message}");

    let mut open = model();
    (open.input.rows, open.end, open.n_outputs) = (None, End::Sigmoid, 1);
    let message = refusal(&template(&open), &open);
    assert!(message.contains("input.size"), "{message}");
    assert!(
        !message.contains("output.activation") && !message.contains("explain"),
        "{message}"
    );
}

#[test]
fn a_template_that_is_filled_in_is_a_declaration() {
    let text = template(&model());
    let filled: Vec<String> = text
        .lines()
        .map(|line| {
            let Some((key, _)) = line.split_once(": \"FILL IN") else {
                return line.to_owned();
            };
            let value = match key.trim() {
                "\"channels\"" => r#"[{"window": "brain"}]"#,
                "\"range\"" => "[0, 1]",
                "\"mean\"" => "[0.485, 0.456, 0.406]",
                "\"std\"" => "[0.229, 0.224, 0.225]",
                "\"values\"" => "\"logits\"",
                "\"activation\"" => "\"sigmoid\"",
                "\"labels\"" => r#"["a", "b", "c", "d", "e", "f"]"#,
                _ => "\"f\"",
            };
            let comma = if line.ends_with(',') { "," } else { "" };
            format!("{key}: {value}{comma}")
        })
        .collect();
    let declared = resolve(&filled.join("\n"), &model()).expect("complete");
    assert_eq!(declared.input, ich::ct_preprocess::NetworkInput::default());
    assert_eq!(declared.outputs.explain, Some(5));
}

#[test]
fn the_schema_has_every_field() {
    let schema = serde_json::to_string(&declaration_schema()).expect("JSON");
    for field in ["ich_model", "hounsfield", "thresholds", "NHWC", "softmax"] {
        assert!(schema.contains(field), "{field}");
    }
}
