//! Files that are never half written, and never replaced unasked.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::temporary::Temporary;
use crate::Error;

/// Makes a folder and those above it.
///
/// # Errors
///
/// [`Error::Write`].
pub fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::unwritten(folder, error))
}

/// A file without a name in the folder of `path`, which is made if needed.
///
/// # Errors
///
/// [`Error::Write`].
pub fn begin(path: &Path) -> Result<Temporary, Error> {
    let folder = folder_of(path);
    make_folder(folder)?;
    Temporary::create(folder).map_err(|error| Error::unwritten(folder, error))
}

/// Writes a file under a temporary name and renames it.
///
/// # Errors
///
/// [`Error::Write`], and [`Error::Exists`] unless an existing file may be replaced.
pub fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Error> {
    let mut file = begin(path)?;
    file.write_all(bytes)
        .map_err(|error| Error::unwritten(path, error))?;
    persist(file, path, replace)
}

/// Gives a temporary file its name.
///
/// # Errors
///
/// As [`write()`].
pub fn persist(file: Temporary, path: &Path, replace: bool) -> Result<(), Error> {
    file.persist(path, replace)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(path),
            _ => Error::unwritten(path, error),
        })
}

/// The folder of a file; that of a bare name is the working folder.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A result that is there already.
pub(crate) fn exists(path: &Path) -> Error {
    Error::Exists {
        path: path.to_owned(),
    }
}
