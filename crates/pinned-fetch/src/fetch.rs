use std::collections::HashMap;

use crate::download::Downloads;
use crate::lock::Lock;
use crate::request::Client;
use crate::{Cache, Error, PinnedFile, Progress, Source};

/// What a successful [`fetch`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Number of files that were in the cache, or that another process brought meanwhile.
    pub n_cached: usize,
    /// Number of files downloaded.
    pub n_fetched: usize,
}

/// Brings all `files` into the cache, one after the other, and reports what it does to `progress`.
///
/// Every file in the cache is read and verified, and a damaged one is downloaded anew. If nothing
/// is missing, neither the network nor a writable folder is needed. Otherwise processes take turns,
/// by a lock in the cache folder.
///
/// A download that breaks off is continued, at most three times; a server error (5xx) and "too
/// many requests" (429) are retried like that too. What has arrived of a file when all was in vain,
/// or when the process is killed, is kept beside its place under a name that ends in `.partial`,
/// and the next call continues from there.
///
/// # Errors
///
/// [`Error::PinnedTwice`] before anything is done. Otherwise the first error ends the fetch:
/// [`Error::Read`], [`Error::Write`], [`Error::NotAFile`] and [`Error::NotAFolder`] about the cache
/// folder; [`Error::Unreachable`], [`Error::Status`], [`Error::Interrupted`], [`Error::Stalled`],
/// [`Error::InsecureRedirect`] and [`Error::Redirect`] about the server; [`Error::TooLarge`] and
/// [`Error::Mismatch`] about what it sent. Files that were complete by then stay in the cache.
pub fn fetch(
    files: &[PinnedFile],
    source: &Source,
    cache: &Cache,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Summary, Error> {
    check_pins(files)?;
    let mut missing = Vec::new();
    for file in files {
        match cache.find(file) {
            Ok(Some(_)) => progress(Progress::Cached { file }),
            Ok(None) | Err(Error::Corrupt { .. }) => missing.push(file),
            Err(error) => return Err(error),
        }
    }
    let n_fetched = if missing.is_empty() {
        0
    } else {
        fetch_missing(&missing, source, cache, progress)?
    };
    Ok(Summary {
        n_cached: files.len() - n_fetched,
        n_fetched,
    })
}

/// Returns the number of files downloaded.
fn fetch_missing(
    missing: &[&PinnedFile],
    source: &Source,
    cache: &Cache,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<usize, Error> {
    Cache::create_folder(cache.folder())?;
    let lock = Lock::acquire(cache, progress)?;
    let downloads = Downloads {
        cache,
        source,
        client: Client::new(source),
        is_locked: lock.is_held(),
    };
    let mut n_fetched = 0;
    for file in missing {
        // Again, because another process may have brought it while this one waited.
        match cache.find(file) {
            Ok(Some(_)) => {
                progress(Progress::Cached { file });
                continue;
            }
            Ok(None) => {}
            Err(Error::Corrupt { found, .. }) => progress(Progress::Damaged { file, found }),
            Err(error) => return Err(error),
        }
        downloads.bring(file, progress)?;
        n_fetched += 1;
        progress(Progress::Finished { file });
    }
    Ok(n_fetched)
}

fn check_pins(files: &[PinnedFile]) -> Result<(), Error> {
    let mut pins = HashMap::new();
    for file in files {
        match pins.insert(file.path(), file.blob_id()) {
            Some(first) if first != file.blob_id() => {
                return Err(Error::PinnedTwice {
                    path: file.path().to_owned(),
                    first,
                    second: file.blob_id(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}
