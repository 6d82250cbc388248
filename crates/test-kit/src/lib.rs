//! What the tests of this workspace share: comparison with a tolerance, golden arrays, the folder of
//! material that may not be committed, runs that must end in a refusal, DICOM files, random damage to
//! files, and a scripted HTTP server.
//!
//! Everything here panics instead of returning an error, as a test does. Arrays are `(rows, cols)`;
//! paths start at the root of the workspace. The crate is not published, knows no other crate of the
//! workspace and computes nothing that a test is about: expected values are in golden files beside the
//! script that made them.
//!
//! ```
//! use test_kit::{assert_close, in_workspace, read_npy};
//!
//! let map = read_npy(in_workspace("tests/golden/square-plain.npy"));
//! assert_eq!(map.dim(), (64, 64));
//! assert_close(&[0.1, 0.2], &[0.1, 0.200_001], 1e-5);
//! ```

use std::error::Error;
use std::io::Write;
use std::iter::successors;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::Array2;

pub mod bounded;
pub mod damage;
pub mod dicom;
pub mod npy;
pub mod random;
pub mod refusal;
pub mod server;

/// A member of a gzip file.
///
/// # Panics
///
/// Never: it is written into memory.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

/// An error's message and those of its causes, as a program prints them.
pub fn with_causes(error: &dyn Error) -> String {
    let causes = successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Panics unless every value is within `tolerance` of the expected one; says how many are not, how
/// far the worst is off, and where the first are.
///
/// # Panics
///
/// On a difference, and on slices of different lengths.
#[track_caller]
pub fn assert_close(actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "numbers of values");
    let difference = |(a, e): (&f32, &f32)| (a - e).abs();
    let off: Vec<usize> = actual
        .iter()
        .zip(expected)
        .map(difference)
        .enumerate()
        .filter(|(_, d)| d.is_nan() || *d > tolerance)
        .map(|(index, _)| index)
        .collect();
    if off.is_empty() {
        return;
    }
    let worst = actual
        .iter()
        .zip(expected)
        .map(difference)
        .fold(0.0, f32::max);
    let first: Vec<_> = off
        .iter()
        .take(5)
        .map(|&index| (index, actual[index], expected[index]))
        .collect();
    panic!(
        "{} of {} values differ by more than {tolerance:e}, at most by {worst:e}; \
         first (index, actual, expected): {first:?}",
        off.len(),
        actual.len()
    );
}

/// The largest absolute difference, and the largest absolute expected value.
///
/// # Panics
///
/// On slices of different lengths.
pub fn max_difference(actual: &[f32], expected: &[f32]) -> (f32, f32) {
    assert_eq!(actual.len(), expected.len(), "numbers of values");
    actual
        .iter()
        .zip(expected)
        .fold((0.0, 0.0), |(d, m), (a, e)| {
            (f32::max(d, (a - e).abs()), f32::max(m, e.abs()))
        })
}

/// Reads a two-dimensional f32 array.
///
/// # Panics
///
/// If the file is missing or is no such array.
pub fn read_npy(path: impl AsRef<Path>) -> Array2<f32> {
    let path = path.as_ref();
    match ndarray_npy::read_npy(path) {
        Ok(array) => array,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// A file of the folder with real slices, full weights and their goldens, which may not be
/// committed: `ICH_SHARED`, or `../shared` beside the workspace.
///
/// Without that folder the answer is none and a printed line; with it, a missing file is a panic,
/// so that a typing error cannot look like a skipped test.
///
/// # Panics
///
/// If the folder is there and the file is not.
pub fn shared(test: &str, file: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = match std::env::var_os("ICH_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => workspace.join("../shared"),
    };
    if !folder.join("golden").is_dir() {
        skipped(test, &format!("{} is not here", folder.display()));
        return None;
    }
    let path = folder.join(file);
    assert!(path.is_file(), "{} is missing", path.display());
    Some(path)
}

/// Says on standard error that a test is skipped, so that a run without its material does not look
/// like one with it.
pub fn skipped(test: &str, why: &str) {
    say(&format!("SKIPPED {test}: {why}"));
}

/// Prints a line on standard error, past the capture of `println!`: what a test measured.
pub fn say(line: &str) {
    // Nothing is to be done where standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A file of the workspace, by its path from the root.
pub fn in_workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The files of a folder with this extension, sorted.
///
/// # Panics
///
/// If the folder cannot be read, and if it holds another number of them.
pub fn files(folder: &Path, extension: &str, n_files: usize) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let has_extension = |path: &PathBuf| path.extension().is_some_and(|ext| ext == extension);
    let mut paths: Vec<PathBuf> = paths.filter(has_extension).collect();
    paths.sort();
    assert_eq!(paths.len(), n_files, "{}", folder.display());
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_is_close() {
        assert_close(&[1.0, 2.0], &[1.05, 2.0], 0.1);
    }

    #[test]
    #[should_panic(expected = "1 of 2 values differ")]
    fn refuses_what_is_not() {
        assert_close(&[1.0, 2.0], &[1.2, 2.0], 0.1);
    }

    #[test]
    #[should_panic(expected = "1 of 1 values differ")]
    fn refuses_nan() {
        assert_close(&[f32::NAN], &[0.0], 0.1);
    }
}
