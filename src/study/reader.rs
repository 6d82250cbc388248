//! From a file to the slice that the network sees.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ct_io::{
    Content, DicomFile, HuSlice, NiftiVolume, NpyStack, RsnaRepair, SliceGeometry, Turn, Warning,
};
use ct_preprocess::{Window, WindowFunction};

use super::demo::demo;
use super::facts::{DicomFacts, NiftiFacts};
use super::hashed::Hashed;
use super::numbers::SliceNumbers;
use super::reading::Reading;
use super::slice::Slice;
use super::slice_ref::{self, SliceRef};
use crate::Error;

/// Longest side of a slice. The stem alone needs some 200 bytes a pixel (its unfolded input and its
/// output), so a larger file could ask for any amount of memory.
const MAX_SIDE: usize = 2048;

/// Longest DICOM or `.npy` file, which is held as a whole.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Reads slices one after the other; a file of many slices is opened once.
#[derive(Debug)]
pub struct Reader {
    reading: Reading,
    last: Option<OpenFile>,
}

#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    sha256: String,
    bytes: u64,
    holding: Holding,
}

/// What an open file holds, and what a user should know of all its slices.
#[derive(Debug)]
enum Holding {
    Npy(NpyStack, Vec<Warning>),
    Dicom(Arc<DicomFile>),
    Nifti(Box<NiftiVolume>, Vec<Warning>),
}

/// A slice in Hounsfield units, and what its file says beside.
struct Found {
    hu: HuSlice,
    spacing_mm: Option<(f64, f64)>,
    turn: Turn,
    geometry: Option<SliceGeometry>,
    dicom: Option<DicomFacts>,
    dicom_frame: Option<(Arc<DicomFile>, usize)>,
    nifti: Option<NiftiFacts>,
    windows: Vec<Window>,
    warnings: Vec<Warning>,
}

impl Reader {
    /// A reader that has read nothing yet.
    pub fn new(reading: Reading) -> Self {
        Self {
            reading,
            last: None,
        }
    }

    /// Reads a slice and brings it to what the network sees.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no slice, a malformed one, and one that cannot be brought
    /// to the network's grid; each names the file.
    pub fn read(&mut self, slice: &SliceRef) -> Result<Slice, Error> {
        let Some(path) = &slice.path else {
            return demo(&self.reading.windows);
        };
        let reading = self.reading.clone();
        let file = self.open(path)?;
        let mut found = file.slice(slice.frame.unwrap_or(0), reading.repair)?;
        let (rows, cols) = (found.hu.rows(), found.hu.cols());
        if rows.max(cols) > MAX_SIDE {
            return Err(Error::in_file(
                path,
                Error::TooLarge {
                    rows,
                    cols,
                    limit: MAX_SIDE,
                },
            ));
        }
        let seen = reading.see(&found.hu, found.spacing_mm, found.turn, &mut found.warnings);
        let (stack, seen) = seen.map_err(|error| Error::about(slice.source(), error))?;
        let mut name = slice_ref::stem(path).to_string_lossy().into_owned();
        if let Some(k) = slice.frame
            && found.dicom.is_none()
        {
            name.push_str(&slice_ref::slice_suffix(k));
        }
        Ok(Slice {
            name,
            source: slice.source(),
            sha256: file.sha256.clone(),
            bytes: Some(file.bytes),
            dicom: found.dicom,
            dicom_frame: found.dicom_frame,
            nifti: found.nifti,
            geometry: found.geometry,
            hu: found.hu,
            own_windows: found.windows,
            stack,
            seen,
            warnings: found.warnings,
            boxes: Vec::new(),
        })
    }

    fn open(&mut self, path: &Path) -> Result<&OpenFile, Error> {
        let last = self.last.take().filter(|last| last.path == path);
        let file = match last {
            Some(file) => file,
            None => OpenFile::open(path, self.reading.numbers.as_ref())?,
        };
        Ok(self.last.insert(file))
    }
}

