//! Turns between processes that share a cache.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;

use crate::pinned_file::LOCK_NAME;
use crate::{Cache, Error, Progress};

/// The right to change a cache, given back when dropped, even by a killed process.
///
/// Where the file system knows no locks, nobody waits. Nothing breaks then, because every process
/// writes to files of its own: the same work is merely done twice.
#[derive(Debug)]
pub(crate) struct Lock {
    file: Option<File>,
}

impl Lock {
    /// Takes the lock of a cache whose folder exists; waits for whoever has it.
    pub(crate) fn acquire(
        cache: &Cache,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Self, Error> {
        let path = cache.folder().join(LOCK_NAME);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| Error::Write {
                path: path.clone(),
                source,
            })?;
        let is_held = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => {
                progress(Progress::Waiting { lock: &path });
                wait(&file)
            }
            Err(TryLockError::Error(_)) => false,
        };
        Ok(Self {
            file: is_held.then_some(file),
        })
    }

    /// Whether no other process changes the cache now, as far as the file system can promise.
    pub(crate) fn is_held(&self) -> bool {
        self.file.is_some()
    }
}

fn wait(file: &File) -> bool {
    loop {
        match file.lock() {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}
