//! What `ich explain` writes.

use std::process::Command;

use serde_json::Value;
use test_kit::read_npy;

use crate::{QUICK, explain, golden, ich, path, text};

#[test]
fn explain_writes_figure_map_and_report() {
    let out = tempfile::tempdir().expect("a folder");
    let run = explain(
        out.path(),
        &["--json", QUICK[0], QUICK[1], QUICK[2], QUICK[3]],
    );
    assert!(run.status.success(), "{}", text(&run.stderr));

    let png = std::fs::read(out.path().join("square.png")).expect("the figure");
    assert!(png.starts_with(b"\x89PNG"));
    let map = read_npy(out.path().join("square.saliency.npy"));
    assert_eq!(map.dim(), (64, 64));
    assert!(map.iter().any(|v| *v > 0.0));

    let report = std::fs::read_to_string(out.path().join("square.json")).expect("the report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let printed: Value = serde_json::from_slice(&run.stdout).expect("one line of JSON");
    assert_eq!(report, printed);
    assert_eq!(
        report["notice"],
        "Research use only. Not a medical device, not for clinical use."
    );
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["leaf_px"], serde_json::json!([16, 16]));
    assert_eq!(report["settings"]["min_size"], 32);
    assert_eq!(report["prediction"], 1);
    for origin in ["/input", "/weights", "/backgrounds/0"] {
        let hash = report.pointer(origin).expect("an origin")["sha256"]
            .as_str()
            .expect("a hash");
        assert_eq!(hash.len(), 64, "{origin}");
    }
    // The map is what the report's cells say.
    let runs = report["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1);
    let leaves = runs[0]["levels"]
        .as_array()
        .and_then(|l| l.last())
        .expect("levels");
    for cell in leaves.as_array().expect("cells") {
        let at = |key: &str| cell[key].as_u64().expect("pixels") as usize;
        let score = match cell["kept"] == true {
            true => cell["score"].as_f64().expect("a score") as f32,
            false => 0.0,
        };
        assert_eq!(map[(at("row"), at("col"))], score);
    }
    // Nothing else is left in the folder.
    let mut names: Vec<_> = std::fs::read_dir(out.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["square.json", "square.png", "square.saliency.npy"]);
}

#[test]
fn hashes_are_those_of_the_files() {
    let out = tempfile::tempdir().expect("a folder");
    let run = explain(out.path(), &QUICK);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let report = std::fs::read_to_string(out.path().join("square.json")).expect("the report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let Ok(sums) = Command::new("sha256sum").arg(golden("square.npy")).output() else {
        test_kit::skipped("hashes_are_those_of_the_files", "no sha256sum here");
        return;
    };
    let expected = text(&sums.stdout);
    assert_eq!(
        report["input"]["sha256"].as_str(),
        expected.split_whitespace().next()
    );
}

#[test]
fn existing_results_are_replaced_only_by_force() {
    let out = tempfile::tempdir().expect("a folder");
    let report = out.path().join("square.json");
    std::fs::write(&report, "precious").expect("written");
    let run = explain(out.path(), &QUICK);
    assert!(!run.status.success());
    assert!(
        text(&run.stderr).contains("--force"),
        "{}",
        text(&run.stderr)
    );
    assert_eq!(std::fs::read_to_string(&report).expect("kept"), "precious");
    assert!(!out.path().join("square.png").exists());

    let run = explain(out.path(), &[&QUICK[..], &["--force"]].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(
        std::fs::read_to_string(&report)
            .expect("new")
            .contains("notice")
    );
}

#[test]
fn boxes_of_the_table_are_in_the_report() {
    let out = tempfile::tempdir().expect("a folder");
    let table = out.path().join("boxes.csv");
    let rows = "SOPInstanceUID,SeriesInstanceUID,StudyInstanceUID,data,labelName,labelType\n\
        square,1,2,\"{'x': 30.5, 'y': 12.0, 'width': 9.0, 'height': 20.0}\",Subdural,handDrawn\n\
        other,1,2,\"{'x': 1.0, 'y': 1.0, 'width': 2.0, 'height': 2.0}\",Subdural,handDrawn\n";
    std::fs::write(&table, rows).expect("written");
    let results = out.path().join("results");
    let run = explain(&results, &[&QUICK[..], &["--boxes", path(&table)]].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    let report = std::fs::read_to_string(results.join("square.json")).expect("the report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(
        report["input"]["boxes"],
        serde_json::json!([
            {"x": 30.5, "y": 12.0, "width": 9.0, "height": 20.0, "label": "Subdural"}
        ])
    );
}

#[test]
fn results_never_replace_a_slice() {
    let folder = tempfile::tempdir().expect("a folder");
    let slice = folder.path().join("square.npy");
    let other = folder.path().join("square.saliency.npy");
    for copy in [&slice, &other] {
        std::fs::copy(golden("square.npy"), copy).expect("copied");
    }
    let before = std::fs::read(&other).expect("bytes");
    let mut args = vec!["explain", "--resample", "never", path(&slice), path(&other)];
    args.extend(["--force", "--out"]);
    args.push(path(folder.path()));
    let run = ich(&args);
    assert!(!run.status.success());
    let stderr = text(&run.stderr);
    assert!(stderr.contains("is one of the slices"), "{stderr}");
    assert_eq!(std::fs::read(&other).expect("bytes"), before);
}

/// Below a region that speaks against the class, no score counts as evidence for it.
#[test]
fn what_speaks_against_is_told_apart_and_the_values_add_up() {
    let out = tempfile::tempdir().expect("a folder");
    let more = [
        "--min-size",
        "16",
        "--radii",
        "0",
        "--threshold",
        "-1",
        "--against",
    ];
    let run = explain(out.path(), &more);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let [map, evidence, against] = ["saliency", "evidence", "against"]
        .map(|name| read_npy(out.path().join(format!("square.{name}.npy"))));
    let report = std::fs::read(out.path().join("square.json")).expect("the report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");

    // Efficiency of Shapley values; the rest is the rounding of a sum of four.
    let number = |pointer: &str| {
        report
            .pointer(pointer)
            .and_then(Value::as_f64)
            .expect(pointer)
    };
    let sum = number("/completeness/sum_of_first_level/0");
    let expected =
        number("/completeness/output_of_image") - number("/completeness/output_of_background/0");
    assert!((sum - expected).abs() < 1e-12, "{sum}, {expected}");
    assert_eq!(report["figure"]["shows_against"], true);

    let levels = report["runs"][0]["levels"].as_array().expect("levels");
    let phi_of = |path: &str| {
        let cells = levels
            .iter()
            .flat_map(|level| level.as_array().expect("cells"));
        let mut found = cells.filter(|cell| cell["path"] == path);
        found.next().expect("a cell")["phi"]
            .as_f64()
            .expect("a value")
    };
    let (mut n_for, mut n_below) = (0, 0);
    for cell in levels.last().and_then(Value::as_array).expect("cells") {
        let path = cell["path"].as_str().expect("a path");
        let ends = path
            .match_indices('.')
            .map(|(at, _)| at)
            .chain([path.len()]);
        let is_for = ends.map(|end| phi_of(&path[..end])).all(|phi| phi > 0.0);
        let at = |key: &str| cell[key].as_u64().expect("pixels") as usize;
        let pixel = (at("row"), at("col"));
        if is_for {
            n_for += 1;
            assert_eq!(evidence[pixel], map[pixel], "{path}");
            assert!(evidence[pixel] > 0.0 && against[pixel] == 0.0, "{path}");
        } else {
            n_below += 1;
            assert_eq!(evidence[pixel], 0.0, "{path}");
            assert!(against[pixel] <= 0.0, "{path}");
        }
    }
    assert!(n_for > 0 && n_below > 0, "{n_for} for, {n_below} not");
    assert!(against.iter().any(|&score| score < 0.0));
}
