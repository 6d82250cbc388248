//! What is in the cache already.

use std::fs;

use pinned_fetch::{BlobId, Error, Progress, Size};

use crate::setting::{Setting, content, nowhere, pinned, source};
use test_kit::server::Reply;

#[test]
fn a_warm_cache_needs_no_network() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    setting.expect_fetched();

    let files = std::slice::from_ref(&setting.file);
    let mut n_cached = 0;
    let summary = pinned_fetch::fetch(files, &source(&nowhere()), &setting.cache, &mut |event| {
        assert!(matches!(event, Progress::Cached { .. }), "{event:?}");
        n_cached += 1;
    });
    let summary = summary.expect("a cached file");
    assert_eq!((summary.n_cached, summary.n_fetched), (1, 0));
    assert_eq!(n_cached, 1);
}

#[test]
fn a_cold_cache_without_network_tells_what_to_do() {
    let setting = Setting::new(|_, _| Reply::status(500));
    let files = std::slice::from_ref(&setting.file);
    let result = pinned_fetch::fetch(files, &source(&nowhere()), &setting.cache, &mut |_| {});
    let error = result.expect_err("no server");
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(std::error::Error::source(&error).is_some());
    let message = error.to_string();
    assert!(message.contains("is not in the cache"), "{message}");
    assert!(message.contains(&setting.path().display().to_string()));
    assert!(!setting.path().exists());
    assert_eq!(setting.partials(), [0_u64; 0]);
}

#[test]
fn a_corrupt_file_is_reported_and_replaced() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    setting.expect_fetched();
    let mut damaged = content();
    damaged[5] ^= 1;
    for damaged in [&damaged, &content()[1..], &[]] {
        let damaged_id = BlobId::of_bytes(damaged);
        fs::write(setting.path(), damaged).expect("a file");
        let found = setting.cache.find(&setting.file);
        assert!(matches!(found, Err(Error::Corrupt { found, .. }) if found == damaged_id));

        let mut was_reported = false;
        let summary = setting.fetch_reporting(&mut |event| {
            if let Progress::Damaged { found, .. } = event {
                was_reported = found == damaged_id;
            }
        });
        assert_eq!(summary.expect("a file").n_fetched, 1);
        assert!(was_reported);
        setting.assert_whole();
    }
}

#[test]
fn a_corrupt_file_is_not_replaced_by_wrong_bytes() {
    let setting = Setting::new(|_, _| Reply::whole(b"something else"));
    fs::create_dir_all(setting.folder.path().join("images")).expect("a folder");
    fs::write(setting.path(), b"damaged").expect("a file");
    let error = setting.fetch().expect_err("wrong bytes");
    assert!(matches!(error, Error::Mismatch { .. }), "{error:?}");
    let found = setting.cache.find(&setting.file);
    assert!(matches!(found, Err(Error::Corrupt { .. })), "{found:?}");
}

#[test]
fn only_what_is_missing_is_fetched() {
    let setting = Setting::new(|_, _| Reply::whole(b"hello\n"));
    let files = ["a", "folder/b", "c"].map(|path| pinned(path, b"hello\n"));
    let source = source(&setting.server.url());
    pinned_fetch::fetch(&files[1..2], &source, &setting.cache, &mut |_| {}).expect("a file");
    let summary = pinned_fetch::fetch(&files, &source, &setting.cache, &mut |_| {});
    let summary = summary.expect("files");
    assert_eq!((summary.n_cached, summary.n_fetched), (1, 2));
    let requests = setting.server.requests();
    let lines: Vec<_> = requests.iter().map(|request| &*request.line).collect();
    assert_eq!(lines, ["GET /folder/b", "GET /a", "GET /c"]);
}

#[test]
fn a_file_may_not_be_pinned_to_two_contents() {
    let setting = Setting::new(|_, _| Reply::whole(b"hello\n"));
    let source = source(&setting.server.url());
    let files = [pinned("a", b"hello\n"), pinned("a", b"other")];
    let result = pinned_fetch::fetch(&files, &source, &setting.cache, &mut |_| {});
    assert!(
        matches!(result, Err(Error::PinnedTwice { .. })),
        "{result:?}"
    );
    assert_eq!(setting.server.requests().len(), 0);

    let files = [pinned("a", b"hello\n"), pinned("a", b"hello\n")];
    let summary = pinned_fetch::fetch(&files, &source, &setting.cache, &mut |_| {});
    let summary = summary.expect("a file");
    assert_eq!((summary.n_cached, summary.n_fetched), (1, 1));
}

#[test]
fn a_size_is_a_length_or_a_limit() {
    assert_eq!(Size::Exactly(7).exact(), Some(7));
    assert_eq!(Size::AtMost(7).exact(), None);
    assert_eq!(Size::AtMost(7).limit(), 7);
}
