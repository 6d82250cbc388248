//! Blob ids, paths and base URLs: what is taken and what is refused.

use pinned_fetch::{BlobId, Error, PinnedFile, Size, Source};

#[test]
fn blob_ids_are_those_of_git() {
    // `printf CONTENT | git hash-object --stdin`
    for (content, id) in [
        ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
        ("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
    ] {
        let found = BlobId::of_bytes(content.as_bytes());
        assert_eq!(found.to_string(), id);
        assert_eq!(found, id.parse().expect("a blob id"));
        assert_eq!(found, id.to_uppercase().parse().expect("a blob id"));

        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, content).expect("a file");
        assert_eq!(found, BlobId::of_file(&path).expect("a file"));
    }
}

#[test]
fn a_long_file_hashes_like_its_bytes() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("file");
    let content = vec![b'a'; 1_000_000];
    std::fs::write(&path, &content).expect("a file");
    let found = BlobId::of_file(&path).expect("a file");
    assert_eq!(found, BlobId::of_bytes(&content));
}

#[test]
fn only_files_have_blob_ids() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let result = BlobId::of_file(folder.path());
    assert!(matches!(result, Err(Error::NotAFile { .. })), "{result:?}");
    let result = BlobId::of_file(folder.path().join("absent"));
    assert!(matches!(result, Err(Error::Read { .. })), "{result:?}");
}

#[test]
fn refuses_text_that_is_no_blob_id() {
    for text in [
        "",
        "ce01",
        "ce013625030ba8dba906f756967f9e9ca394464",
        "ce013625030ba8dba906f756967f9e9ca394464a0",
        "ce013625030ba8dba906f756967f9e9ca394464g",
        "+e013625030ba8dba906f756967f9e9ca394464a",
        " ce013625030ba8dba906f756967f9e9ca394464",
        // 40 bytes, 39 characters.
        "üe013625030ba8dba906f756967f9e9ca39446a",
    ] {
        let result = text.parse::<BlobId>();
        assert!(matches!(result, Err(Error::BlobId { .. })), "{text:?}");
    }
}

#[test]
fn refuses_paths_that_leave_the_folder() {
    let blob_id = BlobId::of_bytes(b"");
    for path in [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../a",
        "a/../b",
        "a/..",
        ".",
        "./a",
        "a//b",
        "a/",
        "a\\..\\b",
        "\\\\server\\a",
        "C:/a",
        "C:a",
        "a\0b",
        "a\nb",
        ".lock",
    ] {
        let result = PinnedFile::new(path, blob_id, Size::AtMost(1));
        assert!(matches!(result, Err(Error::Path { .. })), "{path:?}");
    }
    for path in [
        "a",
        "images/gt.csv",
        "a..b/...",
        ".hidden",
        "a/.lock",
        "a b",
        "ü",
    ] {
        let file = PinnedFile::new(path, blob_id, Size::AtMost(1)).expect(path);
        assert_eq!(file.path(), path);
    }
}

#[test]
fn refuses_plain_http_to_other_machines() {
    for url in [
        "http://example.org/",
        "http://128.0.0.1/",
        "http://0.0.0.0/",
        "http://[::2]/",
        "http://localhost.example.org/",
        "http://127.0.0.1.example.org/",
        "http://localhost@example.org/",
        "ftp://127.0.0.1/",
        "file:///tmp",
        "mailto:someone",
    ] {
        let result = Source::new(url);
        assert!(
            matches!(result, Err(Error::InsecureBaseUrl { .. })),
            "{url}"
        );
    }
    for url in [
        "https://example.org",
        "HTTPS://example.org/a/",
        "http://127.0.0.1:8080",
        "http://127.255.3.4/",
        "http://[::1]:1/",
        "http://localhost:1/a",
    ] {
        Source::new(url).expect(url);
    }
}

#[test]
fn refuses_base_urls_with_more_than_an_address() {
    for url in [
        "",
        "example.org/data",
        "https://",
        "https://example.org/?key=secret",
        "https://example.org/#part",
        "https://user@example.org/",
        "https://user:secret@example.org/",
    ] {
        let error = Source::new(url).expect_err(url);
        assert!(matches!(error, Error::BaseUrl { .. }), "{url}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
