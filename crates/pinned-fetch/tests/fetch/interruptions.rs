//! Downloads that break off, and how they go on.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use pinned_fetch::{BlobId, Cache, Error, PinnedFile, Progress, Size};
use tempfile::TempDir;

use crate::setting::{N_BYTES, STALL_TIMEOUT, Setting, content, pinned, source};
use test_kit::server::Reply;

const CUT: usize = 77_777;

#[test]
fn a_cut_download_is_resumed_by_range() {
    let setting = Setting::new(|request, n_before| {
        let reply = Reply::ranged(&content(), request).with("ETag", "\"v1\"");
        if n_before == 0 {
            reply.cut_at(CUT)
        } else {
            reply
        }
    });
    let mut resumed_at = Vec::new();
    let summary = setting.fetch_reporting(&mut |event| match event {
        Progress::Started { resumed_at: n, .. } => resumed_at.push(n),
        Progress::Retrying { n_retry, cause, .. } => {
            assert_eq!(n_retry, 1);
            assert!(matches!(cause, Error::Interrupted { n_bytes, .. } if *n_bytes == CUT as u64));
        }
        _ => {}
    });
    assert_eq!(summary.expect("a file").n_fetched, 1);
    setting.assert_whole();
    assert_eq!(resumed_at, [0, CUT as u64]);
    assert_eq!(setting.server.first_bytes(), [None, Some(CUT)]);
    let requests = setting.server.requests();
    assert_eq!(requests[0].header("if-range"), None);
    assert_eq!(requests[1].header("if-range"), Some("\"v1\""));
}

#[test]
fn a_weak_etag_vouches_for_nothing() {
    let setting = Setting::new(|request, n_before| {
        let reply = Reply::ranged(&content(), request).with("ETag", "W/\"v1\"");
        if n_before == 0 {
            reply.cut_at(CUT)
        } else {
            reply
        }
    });
    setting.expect_fetched();
    assert_eq!(setting.server.requests()[1].header("if-range"), None);
}

#[test]
fn a_cut_download_starts_anew_where_the_server_knows_no_ranges() {
    let setting = Setting::new(|_, n_before| {
        let reply = Reply::whole(&content());
        if n_before == 0 {
            reply.cut_at(CUT)
        } else {
            reply
        }
    });
    setting.expect_fetched();
    assert_eq!(setting.server.first_bytes(), [None, Some(CUT)]);
}

#[test]
fn a_cut_is_noticed_in_every_framing() {
    for reply in [Reply::chunked, Reply::undelimited, Reply::whole] {
        let setting = Setting::new(move |_, n_before| {
            let reply = reply(&content());
            if n_before == 0 {
                reply.cut_at(CUT)
            } else {
                reply
            }
        });
        setting.expect_fetched();
        assert_eq!(setting.server.requests().len(), 2);
    }
}

#[test]
fn an_answer_of_another_range_is_not_used() {
    let setting = Setting::new(|request, n_before| match n_before {
        0 => Reply::whole(&content()).cut_at(CUT),
        1 => Reply::status(206)
            .with("Content-Length", "10")
            .with("Content-Range", format!("bytes 0-9/{N_BYTES}")),
        _ => Reply::ranged(&content(), request),
    });
    setting.expect_fetched();
    assert_eq!(setting.server.first_bytes(), [None, Some(CUT), None]);
}

#[test]
fn pieces_that_do_not_fit_are_replaced_by_the_whole() {
    // The file on the server changes between the two requests.
    let setting = Setting::new(|request, n_before| match n_before {
        0 => Reply::whole(&[7; N_BYTES]).cut_at(CUT),
        _ => Reply::ranged(&content(), request),
    });
    setting.expect_fetched();
    assert_eq!(setting.server.first_bytes(), [None, Some(CUT), None]);
}

#[test]
fn a_later_call_continues_what_an_earlier_one_left() {
    let setting = Setting::new(|request, n_before| match n_before {
        0 => Reply::whole(&content()).cut_at(CUT),
        1..=3 => Reply::status(503),
        _ => Reply::ranged(&content(), request),
    });
    let error = setting.expect_error();
    assert!(
        matches!(error, Error::Status { status: 503, .. }),
        "{error:?}"
    );
    assert_eq!(setting.partials(), [CUT as u64]);

    setting.expect_fetched();
    let first_bytes = setting.server.first_bytes();
    assert_eq!(first_bytes[1..], [Some(CUT); 4]);
}

#[test]
fn what_failed_calls_leave_does_not_pile_up() {
    let setting = Setting::new(|_, _| Reply::whole(&content()).cut_at(CUT));
    setting.leave(BlobId::of_bytes(b"an earlier pin"), b"an earlier");
    for _ in 0..3 {
        let error = setting.expect_error();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
        assert_eq!(setting.partials(), [CUT as u64]);
    }
    let first = setting.server.first_bytes()[0];
    assert_eq!(first, None, "bytes of another pin are not taken over");
}

