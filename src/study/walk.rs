//! The files that paths, folders, patterns and lists name, before any is opened.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::candidate::Candidate;
use super::slice_ref::stem;
use crate::Error;

/// Longest list of files: some ten times the RSNA 2019 data.
const MAX_FILES: usize = 10_000_000;

/// Longest list in a file.
const MAX_LIST_BYTES: u64 = 1 << 30;

/// Files to look into, before any is opened.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) faults: Vec<(String, Error)>,
    seen: HashSet<PathBuf>,
}

impl Walk {
    pub(crate) fn add(&mut self, path: &Path) -> Result<(), Error> {
        if path.is_dir() {
            return self.add_folder(path);
        }
        if !path.exists()
            && let Some(pattern) = path.to_str().filter(|path| path.contains(['*', '?', '[']))
        {
            let found =
                glob::glob(pattern).map_err(|error| Error::in_file(path, Error::other(error)))?;
            let mut is_empty = true;
            for path in found {
                is_empty = false;
                match path {
                    Ok(path) if path.is_dir() => self.add_folder(&path)?,
                    Ok(path) => self.push(path.clone(), stem(&path), true)?,
                    Err(error) => self.fail(error.path().to_owned(), error),
                }
            }
            if is_empty {
                let source = path.display().to_string();
                self.faults
                    .push((source, Error::in_file(path, Error::NoMatch)));
            }
            return Ok(());
        }
        self.push(path.to_owned(), stem(path), true)
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), Error> {
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let path = entry.path();
                    let below = path.strip_prefix(folder).unwrap_or(path);
                    let name = below.with_file_name(stem(path));
                    self.push(path.to_owned(), name, false)?;
                }
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    self.fail(path, error);
                }
            }
        }
        Ok(())
    }

    fn fail(&mut self, path: PathBuf, error: impl std::error::Error + Send + Sync + 'static) {
        let source = path.display().to_string();
        self.faults.push((source, Error::other(error)));
    }

    fn push(&mut self, path: PathBuf, name: PathBuf, is_named: bool) -> Result<(), Error> {
        if self.candidates.len() == MAX_FILES {
            return Err(Error::TooManyFiles { limit: MAX_FILES });
        }
        if self.seen.insert(path.clone()) {
            self.candidates.push(Candidate {
                path,
                name,
                is_named,
            });
        }
        Ok(())
    }
}

/// Paths in a file, one a line; blank lines do not count.
pub(crate) fn read_list(file: &Path) -> Result<Vec<PathBuf>, Error> {
    let fault = |error| Error::unread(file, error);
    let mut text = String::new();
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(fault)?)
    };
    let n_bytes = source
        .take(MAX_LIST_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(fault)?;
    if n_bytes as u64 > MAX_LIST_BYTES {
        return Err(Error::in_file(
            file,
            Error::TooLong {
                kind: "a list of slices",
                limit: MAX_LIST_BYTES,
            },
        ));
    }
    let lines = text.trim_start_matches('\u{feff}').lines();
    Ok(lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(PathBuf::from)
        .collect())
}
