//! CT slices in DICOM files.
//!
//! What decides stored values and their rescale is taken at its word or refused: a missing rescale,
//! a second value where there is one, or a bit layout that leaves a choice is an error that names
//! the attribute. What decides neither is a warning where it is malformed. The structure is checked
//! before any library reads it.

mod attributes;
mod data_set;
mod error;
mod frames;
mod geometry;
mod header;
mod items;
mod kind;
mod meta;
mod pixels;
mod rle;
mod scan;
mod secondary_capture;
mod slice_stack;
mod stream_size;
mod tags;

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

use dicom_object::InMemDicomObject;

pub use error::DicomError;
pub use geometry::SliceGeometry;
pub use header::DicomHeader;
pub use kind::NotASlice;
pub use secondary_capture::SecondaryCapture;
pub use slice_stack::SliceStack;

use crate::file::read_up_to;
use crate::gzip::{Inflated, is_gzip};
use crate::{Error, HuSlice, Turn, Warning};
use attributes::Attribute;
use header::or_warn;
use meta::{PREFIX_BYTES, meta, start_of};
use pixels::{Pixels, Samples};
use scan::{Encoding, Until, structure_of};

/// Largest file; an enhanced CT of 1,000 frames of 512 x 512 has half of it.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Largest side of a frame.
const MAX_SIDE: i64 = 8192;

/// Most frames of a file.
const MAX_FRAMES: i64 = 10_000;

/// What to do about files of the RSNA 2019 data whose 12-bit values hold negative numbers wrapped
/// around 4096: unsigned, 12 bits stored, an intercept above -100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RsnaRepair {
    /// Leave them as they are.
    #[default]
    Off,
    /// Unwrap them: add 1000, subtract 4096 where that is reached, and use an intercept of -1000.
    On,
}

/// A DICOM file of CT slices, its attributes read and checked.
#[derive(Debug)]
pub struct DicomFile {
    header: DicomHeader,
    pixels: Pixels,
    is_monochrome1: bool,
}

/// By what other tools know a file. UIDs are as the file has them, valid or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// `SOPInstanceUID`: the file.
    pub sop_instance_uid: Option<String>,
    /// `SeriesInstanceUID`: the series it belongs to.
    pub series_instance_uid: Option<String>,
    /// `StudyInstanceUID`: the study of the series.
    pub study_instance_uid: Option<String>,
    /// `InstanceNumber`.
    pub instance_number: Option<i64>,
}

/// A slice of a DICOM file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DicomSlice {
    /// Hounsfield units. Padded pixels have what the rescale makes of their stored value.
    pub hu: HuSlice,
    /// Pixels whose stored value is the file's padding.
    pub n_padded: usize,
    /// Distance between the centres of rows and of columns, in millimetres, if the file says it.
    pub spacing_mm: Option<(f64, f64)>,
    /// How the slice is to be turned to lie as a radiologist looks at it.
    pub turn: Turn,
    /// Where the slice lies, if the file says so completely.
    pub geometry: Option<SliceGeometry>,
    /// Level and width of the file's own windows, in Hounsfield units.
    pub windows_hu: Vec<(f64, f64)>,
    /// True of a file to be displayed inverted (`MONOCHROME1`); Hounsfield units are not.
    pub is_monochrome1: bool,
    /// True where the file has the form that [`RsnaRepair`] is for.
    pub needs_rsna_repair: bool,
    /// What a user should know of the file and the slice.
    ///
    /// | code | what |
    /// | --- | --- |
    /// | `attribute` | an attribute is malformed that decides neither stored values nor rescale; it is ignored |
    /// | `surplus-pixel-data` | more bytes of pixel data than the attributes say |
    /// | `trailing-bytes` | bytes behind the data set |
    /// | `survey` | the series has the name of survey images |
    pub warnings: Vec<Warning>,
}

