//! Which slices a call works on: files, folders, patterns and lists become one list.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use walkdir::WalkDir;

use crate::fault::Fault;
use crate::inspect::{Found, inspect};
use crate::list::SliceNumbers;
use crate::progress::Counter;
use crate::series;
use crate::slice_ref::{SliceRef, stem};

/// Longest list of files: some ten times the RSNA 2019 data.
const MAX_FILES: usize = 10_000_000;

/// Longest file of `--from`.
const MAX_LIST_BYTES: u64 = 1 << 30;

/// Names of files of a kind that are said; the others are counted.
const N_NAMES: usize = 3;

/// What was found, and what was asked for and could not be.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) slices: Vec<SliceRef>,
    /// By what they were asked for.
    pub(crate) faults: Vec<(String, Fault)>,
    pub(crate) passed_over: PassedOver,
}

/// Files in folders that are no slices, by what they are.
#[derive(Debug, Default)]
pub(crate) struct PassedOver(BTreeMap<String, Kind>);

/// Files of one kind.
#[derive(Debug, Default)]
struct Kind {
    n: usize,
    /// The first of them.
    names: Vec<String>,
}

/// A file that may hold slices.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// Where results go, as [`SliceRef::name`].
    pub(crate) name: PathBuf,
    /// False of a file that was found in a folder, and need not be a slice.
    pub(crate) is_named: bool,
}

/// Files to look into, before any is opened.
#[derive(Debug, Default)]
struct Walk {
    candidates: Vec<Candidate>,
    faults: Vec<(String, Fault)>,
    seen: HashSet<PathBuf>,
}

impl Listing {
    /// Expands paths, and those that a file lists one a line (`-` for standard input).
    ///
    /// Folders are walked, sorted by name, DICOM series by position; a pattern such as
    /// `"study/*.npy"` is expanded where no file has that name. A path that comes twice is one
    /// slice. Of files with many slices only those of `numbers` are taken.
    pub(crate) fn expand(
        paths: &[PathBuf],
        from: Option<&Path>,
        numbers: Option<&SliceNumbers>,
    ) -> Result<Self, Fault> {
        let listed = match from {
            Some(file) => read_list(file)?,
            None => Vec::new(),
        };
        let mut walk = Walk::default();
        for path in paths.iter().chain(&listed) {
            walk.add(path)?;
        }
        let mut listing = Self {
            faults: walk.faults,
            ..Self::default()
        };
        let counter = Counter::new(walk.candidates.len());
        // A pool of its own: the one that computes is set up later.
        let pool = ThreadPoolBuilder::new().build()?;
        let found: Vec<Found> = pool.install(|| {
            let look = |candidate| {
                let found = inspect(candidate, numbers);
                counter.advance();
                found
            };
            walk.candidates.par_iter().map(look).collect()
        });
        counter.finish();
        for (candidate, found) in walk.candidates.iter().zip(found) {
            match found {
                Found::Slices(slices) => listing.slices.extend(slices),
                Found::NoSlice(kind) => listing.passed_over.add(kind, &candidate.path),
                Found::Fault(fault) => {
                    let source = candidate.path.display().to_string();
                    listing.faults.push((source, fault));
                }
            }
        }
        series::sort(&mut listing.slices);
        series::name_volumes(&mut listing.slices);
        Ok(listing)
    }

    /// The phantom alone.
    pub(crate) fn phantom() -> Self {
        Self {
            slices: vec![SliceRef::phantom()],
            ..Self::default()
        }
    }
}

