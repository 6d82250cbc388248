//! `ich fetch` against servers on this machine, with the pins of the original's files.

use std::path::Path;
use std::process::{Command, Output};

use test_kit::refusal::assert_refused;
use test_kit::server::{Reply, Request, Server};
use test_kit::shared;

/// The path asked for.
fn target(request: &Request) -> &str {
    request.line.trim_start_matches("GET /")
}

fn fetch(mirror: &str, cache: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(["fetch", "--mirror", mirror, "--cache"])
        .arg(cache)
        .output()
        .expect("ich runs")
}

/// Asserts that nothing in the folder has the name of a file of the original.
fn assert_no_file(cache: &Path) {
    for file in ["model.pt", "images/reference.pt", "images/gt.csv"] {
        assert!(!cache.join(file).exists(), "{file}");
    }
}

#[test]
fn real_files_arrive_and_a_stand_in_does_not() {
    const TEST: &str = "real_files_arrive_and_a_stand_in_does_not";
    let (Some(table), Some(slice)) = (
        shared(TEST, "data/cq500/gt.csv"),
        shared(
            TEST,
            "data/cq500/1.2.276.0.7230010.3.1.4.296485376.1.1521713007.1700822.npy",
        ),
    ) else {
        return;
    };
    let name = slice.file_name().and_then(|n| n.to_str());
    let name = name.expect("a name").to_owned();
    let [table, slice] = [table, slice].map(|path| std::fs::read(path).expect("bytes"));
    let (served, first) = (name.clone(), slice.clone());
    let server = Server::start(move |request, _| match target(request) {
        "images/gt.csv" => Reply::whole(&table),
        path if path == format!("images/{served}") => Reply::whole(&first),
        path if path.ends_with(".npy") => Reply::whole(&vec![0; 524_416]),
        _ => Reply::status(404),
    });
    let cache = tempfile::tempdir().expect("a folder");
    let run = fetch(&server.url(), cache.path());
    assert_refused(
        &run,
        &["27c343f4f127eef290dcc79408e652a56433c88b", "1704518.npy"],
    );
    let images = cache.path().join("images");
    assert_eq!(std::fs::read(images.join(&name)).expect("a slice"), slice);
    assert!(images.join("gt.csv").is_file());
    let mut files: Vec<_> = std::fs::read_dir(&images)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    files.sort();
    assert_eq!(files, [&*name, "gt.csv"], "nothing else has a name");

    // The second time these two are not asked for.
    fetch(&server.url(), cache.path());
    let requests = server.requests();
    let n_tables = requests
        .iter()
        .filter(|r| target(r) == "images/gt.csv")
        .count();
    assert_eq!(n_tables, 1);
}

#[test]
fn prints_the_terms_of_the_data_before_anything_is_asked_for() {
    let server = Server::start(|_, _| Reply::status(404));
    let cache = tempfile::tempdir().expect("a folder");
    let run = fetch(&server.url(), cache.path());
    assert_refused(
        &run,
        &["CC BY-NC-SA 4.0", "non-commercial", "status 404", "gt.csv"],
    );
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(stderr.find("CC BY-NC-SA") < stderr.find("status 404"));
    assert_no_file(cache.path());
}

#[test]
fn wrong_bytes_get_no_name() {
    let server = Server::start(|_, _| Reply::whole(b"<!DOCTYPE html><html>Log in</html>"));
    let cache = tempfile::tempdir().expect("a folder");
    let run = fetch(&server.url(), cache.path());
    assert_refused(
        &run,
        &["4a554e6a71d7192daa863d7424361944d4b7ced5", "a web page"],
    );
    assert_no_file(cache.path());
}

#[test]
fn plain_http_is_refused_but_on_this_machine() {
    let cache = tempfile::tempdir().expect("a folder");
    let run = fetch("http://example.org/files", cache.path());
    assert_refused(&run, &["http://example.org/files", "https"]);
    let server = Server::start(|_, _| Reply::redirect("http://example.org/gt.csv"));
    let run = fetch(&server.url(), cache.path());
    assert_refused(&run, &["redirects to http://example.org/gt.csv"]);
    assert_no_file(cache.path());
}

#[test]
fn a_cache_that_is_a_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    std::fs::write(&cache, "in the way").expect("written");
    let server = Server::start(|_, _| Reply::status(404));
    let run = fetch(&server.url(), &cache);
    assert_refused(&run, &["cache", "is not a folder"]);
    assert!(server.requests().is_empty());
}

#[test]
fn the_original_is_not_explained_before_it_is_fetched() {
    let cache = tempfile::tempdir().expect("a folder");
    let run = Command::new(env!("CARGO_BIN_EXE_ich"))
        .args(["explain", "--original"])
        .env("ICH_CACHE", cache.path())
        .output()
        .expect("ich runs");
    assert_refused(&run, &["`ich fetch` brings it"]);
}
