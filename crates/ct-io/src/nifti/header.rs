use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use nifti::header::{MAGIC_CODE_NI1, MAGIC_CODE_NIP1};
use nifti::{Endianness, NiftiHeader as Fields, NiftiType};

use super::NiftiError;
use super::affine::{Affine, AffineSource};
use super::format::{FIRST_VOXEL, HEADER_BYTES, MAX_SIDE};
use super::layout::{self, Layout};
use crate::element::{ByteOrder, Element};
use crate::file::length_of;
use crate::gzip::{Inflated, is_gzip};
use crate::{Error, Warning};

/// `sizeof_hdr` of NIfTI-2.
const VERSION_2_BYTES: i32 = 540;

/// Most voxels of a volume of which chosen slices are held: 2048 slices of 2048 x 2048.
const MAX_STREAMED_VOXELS: u64 = 1 << 33;

/// The thickness of a slice.
const PIXDIM_3: std::ops::Range<usize> = 88..92;

/// Farthest start of the voxels, up to which an `f32` counts every byte.
const MAX_VOX_OFFSET: f32 = 16_777_216.0;

/// What a file says of its volume, before any voxel is read.
///
/// Its fields were found to agree with each other.
#[derive(Debug, Clone)]
pub struct NiftiHeader {
    /// As in the file, but for the thickness of a plane, which has none there.
    pub(super) raw: [u8; HEADER_BYTES],
    pub(super) element: Element,
    pub(super) order: ByteOrder,
    pub(super) dim: [usize; 3],
    pub(super) vox_offset: u64,
    /// Slope and intercept, where there are any.
    pub(super) scaling: Option<(f64, f64)>,
    pub(super) layout: Layout,
    affine: Affine,
    affine_source: AffineSource,
    mm_per_unit: f64,
    warnings: Vec<Warning>,
}

