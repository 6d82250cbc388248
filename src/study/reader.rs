//! From a file to the slice that the network sees.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ct_io::{Content, DicomFile, HuSlice, NiftiVolume, RsnaRepair, SliceFile, Warning};
use ct_preprocess::{Window, WindowFunction};

use super::demo::demo;
use super::facts::{DicomFacts, NiftiFacts};
use super::hashed::Hashed;
use super::neighbours;
use super::reading::Reading;
use super::slice::Slice;
use super::slice_ref::{self, SliceKind, SliceRef};
use crate::Error;

/// Longest side of a slice. The stem alone needs some 200 bytes a pixel (its unfolded input and its
/// output), so a larger file could ask for any amount of memory.
const MAX_SIDE: usize = 2048;

/// Reads slices one after the other; a file of many slices is opened once.
#[derive(Debug)]
pub struct Reader {
    reading: Reading,
    /// The last that were opened, the latest at the end: one, and one more a neighbour.
    open: Vec<OpenFile>,
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
            open: Vec::new(),
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
        let k = slice.frame.unwrap_or(0);
        let mut found = self.slice(path, k)?;
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
        let about = |error| Error::about(slice.source(), error);
        let beside = self.beside(slice, &mut found).map_err(about)?;
        let (spacing_mm, turn) = (found.spacing_mm, found.turn);
        let seen = reading.see(&found.hu, &beside, spacing_mm, turn, &mut found.warnings);
        let (stack, seen) = seen.map_err(about)?;
        let file = self.open(path)?;
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

    /// The slices beside a slice that the network sees too. At an end of a series its last slice stands
    /// for what is beyond, which is a warning, as are gaps.
    fn beside(
        &mut self,
        slice: &SliceRef,
        own: &mut ct_io::Slice,
    ) -> Result<Vec<(i32, HuSlice)>, Error> {
        let offsets = self.reading.input.neighbours();
        let (Some(path), false) = (&slice.path, offsets.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut beside = Vec::new();
        for offset in offsets {
            let (path, frame, is_there, is_gap) = match (&slice.series, slice.frame) {
                (Some(series), _) if !series.is_alone() => {
                    let member = series.neighbour(offset);
                    let frame = member.frame.unwrap_or(0);
                    let is_there = series.reaches(offset);
                    (&member.path, frame, is_there, series.is_gap(offset))
                }
                (None, Some(k)) if slice.kind != SliceKind::Dicom => {
                    let n_slices = self.open(path)?.slices.n_slices();
                    let is_there = neighbours::reaches(k, offset, n_slices);
                    (
                        path,
                        neighbours::place(k, offset, n_slices),
                        is_there,
                        false,
                    )
                }
                _ => return Err(Error::NoNeighbours),
            };
            let found = self.slice(path, frame)?;
            let is_alike = (found.hu.rows(), found.hu.cols()) == (own.hu.rows(), own.hu.cols());
            if !is_alike || found.turn != own.turn {
                let place = path.display().to_string();
                return Err(Error::Neighbour { offset, place });
            }
            let doubt = match (is_there, is_gap) {
                (false, _) => Some("is beyond the end, and the last one stands for it"),
                (true, true) => Some("is farther away than others of the series"),
                (true, false) => None,
            };
            let warning =
                |doubt| Warning::new("neighbour", format!("the slice {offset:+} beside {doubt}"));
            own.warnings.extend(doubt.map(warning));
            beside.push((offset, found.hu));
        }
        Ok(beside)
    }

    fn slice(&mut self, path: &Path, k: usize) -> Result<ct_io::Slice, Error> {
        let file = self.open(path)?;
        let slice = file.slices.slice(k);
        slice.map_err(|error| Error::in_file(path, error))
    }

    fn open(&mut self, path: &Path) -> Result<&OpenFile, Error> {
        let found = self.open.iter().position(|file| file.path == path);
        let file = match found {
            Some(index) => self.open.remove(index),
            None => {
                let n_kept = self.reading.input.neighbours().len();
                self.open.drain(..self.open.len().saturating_sub(n_kept));
                OpenFile::open(path, &self.reading)?
            }
        };
        let latest = self.open.len();
        self.open.push(file);
        Ok(&self.open[latest])
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
        let farthest = reading
            .input
            .neighbours()
            .into_iter()
            .map(i32::unsigned_abs);
        let farthest = farthest.max().unwrap_or(0) as usize;
        // Slices beside those that were asked for are seen too.
        let is_chosen = |k: usize| {
            let mut seen_by = k.saturating_sub(farthest)..=k.saturating_add(farthest);
            numbers.is_none_or(|numbers| seen_by.any(|k| numbers.contains(k)))
        };
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
