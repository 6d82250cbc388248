use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::{BlobId, Error, PinnedFile};

/// A folder of verified files.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// A cache in `folder`, which [`fetch`](crate::fetch) creates when there is something to put
    /// in it.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where `file` is when it is in the cache.
    pub fn path(&self, file: &PinnedFile) -> PathBuf {
        let parts = file.path().split('/');
        parts.fold(self.folder.clone(), |path, part| path.join(part))
    }

    /// Where `file` is, if it is in the cache; its content is read and verified.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if a file of another content has its name, [`Error::NotAFile`] and
    /// [`Error::Read`].
    pub fn find(&self, file: &PinnedFile) -> Result<Option<PathBuf>, Error> {
        let path = self.path(file);
        match BlobId::of_file(&path) {
            Ok(found) if found == file.blob_id() => Ok(Some(path)),
            Ok(found) => Err(Error::Corrupt {
                path,
                expected: file.blob_id(),
                found,
            }),
            Err(Error::Read { source, .. })
                if matches!(
                    source.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Creates `folder`, which is the cache folder or one inside it.
    pub(crate) fn create_folder(folder: &Path) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(|source| {
            let in_the_way = folder.ancestors().find(|path| path.is_file());
            match in_the_way {
                Some(path) => Error::NotAFolder {
                    path: path.to_owned(),
                },
                None => Error::Write {
                    path: folder.to_owned(),
                    source,
                },
            }
        })
    }
}

/// The folder for the cached files of the program `app`: the value of the environment variable
/// `env_var`, or else `app` in the user's cache folder, such as `~/.cache/app` on Linux (by the XDG
/// base directory rules), `~/Library/Caches/app` on macOS and `AppData\Local\app` on Windows.
///
/// The home folder is that of `$HOME`, or else of the user's entry in the system's list of users.
///
/// # Errors
///
/// [`Error::NoCacheFolder`] if the variable is not set and the user has no home folder.
pub fn user_cache_folder(app: &str, env_var: &str) -> Result<PathBuf, Error> {
    if let Some(folder) = std::env::var_os(env_var).filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    etcetera::base_strategy::choose_native_strategy()
        .ok()
        .map(|folders| folders.cache_dir().join(app))
        // With a relative `$HOME`, there would be one cache for each folder the program runs in.
        .filter(|folder| folder.is_absolute())
        .ok_or_else(|| Error::NoCacheFolder {
            env_var: env_var.to_owned(),
        })
}