impl NiftiHeader {
    /// Reads the header of a file, `.nii` or `.nii.gz`, and no voxels. A plain file must be as long
    /// as its header says; that of a compressed one is found out when it is inflated.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause, an [`Error::Nifti`] for what is
    /// wrong with its content.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::of_file(path).map_err(|error| error.in_file(path))
    }

    fn of_file(path: &Path) -> Result<Self, Error> {
        let mut file = open(path)?;
        let n_bytes = file.get_ref().metadata()?.len();
        if is_gzip(file.fill_buf()?) {
            return Ok(Self::from_plain(&mut Inflated::new(file))?);
        }
        let header = Self::from_plain(&mut file)?;
        let (found, expected) = (
            n_bytes.saturating_sub(header.vox_offset),
            header.data_bytes(),
        );
        if found < expected {
            return Err(NiftiError::DataLength { found, expected }.into());
        }
        Ok(header)
    }

    /// Reads the header that starts an inflated file.
    pub(super) fn from_plain(source: &mut impl Read) -> Result<Self, NiftiError> {
        let mut raw = Vec::new();
        source.take(HEADER_BYTES as u64).read_to_end(&mut raw)?;
        let raw = <[u8; HEADER_BYTES]>::try_from(raw).map_err(|raw| NiftiError::TooShort {
            found: raw.len(),
            expected: HEADER_BYTES,
        })?;
        Self::parse(raw)
    }

    fn parse(mut raw: [u8; HEADER_BYTES]) -> Result<Self, NiftiError> {
        let [a, b, c, d, ..] = raw;
        let sizes = [
            i32::from_le_bytes([a, b, c, d]),
            i32::from_be_bytes([a, b, c, d]),
        ];
        if sizes.contains(&VERSION_2_BYTES) {
            return Err(NiftiError::Version2);
        }
        let magic = &raw[HEADER_BYTES - 4..];
        if magic == MAGIC_CODE_NI1 {
            return Err(NiftiError::Pair);
        }
        if magic != MAGIC_CODE_NIP1 {
            return Err(NiftiError::NotNifti {
                found: String::from_utf8_lossy(magic).into_owned(),
            });
        }
        if !sizes.contains(&(HEADER_BYTES as i32)) {
            return Err(NiftiError::field("sizeof_hdr", sizes[0], "348"));
        }

        let mut fields = Fields::from_reader(raw.as_slice())
            .map_err(|error| NiftiError::Library(Box::new(error)))?;
        let dim = dim(&fields)?;
        // What lies behind the rank is not defined, the third side of a plane included.
        if fields.dim[0] == 2 {
            fields.dim[3] = 1;
            if fields.pixdim[3].abs() < f32::MIN_POSITIVE {
                fields.pixdim[3] = 1.0;
                raw[PIXDIM_3].copy_from_slice(&match fields.endianness {
                    Endianness::Little => 1_f32.to_le_bytes(),
                    Endianness::Big => 1_f32.to_be_bytes(),
                });
            }
        }
        let element = element(&fields)?;
        let n_voxels = dim.iter().map(|&side| side as u64).product();
        if n_voxels > MAX_STREAMED_VOXELS {
            return Err(NiftiError::VolumeSize {
                found: n_voxels,
                limit: MAX_STREAMED_VOXELS,
            });
        }
        let vox_offset = fields.vox_offset;
        if !(FIRST_VOXEL as f32..=MAX_VOX_OFFSET).contains(&vox_offset) || vox_offset.fract() != 0.0
        {
            let expected = format!("a whole number from {FIRST_VOXEL} to {MAX_VOX_OFFSET}");
            return Err(NiftiError::field("vox_offset", vox_offset, expected));
        }
        let mut warnings = Vec::new();
        let scaling = scaling(&fields, &mut warnings)?;
        let (affine, affine_source) = Affine::from_header(&fields)?;
        if affine_source == AffineSource::Pixdim {
            warnings.push(Warning::new(
                "unknown-orientation",
                "the file does not say how the patient lies; taken as from right to left, back to \
                 front, feet to head",
            ));
        }
        let layout = Layout::closest(dim, &affine);
        if layout.n_rows().min(layout.n_cols()) == 1 && layout.n_slices() > 1 {
            return Err(NiftiError::NotAxial {
                sides: dim,
                axis_codes: layout::axis_codes(&affine),
            });
        }
        Ok(Self {
            raw,
            element,
            order: match fields.endianness {
                Endianness::Little => ByteOrder::Little,
                Endianness::Big => ByteOrder::Big,
            },
            dim,
            vox_offset: vox_offset as u64,
            scaling,
            layout,
            affine,
            affine_source,
            mm_per_unit: mm_per_unit(&fields)?,
            warnings,
        })
    }

    /// Bytes of all voxels.
    pub(super) fn data_bytes(&self) -> u64 {
        let n_voxels: u64 = self.dim.iter().map(|&side| side as u64).product();
        n_voxels * self.element.n_bytes() as u64
    }

    /// Number of axial slices.
    pub fn n_slices(&self) -> usize {
        self.layout.n_slices()
    }

    /// Rows and columns of a slice.
    pub fn slice_shape(&self) -> (usize, usize) {
        (self.layout.n_rows(), self.layout.n_cols())
    }

    /// Distance between the centres of rows and of columns, in millimetres.
    pub fn spacing_mm(&self) -> (f64, f64) {
        let (rows_mm, cols_mm, _) = self.layout.along(self.voxel_mm());
        (rows_mm, cols_mm)
    }

    /// Distance between the centres of slices, in millimetres.
    pub fn slice_spacing_mm(&self) -> f64 {
        self.layout.along(self.voxel_mm()).2
    }

    fn voxel_mm(&self) -> [f64; 3] {
        self.affine.spacing_mm().map(|side| side * self.mm_per_unit)
    }

    /// From voxel indices to the patient, in the file's unit of length.
    pub fn affine(&self) -> &Affine {
        &self.affine
    }

    /// Which part of the header the affine is from; [`AffineSource::Pixdim`] is an assumption, of
    /// which there is a warning.
    pub fn affine_source(&self) -> AffineSource {
        self.affine_source
    }

    /// The ends to which the file's axes run, such as `RAS` or `LPS`; for oblique ones the closest.
    pub fn axis_codes(&self) -> String {
        layout::axis_codes(&self.affine)
    }

    /// How far the file's axes are from the patient's: the largest of the three angles. The slices
    /// are not turned back by it.
    pub fn obliquity_degrees(&self) -> f64 {
        layout::obliquity_degrees(&self.affine)
    }

    /// What a user should know of the file: `unknown-orientation` and `infinite-slope`.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// The sides of the one volume; a plane is a volume of one slice.