impl Walk {
    fn add(&mut self, path: &Path) -> Result<(), Fault> {
        if path.is_dir() {
            return self.add_folder(path);
        }
        if !path.exists()
            && let Some(pattern) = path.to_str().filter(|path| path.contains(['*', '?', '[']))
        {
            let found = glob::glob(pattern).map_err(|error| Fault::in_file(path, error))?;
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
                let fault = Fault::new(format!("{source}: no file matches"));
                self.faults.push((source, fault));
            }
            return Ok(());
        }
        self.push(path.to_owned(), stem(path), true)
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), Fault> {
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

    fn fail(&mut self, path: PathBuf, error: impl std::error::Error) {
        let source = path.display().to_string();
        self.faults.push((source, Fault::from(error)));
    }

    fn push(&mut self, path: PathBuf, name: PathBuf, is_named: bool) -> Result<(), Fault> {
        if self.candidates.len() == MAX_FILES {
            return Err(Fault::new(format!("more than {MAX_FILES} files")));
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

impl PassedOver {
    fn add(&mut self, kind: String, path: &Path) {
        let files = self.0.entry(kind).or_default();
        files.n += 1;
        if files.names.len() < N_NAMES {
            let name = path.file_name().unwrap_or(path.as_os_str());
            files.names.push(name.to_string_lossy().into_owned());
        }
    }

    /// A line for each kind: how many files, and the names of the first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(kind, files)| {
            let mut names = files.names.join(", ");
            if files.n > files.names.len() {
                names.push_str(", ...");
            }
            format!("{} x {kind} ({names})", files.n)
        })
    }
}

/// Paths in a file, one a line; blank lines do not count.
fn read_list(file: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error| Fault::in_file(file, error);
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
        return Err(Fault::new(format!(
            "{}: more than {MAX_LIST_BYTES} bytes, too long for a list of slices",
            file.display()
        )));
    }
    let lines = text.trim_start_matches('\u{feff}').lines();
    Ok(lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(PathBuf::from)
        .collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn expand(paths: &[PathBuf], from: Option<&Path>) -> Result<Listing, Fault> {
        Listing::expand(paths, from, None)
    }

    fn names(listing: &Listing) -> Vec<&str> {
        let names = listing.slices.iter().map(|slice| slice.name.to_str());
        names.map(|name| name.expect("UTF-8")).collect()
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("b/c")).expect("a folder");
        for file in [
            "b/c/2.npy",
            "b/10.npy",
            "a.npy",
            "a.saliency.npy",
            "notes.txt",
            "._a.npy",
        ] {
            fs::write(folder.path().join(file), "").expect("written");
        }
        folder
    }

    #[test]
    fn a_folder_is_walked_in_order_and_names_keep_its_structure() {
        let folder = folder();
        let listing = expand(&[folder.path().to_owned()], None).expect("a list");
        assert_eq!(names(&listing), ["a", "b/10", "b/c/2"]);
        assert_eq!(listing.passed_over.lines().count(), 3);
        assert!(listing.faults.is_empty());
    }

    #[test]
    fn patterns_are_expanded_and_a_slice_comes_once() {
        let folder = folder();
        let pattern = folder.path().join("b/*.npy");
        let missing = folder.path().join("*.dcm");
        let file = folder.path().join("b/10.npy");
        let listing = expand(&[file, pattern, missing], None).expect("a list");
        assert_eq!(names(&listing), ["10"]);
        assert_eq!(listing.faults.len(), 1);
        let (source, fault) = &listing.faults[0];
        assert!(source.ends_with("*.dcm"), "{source}");
        assert!(fault.to_string().contains("no file matches"));
    }

    #[test]
    fn what_is_passed_over_is_counted_by_kind_and_the_first_are_named() {
        let mut passed_over = PassedOver::default();
        for k in 0..5 {
            passed_over.add(
                "structured report".to_owned(),
                Path::new(&format!("a/SR{k}")),
            );
        }
        passed_over.add("DICOMDIR".to_owned(), Path::new("DICOMDIR"));
        let lines: Vec<_> = passed_over.lines().collect();
        assert_eq!(
            lines,
            [
                "1 x DICOMDIR (DICOMDIR)",
                "5 x structured report (SR0, SR1, SR2, ...)"
            ]
        );
    }

    #[test]
    fn a_list_names_slices_one_a_line() {
        let folder = folder();
        let list = folder.path().join("notes.txt");
        fs::write(&list, "\u{feff}x/1.npy\r\n\n  x/2.npy\n").expect("written");
        let listing = expand(&[], Some(&list)).expect("a list");
        assert_eq!(names(&listing), ["1", "2"]);
        assert!(expand(&[], Some(&folder.path().join("none"))).is_err());
    }
}
