use std::path::Path;

use crate::{BlobId, Error, PinnedFile};

/// What [`fetch`](crate::fetch) is doing, as it happens.
#[derive(Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another process fills the cache; this one waits for it.
    Waiting {
        /// The file by which they take turns.
        lock: &'a Path,
    },
    /// The file is in the cache and verified.
    Cached {
        /// The file.
        file: &'a PinnedFile,
    },
    /// A file of another content has this one's name in the cache and will be replaced.
    Damaged {
        /// The file.
        file: &'a PinnedFile,
        /// What the content hashes to.
        found: BlobId,
    },
    /// The server begins to send the file. Comes again after each [`Progress::Retrying`], and when
    /// a file put together from pieces turns out wrong and is asked for anew.
    Started {
        /// The file.
        file: &'a PinnedFile,
        /// Its length in bytes, where known.
        total_bytes: Option<u64>,
        /// Bytes already here, which the server will not send again.
        resumed_at: u64,
    },
    /// Bytes have arrived.
    Advanced {
        /// The file.
        file: &'a PinnedFile,
        /// Bytes of it here by now, those it was resumed at included.
        bytes: u64,
    },
    /// The download broke off and will be tried again after a short while.
    Retrying {
        /// The file.
        file: &'a PinnedFile,
        /// Which retry this is, from 1.
        n_retry: u32,
        /// Why it broke off.
        cause: &'a Error,
    },
    /// The file is verified and at its place.
    Finished {
        /// The file.
        file: &'a PinnedFile,
    },
}
