//! The `ich` command as a user meets it, on the small goldens.

mod results;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use test_kit::{in_workspace, read_npy};

pub(crate) fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

pub(crate) fn ich(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(args)
        .output()
        .expect("ich runs")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A quick explanation of the square slice by the small network into `out`.
pub(crate) fn explain(out: &Path, more: &[&str]) -> Output {
    let (slice, weights) = (golden("square.npy"), golden("small.safetensors"));
    let background = golden("square-background.npy");
    let mut args = vec!["explain", path(&slice), "--weights", path(&weights)];
    args.extend(["--resample", "never"]);
    args.extend(["--background", path(&background), "--out", path(out)]);
    args.extend(more);
    ich(&args)
}

pub(crate) const QUICK: [&str; 4] = ["--min-size", "32", "--radii", "0"];

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
    for (engine, tolerance) in [("masked", 3e-5), ("dense", 1e-5)] {
        let options = ["predict", "--json", "--resample", "never"];
        let options = [&options[..], &["--engine", engine]].concat();
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
            "{engine}: {probability}"
        );
    }
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

    // A file of another network can be looked into, too.
    let other = in_workspace("crates/ich-model/tests/exports/bad-other.onnx");
    let shown: Value =
        serde_json::from_str(&succeed(&["inspect", "--json", path(&other)])).expect("JSON");
    let misfit = shown["misfit"].as_str().expect("a reason");
    assert!(misfit.contains("node /0/Conv (Conv)"), "{misfit}");
    assert_eq!(shown["onnx"]["nodes"]["Conv"], 1, "{shown}");
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
    for (tolerance, line) in [
        ("0", "square: level 2 of 2, "),
        ("1%", "square: no map yet, "),
    ] {
        let run = explain(
            out.path(),
            &[&QUICK[..], &["--force", "--tolerance", tolerance]].concat(),
        );
        let stderr = text(&run.stderr);
        assert!(stderr.contains(line), "{stderr}");
        assert!(
            !stderr.contains('\u{1b}') && !stderr.contains('\r'),
            "{stderr}"
        );
    }
}

#[test]
fn standard_error_says_as_much_as_is_asked_for() {
    let out = tempfile::tempdir().expect("a folder");
    let said = |more: &[&str]| {
        let run = explain(out.path(), &[&QUICK, more, &["--force"]].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
        assert!(text(&run.stdout).contains("probability"));
        text(&run.stderr)
    };
    let usual = said(&[]);
    assert!(
        usual.contains("no map yet") && !usual.contains("SHA-256"),
        "{usual}"
    );
    let verbose = said(&["--verbose"]);
    assert!(verbose.contains("no map yet"), "{verbose}");
    assert!(
        verbose.contains("weights: ") && verbose.contains("explained in"),
        "{verbose}"
    );
    assert_eq!(said(&["--quiet"]), "");

    let missing = ich(&["predict", "none.npy", "--quiet"]);
    assert!(!missing.status.success());
    assert!(
        text(&missing.stderr).starts_with("error: none.npy"),
        "{missing:?}"
    );
}
