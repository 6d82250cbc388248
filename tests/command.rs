//! The `ich` command as a user meets it, on the small goldens.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use test_kit::{in_workspace, read_npy};

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

fn ich(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(args)
        .output()
        .expect("ich runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A quick explanation of the square slice by the small network into `out`.
fn explain(out: &Path, more: &[&str]) -> Output {
    let (slice, weights) = (golden("square.npy"), golden("small.safetensors"));
    let background = golden("square-background.npy");
    let mut args = vec!["explain", path(&slice), "--weights", path(&weights)];
    args.extend(["--resample", "never"]);
    args.extend(["--background", path(&background), "--out", path(out)]);
    args.extend(more);
    ich(&args)
}

const QUICK: [&str; 4] = ["--min-size", "32", "--radii", "0"];

#[test]
fn predict_prints_file_probability_and_prediction() {
    let (square, wide, weights) = (golden("square.npy"), golden("wide.npy"), golden("small.pt"));
    let args = [path(&square), path(&wide), "--weights", path(&weights)];
    let run = ich(&[&["predict", "--resample", "never"], &args[..]].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    let lines: Vec<Vec<String>> = text(&run.stdout)
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect();
    assert_eq!((&*lines[0][0], &*lines[0][2]), (path(&square), "1"));
    assert_eq!((&*lines[1][0], &*lines[1][2]), (path(&wide), "1"));
    let probability: f32 = lines[1][1].parse().expect("a number");
    assert!((probability - 0.996_283).abs() < 1e-5);

    // The small network amplifies rounding, of which the masked engine does more.
    for (engine, device, tolerance) in [
        ("masked", "flex", 3e-5),
        ("dense", "flex", 1e-5),
        ("dense", "ndarray", 1e-5),
    ] {
        if device == "ndarray" && !cfg!(feature = "ndarray") {
            test_kit::skipped("predict on ndarray", "it is not in this build");
            continue;
        }
        let options = ["predict", "--json", "--resample", "never"];
        let options = [&options[..], &["--engine", engine]].concat();
        let options = [&options[..], &["--device", device]].concat();
        let run = ich(&[&options, &args[..]].concat());
        let rows: Vec<Value> = text(&run.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["file"], path(&square));
        assert_eq!(rows[0]["prediction"], 1);
        let probability = rows[0]["probability"].as_f64().expect("a number");
        assert!(
            (probability - 0.600_830).abs() < tolerance,
            "{engine}, {device}: {probability}"
        );
    }
}

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
    for origin in ["input", "weights", "background"] {
        let hash = report[origin]["sha256"].as_str().expect("a hash");
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
fn one_slice_without_an_explanation_does_not_stop_the_rest() {
    let out = tempfile::tempdir().expect("a folder");
    // A slice equal to the background has nothing important.
    let air = out.path().join("air.npy");
    let grey = ndarray::Array2::<f32>::zeros((64, 64));
    ndarray_npy::write_npy(&air, &grey).expect("written");
    let (slice, weights) = (golden("square.npy"), golden("small.safetensors"));
    let results = out.path().join("results");
    let mut args = vec!["explain", path(&air), path(&slice), "--weights"];
    args.extend([path(&weights), "--resample", "never"]);
    args.extend(["--background", path(&air), "--out", path(&results)]);
    args.extend(QUICK);
    let run = ich(&args);
    assert!(!run.status.success());
    let stderr = text(&run.stderr);
    assert!(
        stderr.contains("air.npy: nothing important found"),
        "{stderr}"
    );
    assert!(stderr.contains("1 of 2 slices"), "{stderr}");
    assert!(results.join("square.png").exists() && !results.join("air.png").exists());
}

#[test]
fn weights_are_inspected_converted_and_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let onnx = in_workspace("crates/ich-model/tests/exports/legacy-folded.onnx");
    let succeed = |args: &[&str]| {
        let run = ich(&[&["weights"], args].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
        text(&run.stdout)
    };
    let shown = succeed(&["inspect", path(&onnx)]);
    for line in [
        "ONNX, 56840 bytes",
        "44 tensors",
        "encoder.fc.weight",
        "fits: RSNAHemorrhageNet of width 2",
    ] {
        assert!(shown.contains(line), "no {line:?} in: {shown}");
    }

    let converted = ["a.safetensors", "b.bpk"].map(|name| folder.path().join(name));
    let mut probabilities = Vec::new();
    for file in [&onnx, &converted[0], &converted[1]] {
        if *file != onnx {
            succeed(&["convert", path(&onnx), path(file)]);
            let again = ich(&["weights", "convert", path(&onnx), path(file)]);
            assert!(text(&again.stderr).contains("--force"), "{again:?}");
        }
        let verified: Value =
            serde_json::from_str(&succeed(&["verify", "--json", path(file)])).expect("JSON");
        assert_eq!(
            (&verified["layers"], &verified["width"]),
            (&22.into(), &2.into())
        );
        probabilities.push(verified["probability"].as_f64().expect("a number"));
    }
    assert!(probabilities.iter().all(|p| *p == probabilities[0]));

    // A file that is of something else can be looked into; it is no network.
    let other = in_workspace("crates/ich-model/tests/exports/bad-other.onnx");
    let shown: Value =
        serde_json::from_str(&succeed(&["inspect", "--json", path(&other)])).expect("JSON");
    let misfit = shown["misfit"].as_str().expect("a reason");
    assert!(misfit.contains("node /0/Conv (Conv)"), "{misfit}");
    assert_eq!(shown["tensors"].as_array().expect("tensors").len(), 4);

    let twice = ich(&[
        "weights",
        "convert",
        path(&converted[0]),
        path(&converted[0]),
        "--force",
    ]);
    assert!(
        text(&twice.stderr).contains("is the input too"),
        "{twice:?}"
    );
    let nameless = folder.path().join("c.pt");
    let refused = ich(&["weights", "convert", path(&onnx), path(&nameless)]);
    assert!(text(&refused.stderr).contains("--format"), "{refused:?}");
    assert!(!nameless.exists());
}

#[test]
fn predictions_are_judged_by_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let [labels, predictions] = ["labels.csv", "table.csv"].map(|name| folder.path().join(name));
    let rows = |id: &str, label: u8| format!("ID_{id}_any,{label}\nID_{id}_subdural,{label}\n");
    let table = [
        "ID,Label\n".to_owned(),
        rows("a", 1),
        rows("b", 0),
        rows("c", 1),
        rows("d", 0),
    ];
    std::fs::write(&labels, table.concat()).expect("written");
    let table = "file,id,sop_instance_uid,series_instance_uid,probability,prediction\n\
        x/ID_a.dcm,ID_a,,,0.9,1\nx/ID_b.dcm,ID_b,,,0.6,1\nx/ID_c.dcm,ID_c,,,0.7,1\nx/ID_d.dcm,ID_d,,,0.1,0\n";
    std::fs::write(&predictions, table).expect("written");
    let args = ["labels", path(&labels), path(&predictions)];
    let run = ich(&args);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let shown = text(&run.stdout);
    assert!(
        shown.contains("ROC AUC") && shown.contains("Not a medical device"),
        "{shown}"
    );
    let run = ich(&[&args[..], &["--json"]].concat());
    let summary: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    // Every positive above every negative; at 0.5 one of the two negatives is called positive.
    assert_eq!(summary["auc"]["estimate"], 1.0);
    assert_eq!(summary["at_threshold"]["specificity"]["estimate"], 0.5);
}

#[test]
fn threads_change_nothing_but_the_time() {
    let out = tempfile::tempdir().expect("a folder");
    let maps = ["1", "2"].map(|threads| {
        let folder = out.path().join(threads);
        let run = explain(&folder, &[&QUICK[..], &["--threads", threads]].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
        read_npy(folder.join("square.saliency.npy"))
    });
    assert_eq!(maps[0], maps[1]);
}

#[test]
fn progress_is_plain_lines_on_a_pipe() {
    let out = tempfile::tempdir().expect("a folder");
    let run = explain(out.path(), &QUICK);
    let stderr = text(&run.stderr);
    assert!(stderr.contains("square: level 2 of 2, "), "{stderr}");
    assert!(
        !stderr.contains('\u{1b}') && !stderr.contains('\r'),
        "{stderr}"
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
