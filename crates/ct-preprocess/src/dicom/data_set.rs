//! The attributes of a data set, without the pixel data, as the library parses them.

use dicom_core::{Tag, VR};
use dicom_encoding::TransferSyntaxIndex;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

use super::DicomError;
use super::scan::{Element, Encoding};
use super::tags::CHARACTER_SET;
use crate::Warning;

/// Longest value that is parsed of an element that is no sequence; attributes have less.
const MAX_VALUE_BYTES: usize = 1 << 16;

/// Parses the elements of the outermost level that the standard knows. Private ones, which nothing
/// here needs, cannot do any harm by how they are written.
pub(super) fn parse(
    bytes: &[u8],
    elements: &[Element],
    encoding: Encoding,
) -> Result<(InMemDicomObject, Vec<Warning>), DicomError> {
    let mut warnings = Vec::new();
    let mut plain = Vec::new();
    for element in elements {
        let is_private = element.tag.group() % 2 == 1;
        let is_group_length = element.tag.element() == 0;
        let is_sequence = element.vr == Some(VR::SQ) || element.vr.is_none();
        let is_long = element.value.len() > MAX_VALUE_BYTES && !is_sequence;
        if is_private || is_group_length || is_long {
            continue;
        }
        if element.tag == CHARACTER_SET {
            let text = String::from_utf8_lossy(&bytes[element.value.clone()]).into_owned();
            if let Some(unknown) = unknown_character_set(&text) {
                warnings.push(Warning::new(
                    "attribute",
                    format!(
                        "SpecificCharacterSet (0008,0005) is {unknown:?}, which is not known; names \
                         may be misread"
                    ),
                ));
                continue;
            }
        }
        if encoding != Encoding::ImplicitLittle && element.vr.is_none() {
            plain.extend(as_unknown(element, bytes, encoding));
        } else {
            plain.extend_from_slice(&bytes[element.bytes.clone()]);
        }
    }
    let uid = match encoding {
        Encoding::ImplicitLittle => "1.2.840.10008.1.2",
        Encoding::ExplicitLittle => "1.2.840.10008.1.2.1",
        Encoding::ExplicitBig => "1.2.840.10008.1.2.2",
    };
    let syntax = TransferSyntaxRegistry
        .get(uid)
        .ok_or_else(|| DicomError::TransferSyntax {
            uid: uid.to_owned(),
            name: "unknown".to_owned(),
            hint: "dcmconv +te IN OUT",
        })?;
    let object = InMemDicomObject::read_dataset_with_ts(&plain[..], syntax)
        .map_err(|error| DicomError::Parse(Box::new(error)))?;
    Ok((object, warnings))
}

/// The first value that names no character set.
fn unknown_character_set(text: &str) -> Option<&str> {
    text.split('\\')
        .map(|name| name.trim_matches(['\0', ' ']))
        .find(|name| !name.is_empty() && SpecificCharacterSet::from_code(name).is_none())
}

/// An element without a known representation in a file that has them elsewhere, as one of unknown
/// representation.
fn as_unknown(element: &Element, bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let Tag(group, number) = element.tag;
    let value = &bytes[element.value.clone()];
    let (words, length) = match encoding {
        Encoding::ExplicitBig => (
            [group, number].map(u16::to_be_bytes),
            (value.len() as u32).to_be_bytes(),
        ),
        _ => (
            [group, number].map(u16::to_le_bytes),
            (value.len() as u32).to_le_bytes(),
        ),
    };
    [words.as_flattened(), b"UN\0\0", &length, value].concat()
}
