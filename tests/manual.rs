//! What is written about the command is what the command says of itself.

use std::path::Path;
use std::process::Command;

use test_kit::{in_workspace, skipped};

fn ich(args: &[&Path]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(args)
        .output()
        .expect("ich runs");
    assert!(run.status.success(), "{run:?}");
    String::from_utf8(run.stdout).expect("UTF-8")
}

#[test]
fn the_reference_and_the_schemas_are_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    ich(&[Path::new("manual"), folder.path()]);
    let read = |path: &Path| std::fs::read_to_string(path).expect("text");
    for name in [
        "command.md",
        "report.schema.json",
        "declaration.schema.json",
    ] {
        let written = read(&folder.path().join(name));
        let committed = read(&in_workspace("docs").join(name));
        assert!(
            written == committed,
            "docs/{name} is out of date; `ich manual docs --force` writes it"
        );
    }
    let page = read(&folder.path().join("man/ich-explain.1"));
    assert!(
        page.contains(".TH") && page.contains("min\\-size"),
        "{page}"
    );
}

#[test]
fn a_shell_completes_the_arguments() {
    let script = ich(&[Path::new("completions"), Path::new("bash")]);
    assert!(script.contains("--min-size") && script.contains("complete -F"));
}

/// By another implementation of JSON Schema, Python's `jsonschema`.
#[test]
fn a_report_fits_the_schema() {
    const TEST: &str = "a_report_fits_the_schema";
    let Some(python) = std::env::var_os("ICH_PYTHON") else {
        return skipped(TEST, "ICH_PYTHON names no Python with jsonschema");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let golden = |file: &str| in_workspace("tests/golden").join(file);
    let (slice, weights) = (golden("square.npy"), golden("small.pt"));
    let background = golden("square-background.npy");
    let [radii, resample] = [["--radii", "0,4"], ["--resample", "never"]];
    let options = [radii, resample].concat();
    let mut args = vec![
        Path::new("explain"),
        &slice,
        Path::new("--weights"),
        &weights,
    ];
    args.extend([Path::new("--background"), &background]);
    args.extend([Path::new("--out"), folder.path()]);
    args.extend(options.iter().map(Path::new));
    ich(&args);
    // A report that lacks what the schema requires must not fit.
    let check = "import json, sys, jsonschema\n\
        schema, report = (json.load(open(path)) for path in sys.argv[1:3])\n\
        jsonschema.Draft202012Validator.check_schema(schema)\n\
        jsonschema.validate(report, schema)\n\
        del report['settings']['reading']\n\
        assert not jsonschema.Draft202012Validator(schema).is_valid(report)\n";
    let run = Command::new(python)
        .args(["-c", check])
        .arg(in_workspace("docs/report.schema.json"))
        .arg(folder.path().join("square.json"))
        .output()
        .expect("Python runs");
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{stderr}");
}
