use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use nifti::header::MAGIC_CODE_NIP1;

use super::NiftiError;
use super::affine::Affine;
use super::format::{FIRST_VOXEL, HEADER_BYTES, MAX_SIDE, MAX_VOXELS};
use super::header::NiftiHeader;
use super::layout::Layout;
use crate::Error;
use crate::element::ByteOrder;

/// `datatype` of `f32`.
const FLOAT32: i16 = 16;

/// `xyzt_units` for millimetres.
const MILLIMETRES: u8 = 2;

/// `NIFTI_XFORM_SCANNER_ANAT`: coordinates of the scanner.
const SCANNER: i16 = 1;

/// What of a header a map takes over: the sizes of voxels and their unit, both codes, and both
/// forms of the affine. What may name the patient or describe the values is left out.
const PIXDIM: std::ops::Range<usize> = 76..108;
const XYZT_UNITS: std::ops::Range<usize> = 123..124;
const FORMS: std::ops::Range<usize> = 252..328;

/// How the bytes of a file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NiftiEncoding {
    /// As they are: `.nii`.
    Plain,
    /// Compressed: `.nii.gz`.
    Gzip,
}

impl NiftiEncoding {
    /// Compressed for names that end with `.gz`.
    pub fn of_path(path: &Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("gz") => Self::Gzip,
            _ => Self::Plain,
        }
    }
}

/// Values for the voxels of a grid, slice by slice, to be written as a NIfTI file of `f32`.
///
/// Slices that are not set are 0.
#[derive(Debug, Clone)]
pub struct NiftiMap {
    header: [u8; HEADER_BYTES],
    byte_order: ByteOrder,
    layout: Layout,
    /// In the order of the file.
    values: Vec<f32>,
}

impl NiftiMap {
    /// A map of zeros of slices that come from another kind of file: voxels
    /// `(column, row, slice)`, with the affine of these.
    ///
    /// The affine is written as the sform with the code of scanner coordinates, without a qform.
    /// [`NiftiMap::set_slice`] takes rows, columns and slices in the order of the voxels.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`]: [`NiftiError::Field`] and [`NiftiError::VolumeSize`] for a side or a
    /// volume that [`NiftiVolume`](crate::NiftiVolume) does not read, [`NiftiError::Io`] where
    /// there is no memory for it.
    pub fn blank(rows: usize, cols: usize, slices: usize, affine: &Affine) -> Result<Self, Error> {
        for (field, side) in [("dim[1]", cols), ("dim[2]", rows), ("dim[3]", slices)] {
            if !(1..=MAX_SIDE as usize).contains(&side) {
                let expected = format!("from 1 to {MAX_SIDE}");
                return Err(NiftiError::field(field, side, expected).into());
            }
        }
        check_size([cols, rows, slices])?;
        let layout = Layout::of_slices(rows, cols, slices);
        let mut header = [0; HEADER_BYTES];
        let order = ByteOrder::Little;
        put(&mut header, PIXDIM.start, 1.0_f32.to_le_bytes(), order);
        for (axis, side) in affine.spacing_mm().into_iter().enumerate() {
            put(
                &mut header,
                PIXDIM.start + 4 * (axis + 1),
                (side as f32).to_le_bytes(),
                order,
            );
        }
        header[XYZT_UNITS.start] = MILLIMETRES;
        put(&mut header, 254, SCANNER.to_le_bytes(), order);
        for (index, number) in affine.rows().into_iter().flatten().enumerate() {
            put(
                &mut header,
                280 + 4 * index,
                (number as f32).to_le_bytes(),
                order,
            );
        }
        Ok(Self::zeros(header, order, layout)?)
    }

    /// Fills in the fields that are the same in every map.
    fn zeros(
        mut header: [u8; HEADER_BYTES],
        byte_order: ByteOrder,
        layout: Layout,
    ) -> Result<Self, NiftiError> {
        put(
            &mut header,
            0,
            (HEADER_BYTES as i32).to_le_bytes(),
            byte_order,
        );
        let [cols, rows, slices] = layout.dim();
        let dim = [3, cols as i16, rows as i16, slices as i16, 1, 1, 1, 1];
        for (index, side) in dim.into_iter().enumerate() {
            put(&mut header, 40 + 2 * index, side.to_le_bytes(), byte_order);
        }
        put(&mut header, 70, FLOAT32.to_le_bytes(), byte_order);
        put(&mut header, 72, 32_i16.to_le_bytes(), byte_order);
        put(
            &mut header,
            108,
            (FIRST_VOXEL as f32).to_le_bytes(),
            byte_order,
        );
        put(&mut header, 112, 1.0_f32.to_le_bytes(), byte_order);
        header[HEADER_BYTES - 4..].copy_from_slice(MAGIC_CODE_NIP1);
        let mut values = Vec::new();
        let n_voxels = cols * rows * slices;
        values
            .try_reserve_exact(n_voxels)
            .map_err(io::Error::from)?;
        values.resize(n_voxels, 0.0);
        Ok(Self {
            header,
            byte_order,
            layout,
            values,
        })
    }

