//! The maps of a NIfTI volume's slices as one volume on its grid.

use ich::ct_preprocess::{HuSlice, NiftiEncoding, NiftiVolume};

use crate::fault::Fault;
use crate::listing::SliceRef;
use crate::output::Outputs;

/// Writes a volume of maps for each volume among the slices, from the `.npy` maps of these; slices
/// without one are 0.
pub(crate) fn write(slices: &[(&SliceRef, &Outputs)]) -> Result<(), Fault> {
    for of_volume in slices.chunk_by(|(_, a), (_, b)| a.volume == b.volume) {
        let (slice, outputs) = of_volume[0];
        let (Some(path), Some(target)) = (&slice.path, &outputs.volume) else {
            continue;
        };
        let volume = NiftiVolume::read(path)?;
        let mut maps = volume.blank_map()?;
        for (slice, outputs) in of_volume {
            // An `.npy` of finite numbers, as a slice is.
            let map = HuSlice::read(&outputs.saliency)?;
            maps.set_slice(slice.frame.unwrap_or(0), map.values_hu())
                .map_err(|error| Fault::in_file(&outputs.saliency, error))?;
        }
        let bytes = maps.to_bytes(NiftiEncoding::of_path(target))?;
        outputs.write(target, &bytes)?;
        eprintln!(
            "{}: maps of {} of {} slices, {}",
            path.display(),
            of_volume.len(),
            volume.n_slices(),
            target.display()
        );
    }
    Ok(())
}
