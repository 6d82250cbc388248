//! How the command behaves among other programs: pipes, full disks, interruption, new folders, and
//! results of earlier runs.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use test_kit::in_workspace;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

fn case(file: &str) -> PathBuf {
    in_workspace("tests/cases/inputs").join(file)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn ich(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(args)
        .output()
        .expect("ich runs")
}

/// Arguments that explain small slices quickly.
fn explain(slices: &[&str], out: &Path, more: &[&str]) -> Output {
    let (weights, background) = (golden("small.pt"), golden("square-background.npy"));
    let mut args = vec!["explain", "--resample", "never", "--radii", "0"];
    args.extend(["--min-size", "32", "--weights", path(&weights)]);
    args.extend(["--background", path(&background), "--out", path(out)]);
    ich(&[&args, slices, more].concat())
}

/// A shell command in which `ich` is the program.
fn shell(script: &str) -> Output {
    Command::new("bash")
        .args(["-o", "pipefail", "-c", script])
        .env("ICH", env!("CARGO_BIN_EXE_ich"))
        .env("W", golden("small.pt"))
        .env("S", golden("square.npy"))
        .env("LABELS", case("12-labels.csv"))
        .env("PREDICTIONS", case("12-predictions.csv"))
        .output()
        .expect("bash runs")
}

#[test]
fn a_closed_pipe_ends_the_program_without_a_word() {
    for command in [
        "predict --resample never --weights $W $S $S/../wide.npy",
        "predict --json --resample never --weights $W $S",
        "weights inspect $W",
        "weights inspect --json $W",
        "devices",
        "labels $LABELS $PREDICTIONS",
        "--help",
    ] {
        let run = shell(&format!("$ICH {command} | true"));
        let stderr = text(&run.stderr);
        assert!(!stderr.contains("panicked"), "{command}: {stderr}");
        assert!(!stderr.contains("error"), "{command}: {stderr}");
        assert_eq!(run.status.code(), Some(0), "{command}: {stderr}");
    }
}

#[test]
fn a_full_standard_output_is_an_error() {
    for command in [
        "predict --resample never --weights $W $S",
        "weights inspect $W",
        "devices",
        "labels $LABELS $PREDICTIONS",
    ] {
        let run = shell(&format!("$ICH {command} > /dev/full"));
        let stderr = text(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{command}: {stderr}");
        assert!(stderr.contains("standard output: "), "{command}: {stderr}");
        // Nobody can be told, and nothing panics.
        let run = shell(&format!("$ICH {command} > /dev/full 2> /dev/full"));
        assert_eq!(run.status.code(), Some(1), "{command}");
    }
}

/// An explanation that goes on for long, begun in a folder.
fn start_long(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(["explain", "--demo", "--radii", "0", "--levels", "6"])
        .args(["--tolerance", "0", "--html", "run.html"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ich runs")
}

fn signal(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    let kill = Command::new("kill").args(["-s", signal, &pid]).status();
    assert!(kill.expect("kill runs").success());
}

/// Names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder");
    let files = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_file());
    files
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn an_explanation_that_is_interrupted_twice_leaves_no_temporary_file() {
    for name in ["INT", "TERM"] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = start_long(folder.path());
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut says = |what: &str| stderr.any(|line| line.is_ok_and(|line| line.contains(what)));
        assert!(says("level 1 of 6"), "{name}");
        // The page grows under a temporary name.
        assert_eq!(files(folder.path()).len(), 1, "{name}");
        signal(&child, name);
        assert!(says("once more ends at once"), "{name}");
        signal(&child, name);
        let status = child.wait().expect("the child ends");
        assert_eq!(status.code(), Some(130), "{name}");
        // Where the second came too late, the page is whole.
        let left = files(folder.path());
        assert!(left.iter().all(|file| file == "run.html"), "{left:?}");
    }
}

#[test]
fn an_explanation_that_is_interrupted_keeps_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = start_long(folder.path());
    let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut is_signalled = false;
    for line in stderr.lines() {
        if !is_signalled && line.expect("a line").contains("level 2 of 6") {
            signal(&child, "INT");
            is_signalled = true;
        }
    }
    assert!(is_signalled);
    assert_eq!(child.wait().expect("the child ends").code(), Some(130));
    assert_eq!(files(folder.path()), ["run.html"]);
    let report = std::fs::read(folder.path().join("ich-out/phantom-1.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["unexplored"]["ended_by"], "interrupt", "{report}");
    assert!(report["unexplored"]["cells"].as_u64() > Some(0));
    let page = std::fs::read_to_string(folder.path().join("run.html")).expect("a page");
    assert!(page.contains("Within ") || page.contains("Ended early"));

    // Other settings are another explanation.
    let out = folder.path().join("ich-out");
    let again = [
        "explain",
        "--demo",
        "--out",
        path(&out),
        "--resume",
        "--radii",
        "0",
    ];
    let run = ich(&again);
    assert_eq!(run.status.code(), Some(1), "other settings");
    assert!(
        text(&run.stderr).contains("was made otherwise"),
        "{}",
        text(&run.stderr)
    );
}

#[test]
fn a_page_may_lie_in_a_folder_that_the_run_makes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, slice) = (folder.path().join("new"), golden("square.npy"));
    let (html, sheet) = (out.join("run.html"), out.join("deeper/run.png"));
    let more = ["--html", path(&html), "--sheet", path(&sheet)];
    let run = explain(&[path(&slice)], &out, &more);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(html.is_file() && sheet.is_file());
}

#[test]
fn a_slice_beyond_the_volume_is_said() {
    let volume = case("09-control.nii.gz");
    let run = ich(&["predict", path(&volume), "--slice", "99"]);
    let stderr = text(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    for says in ["09-control.nii.gz", "99", "has "] {
        assert!(stderr.contains(says), "no {says:?} in {stderr}");
    }
}

#[test]
fn a_disk_that_is_full_ends_the_run_at_the_first_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let slices = folder.path().join("slices");
    std::fs::create_dir(&slices).expect("a folder");
    for name in ["a.npy", "b.npy", "c.npy"] {
        std::fs::copy(golden("square.npy"), slices.join(name)).expect("copied");
    }
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec $ICH explain --resample never --radii 0 --min-size 32 \
         --weights $W --background {} --out {} {}",
        golden("square-background.npy").display(),
        out.display(),
        slices.display()
    );
    let run = shell(&script);
    let stderr = text(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
    assert_eq!(std::fs::read_dir(&out).map_or(0, Iterator::count), 0);
}

/// What `--resume` makes of results that are not whole, or not of this run.
#[test]
fn results_are_kept_only_if_they_are_whole_and_made_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, slice) = (folder.path().join("out"), golden("square.npy"));
    let weights = golden("small.pt");
    let resume_with = |weights: &Path, more: &[&str]| {
        let mut args = vec!["explain", "--resume", "--resample", "never", "--radii", "0"];
        args.extend([
            "--min-size",
            "32",
            "--weights",
            path(weights),
            "--out",
            path(&out),
        ]);
        ich(&[&args[..], &[path(&slice)], more].concat())
    };
    let background = golden("square-background.npy");
    let resume = |more: &[&str]| {
        resume_with(
            &weights,
            &[&["--background", path(&background)], more].concat(),
        )
    };
    assert!(resume(&[]).status.success());
    let [figure, map, report] =
        ["square.png", "square.saliency.npy", "square.json"].map(|name| out.join(name));
    let before = [&figure, &map, &report].map(|path| std::fs::read(path).expect("bytes"));
    assert!(text(&resume(&[]).stderr).is_empty(), "kept without a word");

    for (path, length) in [(&map, 200), (&figure, 0), (&report, 100), (&report, 0)] {
        let bytes = std::fs::read(path).expect("bytes");
        std::fs::write(path, &bytes[..length]).expect("cut");
        let run = resume(&[]);
        assert!(
            run.status.success(),
            "{}: {}",
            path.display(),
            text(&run.stderr)
        );
        for (path, before) in [&figure, &map].iter().zip(&before) {
            assert_eq!(std::fs::read(path).expect("bytes"), *before);
        }
        let report: Value =
            serde_json::from_slice(&std::fs::read(&report).expect("bytes")).expect("JSON");
        assert_eq!(report["files"][1]["bytes"], before[1].len());
    }

    let whole = std::fs::read(&report).expect("bytes");
    let (f16, other) = (
        golden("small-f16.safetensors"),
        golden("square-background.pt"),
    );
    let ours = ["--background", path(&background)];
    let theirs = ["--background", path(&other)];
    for (weights, background, more, says) in [
        (&weights, ours, &["--threshold", "0.5"][..], "threshold"),
        (&weights, ours, &["--windows", "subdural"], "windows"),
        (&f16, ours, &[], "weights"),
        (&weights, theirs, &[], "background"),
    ] {
        let run = resume_with(weights, &[&background, more].concat());
        let stderr = text(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{more:?}: {stderr}");
        assert!(stderr.contains(says), "{more:?}: {stderr}");
        assert_eq!(std::fs::read(&report).expect("bytes"), whole, "{more:?}");
    }
    std::fs::write(&report, "precious").expect("written");
    assert_eq!(resume(&[]).status.code(), Some(1));
    assert_eq!(std::fs::read(&report).expect("bytes"), b"precious");
}

