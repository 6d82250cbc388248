//! CT slices in DICOM files.
//!
//! What a file says is taken at its word or refused: a missing rescale, a second value where there
//! is one, or a bit layout that leaves a choice is an error that names the attribute. The structure
//! is checked before any library reads it.

mod attributes;
mod error;
mod geometry;
mod pixels;
mod rle;
mod scan;
mod secondary_capture;
mod slice_stack;
mod tags;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use dicom_core::Tag;
use dicom_encoding::TransferSyntaxIndex;
use dicom_object::{DefaultDicomObject, InMemDicomObject, OpenFileOptions};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

pub use error::DicomError;
pub use geometry::SliceGeometry;
pub use secondary_capture::SecondaryCapture;
pub use slice_stack::SliceStack;

use crate::{Error, HuSlice};
use attributes::Attribute;
use pixels::Samples;
use scan::Encoding;

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
    object: DefaultDicomObject,
    samples: Samples,
    identity: Identity,
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
    /// Where the slice lies, if the file says so completely.
    pub geometry: Option<SliceGeometry>,
    /// Level and width of the file's own windows, in Hounsfield units.
    pub windows_hu: Vec<(f64, f64)>,
    /// True of a file to be displayed inverted (`MONOCHROME1`); Hounsfield units are not.
    pub is_monochrome1: bool,
    /// True where the file has the form that [`RsnaRepair`] is for.
    pub needs_rsna_repair: bool,
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
        read_bytes(path)
            .and_then(|bytes| Ok(Self::from_bytes(&bytes)?))
            .map_err(|error| error.in_file(path))
    }

    /// Decodes the bytes of a file.
    ///
    /// Read are CT images of one sample a pixel, 8 or 16 bits allocated, uncompressed or in RLE,
    /// JPEG Lossless or JPEG 2000.
    ///
    /// # Errors
    ///
    /// [`DicomError`] for a file that is malformed, of another kind or compressed in another way.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DicomError> {
        let (syntax, start) = scan::meta(bytes)?;
        scan::check(bytes, start, encoding_of(&syntax)?)?;
        let object = OpenFileOptions::new()
            .from_reader(Cursor::new(bytes))
            .map_err(|error| DicomError::Parse(error.to_string()))?;

        check_kind(&object)?;
        let (samples, is_monochrome1) = samples_of(&object)?;
        let identity = Identity {
            sop_instance_uid: tags::SOP_INSTANCE_UID.text(&object)?,
            series_instance_uid: tags::SERIES_INSTANCE_UID.text(&object)?,
            study_instance_uid: tags::STUDY_INSTANCE_UID.text(&object)?,
            instance_number: tags::INSTANCE_NUMBER.int(&object)?,
        };
        Ok(Self {
            object,
            samples,
            identity,
            is_monochrome1,
        })
    }

    /// Number of slices in the file.
    pub fn n_frames(&self) -> usize {
        self.samples.n_frames
    }

    /// By what other tools know the file.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Where a frame lies, if the file says so completely.
    ///
    /// # Errors
    ///
    /// [`DicomError::Value`].
    pub fn geometry(&self, frame: usize) -> Result<Option<SliceGeometry>, DicomError> {
        let spacing = self.in_group(frame, tags::PIXEL_MEASURES, |object| {
            tags::PIXEL_SPACING.decimals_of::<2>(object)
        })?;
        let orientation = self.in_group(frame, tags::PLANE_ORIENTATION, |object| {
            tags::IMAGE_ORIENTATION.decimals_of::<6>(object)
        })?;
        let position = self.in_group(frame, tags::PLANE_POSITION, |object| {
            tags::IMAGE_POSITION.decimals_of::<3>(object)
        })?;
        let thickness = self.in_group(frame, tags::PIXEL_MEASURES, |object| {
            tags::SLICE_THICKNESS.decimal(object)
        })?;
        if let Some(spacing) = spacing
            && spacing.iter().any(|&mm| mm <= 0.0)
        {
            return Err(tags::PIXEL_SPACING.fault(format!("{spacing:?}"), "numbers above 0"));
        }
        Ok(spacing.zip(orientation).zip(position).map(
            |(([rows, cols], orientation), position_mm)| SliceGeometry {
                spacing_mm: (rows, cols),
                orientation,
                position_mm,
                // Some writers put 0 where they do not know.
                thickness_mm: thickness.filter(|&mm| mm > 0.0),
            },
        ))
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
        let padding = self.padding()?;
        let windows_hu = self.windows_hu(frame)?;
        let geometry = self.geometry(frame)?;
        let stored = self.samples.read(&self.object, frame)?;

        let n_padded = match &padding {
            Some(padding) => stored
                .iter()
                .filter(|value| padding.contains(value))
                .count(),
            None => 0,
        };
        let needs_rsna_repair =
            !self.samples.is_signed && self.samples.bits_stored == 12 && intercept > -100.0;
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
        let hu =
            HuSlice::new(hu.collect(), self.samples.rows, self.samples.cols).map_err(|error| {
                DicomError::Decode {
                    frame,
                    problem: error.to_string(),
                }
            })?;
        Ok(DicomSlice {
            hu,
            n_padded,
            geometry,
            windows_hu,
            is_monochrome1: self.is_monochrome1,
            needs_rsna_repair,
        })
    }

    /// Slope and intercept of the rescale to Hounsfield units.
    fn rescale(&self, frame: usize) -> Result<(f64, f64), DicomError> {
        if self.object.get(tags::MODALITY_LUT.tag).is_some() {
            let found = "a table".to_owned();
            return Err(tags::MODALITY_LUT.fault(found, "RescaleSlope and RescaleIntercept"));
        }
        let number = |attribute: Attribute| {
            self.in_group(frame, tags::PIXEL_TRANSFORMATION, |object| {
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
        let unit = self.in_group(frame, tags::PIXEL_TRANSFORMATION, |object| {
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
            let bits = attribute.int(&self.object)?;
            Ok(bits.map(|bits| self.samples.value(bits as u16)))
        };
        let Some(value) = number(tags::PIXEL_PADDING)? else {
            return Ok(None);
        };
        let limit = number(tags::PIXEL_PADDING_LIMIT)?.unwrap_or(value);
        Ok(Some(value.min(limit)..=value.max(limit)))
    }

    fn windows_hu(&self, frame: usize) -> Result<Vec<(f64, f64)>, DicomError> {
        let numbers = |attribute: Attribute| {
            self.in_group(frame, tags::FRAME_VOI_LUT, |object| {
                let numbers = attribute.decimals(object)?;
                Ok(Some(numbers).filter(|numbers| !numbers.is_empty()))
            })
        };
        let levels = numbers(tags::WINDOW_CENTER)?.unwrap_or_default();
        let widths = numbers(tags::WINDOW_WIDTH)?.unwrap_or_default();
        if levels.len() != widths.len() {
            let found = format!("{} widths", widths.len());
            let expected = format!("{}, one for each WindowCenter", levels.len());
            return Err(tags::WINDOW_WIDTH.fault(found, &expected));
        }
        if let Some(width) = widths.iter().find(|&&width| width <= 0.0) {
            return Err(tags::WINDOW_WIDTH.fault(width.to_string(), "a number above 0"));
        }
        Ok(levels.into_iter().zip(widths).collect())
    }

    /// Looks for something in the functional group of a frame, in the group that all share, and in
    /// the file itself, in this order.
    fn in_group<T>(
        &self,
        frame: usize,
        sequence: Tag,
        look: impl Fn(&InMemDicomObject) -> Result<Option<T>, DicomError>,
    ) -> Result<Option<T>, DicomError> {
        let items = |tag: Tag| self.object.get(tag).and_then(|element| element.items());
        let own = items(tags::FRAME_GROUPS).and_then(|items| items.get(frame));
        let shared = items(tags::SHARED_GROUPS).and_then(|items| items.first());
        for group in [own, shared].into_iter().flatten() {
            let inner = group.get(sequence).and_then(|element| element.items());
            if let Some(item) = inner.and_then(|items| items.first())
                && let Some(found) = look(item)?
            {
                return Ok(Some(found));
            }
        }
        look(&self.object)
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge {
            bytes: metadata.len(),
            limit: MAX_FILE_BYTES,
        });
    }
    Ok(fs::read(path)?)
}

/// The encoding of the data set; transfer syntaxes that are not read are an error.
fn encoding_of(syntax: &str) -> Result<Encoding, DicomError> {
    match syntax {
        "1.2.840.10008.1.2" => Ok(Encoding::ImplicitLittle),
        "1.2.840.10008.1.2.2" => Ok(Encoding::ExplicitBig),
        // Explicit, RLE, JPEG Lossless (process 14, first order of it), JPEG 2000 (lossless only,
        // any).
        "1.2.840.10008.1.2.1"
        | "1.2.840.10008.1.2.5"
        | "1.2.840.10008.1.2.4.57"
        | "1.2.840.10008.1.2.4.70"
        | "1.2.840.10008.1.2.4.90"
        | "1.2.840.10008.1.2.4.91" => Ok(Encoding::ExplicitLittle),
        _ => {
            let known = TransferSyntaxRegistry.get(syntax);
            Err(DicomError::TransferSyntax {
                uid: syntax.to_owned(),
                name: known.map_or("unknown", |syntax| syntax.name()).to_owned(),
                hint: match syntax {
                    "1.2.840.10008.1.2.4.80" | "1.2.840.10008.1.2.4.81" => "dcmdjpls IN OUT",
                    "1.2.840.10008.1.2.1.99" => "dcmconv +te IN OUT",
                    _ => "gdcmconv --raw IN OUT",
                },
            })
        }
    }
}

/// Refuses what is no CT image.
fn check_kind(object: &InMemDicomObject) -> Result<(), DicomError> {
    match tags::MODALITY.text(object)? {
        Some(modality) if modality == "CT" => {}
        Some(modality) => return Err(tags::MODALITY.fault(modality, "CT")),
        None => {
            return Err(DicomError::Missing {
                attribute: tags::MODALITY.name,
                expected: "CT",
            });
        }
    }
    let image_type = tags::IMAGE_TYPE.texts(object)?;
    if image_type.get(2).is_some_and(|kind| kind == "LOCALIZER") {
        return Err(tags::IMAGE_TYPE.fault(image_type.join("\\"), "a slice, no localizer"));
    }
    Ok(())
}

/// How samples are stored, and whether the image is to be displayed inverted.
fn samples_of(object: &InMemDicomObject) -> Result<(Samples, bool), DicomError> {
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
    let n_frames = match tags::NUMBER_OF_FRAMES.decimal(object)? {
        None => 1,
        Some(_) => tags::NUMBER_OF_FRAMES.int_in(object, 1..=MAX_FRAMES)?,
    };
    let samples = Samples {
        rows: rows as usize,
        cols: cols as usize,
        n_frames: n_frames as usize,
        bits_allocated: bits_allocated as u32,
        bits_stored: bits_stored as u32,
        is_signed,
    };
    Ok((samples, is_monochrome1))
}
