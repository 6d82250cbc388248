//! What is written about the command is what the command says of itself.

use std::path::Path;
use std::process::Command;

use test_kit::in_workspace;

fn ich(args: &[&Path]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(args)
        .output()
        .expect("ich runs");
    assert!(run.status.success(), "{run:?}");
    String::from_utf8(run.stdout).expect("UTF-8")
}

#[test]
fn the_reference_and_the_schema_are_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    ich(&[Path::new("manual"), folder.path()]);
    let read = |path: &Path| std::fs::read_to_string(path).expect("text");
    for name in ["command.md", "report.schema.json"] {
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
