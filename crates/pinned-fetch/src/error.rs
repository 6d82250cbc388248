use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::BlobId;

/// Why files could not be pinned, found or fetched.
///
/// A message does not repeat its cause, which [`source`](std::error::Error::source) gives.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that is no blob id.
    #[error("{text:?} is not a git blob id, expected 40 hexadecimal digits")]
    BlobId {
        /// The text.
        text: String,
    },
    /// A path that a pinned file may not have.
    #[error("{path:?} has {reason}, expected a relative path such as images/a.csv")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// One path pinned to two contents.
    #[error("{path} is pinned twice, to {first} and to {second}")]
    PinnedTwice {
        /// The path.
        path: String,
        /// What it is pinned to first.
        first: BlobId,
        /// What it is pinned to later.
        second: BlobId,
    },
    /// A base URL that cannot be used.
    #[error("the base URL {url} has {reason}, expected one such as https://host/folder")]
    BaseUrl {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
        /// Why it could not be read as a URL, if it is none.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// A base URL that is neither HTTPS nor on this machine.
    #[error(
        "the base URL {url} is not secure: expected https, or http to this machine (localhost)"
    )]
    InsecureBaseUrl {
        /// The URL.
        url: String,
    },
    /// The user has no cache folder.
    #[error("this user has no home folder for the cache: set {env_var} to a folder")]
    NoCacheFolder {
        /// The environment variable that names one.
        env_var: String,
    },
    /// A file that exists could not be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file or folder in the cache could not be written; the disk may be full.
    #[error(
        "{} cannot be written; make room there or choose another cache folder",
        path.display()
    )]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder, a pipe or a device where a file was expected.
    #[error("{} is not a regular file: move it away", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// A file where a folder was expected.
    #[error("{} is not a folder: move it away or choose another cache folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// A file in the cache has another content than the one pinned.
    #[error("{} is damaged: blob id {found}, expected {expected}; fetch it again", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What it must hash to.
        expected: BlobId,
        /// What it hashes to.
        found: BlobId,
    },
    /// No answer from the server.
    #[error(
        "{} is not in the cache and {url} could not be reached; check the connection and the proxy \
         settings, or put the file there by hand",
        path.display()
    )]
    Unreachable {
        /// Where the file would be in the cache.
        path: PathBuf,
        /// Where it was asked for.
        url: String,
        /// The reason.
        source: io::Error,
    },
    /// The server answered with anything but the file.
    #[error("{url}: the server answered with status {status}")]
    Status {
        /// Where the file was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The connection broke off within the file.
    #[error("{url}: broke off after {n_bytes} bytes; run again to continue")]
    Interrupted {
        /// Where the file was asked for.
        url: String,
        /// Bytes of the file that arrived.
        n_bytes: u64,
        /// The reason.
        source: io::Error,
    },
    /// The server keeps the connection and sends nothing.
    #[error("{url}: no byte in {} s; run again to continue", waited.as_secs_f64())]
    Stalled {
        /// Where the file was asked for.
        url: String,
        /// How long the server was waited for.
        waited: Duration,
    },
    /// The server redirects to where anybody on the way could read and change the file.
    #[error("{url}: the server redirects to {target}, which is not https")]
    InsecureRedirect {
        /// Where the file was asked for.
        url: String,
        /// The address refused, without its query.
        target: String,
    },
    /// The server redirects to no address, or in circles.
    #[error("{url}: {reason}")]
    Redirect {
        /// Where the file was asked for.
        url: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The server sends more than the file has.
    #[error("{url}: more than {limit} bytes, the most expected{}", but(*hint))]
    TooLarge {
        /// Where the file was asked for.
        url: String,
        /// Bytes expected at most.
        limit: u64,
        /// What the content looks like, where that is known.
        hint: Option<&'static str>,
    },
    /// What the server sent is not the file pinned.
    #[error("{url}: {n_bytes} bytes of blob id {found}, expected {expected}{}", but(*hint))]
    Mismatch {
        /// Where the file was asked for.
        url: String,
        /// Bytes received.
        n_bytes: u64,
        /// What they must hash to.
        expected: BlobId,
        /// What they hash to.
        found: BlobId,
        /// What the content looks like, where that is known.
        hint: Option<&'static str>,
    },
}

fn but(hint: Option<&str>) -> String {
    hint.map(|hint| format!("; the server sent {hint}"))
        .unwrap_or_default()
}

impl Error {
    /// Whether the same request may succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Error::Unreachable { .. } | Error::Interrupted { .. } | Error::Stalled { .. } => true,
            // 408: the server waited too long for the request; 429: too many requests.
            Error::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }

    /// Whether the bytes received cannot be the beginning of the file.
    pub(crate) fn condemns_content(&self) -> bool {
        matches!(self, Error::TooLarge { .. } | Error::Mismatch { .. })
    }
}
