//! Tables with a probability for each label of a network.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::{JudgedBy, Labels, PredictionFormat, Predictions, Subtype, Summary, judge};

/// The second slice has a subdural hemorrhage, the third an epidural one.
const LABELS: &str = "\
ID,any,epidural,intraparenchymal,intraventricular,subarachnoid,subdural
a,0,0,0,0,0,0
b,1,0,0,0,0,1
c,1,1,0,0,0,0
";

/// By `probability_any` all is in order; by `probability` and that of subdural it is not.
const CSV: &str = "\
file,id,label,probability,probability_subdural,probability_any,probability_fracture
a.dcm,a,subdural,0.9,0.8,0.1,0.3
b.dcm,b,subdural,0.2,0.4,0.7,0.3
c.dcm,c,subdural,0.3,0.1,0.6,0.3
";

fn judged(predictions: &str) -> Result<Summary, String> {
    let labels = Labels::from_reader(LABELS.as_bytes()).unwrap();
    let predictions = Predictions::from_reader(predictions.as_bytes());
    let predictions = predictions.map_err(|e| e.to_string())?;
    judge(&labels, &predictions, 0.5).map_err(|e| e.to_string())
}

fn assert_each_is_judged_by_its_own(summary: &Summary) {
    assert_eq!(summary.n_cases, 3);
    assert_eq!(summary.auc.as_ref().unwrap().estimate, 1.0);
    for judged in &summary.subtypes {
        let (by, auc) = match judged.subtype {
            Subtype::Subdural => (JudgedBy::Own, Some(0.0)),
            Subtype::Epidural => (JudgedBy::Any, Some(1.0)),
            _ => (JudgedBy::Any, None),
        };
        assert_eq!(judged.judged_by, by, "{:?}", judged.subtype);
        assert_eq!(judged.auc.as_ref().ok().map(|auc| auc.estimate), auc);
    }
}

#[test]
fn columns_of_labels_are_judged_each_by_its_own() {
    let summary = judged(CSV).unwrap();
    assert_eq!(summary.predictions.format, PredictionFormat::Wide);
    assert_each_is_judged_by_its_own(&summary);
}

#[test]
fn keys_of_labels_are_judged_each_by_its_own() {
    let lines = "\
{\"id\": \"a\", \"label\": \"subdural\", \"probability\": 0.9, \"probabilities\": {\"subdural\": 0.8, \"any\": 0.1, \"fracture\": 0.3}}
{\"id\": \"b\", \"label\": \"subdural\", \"probability\": 0.2, \"probabilities\": {\"subdural\": 0.4, \"any\": 0.7, \"fracture\": 0.3}}
{\"id\": \"c\", \"label\": \"subdural\", \"probability\": 0.3, \"probabilities\": {\"subdural\": 0.1, \"any\": 0.6, \"fracture\": 0.3}}
";
    let summary = judged(lines).unwrap();
    assert_eq!(summary.predictions.format, PredictionFormat::JsonLines);
    assert_each_is_judged_by_its_own(&summary);
}

#[test]
fn probabilities_of_one_subtype_are_not_taken_for_those_of_any() {
    let csv = "id,label,probability\na,subdural,0.5\nb,subdural,0.5\n";
    let error = judged(csv).unwrap_err();
    assert!(
        error.contains("line 2") && error.contains("subdural"),
        "{error}"
    );
    assert!(error.contains("probability_any"), "{error}");
    let json = "{\"id\": \"a\", \"label\": \"Subdural\", \"probability\": 0.5}\n";
    assert!(judged(json).unwrap_err().contains("Subdural"));
}

#[test]
fn a_label_that_is_any_or_of_the_networks_own_is_taken() {
    for label in ["any", "hemorrhage", "0", ""] {
        let csv = format!("id,label,probability\na,{label},0.1\nb,{label},0.9\nc,{label},0.8\n");
        assert_eq!(judged(&csv).unwrap().auc.unwrap().estimate, 1.0, "{label}");
        let json = format!(
            "{{\"id\": \"a\", \"label\": {label:?}, \"probability\": 0.1}}\n\
             {{\"id\": \"b\", \"label\": {label:?}, \"probability\": 0.9}}\n"
        );
        assert_eq!(judged(&json).unwrap().n_cases, 2, "{label}");
    }
}

#[test]
fn a_probability_of_a_label_out_of_range_is_an_error() {
    let json = "{\"id\": \"a\", \"probabilities\": {\"any\": 0.5, \"subdural\": 1.5}}\n";
    assert!(judged(json).unwrap_err().contains("1.5"));
}