impl DicomFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause, an [`Error::Dicom`] for what is
    /// wrong with its content.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        read_up_to(path, MAX_FILE_BYTES)
            .and_then(|bytes| Ok(Self::from_bytes(&bytes)?))
            .map_err(|error| error.in_file(path))
    }

    /// Decodes the bytes of a file, which may be compressed by gzip.
    ///
    /// Read are CT images of one sample a pixel, 8 or 16 bits allocated, uncompressed or in RLE,
    /// JPEG Lossless or JPEG 2000, with or without a preamble.
    ///
    /// # Errors
    ///
    /// [`DicomError`] for a file that is malformed, of another kind or compressed in another way.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DicomError> {
        let bytes = &inflated(bytes)?;
        let meta = meta(bytes)?;
        let structure = structure_of(bytes, meta.start, meta.encoding, Until::End)?;
        let mut header = DicomHeader::of_structure(bytes, &meta, &structure)?;
        if structure.n_trailing > 0 {
            header.warnings.push(Warning::new(
                "trailing-bytes",
                format!(
                    "{} bytes behind the data set, which are ignored",
                    structure.n_trailing
                ),
            ));
        }
        let (samples, is_monochrome1) = samples_of(&header, meta.encoding)?;
        let pixel_data = structure.pixel_data.ok_or(DicomError::Missing {
            attribute: "PixelData (7FE0,0010)",
            expected: "the pixels",
        })?;
        let pixels = Pixels::of(
            bytes,
            &pixel_data,
            &structure.elements,
            samples,
            &meta.syntax,
            &mut header.warnings,
        )?;
        Ok(Self {
            header,
            pixels,
            is_monochrome1,
        })
    }

    /// What the file says before its pixels.
    pub fn header(&self) -> &DicomHeader {
        &self.header
    }

    /// Number of slices in the file.
    pub fn n_frames(&self) -> usize {
        self.header.n_frames()
    }

    /// By what other tools know the file.
    pub fn identity(&self) -> &Identity {
        self.header.identity()
    }

    fn object(&self) -> &InMemDicomObject {
        &self.header.object
    }

    /// A frame, counted from 0, in Hounsfield units.
    ///
    /// # Errors
    ///
    /// [`DicomError`] for a frame that does not exist or cannot be decoded, and for attributes that
    /// are missing or not what the standard says.
    pub fn slice(&self, frame: usize, repair: RsnaRepair) -> Result<DicomSlice, DicomError> {
        if frame >= self.n_frames() {
            return Err(DicomError::Frame {
                frame,
                frames: self.n_frames(),
            });
        }
        let (slope, intercept) = self.rescale(frame)?;
        let samples = self.pixels.samples();
        let mut warnings = self.header.warnings.clone();
        let padding = or_warn(self.padding(), &mut warnings);
        let windows_hu = self.header.windows_hu(frame, &mut warnings);
        let place = self.header.place(frame, &mut warnings);
        let stored = self.pixels.read(frame)?;

        let n_padded = match &padding {
            Some(padding) => stored
                .iter()
                .filter(|value| padding.contains(value))
                .count(),
            None => 0,
        };
        let needs_rsna_repair =
            !samples.is_signed && samples.bits_stored == 12 && intercept > -100.0;
        let (stored, intercept) = if needs_rsna_repair && repair == RsnaRepair::On {
            let unwrapped = stored.iter().map(|value| match value + 1000 {
                wrapped @ 4096.. => wrapped - 4096,
                value => value,
            });
            (unwrapped.collect(), -1000.0)
        } else {
            (stored, intercept)
        };
        // PS3.3, C.11.1.1.2, in f64 as pydicom does it.
        let hu = stored
            .iter()
            .map(|&value| (slope * f64::from(value) + intercept) as f32);
        let hu = HuSlice::new(hu.collect(), samples.rows, samples.cols);
        let hu = hu.map_err(|error| DicomError::Decode {
            frame,
            problem: error.to_string(),
        })?;
        Ok(DicomSlice {
            hu,
            n_padded,
            spacing_mm: place.spacing_mm,
            turn: place
                .orientation
                .and_then(Turn::of_orientation)
                .unwrap_or_default(),
            geometry: place.geometry,
            windows_hu,
            is_monochrome1: self.is_monochrome1,
            needs_rsna_repair,
            warnings,
        })
    }

    /// Slope and intercept of the rescale to Hounsfield units.
    fn rescale(&self, frame: usize) -> Result<(f64, f64), DicomError> {
        if self.object().get(tags::MODALITY_LUT.tag).is_some() {
            let found = "a table".to_owned();
            return Err(tags::MODALITY_LUT.fault(found, "RescaleSlope and RescaleIntercept"));
        }
        let number = |attribute: Attribute| {
            self.header
                .in_group(frame, tags::PIXEL_TRANSFORMATION, |object| {
                    attribute.decimal(object)
                })?
                .ok_or(DicomError::Missing {
                    attribute: attribute.name,
                    expected: "one number; without a rescale the values are no Hounsfield units",
                })
        };
        let slope = number(tags::RESCALE_SLOPE)?;
        if slope == 0.0 {
            return Err(tags::RESCALE_SLOPE.fault("0".to_owned(), "a number other than 0"));
        }
        let unit = self
            .header
            .in_group(frame, tags::PIXEL_TRANSFORMATION, |object| {
                tags::RESCALE_TYPE.text(object)
            })?;
        match unit {
            Some(unit) if unit != "HU" => Err(tags::RESCALE_TYPE.fault(unit, "HU")),
            _ => Ok((slope, number(tags::RESCALE_INTERCEPT)?)),
        }
    }

    /// The stored values that stand for no image at all (PS3.3, C.7.5.1.1.2).
    fn padding(&self) -> Result<Option<std::ops::RangeInclusive<i32>>, DicomError> {
        let number = |attribute: Attribute| -> Result<Option<i32>, DicomError> {
            // Written as signed or unsigned, whatever the pixels are: the bits count.
            let bits = attribute.int(self.object())?;
            Ok(bits.map(|bits| self.pixels.samples().value(bits as u16)))
        };
        let Some(value) = number(tags::PIXEL_PADDING)? else {
            return Ok(None);
        };
        let limit = number(tags::PIXEL_PADDING_LIMIT)?.unwrap_or(value);
        Ok(Some(value.min(limit)..=value.max(limit)))
    }
}

