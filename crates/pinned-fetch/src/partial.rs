//! A file that is not whole yet.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{BlobId, Cache, Error};

const SUFFIX: &str = ".partial";

/// Enough to recognise a web page.
const N_START_BYTES: u64 = 512;

/// The bytes of one file that have arrived, in a file beside the final place, of a name that no
/// other process uses: `NAME.<blob id>.<random>.partial`.
///
/// It is deleted when dropped, unless kept. What a killed process left behind is copied, never
/// written to: should its owner be alive after all, because the file system only pretends to lock,
/// then a verified file could be changed afterwards.
#[derive(Debug)]
pub(crate) struct Partial {
    temp: NamedTempFile,
    final_path: PathBuf,
    blob_id: BlobId,
    n_bytes: u64,
    is_pieced: bool,
}

impl Partial {
    /// An empty file, in a folder which is created if need be.
    pub(crate) fn create(final_path: PathBuf, blob_id: BlobId) -> Result<Self, Error> {
        let folder = folder_of(&final_path);
        Cache::create_folder(folder)?;
        let mut prefix = name_of(&final_path);
        prefix.push(format!(".{blob_id}."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(SUFFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As for any new file: the user's umask decides who else may read it.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let temp = builder.tempfile_in(folder).map_err(|source| Error::Write {
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self {
            temp,
            final_path,
            blob_id,
            n_bytes: 0,
            is_pieced: false,
        })
    }

    /// Takes over the longest of what earlier processes left of this file, at most `limit` bytes,
    /// and deletes all of it. Only for who has the lock.
    pub(crate) fn take_over(&mut self, limit: u64) -> Result<(), Error> {
        let leftovers = self.leftovers();
        let longest = leftovers
            .iter()
            .filter(|leftover| leftover.blob_id == self.blob_id)
            .max_by_key(|leftover| leftover.n_bytes)
            .and_then(|leftover| File::open(&leftover.path).ok());
        if let Some(file) = longest {
            let copied = io::copy(&mut file.take(limit), self.temp.as_file_mut());
            self.n_bytes = copied.map_err(|source| self.write_error(source))?;
            self.is_pieced = self.n_bytes > 0;
        }
        for leftover in leftovers {
            // One that cannot be deleted now will be found again.
            let _ = fs::remove_file(leftover.path);
        }
        Ok(())
    }

    /// Bytes so far.
    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Whether the bytes come from more than one answer of the server, so that a wrong hash may be
    /// the fault of the seam.
    pub(crate) fn is_pieced(&self) -> bool {
        self.is_pieced
    }

    /// Says that the next bytes come from another answer than those before.
    pub(crate) fn continue_with_another(&mut self) {
        self.is_pieced = true;
    }

    /// Throws away all bytes.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        let file = self.temp.as_file_mut();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .map_err(|source| self.write_error(source))?;
        self.n_bytes = 0;
        self.is_pieced = false;
        Ok(())
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.temp.as_file_mut().write_all(bytes);
        written.map_err(|source| self.write_error(source))?;
        self.n_bytes += bytes.len() as u64;
        Ok(())
    }

    /// The blob id of the bytes, as they are on disk.
    pub(crate) fn found_blob_id(&mut self) -> Result<BlobId, Error> {
        let file = self.temp.as_file_mut();
        file.rewind()
            .and_then(|()| BlobId::of_reader(self.n_bytes, file))
            .map_err(|source| self.read_error(source))
    }

    /// What the bytes look like, if they are a usual thing to get in place of a file.
    pub(crate) fn hint(&mut self) -> Result<Option<&'static str>, Error> {
        let mut start = Vec::new();
        let file = self.temp.as_file_mut();
        file.rewind()
            .and_then(|()| file.take(N_START_BYTES).read_to_end(&mut start))
            .and_then(|_| file.seek(io::SeekFrom::End(0)))
            .map_err(|source| self.read_error(source))?;
        let start = String::from_utf8_lossy(&start).to_ascii_lowercase();
        let start = start.trim_start_matches('\u{feff}').trim_start();
        Ok(
            if start.starts_with("<!doctype html") || start.starts_with("<html") {
                Some("a web page, perhaps of a login or of an error")
            } else if start.starts_with("version https://git-lfs.github.com/spec/") {
                Some("a git-LFS pointer: the base URL must be one that serves the files themselves")
            } else {
                None
            },
        )
    }

    /// Puts the file, which must be verified, at its final place.
    pub(crate) fn persist(self) -> Result<(), Error> {
        if let Err(source) = self.temp.as_file().sync_all() {
            return Err(self.write_error(source));
        }
        let leftovers = self.leftovers();
        let blob_id = self.blob_id;
        let final_path = self.final_path;
        self.temp
            .persist(&final_path)
            .map_err(|error| Error::Write {
                path: final_path,
                source: error.error,
            })?;
        // Who loses its own copy by this finds the file at its place.
        for leftover in leftovers.iter().filter(|found| found.blob_id == blob_id) {
            let _ = fs::remove_file(&leftover.path);
        }
        Ok(())
    }

    /// Leaves the bytes for a later [`Partial::take_over`].
    pub(crate) fn keep(self) {
        if self.n_bytes > 0 {
            // If it cannot be kept, it is deleted, and the next download begins at zero.
            let _ = self.temp.keep();
        }
    }

    /// Partial files of this name, of any blob id, except this one.
    fn leftovers(&self) -> Vec<Leftover> {
        let Ok(entries) = fs::read_dir(folder_of(&self.final_path)) else {
            return Vec::new();
        };
        let name = name_of(&self.final_path);
        entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let file_name = entry.file_name();
                let (blob_id, _) = file_name
                    .to_str()?
                    .strip_prefix(name.to_str()?)?
                    .strip_prefix('.')?
                    .strip_suffix(SUFFIX)?
                    .split_once('.')?;
                let metadata = entry.metadata().ok()?;
                let path = entry.path();
                (metadata.is_file() && path != self.temp.path()).then_some(Leftover {
                    blob_id: blob_id.parse().ok()?,
                    n_bytes: metadata.len(),
                    path,
                })
            })
            .collect()
    }

    fn write_error(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.temp.path().to_owned(),
            source,
        }
    }

    fn read_error(&self, source: io::Error) -> Error {
        Error::Read {
            path: self.temp.path().to_owned(),
            source,
        }
    }
}

struct Leftover {
    path: PathBuf,
    blob_id: BlobId,
    n_bytes: u64,
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn name_of(path: &Path) -> OsString {
    path.file_name().unwrap_or_default().to_owned()
}
