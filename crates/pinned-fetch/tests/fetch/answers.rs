//! Answers of the server, right and wrong, that arrive in one piece.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pinned_fetch::{BlobId, Cache, Error, PinnedFile, Progress, Size};
use tempfile::TempDir;

use crate::setting::{N_BYTES, Setting, content, pinned, source};
use test_kit::server::{Reply, Server};

#[test]
fn a_whole_file_is_put_at_its_place() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    let mut events = Vec::new();
    let summary = setting.fetch_reporting(&mut |event| {
        events.push(match event {
            Progress::Started {
                total_bytes,
                resumed_at,
                ..
            } => format!("started {total_bytes:?} {resumed_at}"),
            Progress::Advanced { bytes, .. } if bytes < N_BYTES as u64 => return,
            Progress::Advanced { bytes, .. } => format!("advanced {bytes}"),
            Progress::Finished { file } => format!("finished {}", file.path()),
            other => format!("{other:?}"),
        });
    });
    assert_eq!(summary.expect("a file").n_fetched, 1);
    setting.assert_whole();
    assert_eq!(
        events,
        [
            format!("started Some({N_BYTES}) 0"),
            format!("advanced {N_BYTES}"),
            "finished images/gt.csv".to_owned()
        ]
    );

    let requests = setting.server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line, "GET /images/gt.csv");
    assert_eq!(requests[0].header("accept-encoding"), Some("identity"));
}

#[test]
fn a_file_of_unknown_length_may_come_in_any_framing() {
    for reply in [Reply::chunked, Reply::undelimited, Reply::whole] {
        let mut setting = Setting::new(move |_, _| reply(&content()));
        let blob_id = setting.file.blob_id();
        setting.file = PinnedFile::new("a.bin", blob_id, Size::AtMost(1 << 20)).expect("a path");
        assert_eq!(setting.fetch().expect("a file").n_fetched, 1);
        let found = setting.cache.find(&setting.file).expect("no error");
        assert_eq!(found, Some(setting.folder.path().join("a.bin")));
    }
}

#[test]
fn an_empty_file_is_a_file() {
    let mut setting = Setting::new(|_, _| Reply::whole(b""));
    setting.file = pinned("empty", b"");
    assert_eq!(setting.fetch().expect("a file").n_fetched, 1);
    assert!(setting.path().is_file());
}

#[test]
fn paths_are_encoded_and_the_base_may_have_a_slash_at_its_end() {
    for base in ["/v 1", "/v 1/"] {
        let mut setting = Setting::new(|_, _| Reply::whole(b"hello\n"));
        setting.file = pinned("a b/50%?#ü.csv", b"hello\n");
        let files = std::slice::from_ref(&setting.file);
        let source = source(&(setting.server.url() + base));
        pinned_fetch::fetch(files, &source, &setting.cache, &mut |_| {}).expect("a file");
        let request = &setting.server.requests()[0];
        assert_eq!(request.line, "GET /v%201/a%20b/50%25%3F%23%C3%BC.csv");
    }
}

#[test]
fn wrong_bytes_are_refused_with_both_ids() {
    let mut wrong = content();
    wrong[N_BYTES / 2] ^= 1;
    let wrong_id = BlobId::of_bytes(&wrong);
    let setting = Setting::new(move |_, _| Reply::whole(&wrong));
    let error = setting.expect_error();
    let message = error.to_string();
    assert!(message.contains(&wrong_id.to_string()), "{message}");
    assert!(message.contains(&setting.file.blob_id().to_string()));
    assert!(message.contains(&(setting.server.url() + "/images/gt.csv")));
    assert!(matches!(error, Error::Mismatch { found, .. } if found == wrong_id));
    assert_eq!(setting.partials(), [0_u64; 0], "wrong bytes are not kept");
    assert_eq!(
        setting.server.requests().len(),
        1,
        "and not asked for again"
    );
}

#[test]
fn a_shorter_file_is_refused() {
    let setting = Setting::new(|_, _| Reply::whole(&content()[..N_BYTES - 1]));
    let error = setting.expect_error();
    assert!(matches!(error, Error::Mismatch { n_bytes, .. } if n_bytes == N_BYTES as u64 - 1));
}

#[test]
fn a_longer_file_is_read_to_its_limit_only() {
    let mut longer = content();
    longer.extend([0; 100_000]);
    for reply in [Reply::chunked, Reply::undelimited, Reply::whole] {
        let longer = longer.clone();
        let setting = Setting::new(move |_, _| reply(&longer));
        let mut most = 0;
        let error = setting.fetch_reporting(&mut |event| {
            if let Progress::Advanced { bytes, .. } = event {
                most = bytes;
            }
        });
        let limit = N_BYTES as u64;
        assert!(matches!(error, Err(Error::TooLarge { limit: l, .. }) if l == limit));
        assert!(most <= limit);
        assert!(!setting.path().exists());
        assert_eq!(setting.partials(), [0_u64; 0]);
    }
}

