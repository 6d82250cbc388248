//! Files that have no name yet. None is left behind, whatever ends the program but a kill.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

static PATHS: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);

fn paths() -> MutexGuard<'static, Option<HashSet<PathBuf>>> {
    PATHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the files without a name, and lets no new one be made: for a program that is about to
/// end because it was interrupted, which `end` has to do.
pub fn remove_all(end: impl FnOnce()) {
    // Held to the end.
    let mut paths = paths();
    for path in paths.get_or_insert_default().drain() {
        drop(std::fs::remove_file(path));
    }
    end();
}

/// A file under a temporary name, removed unless it is given its own.
#[derive(Debug)]
pub struct Temporary {
    file: Option<NamedTempFile>,
    path: PathBuf,
}

impl Temporary {
    /// A file in this folder, with the permissions of any new file, not the private ones of its
    /// kind.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        let permissions = {
            use std::os::unix::fs::PermissionsExt;
            std::fs::Permissions::from_mode(0o666)
        };
        #[cfg(unix)]
        builder.permissions(permissions);
        let mut paths = paths();
        let file = builder.tempfile_in(folder)?;
        let path = file.path().to_owned();
        paths.get_or_insert_default().insert(path.clone());
        Ok(Self {
            file: Some(file),
            path,
        })
    }

    /// Gives the file its name, when all of it is on the disk.
    ///
    /// # Errors
    ///
    /// Those of the file system, such as an existing file that is not to be replaced.
    pub fn persist(mut self, path: &Path, replace: bool) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        file.as_file().sync_all()?;
        let persisted = match replace {
            true => file.persist(path),
            false => file.persist_noclobber(path),
        };
        persisted.map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), NamedTempFile::flush)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.file = None;
        paths().get_or_insert_default().remove(&self.path);
    }
}