/// Predictions of two networks, or of one under two windows, never stand in one table.
#[test]
fn a_table_is_resumed_by_the_same_network_and_reading_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("t.csv");
    let [square, wide, weights, f16] = [
        "square.npy",
        "wide.npy",
        "small.pt",
        "small-f16.safetensors",
    ]
    .map(golden);
    let predict = |slice: &Path, weights: &Path, more: &[&str]| {
        let args = ["predict", "--resample", "never", path(slice), "--weights"];
        ich(&[&args, &[path(weights), "--out", path(&table)][..], more].concat())
    };
    assert!(predict(&square, &weights, &[]).status.success());
    let one = std::fs::read(&table).expect("a table");
    for (weights, more, says) in [
        (&f16, &["--resume"][..], "weights"),
        (&weights, &["--resume", "--windows", "subdural"], "windows"),
        (&weights, &["--resume", "--rsna-repair"], "rsna-repair"),
    ] {
        let run = predict(&wide, weights, more);
        assert_eq!(run.status.code(), Some(1));
        assert!(text(&run.stderr).contains(says), "{}", text(&run.stderr));
        assert_eq!(std::fs::read(&table).expect("a table"), one);
    }
    assert!(predict(&wide, &weights, &["--resume"]).status.success());
    let two = text(&std::fs::read(&table).expect("a table"));
    assert_eq!(two.lines().count(), 3);

    // An interrupted table is not lost by forgetting --resume.
    let partial = folder.path().join("t.csv.partial");
    std::fs::rename(&table, &partial).expect("renamed");
    let run = predict(&wide, &weights, &[]);
    assert_eq!(run.status.code(), Some(1));
    assert!(
        text(&run.stderr).contains("--resume"),
        "{}",
        text(&run.stderr)
    );
    assert_eq!(text(&std::fs::read(&partial).expect("a table")), two);
}