fn dim(fields: &Fields) -> Result<[usize; 3], NiftiError> {
    const NAMES: [&str; 8] = [
        "dim[0]", "dim[1]", "dim[2]", "dim[3]", "dim[4]", "dim[5]", "dim[6]", "dim[7]",
    ];
    const RANKS: &str = "2 or 3, or 4 to 7 with one volume";

    // The library takes the byte order in which dim[0] is at most 7.
    if fields.sizeof_hdr != HEADER_BYTES as i32 {
        let found = fields.dim[0].swap_bytes() as i16;
        return Err(NiftiError::field(NAMES[0], found, RANKS));
    }
    // Signed in the standard, unsigned in the library.
    let sides = fields.dim.map(|side| side as i16);
    let rank = match sides[0] {
        rank @ 2..=7 => rank as usize,
        rank => return Err(NiftiError::field(NAMES[0], rank, RANKS)),
    };
    for axis in 1..=rank.min(3) {
        if !(1..=MAX_SIDE).contains(&sides[axis]) {
            let expected = format!("from 1 to {MAX_SIDE}");
            return Err(NiftiError::field(NAMES[axis], sides[axis], expected));
        }
    }
    for axis in 4..=rank {
        if sides[axis] != 1 {
            return Err(NiftiError::field(
                NAMES[axis],
                sides[axis],
                "1, a single volume",
            ));
        }
    }
    let slices = if rank == 2 { 1 } else { sides[3] };
    Ok([sides[1], sides[2], slices].map(|side| side as usize))
}

/// The type of a voxel.
fn element(fields: &Fields) -> Result<Element, NiftiError> {
    let element = match fields.data_type() {
        Ok(NiftiType::Int8) => Element::I8,
        Ok(NiftiType::Uint8) => Element::U8,
        Ok(NiftiType::Int16) => Element::I16,
        Ok(NiftiType::Uint16) => Element::U16,
        Ok(NiftiType::Int32) => Element::I32,
        Ok(NiftiType::Uint32) => Element::U32,
        Ok(NiftiType::Int64) => Element::I64,
        Ok(NiftiType::Uint64) => Element::U64,
        Ok(NiftiType::Float32) => Element::F32,
        Ok(NiftiType::Float64) => Element::F64,
        _ => {
            return Err(NiftiError::field(
                "datatype",
                fields.datatype,
                "a code of whole or floating numbers: 2, 4, 8, 16, 64, 256, 512, 768, 1024 or 1280",
            ));
        }
    };
    let bits = 8 * element.n_bytes();
    if usize::try_from(fields.bitpix) != Ok(bits) {
        let expected = format!("{bits} for datatype {}", fields.datatype);
        return Err(NiftiError::field("bitpix", fields.bitpix, expected));
    }
    Ok(element)
}

/// Slope and intercept. As in nibabel, a slope of 0, NaN or infinity stands for none, and then the
/// intercept is no matter; nibabel itself writes NaN. Infinity has no such meaning anywhere.
fn scaling(fields: &Fields, warnings: &mut Vec<Warning>) -> Result<Option<(f64, f64)>, NiftiError> {
    let (slope, inter) = (fields.scl_slope, fields.scl_inter);
    if slope.is_infinite() {
        warnings.push(Warning::new(
            "infinite-slope",
            format!("NIfTI field scl_slope is {slope}; voxels are taken as they are stored"),
        ));
    }
    if slope == 0.0 || !slope.is_finite() {
        Ok(None)
    } else if inter.is_finite() {
        Ok(Some((slope.into(), inter.into())))
    } else {
        Err(NiftiError::field("scl_inter", inter, "a finite number"))
    }
}

/// What the header's unit of length is in millimetres; unknown counts as millimetres.
fn mm_per_unit(fields: &Fields) -> Result<f64, NiftiError> {
    match fields.xyzt_units & 7 {
        0 | 2 => Ok(1.0),
        1 => Ok(1e3),
        3 => Ok(1e-3),
        code => Err(NiftiError::field(
            "xyzt_units",
            code,
            "a length: 0 (unknown), 1 (m), 2 (mm) or 3 (um)",
        )),
    }
}

/// A regular file; a pipe would never end.
pub(super) fn open(path: &Path) -> Result<BufReader<File>, Error> {
    length_of(path)?;
    Ok(BufReader::new(File::open(path)?))
}
