//! Result files: never half written, never replaced unasked.

use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::fault::Fault;

/// The hash in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Where the results of one slice go.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    pub(crate) figure: PathBuf,
    pub(crate) saliency: PathBuf,
    pub(crate) report: PathBuf,
    replace: bool,
}

impl Outputs {
    /// The three files of a slice.
    ///
    /// Without `replace` an existing one is a fault, so that it is known before the work begins.
    pub(crate) fn plan(folder: &Path, name: &str, replace: bool) -> Result<Self, Fault> {
        let outputs = Self {
            figure: folder.join(format!("{name}.png")),
            saliency: folder.join(format!("{name}.saliency.npy")),
            report: folder.join(format!("{name}.json")),
            replace,
        };
        for path in [&outputs.figure, &outputs.saliency, &outputs.report] {
            if !replace && path.symlink_metadata().is_ok() {
                return Err(exists(path));
            }
        }
        Ok(outputs)
    }

    /// Writes a file under a temporary name and renames it.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Fault> {
        let fault = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(path),
            _ => Fault::in_file(path, error),
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = temporary(folder).map_err(fault)?;
        file.write_all(bytes).map_err(fault)?;
        let persisted = if self.replace {
            file.persist(path)
        } else {
            file.persist_noclobber(path)
        };
        persisted.map(drop).map_err(|error| fault(error.error))
    }
}

fn exists(path: &Path) -> Fault {
    Fault::new(format!(
        "{}: exists already; use --force to replace it, or --out for another folder",
        path.display()
    ))
}

/// A temporary file with the permissions of any new file, not the private ones of its kind.
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt;
        std::fs::Permissions::from_mode(0o666)
    };
    #[cfg(unix)]
    builder.permissions(permissions);
    builder.tempfile_in(folder)
}
