//! The summary as JSON and as text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::{JudgedBy, Labels, Predictions, Subtype, Summary, Undefined, judge};
use serde_json::{Value, json};

const LABELS: &str = "\
ID,Label
ID_1_any,1
ID_1_subdural,1
ID_1_epidural,1
ID_2_any,1
ID_2_subdural,1
ID_3_any,1
ID_3_intraparenchymal,1
ID_4_any,0
ID_5_any,0
ID_6_any,0
ID_7_any,0
";

const PREDICTIONS: &str = "\
id,probability
ID_1,0.95
ID_2,0.35
ID_3,0.6
ID_4,0.05
ID_5,0.4
ID_6,0.55
ID_8,0.5
";

fn summary(labels: &str, predictions: &str) -> Summary {
    let labels = Labels::from_reader(labels.as_bytes()).unwrap();
    let predictions = Predictions::from_reader(predictions.as_bytes()).unwrap();
    judge(&labels, &predictions, 0.5).unwrap()
}

#[test]
fn judges_each_subtype_against_all_negatives() {
    let summary = summary(LABELS, PREDICTIONS);
    let subtype = |subtype| {
        let mut all = summary.subtypes.iter();
        all.find(|summary| summary.subtype == subtype).unwrap()
    };
    // 0.95 and 0.35 against 0.05, 0.4 and 0.55: four of six pairs in order.
    let subdural = subtype(Subtype::Subdural);
    assert_eq!(subdural.n_positives, 2);
    assert_eq!(subdural.auc.unwrap().estimate, 4.0 / 6.0);
    assert_eq!(subdural.sensitivity.unwrap().estimate, 0.5);
    let epidural = subtype(Subtype::Epidural).auc.unwrap();
    assert_eq!(epidural.estimate, 1.0);
    assert_eq!(epidural.interval, Err(Undefined::FewerThanTwo));
    let none = subtype(Subtype::Intraventricular);
    assert_eq!(none.auc, Err(Undefined::NoPositives));
    assert_eq!(none.sensitivity, Err(Undefined::NoPositives));
    assert_eq!(summary.subtypes.len(), 5);
}

#[test]
fn judges_a_subtype_by_its_own_probability_where_there_is_one() {
    let summary = summary(
        LABELS,
        "ID,any,subdural,epidural\nID_1,0.1,0.9,\nID_2,0.1,0.7,0.5\nID_3,0.9,0.1,\nID_4,0.5,0.2,0.2\n\
         ID_5,0.5,,\nID_6,,0.9,0.9\n",
    );
    // ID_6 has no probability of any hemorrhage and is left out altogether.
    assert_eq!((summary.n_positives, summary.n_negatives), (3, 2));
    assert_eq!(summary.without_probability.first, ["ID_6"]);
    assert_eq!(summary.without_prediction.first, ["ID_6", "ID_7"]);
    assert_eq!(summary.auc.unwrap().estimate, 2.0 / 6.0);
    let of = |subtype| {
        summary
            .subtypes
            .iter()
            .find(|s| s.subtype == subtype)
            .unwrap()
    };
    let subdural = of(Subtype::Subdural);
    assert_eq!(
        (subdural.judged_by, subdural.n_without_probability),
        (JudgedBy::Own, 1)
    );
    assert_eq!(subdural.n_positives, 2);
    assert_eq!(subdural.auc.unwrap().estimate, 1.0);
    // Its one positive is empty, and so is one of two negatives.
    let epidural = of(Subtype::Epidural);
    assert_eq!(
        (epidural.judged_by, epidural.n_without_probability),
        (JudgedBy::Own, 2)
    );
    assert_eq!(epidural.auc, Err(Undefined::NoPositives));
    let intraparenchymal = of(Subtype::Intraparenchymal);
    assert_eq!(intraparenchymal.judged_by, JudgedBy::Any);
    assert_eq!(intraparenchymal.auc.unwrap().estimate, 1.0);

    let text = summary.to_string();
    for said in [
        "predictions without a probability: 1\n  ID_6\n",
        "- Judged by its own probability, against slices without hemorrhage: epidural,\n  subdural.\n",
        "- Left out for want of a probability of epidural: 2 slices.\n",
    ] {
        assert!(text.contains(said), "no {said:?} in\n{text}");
    }
}