    /// Number of slices.
    pub fn n_slices(&self) -> usize {
        self.layout.n_slices()
    }

    /// Sets a slice. In the map of a volume they are counted from the feet to the head, and run row
    /// by row from the front of the patient to the back, in each row from right to left, as the
    /// volume's slices do.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`]: [`NiftiError::Slice`], [`NiftiError::MapLength`] and
    /// [`NiftiError::NotFinite`].
    pub fn set_slice(&mut self, slice: usize, values: &[f32]) -> Result<(), Error> {
        let layout = self.layout;
        let (rows, cols, slices) = (layout.n_rows(), layout.n_cols(), layout.n_slices());
        if slice >= slices {
            return Err(NiftiError::Slice { slice, slices }.into());
        }
        if values.len() != rows * cols {
            let found = values.len();
            return Err(NiftiError::MapLength { found, rows, cols }.into());
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(NiftiError::NotFinite {
                voxel: layout.voxel(index / cols, index % cols, slice),
                value: values[index].into(),
            }
            .into());
        }
        for (row, line) in values.chunks_exact(cols).enumerate() {
            for (col, &value) in line.iter().enumerate() {
                self.values[layout.index(row, col, slice)] = value;
            }
        }
        Ok(())
    }

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`], a [`NiftiError::Io`], where there is no memory for them, or they cannot be
    /// compressed.
    pub fn to_bytes(&self, encoding: NiftiEncoding) -> Result<Vec<u8>, Error> {
        Ok(self.encode(encoding)?)
    }

    fn encode(&self, encoding: NiftiEncoding) -> Result<Vec<u8>, NiftiError> {
        match encoding {
            NiftiEncoding::Plain => {
                let mut bytes = Vec::new();
                let n_bytes = FIRST_VOXEL + 4 * self.values.len();
                bytes.try_reserve_exact(n_bytes).map_err(io::Error::from)?;
                self.write(&mut bytes)?;
                Ok(bytes)
            }
            NiftiEncoding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                self.write(&mut encoder)?;
                Ok(encoder.finish()?)
            }
        }
    }

    fn write(&self, out: &mut impl Write) -> Result<(), NiftiError> {
        out.write_all(&self.header)?;
        // No extensions.
        out.write_all(&[0; FIRST_VOXEL - HEADER_BYTES])?;
        // A slice at a time.
        let [cols, rows, _] = self.layout.dim();
        for values in self.values.chunks(cols * rows) {
            let bytes: Vec<u8> = match self.byte_order {
                ByteOrder::Little => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
                ByteOrder::Big => values.iter().flat_map(|v| v.to_be_bytes()).collect(),
            };
            out.write_all(&bytes)?;
        }
        Ok(())
    }
}

impl NiftiHeader {
    /// A map of zeros on the grid of the volume, whose slices are those of the volume.
    ///
    /// # Errors
    ///
    /// [`Error::Nifti`]: [`NiftiError::VolumeSize`] for more than 2^27 voxels, [`NiftiError::Io`]
    /// where there is no memory for it.
    pub fn blank_map(&self) -> Result<NiftiMap, Error> {
        check_size(self.dim)?;
        let mut raw = [0; HEADER_BYTES];
        for field in [PIXDIM, XYZT_UNITS, FORMS] {
            raw[field.clone()].copy_from_slice(&self.raw[field]);
        }
        Ok(NiftiMap::zeros(raw, self.order, self.layout)?)
    }
}

/// A map holds no more voxels than are held of a volume.
fn check_size(dim: [usize; 3]) -> Result<(), NiftiError> {
    let n_voxels = dim.iter().map(|&side| side as u64).product();
    if n_voxels > MAX_VOXELS {
        return Err(NiftiError::VolumeSize {
            found: n_voxels,
            limit: MAX_VOXELS,
        });
    }
    Ok(())
}

/// Writes a number, given as little-endian bytes, at its place in the byte order of the file.
fn put<const N: usize>(
    header: &mut [u8; HEADER_BYTES],
    at: usize,
    mut bytes: [u8; N],
    order: ByteOrder,
) {
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    header[at..at + N].copy_from_slice(&bytes);
}