/// The bytes themselves, or what is in them where they are a gzip file.
fn inflated(bytes: &[u8]) -> Result<Cow<'_, [u8]>, DicomError> {
    match is_gzip(bytes) {
        true => inflate(bytes).map(Cow::Owned),
        false => Ok(Cow::Borrowed(bytes)),
    }
}

/// The content of a gzip file, of at most [`MAX_FILE_BYTES`].
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, DicomError> {
    let mut source = Inflated::new(bytes).take(MAX_FILE_BYTES + 1);
    let mut inflated = Vec::new();
    let prefix = source.by_ref().take(PREFIX_BYTES);
    { prefix }
        .read_to_end(&mut inflated)
        .map_err(DicomError::Gzip)?;
    start_of(&inflated)?;
    source
        .read_to_end(&mut inflated)
        .map_err(DicomError::Gzip)?;
    if inflated.len() as u64 > MAX_FILE_BYTES {
        let problem = format!("more than {MAX_FILE_BYTES} bytes after inflating");
        return Err(DicomError::Gzip(io::Error::other(problem)));
    }
    Ok(inflated)
}

/// How samples are stored, and whether the image is to be displayed inverted.
fn samples_of(header: &DicomHeader, encoding: Encoding) -> Result<(Samples, bool), DicomError> {
    let object = &header.object;
    tags::SAMPLES_PER_PIXEL.int_in(object, 1..=1)?;
    let photometric = tags::PHOTOMETRIC.text(object)?.unwrap_or_default();
    let is_monochrome1 = match photometric.as_str() {
        "MONOCHROME1" => true,
        "MONOCHROME2" => false,
        _ => return Err(tags::PHOTOMETRIC.fault(photometric, "MONOCHROME1 or MONOCHROME2")),
    };
    let bits_allocated = tags::BITS_ALLOCATED.int_in(object, 8..=16)?;
    if !matches!(bits_allocated, 8 | 16) {
        return Err(tags::BITS_ALLOCATED.fault(bits_allocated.to_string(), "8 or 16"));
    }
    let bits_stored = tags::BITS_STORED.int_in(object, 1..=bits_allocated)?;
    tags::HIGH_BIT.int_in(object, bits_stored - 1..=bits_stored - 1)?;
    let is_signed = tags::PIXEL_REPRESENTATION.int_in(object, 0..=1)? == 1;
    let rows = tags::ROWS.int_in(object, 1..=MAX_SIDE)?;
    let cols = tags::COLUMNS.int_in(object, 1..=MAX_SIDE)?;
    let samples = Samples {
        rows: rows as usize,
        cols: cols as usize,
        n_frames: header.n_frames(),
        bits_allocated: bits_allocated as u32,
        bits_stored: bits_stored as u32,
        is_signed,
        is_big_endian: encoding == Encoding::ExplicitBig,
    };
    Ok((samples, is_monochrome1))
}
