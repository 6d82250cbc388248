use std::error::Error as StdError;
use std::io;

/// What can be wrong with a NIfTI file, or with what is to be written into one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NiftiError {
    /// The bytes could not be read, inflated or compressed, or there is no memory for them.
    #[error("NIfTI data")]
    Io(#[from] io::Error),
    /// The file ends within the header.
    #[error("not a NIfTI-1 file: {found} bytes, the header alone has {expected}")]
    TooShort {
        /// Bytes in the file, after inflating.
        found: usize,
        /// Bytes of a header.
        expected: usize,
    },
    /// The file does not say that it is NIfTI-1.
    #[error("not a NIfTI-1 file: field magic is {found:?}, expected \"n+1\\0\"")]
    NotNifti {
        /// Bytes 344 to 347, as text.
        found: String,
    },
    /// A file of the successor format, whose header is another one.
    #[error(
        "a NIfTI-2 file, only NIfTI-1 is read; convert it, for instance by nibabel's Nifti1Image"
    )]
    Version2,
    /// The header of a pair of files, `.hdr` and `.img`.
    #[error(
        "the header of a .hdr/.img pair, only single files (.nii, .nii.gz) are read; convert it, for instance by `fslchfiletype NIFTI_GZ`"
    )]
    Pair,
    /// A field of the header with a value that is not accepted.
    #[error("NIfTI field {field} is {found}, expected {expected}")]
    Field {
        /// Name of the field in the standard.
        field: &'static str,
        /// The value in the file.
        found: String,
        /// What is expected.
        expected: String,
    },
    /// A plane of the patient other than an axial one.
    #[error(
        "one slice of {sides:?} voxels whose axes run to {axis_codes}, expected an axial slice, or a volume to take axial slices from"
    )]
    NotAxial {
        /// Voxels along the file's axes.
        sides: [usize; 3],
        /// The ends to which these run.
        axis_codes: String,
    },
    /// More voxels than are held at a time, or of a volume more than are gone through.
    #[error(
        "NIfTI field dim: {found} voxels, expected at most {limit} at a time; choose fewer slices"
    )]
    VolumeSize {
        /// Number of voxels by the header.
        found: u64,
        /// Largest number accepted.
        limit: u64,
    },
    /// The file ends within the voxels.
    #[error("NIfTI data: {found} bytes behind the header, expected {expected}")]
    DataLength {
        /// Bytes in the file, after inflating.
        found: u64,
        /// Bytes by the header.
        expected: u64,
    },
    /// A voxel that is not a finite number, or none that an `f32` can hold.
    #[error("NIfTI voxel {voxel:?} is {value:?}, expected a finite number")]
    NotFinite {
        /// Indices in the file's own order, from 0.
        voxel: [usize; 3],
        /// The value after slope and intercept.
        value: f64,
    },
    /// An affine that maps to no volume.
    #[error("affine from {source_field}: {problem}")]
    Affine {
        /// What the affine was made of.
        source_field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A slice that the volume does not have.
    #[error("slice {slice}, the volume has {slices}, counted from 0")]
    Slice {
        /// The slice asked for, from 0.
        slice: usize,
        /// Number of slices.
        slices: usize,
    },
    /// A slice that was not chosen when the volume was read.
    #[error("slice {slice} is not among the {held} slices that were chosen")]
    NotHeld {
        /// The slice asked for, from 0.
        slice: usize,
        /// Number of slices chosen.
        held: usize,
    },
    /// A map of another size than the slice.
    #[error("{found} values in the map of a slice of {rows} x {cols}")]
    MapLength {
        /// Number of values.
        found: usize,
        /// Rows of the slice.
        rows: usize,
        /// Columns of the slice.
        cols: usize,
    },
    /// The library that reads voxels refused them.
    #[error("NIfTI data")]
    Library(#[source] Box<dyn StdError + Send + Sync>),
}

impl NiftiError {
    pub(super) fn field(
        field: &'static str,
        found: impl ToString,
        expected: impl Into<String>,
    ) -> Self {
        Self::Field {
            field,
            found: found.to_string(),
            expected: expected.into(),
        }
    }
}
