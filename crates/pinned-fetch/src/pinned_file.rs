use crate::{BlobId, Error};

/// Name of the file, in the cache folder, by which processes take turns.
pub(crate) const LOCK_NAME: &str = ".lock";

/// How long a file is, as far as that is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The length in bytes, as `git ls-tree -l` prints it.
    Exactly(u64),
    /// A length in bytes that the file surely does not exceed.
    AtMost(u64),
}

impl Size {
    /// No byte beyond this many is accepted.
    pub fn limit(self) -> u64 {
        match self {
            Size::Exactly(n) | Size::AtMost(n) => n,
        }
    }

    /// The length, where it is known.
    pub fn exact(self) -> Option<u64> {
        match self {
            Size::Exactly(n) => Some(n),
            Size::AtMost(_) => None,
        }
    }
}

/// A file and what its content must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedFile {
    path: String,
    blob_id: BlobId,
    size: Size,
}

impl PinnedFile {
    /// Pins the file at `path`, which is relative, both to the base URL and to the cache folder,
    /// and has `/` between its parts: `images/gt.csv`.
    ///
    /// # Errors
    ///
    /// [`Error::Path`] if the path is absolute, leads out of the folder, or has parts that would
    /// mean different things on different systems.
    pub fn new(path: impl Into<String>, blob_id: BlobId, size: Size) -> Result<Self, Error> {
        let path = path.into();
        let reason = if path == LOCK_NAME {
            Some("a name that the cache keeps for itself")
        } else {
            path.split('/').find_map(fault_of_part)
        };
        match reason {
            Some(reason) => Err(Error::Path { path, reason }),
            None => Ok(Self {
                path,
                blob_id,
                size,
            }),
        }
    }

    /// The relative path, `/`-separated.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the content must hash to.
    pub fn blob_id(&self) -> BlobId {
        self.blob_id
    }

    /// How long the content is.
    pub fn size(&self) -> Size {
        self.size
    }
}

fn fault_of_part(part: &str) -> Option<&'static str> {
    if part.is_empty() {
        Some("an empty part")
    } else if part == "." || part == ".." {
        Some("a part that is . or ..")
    } else if part.contains(['\\', ':']) || part.contains(char::is_control) {
        // Windows takes `a\..\b` for three parts and `c:a` for a drive.
        Some("a backslash, a colon or a control character")
    } else {
        None
    }
}
