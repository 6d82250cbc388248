//! Networks of other kinds from their ONNX files to tables, maps and reports, compared with what ONNX
//! Runtime says of the same slices (`tests/networks`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ndarray::Array;
use ndarray_npy::read_npy;
use serde_json::Value;
use test_kit::in_workspace;

/// Between a probability and that of ONNX Runtime; 6e-7 was the most seen.
const TOLERANCE: f64 = 5e-6;

/// Between maps, of the largest value of a map; 2e-5 was the most seen.
const MAP_TOLERANCE: f32 = 1e-4;

fn file(name: &str) -> PathBuf {
    in_workspace("tests/networks").join(name)
}

fn expected(network: &str, slice: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(file("expected.json")).expect("a file");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let found = all[network][slice]["probabilities"].as_array();
    let numbers = found.expect("probabilities").iter();
    numbers
        .map(|number| number.as_f64().expect("a number"))
        .collect()
}

fn ich(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(args)
        .current_dir(in_workspace("tests/networks"))
        .output()
        .expect("ich runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The rows of `ich predict --json`.
fn predicted(args: &[&str]) -> Vec<Value> {
    let output = ich(&[&["predict", "--json", "--all-labels"], args].concat());
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn assert_probabilities(row: &Value, labels: &[&str], expected: &[f64]) {
    let found = row["probabilities"].as_object().expect("by label");
    assert_eq!((found.len(), labels.len()), (labels.len(), expected.len()));
    for (label, expected) in labels.iter().zip(expected) {
        let found = found[*label].as_f64().expect("a number");
        assert!(
            (found - expected).abs() <= TOLERANCE,
            "{label}: {found}, expected {expected}"
        );
    }
}

const SIX: [&str; 6] = [
    "epidural",
    "intraparenchymal",
    "intraventricular",
    "subarachnoid",
    "subdural",
    "any",
];

#[test]
fn probabilities_are_those_of_onnx_runtime_on_both_engines() {
    for engine in ["masked", "dense"] {
        for (network, labels, slices) in [
            ("six_labels", &SIX[..], ["two_bleeds", "clear"]),
            (
                "keras_nhwc",
                &["clear", "hemorrhage"],
                ["two_bleeds_64", "clear_64"],
            ),
            ("embedded", &["hemorrhage"], ["two_bleeds_64", "clear_64"]),
        ] {
            let weights = format!("{network}.onnx");
            let paths = slices.map(|slice| format!("{slice}.npy"));
            let args = [
                "--weights",
                &weights,
                "--engine",
                engine,
                &paths[0],
                &paths[1],
            ];
            let rows = predicted(&args);
            assert_eq!(rows.len(), 2, "{network}");
            for (row, slice) in rows.iter().zip(slices) {
                assert_probabilities(row, labels, &expected(network, slice));
            }
        }
    }
}

#[test]
fn a_table_with_all_labels_is_judged_label_by_label() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("p.csv");
    let path = table.to_str().expect("UTF-8");
    let args = [
        "predict",
        "--weights",
        "six_labels.onnx",
        "two_bleeds.npy",
        "clear.npy",
    ];
    let more = ["--all-labels", "--label", "subdural", "--out", path];
    let run = ich(&[&args[..], &more].concat());
    assert!(run.status.success(), "{}", said(&run));
    let text = std::fs::read_to_string(&table).expect("a table");
    let header = text.lines().next().expect("a header");
    let of_labels = "warnings,probability_epidural,probability_intraparenchymal,\
                     probability_intraventricular,probability_subarachnoid,probability_subdural,\
                     probability_any";
    assert!(header.ends_with(of_labels), "{header}");
    assert!(
        text.lines().skip(1).all(|row| row.contains(",subdural,")),
        "{text}"
    );

    let labels = folder.path().join("labels.csv");
    let rows = "ID,any,epidural,intraparenchymal,intraventricular,subarachnoid,subdural\n\
                two_bleeds,1,0,1,0,0,1\nclear,0,0,0,0,0,0\n";
    std::fs::write(&labels, rows).expect("written");
    let run = ich(&["labels", labels.to_str().expect("UTF-8"), path, "--json"]);
    assert!(run.status.success(), "{}", said(&run));
    let summary: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(summary["auc"]["estimate"], 1.0, "{summary}");
    let subtypes = summary["subtypes"].as_array().expect("a list");
    assert!(subtypes.iter().all(|subtype| subtype["judged_by"] == "own"));
}

/// The map of `ich explain` on one grid, a value a cell, and the report.
fn explained(network: &str, slice: &str, more: &[&str]) -> (Vec<f32>, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let (weights, path) = (format!("{network}.onnx"), format!("{slice}.npy"));
    let args = [
        "explain",
        &path,
        "--weights",
        &weights,
        "--out",
        out,
        "--radii",
        "0",
    ];
    let run = ich(&[&args[..], more].concat());
    assert!(run.status.success(), "{}", said(&run));
    let map: Array<f32, ndarray::Ix2> =
        read_npy(folder.path().join(format!("{slice}.saliency.npy"))).expect("a map");
    let report = std::fs::read(folder.path().join(format!("{slice}.json"))).expect("a report");
    (
        map.into_raw_vec_and_offset().0,
        serde_json::from_slice(&report).expect("JSON"),
    )
}

/// A committed map of one value a cell, repeated to pixels.
fn expected_map(name: &str, side: usize) -> Vec<f32> {
    let cells: Array<f32, ndarray::Ix2> =
        read_npy(file(&format!("{name}.map.npy"))).expect("a map");
    let (rows, cols) = cells.dim();
    let at = |row, col| cells[(row * rows / side, col * cols / side)];
    (0..side * side)
        .map(|pixel| at(pixel / side, pixel % side))
        .collect()
}

fn largest(map: &[f32]) -> f32 {
    map.iter().copied().fold(0.0, f32::max)
}

fn assert_map(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let limit = MAP_TOLERANCE * largest(expected);
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= limit,
            "{found}, expected {expected}"
        );
    }
}

