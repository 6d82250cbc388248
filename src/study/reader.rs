//! From a file to the slice that the network sees.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ct_io::{Content, DicomFile, NiftiVolume, RsnaRepair, SliceFile, Warning};
use ct_preprocess::{Window, WindowFunction};

use super::demo::demo;
use super::facts::{DicomFacts, NiftiFacts};
use super::hashed::Hashed;
use super::reading::Reading;
use super::slice::Slice;
use super::slice_ref::{self, SliceRef};
use crate::Error;

/// Longest side of a slice. The stem alone needs some 200 bytes a pixel (its unfolded input and its
/// output), so a larger file could ask for any amount of memory.
const MAX_SIDE: usize = 2048;

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
    slices: SliceFile,
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
            return demo(&self.reading);
        };
        let reading = self.reading.clone();
        let file = self.open(path)?;
        let k = slice.frame.unwrap_or(0);
        let mut found = file
            .slices
            .slice(k)
            .map_err(|error| Error::in_file(path, error))?;
        found.warnings.iter_mut().for_each(name_option);
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
        let dicom = file.slices.dicom();
        let mut name = slice_ref::stem(path).to_string_lossy().into_owned();
        if slice.frame.is_some() && dicom.is_none() {
            name.push_str(&slice_ref::slice_suffix(k));
        }
        let own_windows = found.windows_hu.iter().filter_map(|&(level, width)| {
            Window::new(level as f32, width as f32, WindowFunction::Linear).ok()
        });
        Ok(Slice {
            name,
            source: slice.source(),
            sha256: file.sha256.clone(),
            bytes: Some(file.bytes),
            dicom: dicom.map(|file| dicom_facts(file, &found, reading.repair)),
            dicom_frame: dicom.map(|file| (Arc::clone(file), k)),
            nifti: file.slices.nifti().map(|volume| nifti_facts(volume, k)),
            geometry: found.geometry,
            own_windows: own_windows.collect(),
            hu: found.hu,
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
            None => OpenFile::open(path, &self.reading)?,
        };
        Ok(self.last.insert(file))
    }
}

impl OpenFile {
    /// Reads a file once: what is hashed is what is decoded.
    fn open(path: &Path, reading: &Reading) -> Result<Self, Error> {
        let fault = |error| Error::unread(path, error);
        let content = Content::read(path)?;
        let file = File::open(path).map_err(fault)?;
        let mut source = BufReader::with_capacity(1 << 16, Hashed::new(file));
        let numbers = reading.numbers.as_ref();
        let is_chosen = |k| numbers.is_none_or(|numbers| numbers.contains(k));
        let slices = SliceFile::from_reader(&mut source, content, is_chosen)
            .map_err(|error| Error::in_file(path, error))?
            .with_repair(reading.repair);
        // What stands behind the voxels belongs to the file, too.
        io::copy(&mut source, &mut io::sink()).map_err(fault)?;
        let (sha256, bytes) = source.into_inner().finish();
        Ok(Self {
            path: path.to_owned(),
            sha256,
            bytes,
            slices,
        })
    }
}

/// Adds the option that makes a repair which is warned of.
fn name_option(warning: &mut Warning) {
    if warning.code() == "rsna-repair" {
        let text = format!("{warning}; --rsna-repair unwraps them");
        *warning = Warning::new(warning.code(), text);
    }
}

fn dicom_facts(file: &DicomFile, slice: &ct_io::Slice, repair: RsnaRepair) -> DicomFacts {
    let identity = file.identity();
    DicomFacts {
        sop_instance_uid: identity.sop_instance_uid.clone(),
        series_instance_uid: identity.series_instance_uid.clone(),
        study_instance_uid: identity.study_instance_uid.clone(),
        padded_pixels: slice.n_padded,
        rsna_repair: slice.needs_rsna_repair.then_some(match repair {
            RsnaRepair::On => "made",
            RsnaRepair::Off => "not asked for",
        }),
    }
}

fn nifti_facts(volume: &NiftiVolume, k: usize) -> NiftiFacts {
    let header = volume.header();
    NiftiFacts {
        slice: k,
        slices: header.n_slices(),
        axis_codes: header.axis_codes(),
        obliquity_degrees: header.obliquity_degrees(),
        affine: header.affine().rows(),
    }
}