impl OpenFile {
    /// Reads a file once: what is hashed is what is decoded.
    fn open(path: &Path, numbers: Option<&SliceNumbers>) -> Result<Self, Error> {
        let fault = |error| Error::unread(path, error);
        let content = Content::read(path)?;
        let file = File::open(path).map_err(fault)?;
        let mut source = BufReader::with_capacity(1 << 16, Hashed::new(file));
        let holding = match content {
            Content::Dicom | Content::GzippedDicom => {
                let bytes = read_all(&mut source, path)?;
                let file =
                    DicomFile::from_bytes(&bytes).map_err(|error| Error::in_file(path, error))?;
                Holding::Dicom(Arc::new(file))
            }
            Content::Nifti => {
                let is_chosen = |k| numbers.is_none_or(|numbers| numbers.contains(k));
                let volume = NiftiVolume::from_reader(&mut source, is_chosen)
                    .map_err(|error| Error::in_file(path, error))?;
                let mut warnings = volume.warnings().to_vec();
                warnings.extend(volume.plausibility());
                Holding::Nifti(Box::new(volume), warnings)
            }
            Content::Npy => {
                let stack = NpyStack::from_bytes(read_all(&mut source, path)?)
                    .map_err(|error| Error::in_file(path, error))?;
                let warnings = stack.plausibility().into_iter().collect();
                Holding::Npy(stack, warnings)
            }
            Content::Other(found) => {
                let foreign = ct_io::Error::Foreign { found };
                return Err(Error::in_file(path, foreign));
            }
            _ => {
                return Err(Error::in_file(path, Error::UnknownFormat));
            }
        };
        // What stands behind the voxels belongs to the file, too.
        io::copy(&mut source, &mut io::sink()).map_err(fault)?;
        let (sha256, bytes) = source.into_inner().finish();
        Ok(Self {
            path: path.to_owned(),
            sha256,
            bytes,
            holding,
        })
    }

    fn slice(&self, frame: usize, repair: RsnaRepair) -> Result<Found, Error> {
        let path = &self.path;
        match &self.holding {
            Holding::Dicom(file) => of_dicom(path, file, frame, repair),
            Holding::Nifti(volume, warnings) => {
                let mut found = of_nifti(path, volume, frame)?;
                found.warnings.extend(warnings.iter().cloned());
                Ok(found)
            }
            Holding::Npy(stack, warnings) => {
                let slice = stack
                    .slice(frame)
                    .map_err(|error| Error::in_file(path, error))?;
                let mut found = Found::new(slice.hu);
                found.warnings.extend(slice.warnings);
                found.warnings.extend(warnings.iter().cloned());
                Ok(found)
            }
        }
    }
}

fn read_all(source: &mut impl Read, path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let n_bytes = source
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::unread(path, error))?;
    if n_bytes as u64 > MAX_FILE_BYTES {
        let kind = "a slice";
        let limit = MAX_FILE_BYTES;
        return Err(Error::in_file(path, Error::TooLong { kind, limit }));
    }
    Ok(bytes)
}

impl Found {
    /// A slice whose file says nothing beside.
    fn new(hu: HuSlice) -> Self {
        Self {
            hu,
            spacing_mm: None,
            turn: Turn::default(),
            geometry: None,
            dicom: None,
            dicom_frame: None,
            nifti: None,
            windows: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

fn of_dicom(
    path: &Path,
    file: &Arc<DicomFile>,
    frame: usize,
    repair: RsnaRepair,
) -> Result<Found, Error> {
    let slice = file
        .slice(frame, repair)
        .map_err(|error| Error::in_file(path, error))?;
    let identity = file.identity();
    let report = DicomFacts {
        sop_instance_uid: identity.sop_instance_uid.clone(),
        series_instance_uid: identity.series_instance_uid.clone(),
        study_instance_uid: identity.study_instance_uid.clone(),
        padded_pixels: slice.n_padded,
        rsna_repair: slice.needs_rsna_repair.then_some(match repair {
            RsnaRepair::On => "made",
            RsnaRepair::Off => "not asked for",
        }),
    };
    let mut warnings = slice.warnings;
    if slice.needs_rsna_repair && repair == RsnaRepair::Off {
        warnings.push(Warning::new(
            "rsna-repair",
            "12-bit values that may be wrapped around 4096; --rsna-repair unwraps them",
        ));
    }
    warnings.extend(slice.hu.plausibility());
    let windows = slice.windows_hu.iter().filter_map(|&(level, width)| {
        Window::new(level as f32, width as f32, WindowFunction::Linear).ok()
    });
    Ok(Found {
        spacing_mm: slice.spacing_mm,
        turn: slice.turn,
        geometry: slice.geometry,
        dicom: Some(report),
        dicom_frame: Some((Arc::clone(file), frame)),
        windows: windows.collect(),
        warnings,
        ..Found::new(slice.hu)
    })
}

fn of_nifti(path: &Path, volume: &NiftiVolume, k: usize) -> Result<Found, Error> {
    let slice = volume
        .slice(k)
        .map_err(|error| Error::in_file(path, error))?;
    let header = volume.header();
    let report = NiftiFacts {
        slice: k,
        slices: header.n_slices(),
        axis_codes: header.axis_codes(),
        obliquity_degrees: header.obliquity_degrees(),
        affine: header.affine().rows(),
    };
    Ok(Found {
        spacing_mm: Some(slice.spacing_mm),
        nifti: Some(report),
        warnings: slice.warnings,
        ..Found::new(slice.hu)
    })
}
