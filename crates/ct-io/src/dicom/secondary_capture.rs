use chrono::NaiveDateTime;
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::{tags as tag, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use uuid::Uuid;

use super::attributes::texts_of;
use super::{DicomError, DicomFile};
use crate::Error;

/// Rows and columns are numbers of 16 bits.
const MAX_SIDE: usize = u16::MAX as usize;

/// Behind the series of a scanner, in a list sorted by number.
const SERIES_NUMBER: &str = "9000";

/// What a secondary capture takes over from its source: the patient and the study. Those that the
/// standard wants to be there are written empty where the source has none.
const PATIENT_AND_STUDY: [(Tag, VR, Presence); 16] = [
    (tag::PATIENT_NAME, VR::PN, Presence::Always),
    (tag::PATIENT_ID, VR::LO, Presence::Always),
    (tag::ISSUER_OF_PATIENT_ID, VR::LO, Presence::IfKnown),
    (tag::PATIENT_BIRTH_DATE, VR::DA, Presence::Always),
    (tag::PATIENT_SEX, VR::CS, Presence::Always),
    (tag::PATIENT_AGE, VR::AS, Presence::IfKnown),
    (tag::STUDY_DATE, VR::DA, Presence::Always),
    (tag::STUDY_TIME, VR::TM, Presence::Always),
    (tag::STUDY_ID, VR::SH, Presence::Always),
    (tag::STUDY_DESCRIPTION, VR::LO, Presence::IfKnown),
    (tag::ACCESSION_NUMBER, VR::SH, Presence::Always),
    (tag::REFERRING_PHYSICIAN_NAME, VR::PN, Presence::Always),
    (tag::INSTANCE_NUMBER, VR::IS, Presence::Always),
    (tag::LOSSY_IMAGE_COMPRESSION, VR::CS, Presence::IfKnown),
    (
        tag::LOSSY_IMAGE_COMPRESSION_RATIO,
        VR::DS,
        Presence::IfKnown,
    ),
    (
        tag::LOSSY_IMAGE_COMPRESSION_METHOD,
        VR::CS,
        Presence::IfKnown,
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Always,
    IfKnown,
}

/// A picture of a slice, to be stored in the slice's study as a Secondary Capture image
/// (PS3.3, A.8.1).
#[derive(Debug, Clone, Copy)]
pub struct SecondaryCapture<'a> {
    /// Red, green and blue of every pixel, row by row. Text in it is declared as burned in.
    pub rgb: &'a [u8],
    /// Height in pixels.
    pub rows: usize,
    /// Width in pixels.
    pub cols: usize,
    /// The frame of the source that the picture is of, from 0.
    pub frame: usize,
    /// Pictures of one source series and one key are one series.
    pub series_key: &'a str,
    /// What the series is called, at most 64 characters.
    pub series_description: &'a str,
    /// How the picture was made, at most 1024 characters.
    pub derivation: &'a str,
    /// What a reader must know, such as that it is for research only.
    pub comments: &'a str,
    /// Name of the program.
    pub program: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// When the picture was made, by the clock on the wall.
    pub made: NaiveDateTime,
}

impl DicomFile {
    /// The bytes of a Secondary Capture file of a picture of one of the file's slices.
    ///
    /// Patient and study are the file's own, in UTF-8; texts in which the character set is switched
    /// (ISO 2022) are left empty. Series and instance have new UIDs: that of the series follows
    /// from the source series and [`SecondaryCapture::series_key`], that of the instance from all
    /// that is in it. The picture says that it is derived, from which image, and that text is
    /// burned in.
    ///
    /// # Errors
    ///
    /// [`Error::Dicom`]: [`DicomError::Frame`], and [`DicomError::Capture`] for a picture that is
    /// not of the size it says or has no pixel or more than 65535 on a side.
    pub fn secondary_capture(&self, picture: &SecondaryCapture<'_>) -> Result<Vec<u8>, Error> {
        let (rows, cols) = (picture.rows, picture.cols);
        if !(1..=MAX_SIDE).contains(&rows)
            || !(1..=MAX_SIDE).contains(&cols)
            || picture.rgb.len() != 3 * rows * cols
        {
            return Err(DicomError::Capture(format!(
                "{} bytes of a picture of {rows} x {cols}, expected 3 a pixel and 1 to {MAX_SIDE} \
                 pixels on a side",
                picture.rgb.len()
            ))
            .into());
        }
        if picture.frame >= self.n_frames() {
            return Err(DicomError::Frame {
                frame: picture.frame,
                frames: self.n_frames(),
            }
            .into());
        }
        let mut object = InMemDicomObject::new_empty();
        for (tag, vr, presence) in PATIENT_AND_STUDY {
            let text = self.text_of(tag);
            if presence == Presence::Always || !text.is_empty() {
                text_element(&mut object, tag, vr, &text);
            }
        }
        self.add_identity(&mut object, picture);
        add_description(&mut object, picture);
        self.add_source(&mut object, picture.frame);
        add_pixels(&mut object, picture);

        let fault = |error: &dyn std::error::Error| DicomError::Capture(error.to_string());
        let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
        let file = object.with_meta(meta).map_err(|error| fault(&error))?;
        let mut bytes = Vec::new();
        file.write_all(&mut bytes).map_err(|error| fault(&error))?;
        Ok(bytes)
    }

    /// The text of an element, empty where there is none that can be taken over.
    fn text_of(&self, tag: Tag) -> String {
        let element = self.object().get(tag);
        let parts = element.and_then(texts_of).unwrap_or_default();
        let text = parts.join("\\");
        match text.contains(char::is_control) {
            true => String::new(),
            false => text,
        }
    }

    fn add_identity(&self, object: &mut InMemDicomObject, picture: &SecondaryCapture<'_>) {
        let source =
            [tag::STUDY_INSTANCE_UID, tag::SERIES_INSTANCE_UID].map(|tag| self.text_of(tag));
        let [study, series] = &source;
        let study_uid = match study.is_empty() {
            true => uid(&[b"study", series.as_bytes(), picture.series_key.as_bytes()]),
            false => study.clone(),
        };
        let series_uid = uid(&[
            b"series",
            study_uid.as_bytes(),
            series.as_bytes(),
            picture.series_key.as_bytes(),
        ]);
        let instance_uid = uid(&[
            b"instance",
            series_uid.as_bytes(),
            self.text_of(tag::SOP_INSTANCE_UID).as_bytes(),
            &picture.frame.to_le_bytes(),
            picture.made.to_string().as_bytes(),
            picture.rgb,
        ]);
        for (tag, text) in [
            (tag::SOP_CLASS_UID, uids::SECONDARY_CAPTURE_IMAGE_STORAGE),
            (tag::SOP_INSTANCE_UID, &instance_uid),
            (tag::STUDY_INSTANCE_UID, &study_uid),
            (tag::SERIES_INSTANCE_UID, &series_uid),
        ] {
            text_element(object, tag, VR::UI, text);
        }
    }

    /// The image that the picture shows, by reference.
    fn add_source(&self, object: &mut InMemDicomObject, frame: usize) {
        let [class, instance] =
            [tag::SOP_CLASS_UID, tag::SOP_INSTANCE_UID].map(|tag| self.text_of(tag));
        if class.is_empty() || instance.is_empty() {
            return;
        }
        // DCM 121322 of context group 7202.
        let mut purpose = InMemDicomObject::new_empty();
        text_element(&mut purpose, tag::CODE_VALUE, VR::SH, "121322");
        text_element(&mut purpose, tag::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM");
        let meaning = "Source image for image processing operation";
        text_element(&mut purpose, tag::CODE_MEANING, VR::LO, meaning);

        let mut source = InMemDicomObject::new_empty();
        text_element(&mut source, tag::REFERENCED_SOP_CLASS_UID, VR::UI, &class);
        text_element(
            &mut source,
            tag::REFERENCED_SOP_INSTANCE_UID,
            VR::UI,
            &instance,
        );
        if self.n_frames() > 1 {
            let number = (frame + 1).to_string();
            text_element(&mut source, tag::REFERENCED_FRAME_NUMBER, VR::IS, &number);
        }
        sequence(
            &mut source,
            tag::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
            purpose,
        );
        sequence(object, tag::SOURCE_IMAGE_SEQUENCE, source);
    }
}

fn add_description(object: &mut InMemDicomObject, picture: &SecondaryCapture<'_>) {
    let (date, time) = (
        picture.made.format("%Y%m%d").to_string(),
        picture.made.format("%H%M%S").to_string(),
    );
    for (tag, vr, text) in [
        (tag::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        (tag::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY"),
        (tag::INSTANCE_CREATION_DATE, VR::DA, &date),
        (tag::INSTANCE_CREATION_TIME, VR::TM, &time),
        (tag::CONTENT_DATE, VR::DA, &date),
        (tag::CONTENT_TIME, VR::TM, &time),
        (tag::DATE_OF_SECONDARY_CAPTURE, VR::DA, &date),
        (tag::TIME_OF_SECONDARY_CAPTURE, VR::TM, &time),
        // The data that the series was made from; and that a program made it.
        (tag::MODALITY, VR::CS, "CT"),
        (tag::CONVERSION_TYPE, VR::CS, "WSD"),
        (tag::MANUFACTURER, VR::LO, picture.program),
        (
            tag::SECONDARY_CAPTURE_DEVICE_MANUFACTURER,
            VR::LO,
            picture.program,
        ),
        (
            tag::SECONDARY_CAPTURE_DEVICE_SOFTWARE_VERSIONS,
            VR::LO,
            picture.version,
        ),
        (tag::SERIES_DESCRIPTION, VR::LO, picture.series_description),
        (tag::SERIES_NUMBER, VR::IS, SERIES_NUMBER),
        // A part of the body that has no left and right asks for no laterality.
        (tag::BODY_PART_EXAMINED, VR::CS, "HEAD"),
        (tag::PATIENT_ORIENTATION, VR::CS, ""),
        (tag::DERIVATION_DESCRIPTION, VR::ST, picture.derivation),
        (tag::IMAGE_COMMENTS, VR::LT, picture.comments),
        (tag::BURNED_IN_ANNOTATION, VR::CS, "YES"),
    ] {
        text_element(object, tag, vr, text);
    }
}

fn add_pixels(object: &mut InMemDicomObject, picture: &SecondaryCapture<'_>) {
    text_element(object, tag::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB");
    for (tag, number) in [
        (tag::SAMPLES_PER_PIXEL, 3),
        (tag::PLANAR_CONFIGURATION, 0),
        (tag::ROWS, picture.rows as u16),
        (tag::COLUMNS, picture.cols as u16),
        (tag::BITS_ALLOCATED, 8),
        (tag::BITS_STORED, 8),
        (tag::HIGH_BIT, 7),
        (tag::PIXEL_REPRESENTATION, 0),
    ] {
        object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
    }
    let mut bytes = picture.rgb.to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    object.put(DataElement::new(
        tag::PIXEL_DATA,
        VR::OB,
        PrimitiveValue::from(bytes),
    ));
}

/// Sets an element to a text, several values separated by a backslash.
fn text_element(object: &mut InMemDicomObject, tag: Tag, vr: VR, text: &str) {
    let value = match (text.is_empty(), vr) {
        (true, _) => PrimitiveValue::Empty,
        // In these a backslash is a character.
        (false, VR::ST | VR::LT) => PrimitiveValue::from(text),
        (false, _) => PrimitiveValue::Strs(text.split('\\').map(str::to_owned).collect()),
    };
    object.put(DataElement::new(tag, vr, value));
}

fn sequence(object: &mut InMemDicomObject, tag: Tag, item: InMemDicomObject) {
    object.put(DataElement::new(
        tag,
        VR::SQ,
        DataSetSequence::from(vec![item]),
    ));
}

/// A UID that follows from some bytes: a UUID of version 5 as a number below 2.25 (PS3.5, B.2).
fn uid(parts: &[&[u8]]) -> String {
    let mut name = Vec::new();
    for part in parts {
        name.extend((part.len() as u64).to_le_bytes());
        name.extend_from_slice(part);
    }
    format!(
        "2.25.{}",
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &name).as_u128()
    )
}
