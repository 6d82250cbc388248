//! Many slices at once: folders with spoiled files, tables, interruption and resumption.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use test_kit::in_workspace;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

fn command(args: &[&Path]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ich"));
    command.args(args);
    command
}

fn run(args: &[&Path]) -> Output {
    command(args).output().expect("ich runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder of `n_good` copies of a small slice in two folders, and `n_bad` that are cut.
fn study(n_good: usize, n_bad: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = std::fs::read(golden("square.npy")).expect("bytes");
    for index in 0..n_good + n_bad {
        let series = folder.path().join(["a", "b"][index % 2]);
        std::fs::create_dir_all(&series).expect("a folder");
        let is_bad = index >= n_good;
        let name = format!("{}{index:03}.npy", if is_bad { "bad" } else { "good" });
        let n_bytes = if is_bad { 200 } else { bytes.len() };
        std::fs::write(series.join(name), &bytes[..n_bytes]).expect("written");
    }
    std::fs::write(folder.path().join("notes.txt"), "no slice").expect("written");
    folder
}

fn predict_args<'a>(study: &'a Path, weights: &'a Path, out: &'a Path) -> Vec<&'a Path> {
    let mut args = vec![Path::new("predict"), study, Path::new("--weights"), weights];
    args.extend(["--resample", "never"].map(Path::new));
    args.extend([Path::new("--out"), out]);
    args
}

#[test]
fn bad_files_are_named_and_do_not_stop_the_rest() {
    let study = study(5, 2);
    let results = tempfile::tempdir().expect("a folder");
    let (out, weights) = (results.path().join("table.csv"), golden("small.pt"));
    let args = predict_args(study.path(), &weights, &out);
    let run = run(&args);
    let stderr = text(&run.stderr);
    assert_eq!(run.status.code(), Some(3), "{stderr}");
    for says in [
        "bad005.npy: ",
        "bad006.npy: ",
        "5 of 7 slices have a result",
        "1 x a text (notes.txt)",
    ] {
        assert!(stderr.contains(says), "no {says:?} in: {stderr}");
    }
    let table = std::fs::read_to_string(&out).expect("a table");
    let lines: Vec<_> = table.lines().collect();
    let columns = "file,id,sop_instance_uid,series_instance_uid,label,probability,prediction,bytes,\
                   weights,reading,version,warnings";
    assert_eq!(lines[0], columns);
    assert_eq!(lines.len(), 6);
    assert!(
        lines[1].contains(",good000,") && lines[1].contains(",1,"),
        "{table}"
    );

    let all_bad = self::run(&[Path::new("predict"), &study.path().join("a/bad006.npy")]);
    assert_eq!(all_bad.status.code(), Some(1));
}

#[test]
fn explanations_keep_the_folders_of_the_slices_and_are_resumed() {
    let study = study(2, 1);
    let results = tempfile::tempdir().expect("a folder");
    let [weights, background] = ["small.pt", "square-background.npy"].map(golden);
    let mut args = vec![
        Path::new("explain"),
        study.path(),
        Path::new("--weights"),
        &weights,
    ];
    args.extend([Path::new("--background"), &background, Path::new("--out")]);
    args.push(results.path());
    args.extend(["--radii", "0", "--min-size", "32"].map(Path::new));
    args.extend(["--resample", "never"].map(Path::new));
    let first = run(&args);
    assert_eq!(first.status.code(), Some(3), "{}", text(&first.stderr));
    for file in ["a/good000.json", "b/good001.png", "b/good001.saliency.npy"] {
        assert!(results.path().join(file).is_file(), "{file}");
    }
    assert!(text(&run(&args).stderr).contains("exists already"));

    // What a kill leaves: a figure and no report.
    let report = results.path().join("b/good001.json");
    std::fs::remove_file(&report).expect("removed");
    let kept = std::fs::metadata(results.path().join("a/good000.json")).expect("a file");
    args.push(Path::new("--resume"));
    let second = run(&args);
    let stderr = text(&second.stderr);
    assert!(
        stderr.contains("2 of 3 slices have a result, 1 of them from before"),
        "{stderr}"
    );
    assert!(report.is_file());
    let again = std::fs::metadata(results.path().join("a/good000.json")).expect("a file");
    assert_eq!(
        kept.modified().expect("a time"),
        again.modified().expect("a time")
    );

    // With other settings nothing is as asked for, and nothing is replaced unasked.
    let other = [&args[..], &[Path::new("--threshold"), Path::new("0.5")]].concat();
    assert!(text(&run(&other).stderr).contains("threshold 0.0, now 0.5"));
}

