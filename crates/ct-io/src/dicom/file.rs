use std::path::Path;

use dicom_object::InMemDicomObject;

use super::attributes::Attribute;
use super::header::{DicomHeader, or_warn};
use super::identity::Identity;
use super::inflate::inflated;
use super::meta::meta;
use super::pixels::{Pixels, Samples};
use super::rsna_repair::RsnaRepair;
use super::scan::{Encoding, Until, structure_of};
use super::{DicomError, tags};
use crate::file::read_whole;
use crate::{Error, HuSlice, Slice, Turn, Warning};

/// Largest side of a frame.
const MAX_SIDE: i64 = 8192;

/// A DICOM file of CT slices, its attributes read and checked.
#[derive(Debug)]
pub struct DicomFile {
    header: DicomHeader,
    pixels: Pixels,
    is_monochrome1: bool,
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
        read_whole(path)
            .and_then(|bytes| Self::from_bytes(&bytes))
            .map_err(|error| error.in_file(path))
    }

    /// Decodes the bytes of a file, which may be compressed by gzip.
    ///
    /// Read are CT images of one sample a pixel, 8 or 16 bits allocated, uncompressed or in RLE,
    /// JPEG Lossless or JPEG 2000, with or without a preamble.
    ///
    /// # Errors
    ///
    /// [`Error::Dicom`] for a file that is malformed, of another kind or compressed in another way.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
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

    pub(super) fn object(&self) -> &InMemDicomObject {
        &self.header.object
    }

    /// A frame, counted from 0, in Hounsfield units.
    ///
    /// # Errors
    ///
    /// [`Error::Dicom`] for a frame that does not exist or cannot be decoded, and for attributes
    /// that are missing or not what the standard says.
    pub fn slice(&self, frame: usize, repair: RsnaRepair) -> Result<Slice, Error> {
        if frame >= self.n_frames() {
            return Err(DicomError::Frame {
                frame,
                frames: self.n_frames(),
            }
            .into());
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
        Ok(Slice {
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
            ..Slice::new(hu)
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
