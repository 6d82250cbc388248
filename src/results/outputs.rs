//! Where results go.

use std::path::{Path, PathBuf};

use super::files::{self, exists, folder_of};
use crate::Error;
use crate::study::{
    AGAINST_NPY, BOUND_NPY, EVIDENCE_NPY, FIGURE_DICOM, SALIENCY_NIFTI, SALIENCY_NPY, SPREAD_NPY,
    SPREAD_OF_BACKGROUNDS_NPY, SliceKind, SliceRef,
};

/// Which results are written, and where.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutputOptions {
    /// Made if needed.
    pub folder: PathBuf,
    /// Whether each figure is also written as a DICOM Secondary Capture, where the slice is DICOM.
    pub dicom: bool,
    /// Whether the bound of each pixel is also written, where an explanation ends early.
    pub bound: bool,
    /// Whether the standard deviations of the map over shifts and backgrounds are also written.
    pub spread: bool,
    /// Whether existing results are replaced.
    pub replace: bool,
}

impl OutputOptions {
    /// Results in this folder; existing ones are kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            dicom: false,
            bound: false,
            spread: false,
            replace: false,
        }
    }
}

/// Where the results of one slice go.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outputs {
    /// Slice and explanation side by side, PNG.
    pub figure: PathBuf,
    /// The map, `.npy`.
    pub saliency: PathBuf,
    /// What of the map speaks for a hemorrhage, where that is not all of it.
    pub evidence: PathBuf,
    /// What speaks against one, where that is asked for.
    pub against: PathBuf,
    /// How much each pixel of the map can miss, where that is asked for and the explanation ends
    /// early.
    pub bound: Option<PathBuf>,
    /// The standard deviation of the map over the shifts, where that is asked for and there are several.
    pub spread: Option<PathBuf>,
    /// The same over the backgrounds.
    pub spread_of_backgrounds: Option<PathBuf>,
    /// What was done and found, JSON.
    pub report: PathBuf,
    /// The figure as DICOM, where that is asked for and the slice is.
    pub capture: Option<PathBuf>,
    /// The maps of all slices of the volume that the slice is of.
    pub volume: Option<PathBuf>,
    replace: bool,
}

impl Outputs {
    /// The files of a slice.
    pub fn of(options: &OutputOptions, slice: &SliceRef) -> Self {
        let with_ending = |name: &Path, ending: &str| {
            let mut path = options.folder.join(name).into_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        Self {
            figure: with_ending(&slice.name, ".png"),
            saliency: with_ending(&slice.name, SALIENCY_NPY),
            evidence: with_ending(&slice.name, EVIDENCE_NPY),
            against: with_ending(&slice.name, AGAINST_NPY),
            bound: options.bound.then(|| with_ending(&slice.name, BOUND_NPY)),
            spread: options.spread.then(|| with_ending(&slice.name, SPREAD_NPY)),
            spread_of_backgrounds: options
                .spread
                .then(|| with_ending(&slice.name, SPREAD_OF_BACKGROUNDS_NPY)),
            report: with_ending(&slice.name, ".json"),
            capture: (options.dicom && slice.kind == SliceKind::Dicom)
                .then(|| with_ending(&slice.name, FIGURE_DICOM)),
            volume: slice
                .volume
                .as_deref()
                .map(|name| with_ending(name, SALIENCY_NIFTI)),
            replace: options.replace,
        }
    }

    /// An error where a result exists that may not be replaced, so that it is known before the work
    /// begins.
    pub(crate) fn check(&self) -> Result<(), Error> {
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
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn make_folder(&self) -> Result<(), Error> {
        files::make_folder(folder_of(&self.report))
    }

    /// Every file, that of the volume included.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.figure, &self.saliency, &self.report]
            .into_iter()
            .chain([&self.evidence, &self.against])
            .chain(&self.bound)
            .chain(&self.spread)
            .chain(&self.spread_of_backgrounds)
            .chain(&self.capture)
            .chain(&self.volume)
            .map(PathBuf::as_path)
    }

    /// True where existing results are replaced.
    pub(crate) fn replaces(&self) -> bool {
        self.replace
    }

    /// Writes a file under a temporary name and renames it.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        files::write(path, bytes, self.replace)
    }
}