#[test]
fn a_length_that_nobody_could_hold_is_not_believed() {
    let setting = Setting::new(|_, _| {
        Reply::undelimited(&content()).with("Content-Length", u64::MAX.to_string())
    });
    let error = setting.expect_error();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
}

#[test]
fn a_web_page_is_named_as_such() {
    let page = format!(
        "\n<!DOCTYPE html><title>Sign in</title>{}",
        " ".repeat(N_BYTES)
    );
    for n_bytes in [300, page.len()] {
        let page = page[..n_bytes].to_owned();
        let setting = Setting::new(move |_, _| Reply::whole(page.as_bytes()));
        let error = setting.expect_error().to_string();
        assert!(error.contains("a web page"), "{error}");
    }
}

#[test]
fn a_git_lfs_pointer_is_named_as_such() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
    let setting = Setting::new(|_, _| Reply::whole(pointer));
    let error = setting.expect_error().to_string();
    assert!(error.contains("a git-LFS pointer"), "{error}");
}

#[test]
fn a_missing_file_is_asked_for_once() {
    for status in [404, 403, 410] {
        let setting = Setting::new(move |_, _| Reply::status(status));
        let error = setting.expect_error();
        assert!(matches!(error, Error::Status { status: s, .. } if s == status));
        assert!(error.to_string().contains("/images/gt.csv"), "{error}");
        assert_eq!(setting.server.requests().len(), 1);
        assert_eq!(setting.partials(), [0_u64; 0]);
    }
}

#[test]
fn a_redirect_within_this_machine_is_followed() {
    let target = Server::start(|_, _| Reply::whole(&content()));
    let url = target.url() + "/elsewhere?key=secret";
    let setting = Setting::new(move |request, _| match request.line.as_str() {
        "GET /images/gt.csv" => Reply::redirect("../once/more"),
        _ => Reply::redirect(&url),
    });
    setting.expect_fetched();
    assert_eq!(setting.server.requests()[1].line, "GET /once/more");
    assert_eq!(target.requests()[0].line, "GET /elsewhere?key=secret");
}

#[test]
fn a_redirect_to_plain_http_is_refused_before_it_is_followed() {
    // An address for documentation, at which nobody answers (RFC 5737).
    let setting = Setting::new(|_, _| Reply::redirect("http://192.0.2.1/a?key=secret"));
    let error = setting.expect_error();
    assert!(matches!(error, Error::InsecureRedirect { .. }), "{error:?}");
    assert!(error.to_string().contains("http://192.0.2.1/a"), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(setting.server.requests().len(), 1);
}

#[test]
fn redirects_in_a_circle_end() {
    let setting = Setting::new(|_, _| Reply::redirect("/images/gt.csv"));
    let error = setting.expect_error();
    assert!(matches!(error, Error::Redirect { .. }), "{error:?}");
    assert_eq!(setting.server.requests().len(), 6);
}

#[test]
fn a_redirect_to_nowhere_is_an_error() {
    let setting = Setting::new(|_, _| Reply::status(302));
    let error = setting.expect_error();
    assert!(matches!(error, Error::Redirect { .. }), "{error:?}");
}

#[test]
fn tls_is_spoken_to_an_https_address() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    // Answers in plain HTTP, which is no handshake.
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut record_type = [0];
        stream.read_exact(&mut record_type).expect("a byte");
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").expect("sent");
        record_type[0]
    });
    let folder = TempDir::new().expect("a folder");
    let cache = Cache::new(folder.path());
    let source = source(&format!("https://{address}"));
    let files = [pinned("a", b"hello\n")];
    let result = pinned_fetch::fetch(&files, &source, &cache, &mut |_| {});
    assert!(
        matches!(result, Err(Error::Unreachable { .. })),
        "{result:?}"
    );
    // RFC 8446, 5.1: 22 is a handshake.
    assert_eq!(server.join().expect("no panic"), 22);
}

#[test]
fn files_before_the_first_error_stay() {
    let n_served = Arc::new(AtomicUsize::new(0));
    let setting = Setting::new({
        let n_served = Arc::clone(&n_served);
        move |request, _| match request.line.as_str() {
            "GET /b" => Reply::status(404),
            _ => {
                n_served.fetch_add(1, Ordering::SeqCst);
                Reply::whole(b"hello\n")
            }
        }
    });
    let files = ["a", "b", "c"].map(|path| pinned(path, b"hello\n"));
    let source = source(&setting.server.url());
    let result = pinned_fetch::fetch(&files, &source, &setting.cache, &mut |_| {});
    assert!(matches!(result, Err(Error::Status { status: 404, .. })));
    assert_eq!(n_served.load(Ordering::SeqCst), 1);
    let found = files.map(|file| setting.cache.find(&file).expect("no error").is_some());
    assert_eq!(found, [true, false, false]);
}
