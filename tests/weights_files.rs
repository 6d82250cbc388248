//! Files of weights on the command line: what is chosen and left out of them on every command, and
//! what reports and tables of tensors say of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use test_kit::in_workspace;

fn case(file: &str) -> PathBuf {
    in_workspace("crates/ich-model/tests/cases").join(file)
}

fn export(file: &str) -> PathBuf {
    in_workspace("crates/ich-model/tests/exports").join(file)
}

fn ich_in(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("it runs")
}

#[track_caller]
fn succeed(folder: &Path, args: &[&str]) -> String {
    let run = ich_in(folder, args);
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{args:?}: {stderr}");
    String::from_utf8(run.stdout).expect("text")
}

#[track_caller]
fn json(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&succeed(folder, args)).expect("JSON")
}

/// The hash by the system's own program.
fn sha256sum(path: &Path) -> String {
    let run = Command::new("sha256sum").arg(path).output().expect("runs");
    let text = String::from_utf8(run.stdout).expect("text");
    text.split(' ').next().expect("a hash").to_owned()
}

#[test]
fn a_key_and_patterns_are_taken_by_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let f = folder.path();
    let slice = in_workspace("tests/golden/square.npy");
    let slice = slice.to_str().expect("a path");
    let background = in_workspace("tests/golden/square-background.npy");
    let background_path = background.to_str().expect("a path");
    for (file, options) in [
        ("ema.pt", vec!["--key", "model_ema"]),
        (
            "mil_ich.pt",
            vec![
                "--ignore",
                "attention_mechanism.[UV].*",
                "--ignore",
                "*.W.*",
            ],
        ),
        ("pos_weight.ckpt", vec!["--key", "state_dict.model"]),
    ] {
        let weights = case(file);
        let weights = weights.to_str().expect("a path");
        let with = |args: &[&'static str]| [args, &[weights], &options[..]].concat();
        let predict = [
            "predict",
            "--json",
            "--resample",
            "never",
            slice,
            "--weights",
        ];
        let refused = ich_in(f, &[&predict[..], &[weights]].concat());
        assert!(!refused.status.success(), "{file} without options");

        let inspection = json(f, &with(&["weights", "inspect", "--json"]));
        assert_eq!(inspection["network"]["fits"], true, "{inspection}");
        let verification = json(f, &with(&["weights", "verify", "--json"]));
        let prediction = json(f, &[&predict[..], &[weights], &options].concat());
        assert!(prediction["probability"].is_number(), "{prediction}");

        let out = format!("{file}.safetensors");
        succeed(f, &[&with(&["weights", "convert"])[..], &[&out]].concat());
        let converted = json(f, &["weights", "verify", "--json", &out]);
        assert_eq!(
            converted["probability"], verification["probability"],
            "{file}"
        );

        let results = format!("{file}-out");
        let explain = ["explain", slice, "--radii", "0", "--out", &results];
        let explain = [&explain[..], &["--resample", "never"]].concat();
        let files = ["--background", background_path, "--weights", weights];
        succeed(f, &[&explain[..], &files, &options].concat());
        let report = std::fs::read(f.join(results).join("square.json")).expect("a report");
        let report: Value = serde_json::from_slice(&report).expect("JSON");
        assert_eq!(report["backgrounds"][0]["sha256"], sha256sum(&background));
        for content in [&report["weights"], &verification] {
            assert_eq!(content["sha256"], sha256sum(&case(file)), "{file}");
            match options[0] {
                "--key" => assert_eq!(content["key"], options[1]),
                _ => assert_eq!(content["ignored"].as_array().map(Vec::len), Some(6)),
            }
        }
    }
}

/// A bare name, one with the folder spelled out, an absolute one, and one through a link.
#[test]
fn values_beside_a_model_are_found_wherever_it_is_named_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let real = folder.path().join("real");
    std::fs::create_dir(&real).expect("a folder");
    let (model, data) = ("dynamo-external.onnx", "dynamo-external.onnx.data");
    for file in [model, data] {
        std::fs::copy(export(file), real.join(file)).expect("copied");
    }
    let absolute = real.join(model);
    let mut names = vec![
        (&real, model.to_owned()),
        (&real, format!("./{model}")),
        (&real, format!("../real/{model}")),
        (&real, absolute.to_str().expect("a path").to_owned()),
    ];
    let above = folder.path().to_owned();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&real, above.join("link")).expect("a link");
        names.push((&above, format!("link/{model}")));
    }
    for (from, name) in names {
        let verification = json(from, &["weights", "verify", "--json", &name]);
        assert_eq!(verification["sha256"], sha256sum(&export(model)), "{name}");
        let external = &verification["external"];
        assert_eq!(external[0]["name"], data, "{name}");
        assert_eq!(external[0]["sha256"], sha256sum(&export(data)), "{name}");
    }
}

/// What a report says of files that need no choice.
#[test]
fn a_plain_file_is_reported_by_its_hash_alone() {
    let file = export("network.pt");
    let path = file.to_str().expect("a path");
    let folder = tempfile::tempdir().expect("a folder");
    let verification = json(folder.path(), &["weights", "verify", "--json", path]);
    assert_eq!(verification["sha256"], sha256sum(&file));
    for key in ["key", "ignored", "external"] {
        assert!(verification.get(key).is_none(), "{verification}");
    }
}

#[test]
fn a_pattern_that_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = case("mil_ich.pt");
    let path = file.to_str().expect("a path");
    let run = ich_in(
        folder.path(),
        &["weights", "inspect", path, "--ignore", "[a"],
    );
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--ignore"), "{stderr}");
}
