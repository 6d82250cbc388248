//! What most tests begin with: a server, an empty cache and one pinned file.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use pinned_fetch::{BlobId, Cache, Error, PinnedFile, Progress, Size, Source, Summary};
use tempfile::TempDir;

use test_kit::server::{Reply, Request, Server};

/// Longer than any pause of a server that is not meant to stall.
pub(crate) const STALL_TIMEOUT: Duration = Duration::from_millis(700);

pub(crate) const N_BYTES: usize = 200_001;

/// The content of the file, of which no two parts are alike.
pub(crate) fn content() -> Vec<u8> {
    (0..N_BYTES as u64)
        .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect()
}

pub(crate) fn pinned(path: &str, content: &[u8]) -> PinnedFile {
    let size = Size::Exactly(content.len() as u64);
    PinnedFile::new(path, BlobId::of_bytes(content), size).expect("a path")
}

pub(crate) fn source(base_url: &str) -> Source {
    Source::new(base_url)
        .expect("a base URL")
        .with_stall_timeout(STALL_TIMEOUT)
        .with_backoff(Duration::from_millis(5))
}

/// The address of a port at which nobody listens.
pub(crate) fn nowhere() -> String {
    Server::start(|_, _| Reply::status(500)).url()
}

pub(crate) struct Setting {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    pub(crate) cache: Cache,
    pub(crate) file: PinnedFile,
}

impl Setting {
    pub(crate) fn new(script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let folder = TempDir::new().expect("a folder");
        Self {
            server: Server::start(script),
            cache: Cache::new(folder.path()),
            folder,
            file: pinned("images/gt.csv", &content()),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.cache.path(&self.file)
    }

    pub(crate) fn fetch(&self) -> Result<Summary, Error> {
        self.fetch_reporting(&mut |_| {})
    }

    pub(crate) fn fetch_reporting(
        &self,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Summary, Error> {
        let files = std::slice::from_ref(&self.file);
        pinned_fetch::fetch(files, &source(&self.server.url()), &self.cache, progress)
    }

    /// Fetches, and checks that the file is at its place and nothing else beside it.
    pub(crate) fn expect_fetched(&self) {
        let summary = self.fetch().expect("a file");
        assert_eq!((summary.n_cached, summary.n_fetched), (0, 1));
        self.assert_whole();
    }

    pub(crate) fn assert_whole(&self) {
        let found = self.cache.find(&self.file).expect("no error");
        assert_eq!(found, Some(self.path()));
        assert_eq!(fs::read(self.path()).expect("a file"), content());
        assert_eq!(self.partials(), [0_u64; 0]);
    }

    /// Fetches, and checks that nothing is at the file's place.
    pub(crate) fn expect_error(&self) -> Error {
        let error = self.fetch().expect_err("an error");
        assert!(!self.path().exists(), "{error}");
        println!("{error}");
        error
    }

    /// Lengths of the files beside the file's place.
    pub(crate) fn partials(&self) -> Vec<u64> {
        let path = self.path();
        let Ok(entries) = fs::read_dir(path.parent().expect("a folder")) else {
            return Vec::new();
        };
        entries
            .map(|entry| entry.expect("an entry"))
            .filter(|entry| entry.path() != path)
            .map(|entry| entry.metadata().expect("metadata").len())
            .collect()
    }

    /// Puts bytes where a killed process would have left them.
    pub(crate) fn leave(&self, blob_id: BlobId, bytes: &[u8]) {
        let path = self.path();
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let name = format!("gt.csv.{blob_id}.a1B2c3.partial");
        fs::write(path.with_file_name(name), bytes).expect("a file");
    }
}
