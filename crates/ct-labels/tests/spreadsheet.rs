//! Cells that are guarded against spreadsheets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::spreadsheet::{guard, unguard};
use ct_labels::{Labels, Predictions, judge};
use proptest::prelude::*;

const NAMES: [&str; 10] = [
    "=1+1", "+scan", "-scan", "@scan", "'scan", "'=1+1", "''-scan", "scan=1", "'", "a'=b",
];

/// The table as `ich predict` writes it, with columns that are not read.
fn predictions(names: &[&str]) -> String {
    let mut table = "file,id,sop_instance_uid,probability,prediction,warnings\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        let [file, id] = [format!("{name}.dcm"), (*name).to_owned()];
        let [file, id] = [guard(&file), guard(&id)].map(|cell| cell.replace('"', "\"\""));
        let warnings = if at % 2 == 0 {
            ""
        } else {
            "window-width no-spacing"
        };
        table += &format!("\"{file}\",\"{id}\",,0.{at},0,{warnings}\n");
    }
    table
}

#[test]
fn guarded_names_match_their_labels() {
    let all = Predictions::from_reader(predictions(&NAMES).as_bytes()).unwrap();
    assert_eq!(all.n_predictions(), NAMES.len());
    let labels: Vec<_> = NAMES.iter().map(|name| format!("{name},1\n")).collect();
    let labels = format!("id,label\n{}", labels.concat());
    let labels = Labels::from_reader(labels.as_bytes()).unwrap();
    let summary = judge(&labels, &all, 0.5).unwrap();
    assert_eq!((summary.n_cases, summary.without_label.n), (NAMES.len(), 0));

    for name in NAMES {
        let one = Predictions::from_reader(predictions(&[name]).as_bytes()).unwrap();
        // As the file is named, with its ending, and as it was copied from the predictions.
        for label in [
            name.to_owned(),
            format!("{name}.dcm"),
            guard(name).into_owned(),
        ] {
            let labels = format!("id,label\n{label},1\n");
            let labels = Labels::from_reader(labels.as_bytes()).unwrap();
            let summary = judge(&labels, &one, 0.5).unwrap();
            assert_eq!(summary.n_cases, 1, "{name} and {label}");
        }
    }
}

#[test]
fn names_that_begin_with_white_space_match_their_labels() {
    let predictions = predictions(&["\tscan", "\rslice", "\nother"]);
    let predictions = Predictions::from_reader(predictions.as_bytes()).unwrap();
    let labels = Labels::from_reader(&b"id,label\nscan,1\nslice,0\nother,1\n"[..]).unwrap();
    assert_eq!(judge(&labels, &predictions, 0.5).unwrap().n_cases, 3);
}

proptest! {
    #[test]
    fn unguard_gives_back_what_guard_took(cell in "['=+@\t\r\nab-]{0,6}|.*") {
        let guarded = guard(&cell);
        prop_assert_eq!(unguard(&guarded), &cell);
        prop_assert!(!guarded.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
        let n_more = guarded.len() - cell.len();
        let is_formula = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        prop_assert_eq!(n_more, usize::from(is_formula));
    }

    #[test]
    fn no_two_cells_are_guarded_alike(a in "['=b]{0,4}", b in "['=b]{0,4}") {
        prop_assert_eq!(guard(&a) == guard(&b), a == b);
    }
}
