use nifti::header::{MAGIC_CODE_NI1, MAGIC_CODE_NIP1};
use nifti::{Endianness, NiftiHeader, NiftiType};

use super::affine::{Affine, AffineSource};
use super::error::NiftiError;

/// Bytes of a header, without the four that announce extensions.
pub(super) const HEADER_BYTES: usize = 348;

/// The first byte at which voxels can stand in a single file.
pub(super) const FIRST_VOXEL: usize = 352;

/// `sizeof_hdr` of NIfTI-2.
const VERSION_2_BYTES: i32 = 540;

/// Largest side of a volume.
pub(super) const MAX_SIDE: i16 = 8192;

/// Most voxels of a volume: 512 slices of 512 x 512.
pub(super) const MAX_VOXELS: u64 = 1 << 27;

/// Farthest start of the voxels, up to which an `f32` counts every byte.
const MAX_VOX_OFFSET: f32 = 16_777_216.0;

/// A header whose fields were found to agree with each other.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// As in the file.
    pub(super) raw: [u8; HEADER_BYTES],
    pub(super) byte_order: Endianness,
    pub(super) dim: [usize; 3],
    pub(super) datatype: NiftiType,
    pub(super) data_bytes: u64,
    pub(super) vox_offset: u64,
    pub(super) scl_slope: f32,
    pub(super) scl_inter: f32,
    pub(super) affine: Affine,
    pub(super) affine_source: AffineSource,
    pub(super) mm_per_unit: f64,
}

impl Header {
    pub(super) fn parse(raw: [u8; HEADER_BYTES]) -> Result<Self, NiftiError> {
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
            return Err(fault("sizeof_hdr", sizes[0], "348"));
        }

        let fields = NiftiHeader::from_reader(raw.as_slice())?;
        let dim = dim(&fields)?;
        let (datatype, item_bytes) = datatype(&fields)?;
        let n_voxels = dim.iter().map(|&side| side as u64).product();
        if n_voxels > MAX_VOXELS {
            return Err(NiftiError::VolumeSize {
                found: n_voxels,
                limit: MAX_VOXELS,
            });
        }
        let vox_offset = fields.vox_offset;
        if !(FIRST_VOXEL as f32..=MAX_VOX_OFFSET).contains(&vox_offset) || vox_offset.fract() != 0.0
        {
            let expected = format!("a whole number from {FIRST_VOXEL} to {MAX_VOX_OFFSET}");
            return Err(fault("vox_offset", vox_offset, expected));
        }
        for (field, value) in [
            ("scl_slope", fields.scl_slope),
            ("scl_inter", fields.scl_inter),
        ] {
            if !value.is_finite() {
                return Err(fault(field, value, "a finite number"));
            }
        }
        let (affine, affine_source) = Affine::from_header(&fields)?;
        Ok(Self {
            raw,
            byte_order: fields.endianness,
            dim,
            datatype,
            data_bytes: n_voxels * item_bytes,
            vox_offset: vox_offset as u64,
            scl_slope: fields.scl_slope,
            scl_inter: fields.scl_inter,
            affine,
            affine_source,
            mm_per_unit: mm_per_unit(&fields)?,
        })
    }
}

/// The sides of the one volume.
fn dim(fields: &NiftiHeader) -> Result<[usize; 3], NiftiError> {
    const NAMES: [&str; 5] = ["dim[0]", "dim[1]", "dim[2]", "dim[3]", "dim[4]"];

    // The library takes the byte order in which dim[0] is at most 7.
    if fields.sizeof_hdr != HEADER_BYTES as i32 {
        let found = fields.dim[0].swap_bytes() as i16;
        return Err(fault(NAMES[0], found, "3, or 4 with one volume"));
    }
    // Signed in the standard, unsigned in the library.
    let [rank, sides @ .., _, _, _] = fields.dim.map(|side| side as i16);
    if !matches!(rank, 3 | 4) {
        return Err(fault(NAMES[0], rank, "3, or 4 with one volume"));
    }
    for (axis, side) in (1..=3).zip(sides) {
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(fault(NAMES[axis], side, format!("from 1 to {MAX_SIDE}")));
        }
    }
    let [cols, rows, slices, volumes] = sides;
    if rank == 4 && volumes != 1 {
        return Err(fault(NAMES[4], volumes, "1, a single volume"));
    }
    Ok([cols, rows, slices].map(|side| side as usize))
}

/// The type of a voxel and its bytes.
fn datatype(fields: &NiftiHeader) -> Result<(NiftiType, u64), NiftiError> {
    let (datatype, item_bytes) = match fields.data_type() {
        Ok(known @ (NiftiType::Uint8 | NiftiType::Int8)) => (known, 1),
        Ok(known @ (NiftiType::Uint16 | NiftiType::Int16)) => (known, 2),
        Ok(known @ (NiftiType::Uint32 | NiftiType::Int32 | NiftiType::Float32)) => (known, 4),
        Ok(known @ NiftiType::Float64) => (known, 8),
        _ => {
            return Err(fault(
                "datatype",
                fields.datatype,
                "a code of whole or floating numbers: 2, 4, 8, 16, 64, 256, 512 or 768",
            ));
        }
    };
    if i64::from(fields.bitpix) != 8 * item_bytes {
        let expected = format!("{} for datatype {}", 8 * item_bytes, fields.datatype);
        return Err(fault("bitpix", fields.bitpix, expected));
    }
    Ok((datatype, item_bytes as u64))
}

/// What the header's unit of length is in millimetres; unknown counts as millimetres.
fn mm_per_unit(fields: &NiftiHeader) -> Result<f64, NiftiError> {
    match fields.xyzt_units & 7 {
        0 | 2 => Ok(1.0),
        1 => Ok(1e3),
        3 => Ok(1e-3),
        code => Err(fault(
            "xyzt_units",
            code,
            "a length: 0 (unknown), 1 (m), 2 (mm) or 3 (um)",
        )),
    }
}

pub(super) fn fault(
    field: &'static str,
    found: impl ToString,
    expected: impl Into<String>,
) -> NiftiError {
    NiftiError::Field {
        field,
        found: found.to_string(),
        expected: expected.into(),
    }
}
