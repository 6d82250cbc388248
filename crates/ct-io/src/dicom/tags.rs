//! The attributes that are read.

use dicom_core::Tag;

use super::attributes::Attribute;

pub(super) const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);

/// Shared and per-frame functional groups of enhanced images (PS3.3, C.7.6.16).
pub(super) const SHARED_GROUPS: Tag = Tag(0x5200, 0x9229);
pub(super) const FRAME_GROUPS: Tag = Tag(0x5200, 0x9230);
pub(super) const PIXEL_TRANSFORMATION: Tag = Tag(0x0028, 0x9145);
pub(super) const PIXEL_MEASURES: Tag = Tag(0x0028, 0x9110);
pub(super) const PLANE_POSITION: Tag = Tag(0x0020, 0x9113);
pub(super) const PLANE_ORIENTATION: Tag = Tag(0x0020, 0x9116);
pub(super) const FRAME_VOI_LUT: Tag = Tag(0x0028, 0x9132);

/// `SpecificCharacterSet`.
pub(super) const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// Offsets and lengths of compressed frames in numbers of 64 bits (PS3.3, C.7.6.3.1.8).
pub(super) const EXTENDED_OFFSETS: Tag = Tag(0x7fe0, 0x0001);

pub(super) const SOP_CLASS: Attribute = Attribute::new(0x0008, 0x0016, "SOPClassUID (0008,0016)");
pub(super) const SERIES_DESCRIPTION: Attribute =
    Attribute::new(0x0008, 0x103e, "SeriesDescription (0008,103E)");
pub(super) const IMAGE_TYPE: Attribute = Attribute::new(0x0008, 0x0008, "ImageType (0008,0008)");
pub(super) const SOP_INSTANCE_UID: Attribute =
    Attribute::new(0x0008, 0x0018, "SOPInstanceUID (0008,0018)");
pub(super) const MODALITY: Attribute = Attribute::new(0x0008, 0x0060, "Modality (0008,0060)");
pub(super) const STUDY_INSTANCE_UID: Attribute =
    Attribute::new(0x0020, 0x000d, "StudyInstanceUID (0020,000D)");
pub(super) const SERIES_INSTANCE_UID: Attribute =
    Attribute::new(0x0020, 0x000e, "SeriesInstanceUID (0020,000E)");
pub(super) const INSTANCE_NUMBER: Attribute =
    Attribute::new(0x0020, 0x0013, "InstanceNumber (0020,0013)");
pub(super) const SLICE_THICKNESS: Attribute =
    Attribute::new(0x0018, 0x0050, "SliceThickness (0018,0050)");
pub(super) const IMAGE_POSITION: Attribute =
    Attribute::new(0x0020, 0x0032, "ImagePositionPatient (0020,0032)");
pub(super) const IMAGE_ORIENTATION: Attribute =
    Attribute::new(0x0020, 0x0037, "ImageOrientationPatient (0020,0037)");
pub(super) const SAMPLES_PER_PIXEL: Attribute =
    Attribute::new(0x0028, 0x0002, "SamplesPerPixel (0028,0002)");
pub(super) const PHOTOMETRIC: Attribute =
    Attribute::new(0x0028, 0x0004, "PhotometricInterpretation (0028,0004)");
pub(super) const NUMBER_OF_FRAMES: Attribute =
    Attribute::new(0x0028, 0x0008, "NumberOfFrames (0028,0008)");
pub(super) const ROWS: Attribute = Attribute::new(0x0028, 0x0010, "Rows (0028,0010)");
pub(super) const COLUMNS: Attribute = Attribute::new(0x0028, 0x0011, "Columns (0028,0011)");
pub(super) const PIXEL_SPACING: Attribute =
    Attribute::new(0x0028, 0x0030, "PixelSpacing (0028,0030)");
pub(super) const BITS_ALLOCATED: Attribute =
    Attribute::new(0x0028, 0x0100, "BitsAllocated (0028,0100)");
pub(super) const BITS_STORED: Attribute = Attribute::new(0x0028, 0x0101, "BitsStored (0028,0101)");
pub(super) const HIGH_BIT: Attribute = Attribute::new(0x0028, 0x0102, "HighBit (0028,0102)");
pub(super) const PIXEL_REPRESENTATION: Attribute =
    Attribute::new(0x0028, 0x0103, "PixelRepresentation (0028,0103)");
pub(super) const PIXEL_PADDING: Attribute =
    Attribute::new(0x0028, 0x0120, "PixelPaddingValue (0028,0120)");
pub(super) const PIXEL_PADDING_LIMIT: Attribute =
    Attribute::new(0x0028, 0x0121, "PixelPaddingRangeLimit (0028,0121)");
pub(super) const WINDOW_CENTER: Attribute =
    Attribute::new(0x0028, 0x1050, "WindowCenter (0028,1050)");
pub(super) const WINDOW_WIDTH: Attribute =
    Attribute::new(0x0028, 0x1051, "WindowWidth (0028,1051)");
pub(super) const RESCALE_INTERCEPT: Attribute =
    Attribute::new(0x0028, 0x1052, "RescaleIntercept (0028,1052)");
pub(super) const RESCALE_SLOPE: Attribute =
    Attribute::new(0x0028, 0x1053, "RescaleSlope (0028,1053)");
pub(super) const RESCALE_TYPE: Attribute =
    Attribute::new(0x0028, 0x1054, "RescaleType (0028,1054)");
pub(super) const MODALITY_LUT: Attribute =
    Attribute::new(0x0028, 0x3000, "ModalityLUTSequence (0028,3000)");