#[test]
fn maps_of_two_labels_are_those_of_h_shap_on_onnx_runtime_and_differ() {
    let mut maps = BTreeMap::new();
    for label in ["any", "subdural", "intraparenchymal"] {
        let more = ["--label", label, "--levels", "4", "--tolerance", "0"];
        let background = ["--background", "mean_clear.npy"];
        let (map, report) = explained(
            "six_labels",
            "two_bleeds",
            &[&more[..], &background].concat(),
        );
        assert_map(&map, &expected_map(&format!("six_labels.{label}"), 128));
        assert_eq!(report["settings"]["label_name"], label);
        assert_eq!(report["settings"]["output"], "probability");
        assert_eq!(
            report["probabilities"].as_object().map(|all| all.len()),
            Some(6)
        );
        maps.insert(label, map);
    }
    // What speaks for the one is not what speaks for the other.
    let inside = |map: &[f32], other: &[f32]| {
        let limit = largest(other) / 10.0;
        let pairs = map.iter().zip(other);
        let shared: f32 = pairs
            .filter(|(_, other)| **other > limit)
            .map(|(m, _)| m)
            .sum();
        shared / map.iter().sum::<f32>()
    };
    assert!(inside(&maps["subdural"], &maps["intraparenchymal"]) < 0.2);
}

#[test]
fn a_tolerance_keeps_its_word_on_another_network() {
    let more = [
        "--levels",
        "4",
        "--background",
        "mean_clear.npy",
        "--label",
        "subdural",
    ];
    let (exact, _) = explained(
        "six_labels",
        "two_bleeds",
        &[&more[..], &["--tolerance", "0"]].concat(),
    );
    let (map, report) = explained(
        "six_labels",
        "two_bleeds",
        &[&more[..], &["--tolerance", "10%"]].concat(),
    );
    let unexplored = &report["unexplored"];
    assert_eq!(unexplored["ended_by"], "tolerance", "{unexplored}");
    let bound = unexplored["bound"].as_f64().expect("a bound") as f32;
    assert!(bound <= 0.1 * largest(&map));
    for (map, exact) in map.iter().zip(&exact) {
        assert!(
            *map <= exact + 1e-6 && *exact <= map + bound + 1e-6,
            "{map} {exact}"
        );
    }
}

