//! CT volumes in NIfTI-1 files.
//!
//! The header is checked before any voxel is read, and no more is inflated than the header asks
//! for. Slices are axial and lie as a radiologist sees them, whatever the order in which the file
//! stores its voxels: rows from the front of the patient to the back, columns from the patient's
//! right to the left, slices from the feet to the head.

mod affine;
mod error;
mod header;
mod layout;
mod map;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use nifti::{InMemNiftiVolume, RandomAccessNiftiVolume};

pub use affine::{Affine, AffineSource};
pub use error::NiftiError;
pub use map::{NiftiEncoding, NiftiMap};

use crate::{Error, HuSlice};
use header::{HEADER_BYTES, Header};
use layout::Layout;

/// A CT volume. Voxels stay in the type of the file until a slice is asked for.
///
/// ```no_run
/// use ct_preprocess::{NiftiEncoding, NiftiVolume};
///
/// let volume = NiftiVolume::read("head.nii.gz")?;
/// let mut map = volume.blank_map()?;
/// for k in 0..volume.n_slices() {
///     let slice = volume.slice(k)?;
///     // Here, what is above water.
///     let values: Vec<f32> = slice.hu.values_hu().iter().map(|hu| hu.max(0.0)).collect();
///     map.set_slice(k, &values)?;
/// }
/// std::fs::write("map.nii.gz", map.to_bytes(NiftiEncoding::Gzip)?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NiftiVolume {
    header: Header,
    layout: Layout,
    voxels: InMemNiftiVolume,
}

/// An axial slice of a volume.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NiftiSlice {
    /// The values of the file after slope and intercept, which are Hounsfield units in a CT; the
    /// file itself does not say what they are.
    pub hu: HuSlice,
    /// Distance between the centres of rows and of columns, in millimetres.
    pub spacing_mm: (f64, f64),
}

impl NiftiVolume {
    /// Reads a file, `.nii` or `.nii.gz`; which of both, its first bytes decide.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause, an [`Error::Nifti`] for what is
    /// wrong with its content.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        open(path)
            .and_then(|file| Ok(Self::from_reader(file)?))
            .map_err(|error| error.in_file(path))
    }

    /// Decodes the bytes of a file.
    ///
    /// Read are single files of one volume of up to 8192 voxels a side and 2^27 in all, of `i8`,
    /// `u8`, `i16`, `u16`, `i32`, `u32`, `f32` or `f64` in either byte order.
    ///
    /// # Errors
    ///
    /// [`NiftiError`] for a file that is malformed or of another kind.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NiftiError> {
        Self::from_reader(bytes)
    }

    fn from_reader(mut source: impl BufRead) -> Result<Self, NiftiError> {
        if source.fill_buf()?.starts_with(b"\x1f\x8b") {
            Self::from_plain(MultiGzDecoder::new(source))
        } else {
            Self::from_plain(source)
        }
    }

    /// Memory grows with what the source really holds, and not beyond what the header says.
    fn from_plain(mut source: impl Read) -> Result<Self, NiftiError> {
        let mut raw = Vec::new();
        source
            .by_ref()
            .take(HEADER_BYTES as u64)
            .read_to_end(&mut raw)?;
        let raw = <[u8; HEADER_BYTES]>::try_from(raw).map_err(|raw| NiftiError::TooShort {
            found: raw.len(),
            expected: HEADER_BYTES,
        })?;
        let header = Header::parse(raw)?;

        let extensions = header.vox_offset - HEADER_BYTES as u64;
        io::copy(&mut source.by_ref().take(extensions), &mut io::sink())?;
        let (mut data, expected) = (Vec::new(), header.data_bytes);
        source.take(expected + 1).read_to_end(&mut data)?;
        let found = data.len() as u64;
        if found > expected {
            return Err(NiftiError::SurplusData { expected });
        }
        if found < expected {
            return Err(NiftiError::DataLength { found, expected });
        }

        let [ni, nj, nk] = header.dim.map(|side| side as u16);
        let voxels = InMemNiftiVolume::from_raw_fields(
            [3, ni, nj, nk, 1, 1, 1, 1],
            header.datatype,
            header.scl_slope,
            header.scl_inter,
            data,
            header.byte_order,
        )?;
        let layout = Layout::closest(header.dim, &header.affine);
        Ok(Self {
            header,
            layout,
            voxels,
        })
    }

    /// Number of axial slices.
    pub fn n_slices(&self) -> usize {
        self.layout.n_slices()
    }

    /// Rows and columns of a slice.
    pub fn slice_shape(&self) -> (usize, usize) {
        (self.layout.n_rows(), self.layout.n_cols())
    }

    /// An axial slice, counted from 0 at the feet.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`]: [`NiftiError::Slice`] for one that does not exist,
    /// [`NiftiError::NotFinite`] for a voxel that is no number.
    pub fn slice(&self, slice: usize) -> Result<NiftiSlice, Error> {
        let (rows, cols) = self.slice_shape();
        if slice >= self.n_slices() {
            let slices = self.n_slices();
            return Err(NiftiError::Slice { slice, slices }.into());
        }
        let mut values = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            for col in 0..cols {
                values.push(self.value(self.layout.voxel(row, col, slice))?);
            }
        }
        let (rows_mm, cols_mm, _) = self.layout.along(self.voxel_mm());
        Ok(NiftiSlice {
            hu: HuSlice::new(values, rows, cols)?,
            spacing_mm: (rows_mm, cols_mm),
        })
    }

    /// Slope and intercept in f64, as nibabel applies them; a slope of 0 stands for none.
    fn value(&self, voxel: [usize; 3]) -> Result<f32, NiftiError> {
        let value = self.voxels.get_f64(&voxel.map(|index| index as u16))?;
        if (value as f32).is_finite() {
            Ok(value as f32)
        } else {
            Err(NiftiError::NotFinite { voxel, value })
        }
    }

    /// Distance between the centres of slices, in millimetres.
    pub fn slice_spacing_mm(&self) -> f64 {
        self.layout.along(self.voxel_mm()).2
    }

    fn voxel_mm(&self) -> [f64; 3] {
        let mm = self.header.mm_per_unit;
        self.header.affine.spacing_mm().map(|side| side * mm)
    }

    /// From voxel indices to the patient, in the file's unit of length.
    pub fn affine(&self) -> &Affine {
        &self.header.affine
    }

    /// Which part of the header the affine is from; [`AffineSource::Pixdim`] is an assumption that
    /// the user should hear of.
    pub fn affine_source(&self) -> AffineSource {
        self.header.affine_source
    }

    /// The ends to which the file's axes run, such as `RAS` or `LPS`; for oblique ones the closest.
    pub fn axis_codes(&self) -> String {
        layout::axis_codes(&self.header.affine)
    }

    /// How far the file's axes are from the patient's: the largest of the three angles. The slices
    /// are not turned back by it.
    pub fn obliquity_degrees(&self) -> f64 {
        layout::obliquity_degrees(&self.header.affine)
    }

    /// A map of zeros on the grid of this volume, whose slices are those of the volume.
    ///
    /// # Errors
    ///
    /// [`NiftiError::Io`] where there is no memory for it.
    pub fn blank_map(&self) -> Result<NiftiMap, NiftiError> {
        NiftiMap::like(&self.header, self.layout)
    }
}

/// A regular file; a pipe would never end.
fn open(path: &Path) -> Result<BufReader<File>, Error> {
    if !fs::metadata(path)?.is_file() {
        return Err(Error::NotAFile);
    }
    Ok(BufReader::new(File::open(path)?))
}
