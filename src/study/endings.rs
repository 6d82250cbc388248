//! Endings of results, which are no slices where a folder holds both.

/// Of maps.
pub(crate) const SALIENCY_NPY: &str = ".saliency.npy";

/// Of what of a map speaks for a hemorrhage, where that is not all of it.
pub(crate) const EVIDENCE_NPY: &str = ".evidence.npy";

/// Of maps of what speaks against one.
pub(crate) const AGAINST_NPY: &str = ".against.npy";

/// Of maps of how much each pixel can miss.
pub(crate) const BOUND_NPY: &str = ".bound.npy";

/// Of maps of how much each pixel depends on where the grid lies.
pub(crate) const SPREAD_NPY: &str = ".spread.npy";

/// Of maps of how much each pixel depends on the background.
pub(crate) const SPREAD_OF_BACKGROUNDS_NPY: &str = ".background-spread.npy";

/// Of the maps of a volume.
pub(crate) const SALIENCY_NIFTI: &str = ".saliency.nii.gz";

/// Of figures as DICOM.
pub(crate) const FIGURE_DICOM: &str = ".figure.dcm";
