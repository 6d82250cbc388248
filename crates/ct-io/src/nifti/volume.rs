use std::io::{self, BufRead, Read};
use std::path::Path;

use super::NiftiError;
use super::format::HEADER_BYTES;
use super::header::{NiftiHeader, open};
use super::voxels::Voxels;
use crate::gzip::{Inflated, is_gzip};
use crate::plausibility::Census;
use crate::{Error, Slice, Warning};

/// As far as bytes behind the voxels are counted.
const MAX_SURPLUS_BYTES: u64 = 1 << 20;

/// A CT volume, or chosen slices of one. Voxels stay in the type of the file until a slice is
/// asked for.
///
/// ```no_run
/// use ct_io::{NiftiEncoding, NiftiVolume};
///
/// let volume = NiftiVolume::read("head.nii.gz")?;
/// let mut map = volume.header().blank_map()?;
/// for k in 0..volume.header().n_slices() {
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
    header: NiftiHeader,
    voxels: Voxels,
    warnings: Vec<Warning>,
}

impl NiftiVolume {
    /// Reads all slices of a file, `.nii` or `.nii.gz`; which of both, its first bytes decide.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause, an [`Error::Nifti`] for what is
    /// wrong with its content.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::read_slices(path, |_| true)
    }

    /// Reads those slices, counted from 0 at the feet, for which `is_chosen` is true. The others
    /// are passed by, so that a volume may be larger than what is held of it.
    ///
    /// # Errors
    ///
    /// As [`NiftiVolume::read`].
    pub fn read_slices(
        path: impl AsRef<Path>,
        is_chosen: impl Fn(usize) -> bool,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        open(path)
            .and_then(|file| Self::from_reader(file, is_chosen))
            .map_err(|error| error.in_file(path))
    }

    /// Decodes all slices from the bytes of a file.
    ///
    /// # Errors
    ///
    /// As [`NiftiVolume::from_reader`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_reader(bytes, |_| true)
    }

    /// Decodes chosen slices from what holds a file, up to 1 MiB behind its voxels.
    ///
    /// Read are single files of one volume of up to 8192 voxels a side, of whole numbers of 8 to 64
    /// bits, `f32` or `f64` in either byte order; of the chosen slices up to 2^27 voxels are held.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`] for a file that is malformed or of another kind.
    pub fn from_reader(
        source: impl BufRead,
        is_chosen: impl Fn(usize) -> bool,
    ) -> Result<Self, Error> {
        Ok(Self::decode(source, is_chosen)?)
    }

    fn decode(
        mut source: impl BufRead,
        is_chosen: impl Fn(usize) -> bool,
    ) -> Result<Self, NiftiError> {
        if !is_gzip(source.fill_buf()?) {
            return Self::from_plain(&mut source, is_chosen);
        }
        let mut inflated = Inflated::new(source);
        let mut volume = Self::from_plain(&mut inflated, is_chosen)?;
        if inflated.has_surplus() {
            volume.warnings.push(Warning::new(
                "surplus-data",
                "there are bytes behind the compressed data, which are not read",
            ));
        }
        Ok(volume)
    }

    /// Memory grows with what the source really holds, and not beyond what the header says.
    fn from_plain(
        source: &mut impl Read,
        is_chosen: impl Fn(usize) -> bool,
    ) -> Result<Self, NiftiError> {
        let header = NiftiHeader::from_plain(source)?;
        let extensions = header.vox_offset - HEADER_BYTES as u64;
        io::copy(&mut source.by_ref().take(extensions), &mut io::sink())?;
        let voxels = Voxels::read(source, &header, is_chosen)?;

        let mut warnings = header.warnings().to_vec();
        // Where the voxels are the end, this also makes sure of the check sum.
        let n_surplus = io::copy(&mut source.take(MAX_SURPLUS_BYTES), &mut io::sink())?;
        if n_surplus > 0 {
            let at_least = match n_surplus {
                MAX_SURPLUS_BYTES => "at least ",
                _ => "",
            };
            warnings.push(Warning::new(
                "surplus-data",
                format!(
                    "{at_least}{n_surplus} bytes behind the voxels of the header's {:?}, which are \
                     not read",
                    header.dim
                ),
            ));
        }
        Ok(Self {
            header,
            voxels,
            warnings,
        })
    }

    /// What the file says of the volume, also of slices that were not chosen.
    pub fn header(&self) -> &NiftiHeader {
        &self.header
    }

    /// What a user should know of the file: the warnings of the header, and `surplus-data`.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// An axial slice, counted from 0 at the feet. Pixels without a number (NaN) are taken to be
    /// air, with a warning of code `nan-pixels`.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`]: [`NiftiError::Slice`] for one that does not exist,
    /// [`NiftiError::NotHeld`] for one that was not chosen, [`NiftiError::NotFinite`] for an
    /// infinite voxel. [`Error::NoNumbers`] where most of the middle is NaN.
    pub fn slice(&self, slice: usize) -> Result<Slice, Error> {
        let slices = self.header.n_slices();
        if slice >= slices {
            return Err(NiftiError::Slice { slice, slices }.into());
        }
        let (rows, cols) = self.header.slice_shape();
        let mut values = Vec::with_capacity(rows * cols);
        for (index, value) in self.voxels.slice(slice)?.enumerate() {
            let value = self.scaled(value);
            if (value as f32).is_infinite() {
                let voxel = self.header.layout.voxel(index / cols, index % cols, slice);
                return Err(NiftiError::NotFinite { voxel, value }.into());
            }
            values.push(value as f32);
        }
        Ok(Slice {
            spacing_mm: Some(self.header.spacing_mm()),
            ..Slice::with_nan_as_air(values, rows, cols)?
        })
    }

    /// [`HuSlice::plausibility`](crate::HuSlice::plausibility) of all chosen slices together.
    pub fn plausibility(&self) -> Option<Warning> {
        let values = self.voxels.all().map(|value| self.scaled(value));
        Census::of(values).warning()
    }

    /// Slope and intercept in f64, as nibabel applies them.
    fn scaled(&self, value: f64) -> f64 {
        match self.header.scaling {
            Some((slope, inter)) => value * slope + inter,
            None => value,
        }
    }
}
