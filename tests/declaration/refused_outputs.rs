//! One test for each way in which the declaration of a model's outputs can be wrong.

use ich::cnn_graph::End;
use ich::network::declaration::{LabelChoice, PartialDeclaration, Source};

use super::{model, parse, refuses, refuses_for, resolve, sources, text};

fn output(fields: &str) -> String {
    text("", fields)
}

#[test]
fn rejects_logits_of_a_model_that_ends_in_probabilities() {
    let mut model = model();
    for (end, name) in [(End::Sigmoid, "sigmoid"), (End::Softmax, "softmax")] {
        model.end = end;
        refuses_for(
            &output(r#""values": "logits""#),
            &model,
            &["output.values", "ends with a", name],
        );
    }
}

#[test]
fn rejects_another_activation_than_the_models() {
    let mut model = model();
    model.end = End::Softmax;
    refuses_for(
        &output(""),
        &model,
        &["output.activation: sigmoid is declared", "a softmax"],
    );
}

#[test]
fn rejects_an_activation_of_probabilities_and_none_of_logits() {
    refuses(
        &output(r#""values": "probabilities""#),
        &["output.activation: sigmoid", "probabilities"],
    );
    let none = output("").replace("sigmoid", "none");
    refuses(&none, &["output.activation: none", "logits"]);
}

#[test]
fn rejects_logits_without_an_activation() {
    let none = output("").replace(r#""activation": "sigmoid""#, "");
    refuses(
        &none,
        &["output.activation is not declared", "sigmoid or softmax"],
    );
}

#[test]
fn rejects_a_softmax_of_one_output() {
    let mut model = model();
    model.n_outputs = 1;
    let text = output("").replace("sigmoid", "softmax");
    refuses_for(
        &text,
        &model,
        &["output.activation", "one output", "declare sigmoid"],
    );
}

#[test]
fn rejects_another_number_of_labels() {
    refuses(
        &output(r#""labels": ["any"]"#),
        &["output.labels: 1 names, expected 6"],
    );
}

#[test]
fn rejects_labels_that_are_equal_or_no_names() {
    let labels = |first: &str| {
        output(&format!(
            r#""labels": ["{first}", "b", "c", "d", "e", "f"]"#
        ))
    };
    refuses(&labels("f"), &["output.labels", "\"f\" twice"]);
    refuses(&labels(" "), &["output.labels", "\" \" at 0"]);
    refuses(&labels("a\\nb"), &["output.labels", "control characters"]);
    refuses(
        &labels(&"x".repeat(201)),
        &["output.labels", "at most 200 bytes"],
    );
}

#[test]
fn rejects_a_label_to_explain_that_there_is_not() {
    let labels = r#""labels": ["a", "b", "c", "d", "e", "f"], "explain": "any""#;
    refuses(
        &output(labels),
        &["output.explain: any, expected a, b, c, d, e, f, or 0 to 5"],
    );
    refuses(
        &output(r#""explain": 6"#),
        &["output.explain: 6, expected 0 to 5"],
    );
    let mut flags = PartialDeclaration::default();
    flags.explain = Some(LabelChoice::Name("any".to_owned()));
    let both = sources([
        (Source::Flags, flags),
        (super::sidecar(), parse(&output(""))),
    ]);
    let message = both
        .resolve(&model())
        .expect_err("no such label")
        .to_string();
    assert!(message.starts_with("--label: any"), "{message}");
}

#[test]
fn rejects_to_explain_one_of_several_outputs_that_is_not_said() {
    let declared = resolve(&output(""), &model()).expect("a declaration to predict with");
    let message = declared
        .outputs
        .explained()
        .expect_err("which?")
        .to_string();
    assert!(message.contains("output.explain is not declared") && message.contains("0 to 5"));
}

#[test]
fn rejects_thresholds_of_no_label_and_that_are_no_probability() {
    refuses(
        &output(r#""thresholds": {"any": 0.5}"#),
        &["output.thresholds: any, expected 0 to 5"],
    );
    refuses(
        &output(r#""thresholds": {"5": 1.5}"#),
        &["output.thresholds: 1.5 of 5"],
    );
}
