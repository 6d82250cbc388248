//! Explanations and settings as JSON.

use burn::tensor::{Device, Tensor};
use hshap::{Depth, Explainer, Explanation, SaliencyMap, Settings, Threshold};

#[test]
fn an_explanation_comes_back_as_it_was() {
    let device = Device::flex();
    let model = |images: Tensor<4>| images.mean_dims(&[1, 2, 3]).flatten(1, 3);
    let explanation = Explainer::new(model, Tensor::zeros([1, 4, 8], &device))
        .explain(
            &Tensor::ones([1, 4, 8], &device),
            &Settings::default().with_depth(Depth::Levels(2)),
        )
        .expect("an explanation");
    let text = serde_json::to_string(&explanation).expect("JSON");
    let read: Explanation = serde_json::from_str(&text).expect("an explanation");
    // Every number of this game is a short binary fraction.
    assert_eq!(read, explanation);
}

#[test]
fn settings_may_leave_fields_out() {
    let text = r#"{"depth": {"Levels": 3}, "threshold": {"Percentile": 70.0}}"#;
    let read: Settings = serde_json::from_str(text).expect("settings");
    let expected = Settings::default()
        .with_depth(Depth::Levels(3))
        .with_threshold(Threshold::Percentile(70.0));
    assert_eq!(read, expected);
}

#[test]
fn rejects_a_map_that_its_values_do_not_fill() {
    let text = r#"{"rows": 2, "cols": 2, "values": [0.0, 0.0, 0.0]}"#;
    let error = serde_json::from_str::<SaliencyMap>(text).expect_err("three values");
    assert!(error.to_string().contains("2 x 2 with 3 values"), "{error}");
}
