//! What slices a file holds, by as little of it as says so.

use std::fs;
use std::path::{Path, PathBuf};

use ct_io::{Content, DicomError, DicomHeader, NiftiHeader, NpyHeader};

use super::candidate::Candidate;
use super::endings::{
    AGAINST_NPY, BOUND_NPY, EVIDENCE_NPY, FIGURE_DICOM, SALIENCY_NIFTI, SALIENCY_NPY, SPREAD_NPY,
    SPREAD_OF_BACKGROUNDS_NPY,
};
use super::numbers::SliceNumbers;
use super::slice_ref::{Place, SliceKind, SliceRef, slice_suffix, with_suffix};
use crate::Error;

/// What a file is to a call.
pub(crate) enum Found {
    /// Slices, some of which may turn out to be broken when their turn comes.
    Slices(Vec<SliceRef>),
    /// Something else, by what it is.
    NoSlice(String),
    Fault(Error),
}

/// Looks into a file. One that was named, or whose name says that it is a slice, counts as one
/// whatever it holds: reading it will say what is wrong.
pub(crate) fn inspect(candidate: &Candidate, numbers: Option<&SliceNumbers>) -> Found {
    let path = &candidate.path;
    if !candidate.is_named
        && let Some(kind) = passed_over_by_name(path)
    {
        return Found::NoSlice(kind.to_owned());
    }
    let as_it_is = |kind| {
        let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
        SliceRef::file(path.clone(), kind, bytes, candidate.name.clone())
    };
    let is_wanted = candidate.is_named || is_slice_by_name(path);
    let dicom = || match DicomHeader::read(path) {
        Ok(header) => {
            let slices = dicom_slices(&as_it_is(SliceKind::Dicom), &header);
            Some(choose(slices, header.n_frames(), path, numbers))
        }
        Err(error) => match verdict(&error) {
            Verdict::NoSlice(kind) if !candidate.is_named => Some(Found::NoSlice(kind)),
            Verdict::NoDicom => None,
            Verdict::NoSlice(_) | Verdict::Broken => {
                Some(Found::Slices(vec![as_it_is(SliceKind::Dicom)]))
            }
        },
    };
    // Most files of a study are DICOM: they are opened once.
    if !has_ending(path, &[".nii", ".npy", ".gz"])
        && let Some(found) = dicom()
    {
        return found;
    }
    let content = match Content::read(path) {
        Ok(content) => content,
        Err(_) if is_wanted => return Found::Slices(vec![as_it_is(SliceKind::Unknown)]),
        Err(error) => return Found::Fault(error.into()),
    };
    match content {
        Content::Dicom | Content::GzippedDicom => {
            dicom().unwrap_or_else(|| Found::Slices(vec![as_it_is(SliceKind::Dicom)]))
        }
        Content::Nifti => {
            let slice = as_it_is(SliceKind::Nifti);
            match NiftiHeader::read(path) {
                Ok(header) => {
                    let volume = Some(candidate.name.clone());
                    let slices = volume_slices(&slice, header.n_slices(), volume);
                    choose(slices, header.n_slices(), path, numbers)
                }
                Err(_) => Found::Slices(vec![slice]),
            }
        }
        Content::Npy => {
            let slice = as_it_is(SliceKind::Npy);
            match NpyHeader::read(path) {
                Ok(header) if header.n_slices() > 1 => {
                    let slices = volume_slices(&slice, header.n_slices(), None);
                    choose(slices, header.n_slices(), path, numbers)
                }
                _ => Found::Slices(vec![slice]),
            }
        }
        _ if is_wanted => Found::Slices(vec![as_it_is(SliceKind::Unknown)]),
        Content::Other(foreign) => Found::NoSlice(foreign.to_string()),
        _ => Found::NoSlice("a file of no known format".to_owned()),
    }
}

/// Files in folders that are no slices, whatever they hold.
fn passed_over_by_name(path: &Path) -> Option<&'static str> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let endings = [
        SALIENCY_NPY,
        EVIDENCE_NPY,
        AGAINST_NPY,
        BOUND_NPY,
        SPREAD_NPY,
        SPREAD_OF_BACKGROUNDS_NPY,
        SALIENCY_NIFTI,
        FIGURE_DICOM,
    ];
    let is_result = endings.iter().any(|ending| name.ends_with(ending));
    match name.starts_with('.') {
        true => Some("a hidden file"),
        false => is_result.then_some("a result of `ich explain`"),
    }
}

/// True of names that say that the file is a slice or a volume, compressed or not.
fn is_slice_by_name(path: &Path) -> bool {
    let endings = [".dcm", ".dicom", ".ima", ".nii", ".npy"];
    has_ending(path, &endings) || has_ending(path, &endings.map(|ending| format!("{ending}.gz")))
}

fn has_ending<T: AsRef<str>>(path: &Path, endings: &[T]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending.as_ref()))
}

/// What an error in reading the head of a DICOM file says of the file.
enum Verdict {
    /// Sound, and of this kind.
    NoSlice(String),
    /// DICOM, which reading it will say what is wrong with.
    Broken,
    /// Of another format, or not to be read at all.
    NoDicom,
}

fn verdict(error: &ct_io::Error) -> Verdict {
    use ct_io::Error::{Dicom, File};
    match error {
        File { source, .. } => verdict(source),
        Dicom(DicomError::NotASlice { kind }) => Verdict::NoSlice(kind.to_string()),
        Dicom(DicomError::NotDicom | DicomError::Gzip(_)) => Verdict::NoDicom,
        Dicom(_) => Verdict::Broken,
        _ => Verdict::NoDicom,
    }
}

/// Those slices of a file that are asked for. It is a fault where some are asked for that it does
/// not have.
fn choose(
    mut slices: Vec<SliceRef>,
    n_slices: usize,
    path: &Path,
    numbers: Option<&SliceNumbers>,
) -> Found {
    let has_many = slices.iter().any(|slice| slice.frame.is_some());
    let Some(numbers) = numbers.filter(|_| has_many) else {
        return Found::Slices(slices);
    };
    if let Some(number) = numbers.first_beyond(n_slices) {
        let fault = Error::NoSuchSlice { number, n_slices };
        return Found::Fault(Error::in_file(path, fault));
    }
    slices.retain(|slice| slice.frame.is_none_or(|k| numbers.contains(k)));
    Found::Slices(slices)
}

/// The frames of a DICOM file.
fn dicom_slices(file: &SliceRef, header: &DicomHeader) -> Vec<SliceRef> {
    let has_many = header.n_frames() > 1;
    let slice = |frame| {
        let series = header.identity().series_instance_uid.clone();
        let place = series.zip(header.geometry(frame));
        SliceRef {
            frame: has_many.then_some(frame),
            volume: place
                .as_ref()
                .filter(|_| has_many)
                .map(|_| file.name.clone()),
            place: place.map(|(series, geometry)| Place { series, geometry }),
            name: match has_many {
                true => with_suffix(&file.name, &format!("-frame{frame:04}")),
                false => file.name.clone(),
            },
            ..file.clone()
        }
    };
    (0..header.n_frames()).map(slice).collect()
}

/// The slices of a volume, or of a stack that is none.
fn volume_slices(file: &SliceRef, n_slices: usize, volume: Option<PathBuf>) -> Vec<SliceRef> {
    let slice = |k| SliceRef {
        frame: Some(k),
        volume: volume.clone(),
        name: with_suffix(&file.name, &slice_suffix(k)),
        ..file.clone()
    };
    (0..n_slices).map(slice).collect()
}
