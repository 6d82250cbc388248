use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
#[cfg(feature = "dicom")]
use std::sync::Arc;

#[cfg(feature = "dicom")]
use crate::dicom::{DicomFile, RsnaRepair};
use crate::file::read_all;
#[cfg(feature = "nifti")]
use crate::nifti::NiftiVolume;
use crate::npy::NpyStack;
use crate::{Content, Error, Slice, Warning};

/// A file of slices of any format that is read, told by its content.
///
/// ```no_run
/// let file = ct_io::SliceFile::open("head.dcm")?;
/// for k in 0..file.n_slices() {
///     let slice = file.slice(k)?;
///     for warning in &slice.warnings {
///         eprintln!("slice {k}: {warning}");
///     }
///     println!("{} x {} pixels", slice.hu.rows(), slice.hu.cols());
/// }
/// # Ok::<(), ct_io::Error>(())
/// ```
#[derive(Debug)]
pub struct SliceFile {
    /// For errors, where it was opened by its name.
    path: Option<PathBuf>,
    holding: Holding,
    /// What is known of all slices together.
    warnings: Vec<Warning>,
    #[cfg(feature = "dicom")]
    repair: RsnaRepair,
}

#[derive(Debug)]
enum Holding {
    /// Shared, because a picture of a slice is written with it later.
    #[cfg(feature = "dicom")]
    Dicom(Arc<DicomFile>),
    #[cfg(feature = "nifti")]
    Nifti(Box<NiftiVolume>),
    Npy(NpyStack),
}

impl SliceFile {
    /// Reads a file with all its slices.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: [`Error::Foreign`] for a file
    /// that is none of slices, otherwise what is wrong with it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let content = Content::read(path)?;
        let file = File::open(path)
            .map_err(Error::from)
            .and_then(|file| Self::from_reader(BufReader::new(file), content, |_| true))
            .map_err(|error| error.in_file(path))?;
        Ok(Self {
            path: Some(path.to_owned()),
            ..file
        })
    }

    /// Reads what holds a file of this content, which [`Content::read`] or [`Content::of`] found.
    ///
    /// Of a NIfTI volume only those slices are held, counted from 0 at the feet, for which
    /// `is_chosen` is true. DICOM and `.npy` files are read to their end, up to 1 GiB; a volume as
    /// far as [`NiftiVolume::from_reader`](crate::NiftiVolume::from_reader) says.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] for content that is not read, [`Error::NotInBuild`] for a format whose
    /// feature is off, [`Error::TooLong`], [`Error::Io`], and what is wrong with the file.
    pub fn from_reader(
        mut source: impl BufRead,
        content: Content,
        #[cfg_attr(
            not(feature = "nifti"),
            expect(unused_variables, reason = "only volumes are held in part")
        )]
        is_chosen: impl Fn(usize) -> bool,
    ) -> Result<Self, Error> {
        Ok(match content {
            #[cfg(feature = "dicom")]
            Content::Dicom | Content::GzippedDicom => {
                let file = DicomFile::from_bytes(&read_all(&mut source)?)?;
                Self::new(Holding::Dicom(Arc::new(file)), Vec::new())
            }
            #[cfg(feature = "nifti")]
            Content::Nifti => {
                let volume = NiftiVolume::from_reader(source, is_chosen)?;
                let mut warnings = volume.warnings().to_vec();
                warnings.extend(volume.plausibility());
                Self::new(Holding::Nifti(Box::new(volume)), warnings)
            }
            Content::Npy => {
                let stack = NpyStack::from_bytes(read_all(&mut source)?)?;
                let warnings = stack.plausibility().into_iter().collect();
                Self::new(Holding::Npy(stack), warnings)
            }
            Content::Other(found) => return Err(Error::Foreign { found }),
            #[cfg(not(feature = "dicom"))]
            Content::Dicom | Content::GzippedDicom => {
                return Err(Error::NotInBuild {
                    format: "DICOM",
                    feature: "dicom",
                });
            }
            #[cfg(not(feature = "nifti"))]
            Content::Nifti => {
                return Err(Error::NotInBuild {
                    format: "NIfTI",
                    feature: "nifti",
                });
            }
        })
    }

    fn new(holding: Holding, warnings: Vec<Warning>) -> Self {
        Self {
            path: None,
            holding,
            warnings,
            #[cfg(feature = "dicom")]
            repair: RsnaRepair::default(),
        }
    }

    /// The same file, its slices repaired or not; at first they are not.
    #[cfg(feature = "dicom")]
    pub fn with_repair(self, repair: RsnaRepair) -> Self {
        Self { repair, ..self }
    }

    /// Number of slices in the file, those of a volume that are not held included.
    pub fn n_slices(&self) -> usize {
        match &self.holding {
            #[cfg(feature = "dicom")]
            Holding::Dicom(file) => file.n_frames(),
            #[cfg(feature = "nifti")]
            Holding::Nifti(volume) => volume.header().n_slices(),
            Holding::Npy(stack) => stack.header().n_slices(),
        }
    }

    /// A slice, counted from 0: a frame of a DICOM file, an axial slice of a volume from the feet
    /// on, a slice along the first axis of an array.
    ///
    /// To the warnings of the format come `implausible-hu`, where the values cannot be Hounsfield
    /// units of a head, and `rsna-repair`, where a repair is needed and not made.
    ///
    /// # Errors
    ///
    /// A slice that the file does not have, or that is malformed; [`Error::NoNumbers`] and
    /// [`Error::NotFinite`]. All in an [`Error::File`], if the file was opened by its name.
    pub fn slice(&self, k: usize) -> Result<Slice, Error> {
        self.read(k).map_err(|error| match &self.path {
            Some(path) => error.in_file(path),
            None => error,
        })
    }

    fn read(&self, k: usize) -> Result<Slice, Error> {
        let mut slice = match &self.holding {
            #[cfg(feature = "dicom")]
            Holding::Dicom(file) => {
                let mut slice = file.slice(k, self.repair)?;
                if slice.needs_rsna_repair && self.repair == RsnaRepair::Off {
                    slice.warnings.push(Warning::new(
                        "rsna-repair",
                        "12-bit values that may be wrapped around 4096",
                    ));
                }
                slice.warnings.extend(slice.hu.plausibility());
                slice
            }
            #[cfg(feature = "nifti")]
            Holding::Nifti(volume) => volume.slice(k)?,
            Holding::Npy(stack) => stack.slice(k)?,
        };
        slice.warnings.extend(self.warnings.iter().cloned());
        Ok(slice)
    }

    /// The file itself, if it is DICOM: its identity, and pictures to be stored beside it.
    #[cfg(feature = "dicom")]
    pub fn dicom(&self) -> Option<&Arc<DicomFile>> {
        match &self.holding {
            Holding::Dicom(file) => Some(file),
            _ => None,
        }
    }

    /// The volume, if the file is NIfTI: how it lies, and maps on its grid.
    #[cfg(feature = "nifti")]
    pub fn nifti(&self) -> Option<&NiftiVolume> {
        match &self.holding {
            Holding::Nifti(volume) => Some(volume),
            _ => None,
        }
    }
}
