//! Explanations that end early and go on later, over several backgrounds, and how much they vary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ndarray::Array2;
use serde_json::Value;
use test_kit::in_workspace;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

/// Explains a small slice by a small network.
fn explain(out: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .arg("explain")
        .arg(golden("square.npy"))
        .args(["--resample", "never", "--min-size", "16"])
        .args(["--radii", "0,8", "--angles", "3"])
        .arg("--weights")
        .arg(golden("small.pt"))
        .arg("--out")
        .arg(out)
        .args(more)
        .output()
        .expect("ich runs")
}

fn done(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

fn report(out: &Path) -> Value {
    let text = std::fs::read_to_string(out.join("square.json")).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

fn map(out: &Path, ending: &str) -> Array2<f32> {
    ndarray_npy::read_npy(out.join(format!("square.{ending}"))).expect("a map")
}

fn largest(values: &Array2<f32>) -> f32 {
    values
        .iter()
        .fold(0.0, |largest, value| value.abs().max(largest))
}

fn background() -> String {
    golden("square-background.npy").display().to_string()
}

#[test]
fn an_explanation_goes_on_from_its_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let [exact, early] = ["exact", "early"].map(|name| folder.path().join(name));
    let background = background();
    let with = |more: &[&'static str]| {
        let mut args = vec!["--background", &*background];
        args.extend(more);
        args.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |out: &Path, more: &[&'static str]| {
        let args = with(more);
        explain(out, &args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    done(&run(&exact, &["--tolerance", "0"]));
    done(&run(&early, &["--budget", "40"]));
    let ended = report(&early);
    assert_eq!(ended["unexplored"]["ended_by"], "evaluations");
    assert!(report(&exact).get("unexplored").is_none());

    // The same budget is spent, another one is not.
    done(&run(&early, &["--budget", "40", "--resume"]));
    assert_eq!(report(&early), ended);
    done(&run(&early, &["--budget", "80", "--resume"]));
    let further = report(&early);
    let evaluations = |report: &Value| report["evaluations"].as_u64().expect("a number");
    assert!(evaluations(&further) > evaluations(&ended));

    done(&run(&early, &["--tolerance", "0", "--resume"]));
    let end = report(&early);
    assert!(end.get("unexplored").is_none(), "{}", end["unexplored"]);
    // Image and background are asked for again each time.
    assert!(evaluations(&end) <= evaluations(&report(&exact)) + 4);
    let [whole, continued] = [&exact, &early].map(|out| map(out, "saliency.npy"));
    // Other masks are evaluated together, which rounds otherwise.
    assert!(largest(&(&whole - &continued)) <= 1e-5 * largest(&whole));

    // What is exact is within every tolerance.
    done(&run(&early, &["--resume"]));
    assert_eq!(report(&early), end);

    // A map that was lost is drawn again from the report.
    std::fs::remove_file(early.join("square.saliency.npy")).expect("a file");
    done(&run(&early, &["--resume"]));
    assert_eq!(map(&early, "saliency.npy"), continued);
}

#[test]
fn several_backgrounds_are_averaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = background();
    let kinds = [&*file, "constant:30"];
    let each = kinds.map(|kind| {
        let out = folder.path().join(kind.replace(['/', ':'], "-"));
        done(&explain(
            &out,
            &["--background", kind, "--tolerance", "0", "--spread"],
        ));
        assert!(!out.join("square.background-spread.npy").exists());
        assert!(out.join("square.spread.npy").exists());
        map(&out, "saliency.npy")
    });
    let both = folder.path().join("both");
    let args = ["--background", &*file, "--background", "constant:30"];
    done(&explain(
        &both,
        &[&args[..], &["--tolerance", "0", "--spread"]].concat(),
    ));
    let mean = (&each[0] + &each[1]) / 2.0;
    let close = 1e-5 * largest(&mean);
    assert!(largest(&(&map(&both, "saliency.npy") - &mean)) <= close);
    // Of two numbers the standard deviation is half of their distance.
    let spread = (&each[0] - &each[1]).mapv(|difference| difference.abs() / 2.0);
    assert!(largest(&(&map(&both, "background-spread.npy") - &spread)) <= close);
    assert!(largest(&spread) > 0.0);
    assert!(largest(&map(&both, "spread.npy")) > 0.0);
    let report = report(&both);
    assert_eq!(report["backgrounds"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["backgrounds"][1]["source"], "constant:30");
    assert_eq!(report["runs"].as_array().map(Vec::len), Some(8));
}

#[test]
fn a_background_given_twice_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let twice = ["--background", "constant:0", "--background", "constant:0"];
    let output = explain(folder.path(), &twice);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("constant:0 is given twice"), "{stderr}");
}
