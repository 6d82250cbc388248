//! The shape of the source: files use each other in one direction, and none is too long to read.

mod graph;
mod modules;
mod places;

use std::path::{Path, PathBuf};

use graph::circles;
use modules::Crate;
use places::missing_places;

/// Longest file of Rust, in lines.
const MAX_LINES: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every `.rs` file below a folder.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// First files of the library and binary crates.
fn crate_roots() -> Vec<PathBuf> {
    let mut roots = vec![
        root().join("src/lib.rs"),
        root().join("src/bin/ich/main.rs"),
    ];
    for entry in std::fs::read_dir(root().join("crates")).expect("a folder") {
        roots.push(entry.expect("an entry").path().join("src/lib.rs"));
    }
    roots.sort();
    roots
}

#[test]
fn files_do_not_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    for first in crate_roots() {
        let source = Crate::read(&first);
        for circle in circles(&source.uses()) {
            found.push(circle.join("\n    "));
        }
    }
    assert!(
        found.is_empty(),
        "{} circles:\n{}",
        found.len(),
        found.join("\n\n")
    );
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "examples", "benches"] {
        rust_files(&root().join(folder), &mut files);
    }
    let lines = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("text");
        text.lines().count()
    };
    let too_long: Vec<_> = files
        .iter()
        .map(|path| (lines(path), path.display()))
        .filter(|(n, _)| *n > MAX_LINES)
        .collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn the_architecture_names_places_that_are_there() {
    let (n_found, missing) = missing_places(&root());
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(n_found > 50, "{n_found} places");
}

#[test]
fn a_circle_is_found_and_a_line_is_none() {
    let uses = |pairs: &[(&str, &str)]| {
        let owned = pairs.iter().map(|(a, b)| (a.to_string(), b.to_string()));
        owned.map(|pair| (pair, "x".to_owned())).collect()
    };
    assert!(circles(&uses(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    let found = circles(&uses(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]));
    assert_eq!(found, [["a -> b: x", "b -> c: x", "c -> a: x"]]);
}
