//! Result files: never half written, never replaced unasked.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::args::ExplainArgs;
use crate::fault::Fault;
use crate::listing::{self, FIGURE_DICOM, SALIENCY_NIFTI, SALIENCY_NPY, SliceRef};

/// The hash of some bytes in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The hash of a file in hexadecimal.
pub(crate) fn sha256_of_file(path: &Path) -> Result<String, Fault> {
    let fault = |error| Fault::in_file(path, error);
    let mut file = File::open(path).map_err(fault)?;
    let mut hasher = Sha256::new();
    let mut buffer = [0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(fault)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the results of one slice go.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    pub(crate) figure: PathBuf,
    pub(crate) saliency: PathBuf,
    pub(crate) report: PathBuf,
    /// The figure as DICOM, where that is asked for and the slice is.
    pub(crate) capture: Option<PathBuf>,
    /// The maps of all slices of the volume that the slice is of.
    pub(crate) volume: Option<PathBuf>,
    replace: bool,
}

impl Outputs {
    /// The files of a slice; existing ones are replaced or a fault.
    pub(crate) fn plan(args: &ExplainArgs, slice: &SliceRef) -> Self {
        let with_ending = |name: &Path, ending: &str| {
            let mut path = args.out.join(name).into_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        Self {
            figure: with_ending(&slice.name, ".png"),
            saliency: with_ending(&slice.name, SALIENCY_NPY),
            report: with_ending(&slice.name, ".json"),
            capture: slice
                .path
                .as_deref()
                .filter(|path| args.dicom && listing::is_dicom(path))
                .map(|_| with_ending(&slice.name, FIGURE_DICOM)),
            volume: slice
                .volume
                .as_deref()
                .map(|name| with_ending(name, SALIENCY_NIFTI)),
            replace: args.force || args.resume,
        }
    }

    /// A fault where a result exists that may not be replaced, so that it is known before the work
    /// begins.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let existing = self.paths().find(|path| path.symlink_metadata().is_ok());
        match existing {
            Some(path) if !self.replace => Err(exists(path)),
            _ => Ok(()),
        }
    }

    /// Makes the folder of the results if needed, before the work begins.
    pub(crate) fn make_folder(&self) -> Result<(), Fault> {
        let folder = self.report.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| Fault::in_file(folder, error))
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.figure, &self.saliency, &self.report]
            .into_iter()
            .chain(&self.capture)
            .chain(&self.volume)
            .map(PathBuf::as_path)
    }

    /// Writes a file under a temporary name and renames it.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Fault> {
        write(path, bytes, self.replace)
    }
}

/// Writes a file under a temporary name and renames it.
pub(crate) fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Fault> {
    let fault = |error| Fault::in_file(path, error);
    let mut file = temporary(folder_of(path)).map_err(fault)?;
    file.write_all(bytes).map_err(fault)?;
    persist(file, path, replace)
}

/// Gives a temporary file its name.
pub(crate) fn persist(file: NamedTempFile, path: &Path, replace: bool) -> Result<(), Fault> {
    let persisted = if replace {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    persisted
        .map(drop)
        .map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(path),
            _ => Fault::in_file(path, error.error),
        })
}

/// The folder of a file; that of a bare name is the working folder.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A result that is there already.
pub(crate) fn exists(path: &Path) -> Fault {
    Fault::new(format!(
        "{}: exists already; use --force to replace it, or choose another place",
        path.display()
    ))
}

/// A temporary file with the permissions of any new file, not the private ones of its kind.
pub(crate) fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
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
