use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::outputs::{OutputOptions, Outputs};
use crate::Error;
use crate::study::SliceRef;

/// Where the results of every slice go. They are named after the slices.
///
/// `keep` says that results of an earlier run may be there, and are not replaced unseen.
///
/// # Errors
///
/// [`Error::SameName`] and [`Error::SameVolumeName`] where two slices or volumes would share
/// results, [`Error::Exists`], and [`Error::ReplacesSlice`] for a result that is one of the slices.
pub fn plan(
    slices: &[SliceRef],
    options: &OutputOptions,
    keep: bool,
) -> Result<Vec<Outputs>, Error> {
    let mut names = HashSet::new();
    let mut volumes = HashMap::new();
    let paths = slices.iter().filter_map(|slice| slice.path.as_deref());
    let paths: HashSet<PathBuf> = paths.flat_map(Path::canonicalize).collect();
    slices
        .iter()
        .map(|slice| {
            let about = |error| Error::about(slice.source(), error);
            if !names.insert(&slice.name) {
                let name = slice.name.clone();
                return Err(about(Error::SameName { name }));
            }
            let outputs = Outputs::of(options, slice);
            if let Some(volume) = &slice.volume
                && *volumes.entry(volume).or_insert(slice.volume_source()) != slice.volume_source()
            {
                let volume = volume.clone();
                return Err(about(Error::SameVolumeName { volume }));
            }
            if !keep {
                outputs.check()?;
            }
            let is_slice = |path: &Path| path.canonicalize().is_ok_and(|p| paths.contains(&p));
            if let Some(path) = outputs.paths().find(|path| is_slice(path)) {
                return Err(Error::in_file(path, Error::ReplacesSlice));
            }
            Ok(outputs)
        })
        .collect()
}
