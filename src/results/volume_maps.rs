//! The maps of the slices of a volume as one volume on its grid.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use ct_io::{Affine, Image, NiftiEncoding, NiftiHeader, NiftiMap, SliceGeometry, SliceStack};
use serde_json::Value;

use super::files::{self, exists, folder_of};
use super::made_with::MadeWith;
use super::outputs::Outputs;
use super::report_parts::VolumeReport;
use crate::study::{SALIENCY_NPY, SliceRef};
use crate::{Error, message};

/// The map of one slice of a volume.
struct Part {
    place: PartPlace,
    saliency: PathBuf,
}

/// Where in the volume a slice is.
enum PartPlace {
    Dicom(SliceGeometry),
    /// Number in a NIfTI file.
    Nifti(usize),
}

/// Writes a volume of maps for each volume among the slices, from the `.npy` maps of these; slices
/// without one are 0. The volume is a NIfTI file, or what the DICOM slices of a series make up.
///
/// Slices of the same volume that earlier runs explained alike into the same folder are part of it.
///
/// # Errors
///
/// [`Error::Write`]. Slices that make up no volume are a warning: their own maps are there.
pub fn write(
    slices: &[(&SliceRef, &Outputs)],
    force: bool,
    made_with: &MadeWith<'_>,
) -> Result<(), Error> {
    let mut volumes: Vec<(&Path, Vec<(&SliceRef, &Outputs)>)> = Vec::new();
    let mut indices = HashMap::new();
    for &(slice, outputs) in slices {
        let Some(target) = outputs.volume.as_deref() else {
            continue;
        };
        let index = *indices.entry(target).or_insert_with(|| {
            volumes.push((target, Vec::new()));
            volumes.len() - 1
        });
        volumes[index].1.push((slice, outputs));
    }
    for (target, slices) in volumes {
        match write_one(target, &slices, force, made_with) {
            Err(error) if error.ends_run() => return Err(error),
            Err(error) => tracing::warn!("{}: not written: {}", target.display(), message(&error)),
            Ok(()) => {}
        }
    }
    Ok(())
}

fn write_one(
    target: &Path,
    slices: &[(&SliceRef, &Outputs)],
    force: bool,
    made_with: &MadeWith<'_>,
) -> Result<(), Error> {
    let mut parts: Vec<Part> = slices
        .iter()
        .map(|(slice, outputs)| Part {
            place: match &slice.place {
                Some(place) => PartPlace::Dicom(place.geometry),
                None => PartPlace::Nifti(slice.frame.unwrap_or(0)),
            },
            saliency: outputs.saliency.clone(),
        })
        .collect();
    let outputs = slices[0].1;
    if target.exists() && !force {
        let ours: HashSet<&Path> = slices.iter().map(|(_, outputs)| &*outputs.report).collect();
        let own = read_report(&outputs.report);
        let file = match parts[0].place {
            PartPlace::Nifti(_) => own.map(|own| own["input"]["sha256"].clone()),
            PartPlace::Dicom(_) => None,
        };
        let earlier = earlier_parts(target, &ours, file.as_ref(), made_with)?;
        if earlier.is_empty() && !outputs.replaces() {
            return Err(exists(target));
        }
        parts.extend(earlier);
    }
    let maps = match &slices[0].0.path {
        Some(path) if slices[0].0.place.is_none() => maps_of_file(path, &parts)?,
        _ => maps_of_series(&mut parts)?,
    };
    let bytes = maps.to_bytes(NiftiEncoding::of_path(target))?;
    files::write(target, &bytes, true)?;
    tracing::info!(
        "{}: maps of {} of {} slices",
        target.display(),
        parts.len(),
        maps.n_slices()
    );
    Ok(())
}

fn read_report(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The slices of the volume that earlier runs explained, by their reports, which lie beside it.
/// Those of a NIfTI volume must be of the same `file`, by its hash.
fn earlier_parts(
    target: &Path,
    ours: &HashSet<&Path>,
    file: Option<&Value>,
    made_with: &MadeWith<'_>,
) -> Result<Vec<Part>, Error> {
    let folder = folder_of(target);
    let fault = |error| Error::unread(folder, error);
    let mut parts = Vec::new();
    for entry in fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_none_or(|extension| extension != "json") || ours.contains(&*path) {
            continue;
        }
        let Some(report) = read_report(&path) else {
            continue;
        };
        let volume = serde_json::from_value::<VolumeReport>(report["input"]["volume"].clone());
        let Ok(volume) = volume else {
            continue;
        };
        if target.file_name().is_none_or(|name| *name != *volume.file) {
            continue;
        }
        let is_other_file = file.is_some_and(|hash| report["input"]["sha256"] != *hash);
        let difference = match is_other_file {
            true => Some("another file of that name".to_owned()),
            false if !made_with.is_far_enough(&report) => {
                Some("an explanation that ended earlier".to_owned())
            }
            false => made_with.difference(&report)?,
        };
        if let Some(difference) = difference {
            return Err(Error::VolumeMadeOtherwise {
                report: path,
                difference,
            });
        }
        let number = report["input"]["nifti"]["slice"].as_u64();
        let place = match (volume.geometry, number) {
            (Some(geometry), _) => PartPlace::Dicom(geometry.into()),
            (None, Some(number)) => PartPlace::Nifti(number as usize),
            (None, None) => continue,
        };
        let saliency = path.with_extension("");
        let mut saliency = saliency.into_os_string();
        saliency.push(SALIENCY_NPY);
        parts.push(Part {
            place,
            saliency: saliency.into(),
        });
    }
    Ok(parts)
}

/// Maps on the grid of a file with many slices.
fn maps_of_file(path: &Path, parts: &[Part]) -> Result<NiftiMap, Error> {
    let mut maps = NiftiHeader::read(path)?.blank_map()?;
    for part in parts {
        if let PartPlace::Nifti(number) = part.place {
            set_slice(&mut maps, number, part)?;
        }
    }
    Ok(maps)
}

/// Maps on the grid of DICOM slices, which are brought into their order.
fn maps_of_series(parts: &mut [Part]) -> Result<NiftiMap, Error> {
    let geometry = |part: &Part| match part.place {
        PartPlace::Dicom(geometry) => Some(geometry),
        PartPlace::Nifti(_) => None,
    };
    let along = |part: &Part| geometry(part).map_or(0.0, |geometry| geometry.along_normal_mm());
    parts.sort_by(|a, b| along(a).total_cmp(&along(b)));
    let geometries: Vec<_> = parts.iter().filter_map(geometry).collect();
    let stack = SliceStack::of(&geometries)?;
    let first = stack.first();
    let affine = Affine::from_dicom(
        first.orientation,
        first.position_mm,
        first.spacing_mm,
        stack.step_mm(),
    )?;
    let map = Image::read_npy(&parts[0].saliency)?;
    let mut maps = NiftiMap::blank(map.rows(), map.cols(), stack.n_slices(), &affine)?;
    for (&place, part) in stack.places().iter().zip(parts.iter()) {
        set_slice(&mut maps, place, part)?;
    }
    Ok(maps)
}

fn set_slice(maps: &mut NiftiMap, place: usize, part: &Part) -> Result<(), Error> {
    let map = Image::read_npy(&part.saliency)?;
    maps.set_slice(place, map.values())
        .map_err(|error| Error::in_file(&part.saliency, error))
}