#[test]
fn a_run_is_also_a_page_and_a_contact_sheet() {
    let study = study(2, 1);
    let results = tempfile::tempdir().expect("a folder");
    let [weights, background] = ["small.pt", "square-background.npy"].map(golden);
    let [page, sheet] = ["run.html", "run.png"].map(|name| results.path().join(name));
    let mut args = vec![Path::new("explain"), study.path(), Path::new("none*.npy")];
    args.extend([Path::new("--weights"), &weights]);
    args.extend([Path::new("--background"), &background]);
    args.extend([Path::new("--out"), results.path()]);
    args.extend([Path::new("--html"), &page, Path::new("--sheet"), &sheet]);
    args.extend(["--radii", "0", "--min-size", "32"].map(Path::new));
    args.extend(["--resample", "never"].map(Path::new));
    let first = run(&args);
    assert_eq!(first.status.code(), Some(3), "{}", text(&first.stderr));

    let html = std::fs::read_to_string(&page).expect("a page");
    assert_eq!(html.matches("class=\"slice\"").count(), 4);
    assert!(html.contains("none*.npy: no file matches"));
    assert!(html.contains("Not a medical device"));
    assert!(!html.contains("http:") && !html.contains("https:"));
    let drawn = std::fs::read(&sheet).expect("a sheet");
    assert!(drawn.starts_with(b"\x89PNG"));

    // A resumed run lists what an earlier one explained.
    std::fs::remove_file(&page).expect("removed");
    args.push(Path::new("--resume"));
    let second = text(&run(&args).stderr);
    assert!(second.contains("2 of them from before"), "{second}");
    let again = std::fs::read_to_string(&page).expect("a page");
    assert_eq!(again, html);
    assert_eq!(std::fs::read(&sheet).expect("a sheet"), drawn);

    args.pop();
    let elsewhere = tempfile::tempdir().expect("a folder");
    for arg in &mut args {
        if *arg == results.path() {
            *arg = elsewhere.path();
        }
    }
    let refused = run(&args);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("run.html"));
    assert_eq!(std::fs::read_to_string(&page).expect("a page"), html);
}

fn start(args: &[&Path]) -> Child {
    let mut command = command(args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("ich runs")
}

/// Killed at several moments, a table never has its name before it is complete, holds whole rows
/// only, and ends as if nothing had happened.
#[test]
fn a_killed_run_is_resumed() {
    let study = study(40, 0);
    let results = tempfile::tempdir().expect("a folder");
    let weights = golden("small.pt");
    let whole = results.path().join("whole.csv");
    assert!(
        run(&predict_args(study.path(), &weights, &whole))
            .status
            .success()
    );

    let out = results.path().join("killed.csv");
    let partial = results.path().join("killed.csv.partial");
    let mut args = predict_args(study.path(), &weights, &out);
    args.push(Path::new("--resume"));
    let mut n_kills = 0;
    for n_rows in [1, 8, 20, 30] {
        let mut child = start(&args);
        let begin = Instant::now();
        while child.try_wait().expect("a child").is_none() && begin.elapsed().as_secs() < 60 {
            let rows = std::fs::read_to_string(&partial).unwrap_or_default();
            if rows.lines().count() > n_rows {
                child.kill().expect("killed");
                n_kills += 1;
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.wait().expect("waited");
        if out.exists() {
            // It was over before it was killed: its name says that the table is whole.
            let table = std::fs::read_to_string(&out).expect("a table");
            assert_eq!(table.lines().count(), 41, "a name before the end");
            break;
        }
    }
    assert!(n_kills > 0, "every run was over before it was killed");
    assert!(run(&args).status.success());
    let rows = |path: &Path| -> BTreeMap<String, String> {
        let table = std::fs::read_to_string(path).expect("a table");
        let rows = table
            .lines()
            .map(|line| line.split_once(',').expect("a row"));
        rows.map(|(file, rest)| (file.to_owned(), rest.to_owned()))
            .collect()
    };
    assert_eq!(rows(&out), rows(&whole));
    assert!(!partial.exists());
}

#[test]
fn a_list_and_a_pattern_name_slices() {
    let study = study(3, 0);
    let results = tempfile::tempdir().expect("a folder");
    let list = results.path().join("list.txt");
    let first = study.path().join("a/good000.npy");
    std::fs::write(&list, format!("{}\n", first.display())).expect("written");
    let pattern = study.path().join("b/*.npy");
    let run = run(&[
        Path::new("predict"),
        &pattern,
        Path::new("--from"),
        &list,
        Path::new("--weights"),
        &golden("small.pt"),
        Path::new("--resample"),
        Path::new("never"),
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let stdout = text(&run.stdout);
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
    assert!(stdout.contains("good000") && stdout.contains("good001"));
}
