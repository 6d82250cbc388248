//! The places that ARCHITECTURE.md names.

use std::path::{Path, PathBuf};

/// The places of the table that says where things are, and of which line none is found.
///
/// A place stands in backticks, from the root or from the folder of the place before it; braces
/// stand for several.
pub(crate) fn missing_places(root: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("text");
    let table = text.split("## Where is").nth(1).expect("the table");
    let table = table.split("\n## ").next().expect("its section");
    let (mut n_found, mut missing) = (0, Vec::new());
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let Some(places) = row.trim_end_matches(" |").rsplit(" | ").next() else {
            continue;
        };
        let mut folder = PathBuf::new();
        let quoted = places.split('`').skip(1).step_by(2);
        for place in quoted.flat_map(expanded) {
            let found = [root.join(&place), folder.join(&place)];
            match found.into_iter().find(|path| path.exists()) {
                Some(path) => {
                    n_found += 1;
                    folder = path.parent().expect("a folder").to_owned();
                }
                None => missing.push(format!("{place} in: {row}")),
            }
        }
    }
    (n_found, missing)
}

/// `a/{b,c}.rs` is `a/b.rs` and `a/c.rs`.
fn expanded(place: &str) -> Vec<String> {
    match place.split_once('{').zip(place.split_once('}')) {
        Some(((before, _), (inside, after))) => inside[before.len() + 1..]
            .split(',')
            .map(|name| format!("{before}{name}{after}"))
            .collect(),
        None => vec![place.to_owned()],
    }
}
