//! What a DICOM file says before its pixels.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use dicom_core::Tag;
use dicom_object::InMemDicomObject;

use super::attributes::Attribute;
use super::identity::Identity;
use super::inflate::inflated;
use super::meta::{Meta, meta};
use super::scan::{Structure, Until, structure_of};
use super::{DicomError, data_set, kind, tags};
use crate::file::length_of_whole;
use crate::gzip::is_gzip;
use crate::orientation::normal_of;
use crate::{Error, SliceGeometry, Warning};

/// Bytes that are read of a file at first: more than the attributes of most have.
const FIRST_BYTES: usize = 1 << 15;

/// Most frames of a file.
const MAX_FRAMES: i64 = 10_000;

/// The attributes of a DICOM file of CT slices; its pixels are not looked at.
#[derive(Debug)]
pub struct DicomHeader {
    pub(super) object: InMemDicomObject,
    identity: Identity,
    n_frames: usize,
    pub(super) warnings: Vec<Warning>,
}

impl DicomHeader {
    /// Reads a file up to its pixel data.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause, an [`Error::Dicom`] for what is
    /// wrong with its content; [`DicomError::NotASlice`] for a sound file that holds no slice.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::of_file(path).map_err(|error| error.in_file(path))
    }

    fn of_file(path: &Path) -> Result<Self, Error> {
        let n_bytes = length_of_whole(path)?;
        let mut file = File::open(path)?;
        let mut bytes = Vec::new();
        let mut wanted = FIRST_BYTES;
        loop {
            let missing = wanted.saturating_sub(bytes.len()) as u64;
            (&mut file).take(missing).read_to_end(&mut bytes)?;
            let is_whole = bytes.len() < wanted || bytes.len() as u64 >= n_bytes;
            if is_gzip(&bytes) {
                file.read_to_end(&mut bytes)?;
                return Self::from_bytes(&bytes);
            }
            match Self::of_prefix(&bytes, is_whole)? {
                Some(header) => return Ok(header),
                None => wanted *= 4,
            }
        }
    }

    /// Decodes the attributes in the bytes of a file.
    ///
    /// # Errors
    ///
    /// As [`DicomHeader::read`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = &inflated(bytes)?;
        let meta = meta(bytes)?;
        let structure = structure_of(bytes, meta.start, meta.encoding, Until::PixelData)?;
        Ok(Self::of_structure(bytes, &meta, &structure)?)
    }

    /// `None` where the attributes go on behind the bytes.
    fn of_prefix(bytes: &[u8], is_whole: bool) -> Result<Option<Self>, DicomError> {
        let parts = meta(bytes).and_then(|meta| {
            let structure = structure_of(bytes, meta.start, meta.encoding, Until::PixelData)?;
            Ok((meta, structure))
        });
        let (meta, structure) = match parts {
            Err(DicomError::Structure { .. }) if !is_whole => return Ok(None),
            parts => parts?,
        };
        if !structure.is_header && !is_whole {
            return Ok(None);
        }
        Self::of_structure(bytes, &meta, &structure).map(Some)
    }

    pub(super) fn of_structure(
        bytes: &[u8],
        meta: &Meta,
        structure: &Structure,
    ) -> Result<Self, DicomError> {
        let (object, mut warnings) =
            data_set::attributes_of(bytes, &structure.elements, meta.encoding)?;
        kind::check(&object, meta.sop_class.as_deref())?;
        let identity = Identity {
            sop_instance_uid: tags::SOP_INSTANCE_UID.text(&object)?,
            series_instance_uid: tags::SERIES_INSTANCE_UID.text(&object)?,
            study_instance_uid: tags::STUDY_INSTANCE_UID.text(&object)?,
            instance_number: or_warn(tags::INSTANCE_NUMBER.int(&object), &mut warnings),
        };
        if let Some(name) = survey_name(&object)? {
            warnings.push(Warning::new(
                "survey",
                format!("SeriesDescription (0008,103E) is {name:?}: is it a survey image?"),
            ));
        }
        let n_frames = match tags::NUMBER_OF_FRAMES.decimal(&object)? {
            None => 1,
            Some(_) => tags::NUMBER_OF_FRAMES.int_in(&object, 1..=MAX_FRAMES)?,
        };
        let header = Self {
            object,
            identity,
            n_frames: n_frames as usize,
            warnings,
        };
        if let Ok(Some(orientation)) = header.orientation(0) {
            kind::check_plane(orientation)?;
        }
        Ok(header)
    }

    /// Number of slices in the file.
    pub fn n_frames(&self) -> usize {
        self.n_frames
    }

    /// By what other tools know the file.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Where a frame lies, if the file says so completely and soundly.
    pub fn geometry(&self, frame: usize) -> Option<SliceGeometry> {
        self.place(frame, &mut Vec::new()).geometry
    }

    /// Distance between the centres of rows and of columns of a frame, in millimetres, if the file
    /// says it soundly.
    pub fn spacing_mm(&self, frame: usize) -> Option<(f64, f64)> {
        self.place(frame, &mut Vec::new()).spacing_mm
    }

    /// What the file says of where a frame lies. Each attribute stands for itself; one that is
    /// malformed is as if it were not there, and is warned of.
    pub(super) fn place(&self, frame: usize, warnings: &mut Vec<Warning>) -> Place {
        let spacing = self.in_group(frame, tags::PIXEL_MEASURES, |object| {
            tags::PIXEL_SPACING.decimals_of::<2>(object)
        });
        let spacing = spacing.and_then(|spacing| match spacing {
            Some(spacing) if spacing.iter().any(|&mm| mm <= 0.0) => {
                Err(tags::PIXEL_SPACING.fault(format!("{spacing:?}"), "numbers above 0"))
            }
            spacing => Ok(spacing),
        });
        let orientation = self
            .orientation(frame)
            .and_then(|orientation| match orientation {
                Some(orientation) if normal_of(orientation).is_none() => {
                    Err(tags::IMAGE_ORIENTATION.fault(
                        format!("{orientation:?}"),
                        "two unit vectors at right angles",
                    ))
                }
                orientation => Ok(orientation),
            });
        let position = self.in_group(frame, tags::PLANE_POSITION, |object| {
            tags::IMAGE_POSITION.decimals_of::<3>(object)
        });
        let thickness = self.in_group(frame, tags::PIXEL_MEASURES, |object| {
            tags::SLICE_THICKNESS.decimal(object)
        });
        let spacing_mm = or_warn(spacing, warnings).map(|[rows, cols]| (rows, cols));
        let orientation = or_warn(orientation, warnings);
        let position = or_warn(position, warnings);
        let thickness = or_warn(thickness, warnings);
        Place {
            spacing_mm,
            orientation,
            geometry: spacing_mm.zip(orientation).zip(position).map(
                |((spacing_mm, orientation), position_mm)| SliceGeometry {
                    spacing_mm,
                    orientation,
                    position_mm,
                    // Some writers put 0 where they do not know.
                    thickness_mm: thickness.filter(|&mm| mm > 0.0),
                },
            ),
        }
    }

    fn orientation(&self, frame: usize) -> Result<Option<[f64; 6]>, DicomError> {
        self.in_group(frame, tags::PLANE_ORIENTATION, |object| {
            tags::IMAGE_ORIENTATION.decimals_of::<6>(object)
        })
    }

    /// Level and width of the file's own windows; malformed ones are warned of.
    pub(super) fn windows_hu(&self, frame: usize, warnings: &mut Vec<Warning>) -> Vec<(f64, f64)> {
        let numbers = |attribute: Attribute| {
            self.in_group(frame, tags::FRAME_VOI_LUT, |object| {
                let numbers = attribute.decimals(object)?;
                Ok(Some(numbers).filter(|numbers| !numbers.is_empty()))
            })
        };
        let windows = || {
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
            Ok(Some(levels.into_iter().zip(widths).collect()))
        };
        or_warn(windows(), warnings).unwrap_or_default()
    }

    /// Looks for something in the functional group of a frame, in the group that all share, and in
    /// the file itself, in this order.
    pub(super) fn in_group<T>(
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

/// Where a frame lies, as far as the file says so.
pub(super) struct Place {
    pub(super) spacing_mm: Option<(f64, f64)>,
    pub(super) orientation: Option<[f64; 6]>,
    pub(super) geometry: Option<SliceGeometry>,
}

/// What was found of an attribute that decides neither stored values nor their rescale; nothing,
/// and a warning, where it is malformed.
pub(super) fn or_warn<T>(
    found: Result<Option<T>, DicomError>,
    warnings: &mut Vec<Warning>,
) -> Option<T> {
    found.unwrap_or_else(|error| {
        warnings.push(Warning::new("attribute", format!("{error}; it is ignored")));
        None
    })
}

/// The name of a series that is one of survey images by its name; the other evidence is in
/// [`kind::check`].
fn survey_name(object: &InMemDicomObject) -> Result<Option<String>, DicomError> {
    const WORDS: [&str; 6] = [
        "scout",
        "surview",
        "survey",
        "topogram",
        "localizer",
        "scanogram",
    ];
    let name = tags::SERIES_DESCRIPTION.text(object)?.unwrap_or_default();
    let lower = name.to_lowercase();
    Ok(WORDS
        .iter()
        .any(|word| lower.contains(word))
        .then_some(name))
}
