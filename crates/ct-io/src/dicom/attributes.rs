//! Attributes of a data set, read strictly: a value is what the standard says or an error.

use dicom_core::Tag;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;

use super::DicomError;

/// An attribute by its tag and the name that messages use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    pub(super) tag: Tag,
    pub(super) name: &'static str,
}

impl Attribute {
    pub(super) const fn new(group: u16, element: u16, name: &'static str) -> Self {
        Self {
            tag: Tag(group, element),
            name,
        }
    }

    /// The texts of the attribute, without the spaces around them.
    pub(super) fn texts(self, object: &InMemDicomObject) -> Result<Vec<String>, DicomError> {
        let Some(element) = object.get(self.tag) else {
            return Ok(Vec::new());
        };
        texts_of(element).ok_or_else(|| self.fault(format!("{:?}", element.vr()), "text"))
    }

    /// The one text of the attribute; empty is absent.
    pub(super) fn text(self, object: &InMemDicomObject) -> Result<Option<String>, DicomError> {
        let text = self.texts(object)?.join("\\");
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// The numbers of the attribute, written as decimal strings.
    pub(super) fn decimals(self, object: &InMemDicomObject) -> Result<Vec<f64>, DicomError> {
        let texts = self.texts(object)?;
        if texts.iter().all(String::is_empty) {
            return Ok(Vec::new());
        }
        // Some writers put all values into one string that the library does not split.
        texts
            .iter()
            .flat_map(|text| text.split('\\'))
            .map(|text| match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(self.fault(text.to_owned(), "a finite decimal number")),
            })
            .collect()
    }

    /// The one number of the attribute.
    pub(super) fn decimal(self, object: &InMemDicomObject) -> Result<Option<f64>, DicomError> {
        match self.decimals(object)?[..] {
            [] => Ok(None),
            [number] => Ok(Some(number)),
            ref numbers => Err(self.fault(format!("{numbers:?}"), "one number")),
        }
    }

    /// Exactly `N` numbers, or none.
    pub(super) fn decimals_of<const N: usize>(
        self,
        object: &InMemDicomObject,
    ) -> Result<Option<[f64; N]>, DicomError> {
        let numbers = self.decimals(object)?;
        if numbers.is_empty() {
            return Ok(None);
        }
        match <[f64; N]>::try_from(numbers) {
            Ok(numbers) => Ok(Some(numbers)),
            Err(numbers) => Err(self.fault(format!("{numbers:?}"), &format!("{N} numbers"))),
        }
    }

    /// The one whole number of the attribute.
    pub(super) fn int(self, object: &InMemDicomObject) -> Result<Option<i64>, DicomError> {
        let Some(element) = object.get(self.tag) else {
            return Ok(None);
        };
        let texts = texts_of(element).unwrap_or_default();
        if texts.iter().all(String::is_empty) {
            return Ok(None);
        }
        let expected = "one whole number";
        match &texts[..] {
            [text] => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(self.fault(text.clone(), expected)),
            },
            texts => Err(self.fault(texts.join("\\"), expected)),
        }
    }

    /// A whole number that must be there and in a range.
    pub(super) fn int_in(
        self,
        object: &InMemDicomObject,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<i64, DicomError> {
        let number = self.int(object)?.ok_or(DicomError::Missing {
            attribute: self.name,
            expected: "a whole number",
        })?;
        if range.contains(&number) {
            return Ok(number);
        }
        let expected = format!("{} to {}", range.start(), range.end());
        Err(self.fault(number.to_string(), &expected))
    }

    pub(super) fn fault(self, found: String, expected: &str) -> DicomError {
        DicomError::Value {
            attribute: self.name,
            found,
            expected: expected.to_owned(),
        }
    }
}

/// The values of an element as texts, without the spaces around them; `None` of a sequence.
pub(super) fn texts_of(element: &InMemElement) -> Option<Vec<String>> {
    let parts = element.value().to_multi_str().ok()?;
    let trimmed = |part: &String| part.trim_matches(['\0', ' ']).to_owned();
    Some(parts.iter().map(trimmed).collect())
}
