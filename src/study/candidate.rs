use std::path::PathBuf;

/// A file that may hold slices.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// Where results go, as [`SliceRef::name`](super::SliceRef::name).
    pub(crate) name: PathBuf,
    /// False of a file that was found in a folder, and need not be a slice.
    pub(crate) is_named: bool,
}
