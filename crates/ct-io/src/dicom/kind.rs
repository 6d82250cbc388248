//! What is no axial slice of a CT.

use dicom_object::InMemDicomObject;

use super::not_a_slice::NotASlice;
use super::{DicomError, tags};
use crate::orientation::normal_of;

/// Words of `ImageType` that vendors use for survey images.
const SURVEY_WORDS: [&str; 5] = ["LOCALIZER", "SCOUT", "SURVIEW", "TOPOGRAM", "SCANOGRAM"];

/// Refuses what is no axial CT slice. `sop_class` is that of the file's meta information.
///
/// Attributes that are absent or odd, as anonymisation leaves them, say nothing.
pub(super) fn check(object: &InMemDicomObject, sop_class: Option<&str>) -> Result<(), DicomError> {
    let is = |kind: NotASlice| Err(DicomError::NotASlice { kind });
    let own = tags::SOP_CLASS.text(object)?;
    let sop_class = own.as_deref().or(sop_class).unwrap_or_default();
    if let Some(kind) = kind_of_class(sop_class) {
        return is(kind);
    }
    let image_type = tags::IMAGE_TYPE.texts(object)?.join("\\").to_uppercase();
    if SURVEY_WORDS.iter().any(|word| image_type.contains(word)) {
        return is(NotASlice::Survey);
    }
    let is_picture = ["SCREEN SAVE", "SCREENSAVE", "DOSE_INFO"]
        .iter()
        .any(|word| image_type.contains(word));
    // Secondary Capture Image Storage, and its multi-frame forms.
    if is_picture || is_class(sop_class, "1.2.840.10008.5.1.4.1.1.7") {
        return is(NotASlice::SecondaryCapture);
    }
    match tags::MODALITY.text(object)? {
        Some(modality) if modality == "CT" => Ok(()),
        Some(found) => is(NotASlice::Modality { found }),
        // CT Image Storage, and its enhanced forms.
        None if is_class(sop_class, "1.2.840.10008.5.1.4.1.1.2") => Ok(()),
        None => Err(DicomError::Missing {
            attribute: tags::MODALITY.name,
            expected: "CT, or the SOP class of CT images",
        }),
    }
}

/// Refuses a plane whose normal is closest to another axis of the patient than that to the head.
/// What is no orientation says nothing.
pub(super) fn check_plane(orientation: [f64; 6]) -> Result<(), DicomError> {
    let Some([x, y, z]) = normal_of(orientation).map(|normal| normal.map(f64::abs)) else {
        return Ok(());
    };
    // Just as far from two axes is axial.
    let name = if z >= x.max(y) {
        return Ok(());
    } else if x > y {
        "sagittal"
    } else {
        "coronal"
    };
    Err(DicomError::NotASlice {
        kind: NotASlice::Plane { name },
    })
}

/// What the SOP classes are that hold no image of a scanner (PS3.4, table B.5-1).
fn kind_of_class(uid: &str) -> Option<NotASlice> {
    const STORAGE: &str = "1.2.840.10008.5.1.4.1.1";
    if uid == "1.2.840.10008.1.3.10" {
        return Some(NotASlice::Directory);
    }
    let number = uid.strip_prefix(STORAGE)?.strip_prefix('.')?;
    let object = |name| Some(NotASlice::Object { name });
    match number.split('.').next()? {
        "88" => Some(NotASlice::StructuredReport),
        "11" => Some(NotASlice::PresentationState),
        "66" if number == "66" => object("raw data"),
        "66" => object("a segmentation or registration"),
        "481" => object("an object of radiotherapy"),
        "104" => object("a document"),
        "9" => object("a waveform"),
        "30" => object("a parametric map"),
        _ => None,
    }
}

/// True of a class and of those that the standard numbers below it.
fn is_class(uid: &str, class: &str) -> bool {
    uid.strip_prefix(class)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_told_by_the_axis_that_their_normal_is_closest_to() {
        let kind = |orientation| match check_plane(orientation) {
            Ok(()) => "axial".to_owned(),
            Err(error) => error.to_string(),
        };
        let coronal = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0];
        let sagittal = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
        assert!(kind(coronal).contains("coronal"));
        assert!(kind(sagittal).contains("sagittal"));
        let half = std::f64::consts::FRAC_1_SQRT_2;
        for axial in [
            [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0],
            [0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
            [1.0, 0.0, 0.0, 0.0, 0.8, -0.6],
            [1.0, 0.0, 0.0, 0.0, half, -half],
            // No orientation.
            [0.0; 6],
            [f64::NAN; 6],
        ] {
            assert_eq!(kind(axial), "axial", "{axial:?}");
        }
        assert!(kind([1.0, 0.0, 0.0, 0.0, 0.6, -0.8]).contains("coronal"));
    }

    #[test]
    fn classes_that_hold_no_image_are_named() {
        for (uid, says) in [
            ("1.2.840.10008.1.3.10", "DICOMDIR"),
            ("1.2.840.10008.5.1.4.1.1.88.67", "structured report"),
            ("1.2.840.10008.5.1.4.1.1.88.33", "structured report"),
            ("1.2.840.10008.5.1.4.1.1.11.1", "presentation state"),
            ("1.2.840.10008.5.1.4.1.1.66.4", "segmentation"),
            ("1.2.840.10008.5.1.4.1.1.481.3", "radiotherapy"),
            ("1.2.840.10008.5.1.4.1.1.104.1", "document"),
        ] {
            let kind = kind_of_class(uid).expect(uid);
            assert!(kind.to_string().contains(says), "{uid}: {kind}");
        }
        for uid in [
            "",
            "1.2.840.10008.5.1.4.1.1.2",
            "1.2.840.10008.5.1.4.1.1.2.1",
            "1.2.3",
        ] {
            assert_eq!(kind_of_class(uid), None, "{uid}");
        }
    }
}
