//! Circles in what uses what.

use std::collections::{BTreeMap, BTreeSet};

/// Of each pair `(user, used)` the items.
pub(crate) type Uses = BTreeMap<(String, String), String>;

/// The groups of files each of which reaches every other one, as lines `user -> used: items`.
pub(crate) fn circles(uses: &Uses) -> Vec<Vec<String>> {
    let files: BTreeSet<&str> = uses.keys().flat_map(|(a, b)| [&**a, &**b]).collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> = files
        .iter()
        .map(|&file| (file, reachable(file, uses)))
        .collect();
    let mut left = files;
    let mut circles = Vec::new();
    while let Some(file) = left.pop_first() {
        if !reached[file].contains(file) {
            continue;
        }
        let group: BTreeSet<&str> = reached[file]
            .iter()
            .filter(|&&other| reached[other].contains(file))
            .copied()
            .collect();
        left.retain(|other| !group.contains(other));
        let inside = |((a, b), _): &(&(String, String), &String)| {
            group.contains(&**a) && group.contains(&**b)
        };
        let lines = uses.iter().filter(inside);
        circles.push(
            lines
                .map(|((a, b), items)| format!("{a} -> {b}: {items}"))
                .collect(),
        );
    }
    circles
}

/// What a file uses, and what that uses.
fn reachable<'a>(file: &str, uses: &'a Uses) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file.to_owned()];
    while let Some(user) = open.pop() {
        for (_, used) in uses.keys().filter(|(a, _)| *a == user) {
            if reached.insert(&**used) {
                open.push(used.clone());
            }
        }
    }
    reached
}