#[test]
fn a_logit_is_explained_without_a_bound() {
    let more = [
        "--levels",
        "2",
        "--background",
        "mean_clear.npy",
        "--explain",
        "logit",
    ];
    let (_, report) = explained("six_labels", "two_bleeds", &more);
    assert_eq!(report["settings"]["output"], "logit");
    assert_eq!(report["settings"]["tolerance"], 0.0);
    let completeness = &report["completeness"];
    // The logit of "any" by ONNX Runtime; 2e-6 of it was the most seen.
    let logit = completeness["output_of_image"].as_f64().expect("a number");
    assert!((logit - 18.992_345_8).abs() < 1e-4, "{logit}");
    // The table says probabilities all the same.
    assert!((report["probability"].as_f64().expect("a number") - 1.0).abs() < 1e-6);
    let run = ich(&[
        "explain",
        "two_bleeds.npy",
        "--weights",
        "six_labels.onnx",
        "--background",
        "mean_clear.npy",
        "--explain",
        "logit",
        "--tolerance",
        "1%",
        "--out",
        "/dev/null/x",
    ]);
    assert!(!run.status.success());
}

#[test]
fn an_undeclared_network_is_refused_with_a_template() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = |name: &str| {
        let to = folder.path().join(name);
        std::fs::copy(file(name), &to).expect("copied");
        to
    };
    let weights = copy("six_labels.onnx");
    let weights = weights.to_str().expect("UTF-8");
    let slice = file("clear.npy");
    let run = ich(&[
        "predict",
        slice.to_str().expect("UTF-8"),
        "--weights",
        weights,
        "--size",
        "128",
    ]);
    assert_eq!(run.status.code(), Some(1));
    for says in [weights, "ich.json", "\"channels\": \"FILL IN"] {
        assert!(said(&run).contains(says), "no {says:?} in {}", said(&run));
    }
    // As it is printed it is refused as well, and names what is left.
    let template = ich(&["weights", "inspect", weights, "--template"]);
    assert!(template.status.success(), "{}", said(&template));
    std::fs::write(folder.path().join("six_labels.ich.json"), &template.stdout).expect("written");
    let run = ich(&[
        "predict",
        slice.to_str().expect("UTF-8"),
        "--weights",
        weights,
    ]);
    assert_eq!(run.status.code(), Some(1));
    assert!(
        said(&run).contains("still to be filled in: input.channels, input.mean"),
        "{}",
        said(&run)
    );
}

#[test]
fn options_count_more_than_the_declaration_beside_the_weights() {
    let rows = predicted(&[
        "--weights",
        "six_labels.onnx",
        "two_bleeds.npy",
        "--label",
        "4",
        "--windows",
        "stroke",
    ]);
    let row = &rows[0];
    assert_eq!(row["label"], "subdural");
    assert!(
        row["reading"]
            .as_str()
            .is_some_and(|text| text.contains("32:8")),
        "{row}"
    );
    let run = ich(&[
        "predict",
        "clear.npy",
        "--weights",
        "six_labels.onnx",
        "--label",
        "fracture",
    ]);
    assert_eq!(run.status.code(), Some(1));
    for says in ["fracture", "epidural, intraparenchymal"] {
        assert!(said(&run).contains(says), "no {says:?} in {}", said(&run));
    }
}

#[test]
fn inspect_says_what_an_explanation_costs() {
    let run = ich(&["weights", "inspect", "six_labels.onnx", "--json"]);
    assert!(run.status.success(), "{}", said(&run));
    let found: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let onnx = &found["onnx"];
    assert_eq!(
        (&onnx["outputs"], &onnx["end"]),
        (&Value::from(6), &Value::from("logits"))
    );
    assert_eq!(onnx["nodes"]["Conv"], 5);
    let share = onnx["share_of_work"].as_f64().expect("a share");
    assert!(share > 0.0 && share < 0.2, "{share}");
    assert!(
        found["declared_by"]["channels"]
            .as_str()
            .is_some_and(|by| by.ends_with("six_labels.ich.json"))
    );
    assert!(Path::new(found["file"].as_str().expect("a path")).ends_with("six_labels.onnx"));
}