#[test]
fn says_how_the_tables_were_read() {
    let labels = "ID;Label\nID_a_any;1,0\nID_b_any;0,0\nID_b_any;0,0\n;\n";
    let summary = summary(
        labels,
        "{\"id\": \"a\", \"probability\": 1}\n\n{\"id\": \"c\", \"probability\": null}",
    );
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(
        json["labels"],
        json!({
            "format": "rsna", "separator": "semicolon", "n_rows": 3, "n_empty_rows": 1,
            "n_repeated_rows": 1, "n_decimal_commas": 3
        })
    );
    assert_eq!(
        json["predictions"],
        json!({
            "format": "json_lines", "separator": null, "n_rows": 2, "n_empty_rows": 0,
            "n_repeated_rows": 0, "n_decimal_commas": 0
        })
    );
    assert_eq!(json["n_certain"], 1);
    assert_eq!(json["without_probability"], json!({"n": 1, "first": ["c"]}));
    assert_eq!(json["subtypes"][0]["judged_by"], "any");
    let text = summary.to_string();
    for said in [
        "- Labels: 3 rows, one for each slice and subtype; separated by semicolons;\n",
        "  repeated rows, counted once: 1; empty rows, passed over: 1; decimal commas: 3.\n",
        "- Predictions: 2 rows, one for each slice, in JSON Lines.\n",
        "- Every probability is 0 or 1",
    ] {
        assert!(text.contains(said), "no {said:?} in\n{text}");
    }
}

#[test]
fn serializes_values_and_reasons() {
    let json = serde_json::to_value(summary(LABELS, PREDICTIONS)).unwrap();
    assert_eq!(json["n_cases"], 6);
    assert_eq!(json["without_label"], json!({"n": 1, "first": ["ID_8"]}));
    assert_eq!(
        json["without_prediction"],
        json!({"n": 1, "first": ["ID_7"]})
    );
    assert_eq!(json["at_threshold"]["sensitivity"]["n_hits"], 2);
    assert_eq!(json["roc_curve"][0]["threshold"], Value::Null);
    let subtypes = json["subtypes"].as_array().unwrap();
    assert_eq!(subtypes[2]["subtype"], "intraventricular");
    assert_eq!(subtypes[2]["auc"], json!({"undefined": "no positives"}));
    assert_eq!(
        json["calibration"][1]["positives"],
        json!({"undefined": "empty bin"})
    );
    assert!(json["youden"]["warning"].is_string());
}

#[test]
fn prints_a_table() {
    let text = summary(LABELS, PREDICTIONS).to_string();
    for line in [
        "6 slices judged: 3 positive, 3 negative",
        "  ROC AUC               0.7778  0.1730 to 0.9832",
        "  sensitivity           0.6667  0.2077 to 0.9385  2 of 3",
        "  TP 2, FP 1, TN 2, FN 1",
        "epidural              1  1.0000  no interval       1.0000  0.2065 to 1.0000",
        "intraventricular      0  no positives              no positives",
        "0.1 to 0.2            0          -          -",
        "predictions without a label: 1",
        "  ID_8",
    ] {
        assert!(
            text.lines().any(|l| l == line),
            "no line {line:?} in\n{text}"
        );
    }
    assert!(text.contains("too good"));
}

#[test]
fn prints_0_and_1_only_where_they_are_exact() {
    // One of 30,000 negatives above every positive, and one of 30,000 positives below every negative.
    let (mut labels, mut predictions) = ("id,label\n".to_owned(), "id,probability\n".to_owned());
    for at in 0..30_000 {
        labels += &format!("n{at},0\np{at},1\n");
        let [negative, positive] = if at == 0 { [1, 0] } else { [0, 1] };
        predictions += &format!(
            "n{at},0.{}\np{at},0.{}\n",
            1 + negative * 8,
            1 + positive * 8
        );
    }
    let text = summary(&labels, &predictions).to_string();
    for line in [
        "  ROC AUC               0.9999  0.9999 to 0.9999",
        "  sensitivity           0.9999  0.9998 to 0.9999  29999 of 30000",
        "  NPV                   0.9999  0.9998 to 0.9999  29999 of 30000",
        "0.0 to 0.1        30000     0.1000     0.0001  0.0001 to 0.0002",
    ] {
        assert!(
            text.lines().any(|l| l == line),
            "no line {line:?} in\n{text}"
        );
    }
}

#[test]
fn prints_at_most_80_columns_and_no_control_characters() {
    let long = "\u{1b}".repeat(200);
    let boxes =
        format!("SOPInstanceUID,labelName\n1.2.3,{long}\n{long}.7,Other kind of bleeding\n");
    let predictions = format!(
        "id,probability\n1.2.3,1e-300\n1.2.4,0.12345678901234567\n{long},0.3333333333333333\n"
    );
    let labels = Labels::from_reader(boxes.as_bytes()).unwrap();
    let labels = labels.with_unlisted_negative().unwrap();
    let predictions = Predictions::from_reader(predictions.as_bytes()).unwrap();
    for summary in [
        judge(&labels, &predictions, 1e-300 / 3.0).unwrap(),
        summary(LABELS, PREDICTIONS),
        summary(&boxes, "id,probability\n1.2.3,0.5\nx,0.5\n"),
    ] {
        let text = summary.to_string();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line:?}");
            assert_eq!(line, line.trim_end(), "{line:?}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }
}
