//! Which slices there are: files, folders, patterns and lists become one list.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::inspect::{Found, inspect};
use super::numbers::SliceNumbers;
use super::passed_over::PassedOver;
use super::series;
use super::slice_ref::SliceRef;
use super::walk::{Walk, read_list};
use crate::Error;

/// The slices that were found, and what was asked for and could not be.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Listing {
    /// In the order in which they are to be read.
    pub slices: Vec<SliceRef>,
    /// What cannot be read, by the name under which it was asked for.
    pub faults: Vec<(String, Error)>,
    /// What folders hold beside slices.
    pub passed_over: PassedOver,
}

impl Listing {
    /// Expands paths, and those that a file lists one a line (`-` for standard input).
    ///
    /// Folders are walked, sorted by name, DICOM series by position; a pattern such as
    /// `"study/*.npy"` is expanded where no file has that name. A path that comes twice is one
    /// slice. Of files with many slices only those of `numbers` are taken. `observer` is told from
    /// any thread how many files were looked into, and how many there are.
    ///
    /// # Errors
    ///
    /// A list that cannot be read, a pattern that is none, and too many files. What is wrong with
    /// one file stands in [`Listing::faults`].
    pub fn expand(
        paths: &[PathBuf],
        from: Option<&Path>,
        numbers: Option<&SliceNumbers>,
        observer: impl Fn(usize, usize) + Sync,
    ) -> Result<Self, Error> {
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
        let n_looked_into = AtomicUsize::new(0);
        // A pool of its own: the one that computes is set up later.
        let pool = ThreadPoolBuilder::new().build().map_err(Error::other)?;
        let found: Vec<Found> = pool.install(|| {
            let look = |candidate| {
                let found = inspect(candidate, numbers);
                let n = 1 + n_looked_into.fetch_add(1, Ordering::Relaxed);
                observer(n, walk.candidates.len());
                found
            };
            walk.candidates.par_iter().map(look).collect()
        });
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
        series::find_neighbours(&mut listing.slices);
        series::name_volumes(&mut listing.slices);
        Ok(listing)
    }

    /// The phantom alone.
    pub fn phantom() -> Self {
        Self {
            slices: vec![SliceRef::phantom()],
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::message;

    fn expand(paths: &[PathBuf], from: Option<&Path>) -> Result<Listing, Error> {
        Listing::expand(paths, from, None, |_, _| {})
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
        assert!(message(fault).contains("no file matches"));
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
