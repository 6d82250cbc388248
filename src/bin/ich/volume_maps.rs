//! The maps of the slices of a volume as one volume on its grid.

use std::collections::HashMap;
use std::path::Path;

use ich::ct_preprocess::{
    Affine, HuSlice, NiftiEncoding, NiftiHeader, NiftiMap, SliceGeometry, SliceStack,
};

use crate::fault::Fault;
use crate::listing::SliceRef;
use crate::output::Outputs;

/// Writes a volume of maps for each volume among the slices, from the `.npy` maps of these; slices
/// without one are 0. The volume is a NIfTI file, or what the DICOM slices of a series make up.
pub(crate) fn write(slices: &[(&SliceRef, &Outputs)]) -> Result<(), Fault> {
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
        let geometry = |slice: &SliceRef| slice.place.as_ref().map(|place| place.geometry);
        let geometries: Option<Vec<_>> = slices.iter().map(|(slice, _)| geometry(slice)).collect();
        let maps = match (geometries, &slices[0].0.path) {
            (Some(geometries), _) => match maps_of_series(&geometries, &slices) {
                Ok(maps) => maps,
                // Slices need not be a volume; their own maps are there.
                Err(fault) => {
                    eprintln!("{}: not written: {fault}", target.display());
                    continue;
                }
            },
            (None, Some(path)) => maps_of_file(path, &slices)?,
            (None, None) => continue,
        };
        let bytes = maps.to_bytes(NiftiEncoding::of_path(target))?;
        slices[0].1.write(target, &bytes)?;
        eprintln!(
            "{}: maps of {} of {} slices",
            target.display(),
            slices.len(),
            maps.n_slices()
        );
    }
    Ok(())
}

/// Maps on the grid of a NIfTI file.
fn maps_of_file(path: &Path, slices: &[(&SliceRef, &Outputs)]) -> Result<NiftiMap, Fault> {
    let mut maps = NiftiHeader::read(path)?.blank_map()?;
    for (slice, outputs) in slices {
        set_slice(&mut maps, slice.frame.unwrap_or(0), outputs)?;
    }
    Ok(maps)
}

/// Maps on the grid of DICOM slices.
fn maps_of_series(
    geometries: &[SliceGeometry],
    slices: &[(&SliceRef, &Outputs)],
) -> Result<NiftiMap, Fault> {
    let stack = SliceStack::of(geometries)?;
    let first = stack.first();
    let affine = Affine::from_dicom(
        first.orientation,
        first.position_mm,
        first.spacing_mm,
        stack.step_mm(),
    )?;
    let map = HuSlice::read(&slices[0].1.saliency)?;
    let mut maps = NiftiMap::blank(map.rows(), map.cols(), stack.n_slices(), &affine)?;
    for (&place, (_, outputs)) in stack.places().iter().zip(slices) {
        set_slice(&mut maps, place, outputs)?;
    }
    Ok(maps)
}

fn set_slice(maps: &mut NiftiMap, place: usize, outputs: &Outputs) -> Result<(), Fault> {
    // An `.npy` of finite numbers, as a slice is.
    let map = HuSlice::read(&outputs.saliency)?;
    maps.set_slice(place, map.values_hu())
        .map_err(|error| Fault::in_file(&outputs.saliency, error))
}