/// Two runs of halves of a volume into one folder make one volume of maps.
#[test]
fn halves_of_a_volume_come_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let study = folder.path().join("study");
    std::fs::create_dir(&study).expect("a folder");
    for name in ["IM0", "IM1", "IM2"] {
        let from = case("11-study").join(name);
        std::fs::copy(from, study.join(name)).expect("copied");
    }
    let slices = ["IM0", "IM1", "IM2"].map(|name| study.join(name));
    let [first, second, third] = slices.each_ref().map(|slice| path(slice));
    let explain = |slices: &[&str], out: &Path, more: &[&str]| {
        let mut args = vec![
            "explain",
            "--radii",
            "0",
            "--levels",
            "1",
            "--out",
            path(out),
        ];
        // Cells are kept whatever their score, so that every map says something.
        args.extend(["--threshold", "-1", "--resample", "force"]);
        let run = ich(&[&args, slices, more].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
        text(&run.stderr)
    };
    let volume = |out: &Path| {
        let mut entries = std::fs::read_dir(out).expect("the folder");
        let found = entries.find_map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name()?.to_str()?.to_owned();
            (name.starts_with("series-") && name.ends_with(".nii.gz")).then_some(path)
        });
        std::fs::read(found.expect("a volume")).expect("bytes")
    };
    let [whole, halves] = ["whole", "halves"].map(|name| folder.path().join(name));
    explain(&[first, second, third], &whole, &[]);
    explain(&[first, second], &halves, &[]);
    assert_ne!(volume(&halves), volume(&whole));
    explain(&[second, third], &halves, &["--resume"]);
    assert_eq!(volume(&halves), volume(&whole));
}
