//! From a file to the slice that the network sees.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use ich::ct_preprocess::{
    AffineSource, ChannelWindows, DicomFile, Grid, HuSlice, NetworkGrid, NiftiVolume, Placement,
    ResampleError, ResampleFilter, ResampleRule, RsnaRepair, Window, WindowFunction,
};

use crate::fault::Fault;
use crate::input::{self, Input, Resampled};
use crate::listing::{self, SliceRef};
use crate::output::sha256_of_file;
use crate::report::{DicomReport, NiftiReport, ResampleReport};

/// Longest side of a slice. The stem alone needs some 200 bytes a pixel (its unfolded input and its
/// output), so a larger file could ask for any amount of memory.
const MAX_SIDE: usize = 2048;

/// How slices are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) windows: ChannelWindows,
    pub(crate) repair: RsnaRepair,
    pub(crate) resample: Resample,
    pub(crate) filter: Filter,
}

/// When slices of another size are brought to the network's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Resample {
    /// Where the file says how large its pixels are.
    #[default]
    Auto,
    /// Also where the size of pixels is unknown, or is not that of a head CT.
    Force,
    /// Never.
    Never,
}

/// How values between pixels are found; wider where the image becomes smaller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Filter {
    /// Bilinear; stays within the range of the pixels.
    #[default]
    Triangle,
    /// Catmull-Rom cubic; sharper, and leaves the range of the pixels beside edges.
    Cubic,
}

impl Filter {
    fn as_str(self) -> &'static str {
        match self {
            Filter::Triangle => "triangle",
            Filter::Cubic => "cubic",
        }
    }
}

/// Reads slices one after the other; a file of many slices is opened once.
pub(crate) struct Reader {
    reading: Reading,
    last: Option<OpenFile>,
}

struct OpenFile {
    path: PathBuf,
    sha256: String,
    content: Content,
}

enum Content {
    Npy(HuSlice),
    Dicom(Arc<DicomFile>),
    Nifti(Box<NiftiVolume>),
}

/// A slice in Hounsfield units, and what its file says beside.
#[derive(Default)]
struct Found {
    spacing_mm: Option<(f64, f64)>,
    dicom: Option<DicomReport>,
    dicom_frame: Option<(Arc<DicomFile>, usize)>,
    nifti: Option<NiftiReport>,
    windows: Vec<Window>,
}

impl Reader {
    pub(crate) fn new(reading: Reading) -> Self {
        Self {
            reading,
            last: None,
        }
    }

    /// Reads a slice and windows it.
    pub(crate) fn read(&mut self, slice: &SliceRef) -> Result<Input, Fault> {
        let Some(path) = &slice.path else {
            return input::demo(&self.reading.windows);
        };
        let reading = self.reading;
        let file = self.open(path)?;
        let (hu, found) = match &file.content {
            Content::Npy(hu) => (hu.clone(), Found::default()),
            Content::Dicom(dicom) => {
                read_dicom(path, dicom, slice.frame.unwrap_or(0), reading.repair)?
            }
            Content::Nifti(volume) => read_nifti(path, volume, slice.frame.unwrap_or(0))?,
        };
        let (rows, cols) = (hu.rows(), hu.cols());
        if rows.max(cols) > MAX_SIDE {
            return Err(Fault::new(format!(
                "{}: {rows} x {cols} pixels, expected at most {MAX_SIDE} on a side",
                path.display()
            )));
        }
        let placement = reading.placement(&hu, found.spacing_mm).map_err(|error| {
            Fault::new(format!(
                "{}: {error} (--resample force); --resample never leaves the slice as it is",
                path.display()
            ))
        })?;
        let (stack, resampled) = match placement {
            Some(placement) => {
                let seen = placement.apply(&hu, reading.filter.into())?;
                let (rows, cols) = placement.network_shape();
                let resampled = Resampled {
                    grey: reading.windows.apply(&hu).grey().clone(),
                    placement,
                    report: ResampleReport {
                        filter: reading.filter.as_str(),
                        rows,
                        cols,
                    },
                };
                (reading.windows.apply(&seen), Some(resampled))
            }
            None => (reading.windows.apply(&hu), None),
        };
        let mut name = listing::stem(path).to_string_lossy().into_owned();
        if found.nifti.is_some() {
            name.push_str(&listing::slice_suffix(slice.frame.unwrap_or(0)));
        }
        Ok(Input {
            name,
            source: slice.source(),
            sha256: file.sha256.clone(),
            dicom: found.dicom,
            dicom_frame: found.dicom_frame,
            nifti: found.nifti,
            hu,
            own_windows: found.windows,
            stack,
            resampled,
            boxes: Vec::new(),
        })
    }

