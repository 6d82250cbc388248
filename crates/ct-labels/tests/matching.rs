//! Which prediction belongs to which label, and what the summary says of the rest.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::{Error, Labels, Predictions, Summary, Undefined, judge};

fn summary(labels: &str, predictions: &str) -> Result<Summary, Error> {
    let labels = Labels::from_reader(labels.as_bytes())?;
    let predictions = Predictions::from_reader(predictions.as_bytes())?;
    judge(&labels, &predictions, 0.5)
}

/// Whether a prediction of this name finds the label.
fn matches(label: &str, prediction: &str) -> bool {
    let labels = format!("id,label\n{label},1\n");
    match summary(&labels, &format!("file,probability\n{prediction},0.5\n")) {
        Ok(summary) => summary.n_cases == 1,
        Err(Error::NoMatch { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn matches_equal_names_and_stems() {
    assert!(matches("ID_a", "ID_a"));
    assert!(matches("ID_a", "scans/ID_a.dcm"));
    assert!(matches("ID_a", r"C:\scans\ID_a.dcm"));
    assert!(matches("ID_a.png", "scans/ID_a.dcm"));
    assert!(matches("p1/ID_a", "scans/p1/ID_a.nii.gz"));
    assert!(matches("1.2.840.17", "1.2.840.17"));
    assert!(matches("1.2.840.17", "x/1.2.840.17.npy"));
}

#[test]
fn matches_with_and_without_the_prefix() {
    assert!(matches("00a", "scans/ID_00a.dcm"));
    assert!(matches("ID_00a", "scans/00a.dcm"));
    assert!(matches("ID_00a.dcm", "00a.npy"));
    assert!(matches("p1/00a", "scans/p1/ID_00a.dcm"));
    assert!(!matches("00a", "scans/id_00a.dcm"));
    assert!(!matches("00a", "ID_ID_00a"));
    // The name as it is comes first.
    let summary = summary(
        "id,label\nID_a,1\na,0\n",
        "file,probability\nx/ID_a.dcm,0.75\nx/a.dcm,0.25\n",
    )
    .unwrap();
    assert_eq!(summary.auc.unwrap().estimate, 1.0);
}

#[test]
fn does_not_match_other_names() {
    assert!(!matches("ID_a", "ID_ab"));
    assert!(!matches("ID_a", "id_a"));
    assert!(!matches("ID_a", "ID_a/b.dcm"));
    assert!(!matches("p1/ID_a", "p2/ID_a.dcm"));
    assert!(!matches("p1/ID_a", "ID_a"));
    assert!(!matches("1.2.840", "1.2.840.17"));
    assert!(!matches("1.2.840.17", "1.2.840"));
}

#[test]
fn the_most_certain_name_decides() {
    let summary = summary(
        "id,label\n1.2.3,1\nb,0\n",
        "file,SOPInstanceUID,probability\nb.npy,1.2.3,0.75\n",
    )
    .unwrap();
    assert_eq!((summary.n_positives, summary.n_negatives), (1, 0));
}

#[test]
fn an_equal_name_comes_before_a_stem() {
    let summary = summary(
        "id,label\na.png,1\na.dcm,0\n",
        "file,probability\na.png,0.75\nx/a.dcm,0.25\n",
    )
    .unwrap();
    assert_eq!(summary.auc.unwrap().estimate, 1.0);
}

#[test]
fn counts_and_names_what_is_left_out() {
    let labels: String = (0..8).map(|at| format!("l{at},{}\n", at % 2)).collect();
    let predictions: String = (6..15).map(|at| format!("x/l{at}.npy,0.5\n")).collect();
    let summary = summary(
        &format!("id,label\n{labels}"),
        &format!("file,probability\n{predictions}"),
    )
    .unwrap();
    assert_eq!(summary.n_cases, 2);
    assert_eq!(summary.without_label.n, 7);
    assert_eq!(summary.without_label.first[0], "x/l10.npy");
    assert_eq!(summary.without_label.first.len(), 5);
    assert_eq!(summary.without_prediction.n, 6);
    assert_eq!(
        summary.without_prediction.first,
        ["l0", "l1", "l2", "l3", "l4"]
    );
}

const BOXES: &str = "SOPInstanceUID,labelName\n1.2.3,Subdural\n1.2.4,Chronic\n";

#[test]
fn unlisted_slices_have_no_label_unless_asked_for() {
    let predictions = "file,probability\n1.2.3.npy,0.9\n1.2.4.npy,0.8\n1.2.5.npy,0.1\n1.2.6,0.2\n";
    let summary = summary(BOXES, predictions).unwrap();
    assert_eq!((summary.n_positives, summary.n_negatives), (2, 0));
    assert_eq!(summary.auc, Err(Undefined::NoNegatives));
    assert_eq!(summary.without_label.n, 2);

    let labels = Labels::from_reader(BOXES.as_bytes()).unwrap();
    let labels = labels.with_unlisted_negative().unwrap();
    let predictions = Predictions::from_reader(predictions.as_bytes()).unwrap();
    let summary = judge(&labels, &predictions, 0.5).unwrap();
    assert_eq!((summary.n_positives, summary.n_negatives), (2, 2));
    assert_eq!(summary.n_unlisted_negatives, 2);
    assert_eq!(summary.auc.unwrap().estimate, 1.0);
    assert_eq!(summary.without_label.n, 0);
    assert_eq!(summary.other_label_names, ["Chronic"]);
}

#[test]
fn rejects_names_with_nothing_in_common() {
    let error = summary(BOXES, "id,probability\nx,0.9\ny,0.1\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "none of 2 predictions, such as `x`, is among 2 labels, such as `1.2.3`"
    );
    // Nor are they all negative.
    let labels = Labels::from_reader(BOXES.as_bytes()).unwrap();
    let labels = labels.with_unlisted_negative().unwrap();
    let predictions = Predictions::from_reader(&b"id,probability\nx,0.9\n"[..]).unwrap();
    let error = judge(&labels, &predictions, 0.5).unwrap_err();
    assert!(matches!(error, Error::NoMatch { .. }));
}

#[test]
fn rejects_two_predictions_of_one_label() {
    let error = summary(
        "id,label\na,1\n",
        "file,probability\np1/a.npy,0.9\np2/a.npy,0.9\n",
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "label `a` matches the predictions `p1/a.npy` and `p2/a.npy`"
    );
}

#[test]
fn rejects_two_labels_of_one_prediction() {
    let error = summary(
        "id,label\na.png,1\na.jpg,0\n",
        "file,probability\na.npy,0.9\n",
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "prediction `a.npy` matches the labels `a.jpg` and `a.png`"
    );
}

#[test]
fn rejects_a_threshold_outside_0_to_1() {
    let labels = Labels::from_reader(&b"id,label\na,1\n"[..]).unwrap();
    let predictions = Predictions::from_reader(&b"id,probability\na,1\n"[..]).unwrap();
    for threshold in [f64::NAN, -0.5, 1.5] {
        let error = judge(&labels, &predictions, threshold).unwrap_err();
        assert!(matches!(error, Error::Threshold(_)));
    }
}