#[test]
fn a_poisoned_partial_file_is_given_up() {
    for n_bytes in [CUT, N_BYTES, N_BYTES + 1000] {
        let setting = Setting::new(|request, _| Reply::ranged(&content(), request));
        setting.leave(setting.file.blob_id(), &vec![7; n_bytes]);
        setting.expect_fetched();
        let first = n_bytes.min(N_BYTES);
        assert_eq!(setting.server.first_bytes(), [Some(first), None]);
    }
}

#[test]
fn a_poisoned_partial_file_of_unknown_length_is_given_up() {
    let mut setting = Setting::new(|request, _| Reply::ranged(&content(), request));
    let blob_id = setting.file.blob_id();
    setting.file =
        PinnedFile::new("images/gt.csv", blob_id, Size::AtMost(1 << 20)).expect("a path");
    setting.leave(blob_id, &[7; CUT]);
    setting.expect_fetched();
}

#[test]
fn a_complete_partial_file_needs_no_server() {
    let setting = Setting::new(|_, _| Reply::status(500));
    setting.leave(setting.file.blob_id(), &content());
    setting.expect_fetched();
    assert_eq!(setting.server.requests().len(), 0);
}

#[test]
fn a_server_in_trouble_is_asked_again() {
    for trouble in [Reply::status(500), Reply::status(429), Reply::reset()] {
        let setting = Setting::new(move |_, n_before| match n_before {
            0..=2 => trouble.clone(),
            _ => Reply::whole(&content()),
        });
        setting.expect_fetched();
        assert_eq!(setting.server.requests().len(), 4);
    }
}

#[test]
fn retries_are_bounded() {
    let setting = Setting::new(|_, _| Reply::status(503));
    let error = setting.expect_error();
    assert!(
        matches!(error, Error::Status { status: 503, .. }),
        "{error:?}"
    );
    assert_eq!(setting.server.requests().len(), 4);

    let setting = Setting::new(|_, _| Reply::reset());
    let error = setting.expect_error();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(setting.server.requests().len(), 4);
}

#[test]
fn a_server_whose_ranges_never_fit_is_given_up() {
    let setting = Setting::new(|request, _| match request.first_byte() {
        None => Reply::whole(&content()).cut_at(CUT),
        Some(_) => Reply::ranged(&[7; N_BYTES], request),
    });
    let error = setting.expect_error();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert_eq!(setting.server.requests().len(), 7);
}

#[test]
fn a_slow_but_steady_server_is_waited_for() {
    let n_pieces = 20;
    let pause = Duration::from_millis(50);
    let setting = Setting::new(move |_, _| Reply::whole(&content()).dripped(n_pieces, pause));
    let start = Instant::now();
    setting.expect_fetched();
    assert!(start.elapsed() > STALL_TIMEOUT);
    assert_eq!(setting.server.requests().len(), 1);
}

#[test]
fn a_stalled_server_is_given_up() {
    let setting = Setting::new(|request, n_before| {
        let n_bytes = if n_before == 0 { CUT } else { 0 };
        Reply::ranged(&content(), request).stalled_at(n_bytes)
    });
    let error = setting.expect_error();
    assert!(matches!(error, Error::Stalled { .. }), "{error:?}");
    assert_eq!(setting.server.first_bytes()[1..], [Some(CUT); 3]);
    assert_eq!(setting.partials(), [CUT as u64]);
}

#[test]
fn a_server_without_an_answer_is_given_up() {
    // Connections are queued, and nobody accepts them.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let folder = TempDir::new().expect("a folder");
    let cache = Cache::new(folder.path());
    let source =
        source(&format!("http://{address}")).with_stall_timeout(Duration::from_millis(100));
    let files = [pinned("a", b"hello\n")];
    let result = pinned_fetch::fetch(&files, &source, &cache, &mut |_| {});
    assert!(matches!(result, Err(Error::Stalled { .. })), "{result:?}");
}

#[test]
fn a_faster_process_does_no_harm_where_locks_do_not_work() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    let path = setting.path();
    let folder = path.parent().expect("a folder");
    let summary = setting.fetch_reporting(&mut |event| {
        if let Progress::Started { .. } = event {
            for entry in fs::read_dir(folder).expect("a folder") {
                fs::remove_file(entry.expect("an entry").path()).expect("removed");
            }
            fs::write(&path, content()).expect("a file");
        }
    });
    assert_eq!(summary.expect("a file").n_fetched, 1);
    setting.assert_whole();
}