    fn open(&mut self, path: &Path) -> Result<&OpenFile, Fault> {
        let last = self.last.take().filter(|last| last.path == path);
        let file = match last {
            Some(file) => file,
            None => OpenFile {
                path: path.to_owned(),
                content: Content::read(path)?,
                sha256: sha256_of_file(path)?,
            },
        };
        Ok(self.last.insert(file))
    }
}

impl Content {
    fn read(path: &Path) -> Result<Self, Fault> {
        Ok(if listing::is_dicom(path) {
            Content::Dicom(Arc::new(DicomFile::read(path)?))
        } else if listing::is_nifti(path) {
            let volume = NiftiVolume::read(path)?;
            if volume.header().affine_source() == AffineSource::Pixdim {
                eprintln!(
                    "{}: does not say how the patient lies; taken as from right to left, back to \
                     front, feet to head",
                    path.display()
                );
            }
            Content::Nifti(Box::new(volume))
        } else {
            Content::Npy(HuSlice::read(path)?)
        })
    }
}

impl Reading {
    /// How a slice is brought to the network's grid, if it is to be.
    fn placement(
        &self,
        hu: &HuSlice,
        spacing_mm: Option<(f64, f64)>,
    ) -> Result<Option<Placement>, ResampleError> {
        let rule = match (self.resample, spacing_mm) {
            (Resample::Never, _) | (Resample::Auto, None) => return Ok(None),
            (Resample::Auto, Some(_)) => ResampleRule::BySpacing,
            (Resample::Force, _) => ResampleRule::Force,
        };
        let grid = Grid::of_slice(hu, spacing_mm);
        let placement = Placement::plan(grid, &NetworkGrid::HEAD_CT, rule)?;
        Ok(Some(placement).filter(|placement| !placement.is_identity()))
    }
}

impl From<Filter> for ResampleFilter {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Triangle => ResampleFilter::Triangle,
            Filter::Cubic => ResampleFilter::CatmullRom,
        }
    }
}

fn read_dicom(
    path: &Path,
    file: &Arc<DicomFile>,
    frame: usize,
    repair: RsnaRepair,
) -> Result<(HuSlice, Found), Fault> {
    let slice = file
        .slice(frame, repair)
        .map_err(|error| Fault::in_file(path, error))?;
    let identity = file.identity();
    let report = DicomReport {
        sop_instance_uid: identity.sop_instance_uid.clone(),
        series_instance_uid: identity.series_instance_uid.clone(),
        study_instance_uid: identity.study_instance_uid.clone(),
        padded_pixels: slice.n_padded,
        rsna_repair: slice.needs_rsna_repair.then_some(match repair {
            RsnaRepair::On => "made",
            RsnaRepair::Off => "not asked for",
        }),
    };
    if slice.needs_rsna_repair && repair == RsnaRepair::Off {
        eprintln!(
            "{}: 12-bit values that may be wrapped around 4096; --rsna-repair unwraps them",
            path.display()
        );
    }
    let windows = slice.windows_hu.iter().filter_map(|&(level, width)| {
        Window::new(level as f32, width as f32, WindowFunction::Linear).ok()
    });
    let found = Found {
        spacing_mm: slice.spacing_mm,
        dicom: Some(report),
        dicom_frame: Some((Arc::clone(file), frame)),
        windows: windows.collect(),
        ..Found::default()
    };
    Ok((slice.hu, found))
}

fn read_nifti(path: &Path, volume: &NiftiVolume, k: usize) -> Result<(HuSlice, Found), Fault> {
    let slice = volume
        .slice(k)
        .map_err(|error| Fault::in_file(path, error))?;
    let report = NiftiReport {
        slice: k,
        slices: volume.header().n_slices(),
        axis_codes: volume.header().axis_codes(),
        obliquity_degrees: volume.header().obliquity_degrees(),
        affine: volume.header().affine().rows(),
    };
    let found = Found {
        spacing_mm: Some(slice.spacing_mm),
        nifti: Some(report),
        ..Found::default()
    };
    Ok((slice.hu, found))
}
