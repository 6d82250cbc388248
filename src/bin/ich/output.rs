//! Result files: never half written, never replaced unasked.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::args::ExplainArgs;
use crate::fault::Fault;
use crate::slice_ref::{
    AGAINST_NPY, EVIDENCE_NPY, FIGURE_DICOM, SALIENCY_NIFTI, SALIENCY_NPY, SliceKind, SliceRef,
};
use crate::temporary::Temporary;

/// Where the results of one slice go.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    pub(crate) figure: PathBuf,
    pub(crate) saliency: PathBuf,
    /// What of the map speaks for a hemorrhage, where that is not all of it.
    pub(crate) evidence: PathBuf,
    /// What speaks against one, where that is asked for.
    pub(crate) against: PathBuf,
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
            evidence: with_ending(&slice.name, EVIDENCE_NPY),
            against: with_ending(&slice.name, AGAINST_NPY),
            report: with_ending(&slice.name, ".json"),
            capture: (args.dicom && slice.kind == SliceKind::Dicom)
                .then(|| with_ending(&slice.name, FIGURE_DICOM)),
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
        // The maps of a volume are added to.
        let mut own = self
            .paths()
            .filter(|path| Some(*path) != self.volume.as_deref());
        let existing = own.find(|path| path.symlink_metadata().is_ok());
        match existing {
            Some(path) if !self.replace => Err(exists(path)),
            _ => Ok(()),
        }
    }

    /// Makes the folder of the results if needed, before the work begins.
    pub(crate) fn make_folder(&self) -> Result<(), Fault> {
        make_folder(folder_of(&self.report))
    }

    /// Every file, that of the volume included.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.figure, &self.saliency, &self.report]
            .into_iter()
            .chain([&self.evidence, &self.against])
            .chain(&self.capture)
            .chain(&self.volume)
            .map(PathBuf::as_path)
    }

    /// True where existing results are replaced.
    pub(crate) fn replaces(&self) -> bool {
        self.replace
    }

    /// Writes a file under a temporary name and renames it.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Fault> {
        write(path, bytes, self.replace)
    }
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Fault> {
    fs::create_dir_all(folder).map_err(|error| Fault::unwritten(folder, error))
}

/// A file without a name in the folder of `path`, which is made if needed.
pub(crate) fn begin(path: &Path) -> Result<Temporary, Fault> {
    let folder = folder_of(path);
    make_folder(folder)?;
    Temporary::create(folder).map_err(|error| Fault::unwritten(folder, error))
}

/// Writes a file under a temporary name and renames it.
pub(crate) fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Fault> {
    let mut file = begin(path)?;
    file.write_all(bytes)
        .map_err(|error| Fault::unwritten(path, error))?;
    persist(file, path, replace)
}

/// Gives a temporary file its name.
pub(crate) fn persist(file: Temporary, path: &Path, replace: bool) -> Result<(), Fault> {
    file.persist(path, replace)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(path),
            _ => Fault::unwritten(path, error),
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
