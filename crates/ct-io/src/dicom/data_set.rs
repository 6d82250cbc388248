//! The attributes of a data set, each with the representation of the standard's dictionary where the
//! file has none.

use std::ops::Range;

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};
use dicom_object::InMemDicomObject;

use super::DicomError;
use super::items::{elements_of, items_of};
use super::scan::{Element, Encoding};
use super::tags;
use crate::Warning;

/// Longest value that is taken of an element that is no sequence; attributes have less.
const MAX_VALUE_BYTES: usize = 1 << 16;

/// The sequences that are looked into, by the depth at which they are: functional groups, and what
/// is read of them. Of others it is known that they are there.
const SEQUENCES: [&[Tag]; 2] = [
    &[tags::SHARED_GROUPS, tags::FRAME_GROUPS],
    &[
        tags::PIXEL_TRANSFORMATION,
        tags::PIXEL_MEASURES,
        tags::PLANE_POSITION,
        tags::PLANE_ORIENTATION,
        tags::FRAME_VOI_LUT,
    ],
];

/// Takes the elements of the outermost level that the standard knows. Private ones, which nothing
/// here needs, cannot do any harm by how they are written.
pub(super) fn attributes_of(
    bytes: &[u8],
    elements: &[Element],
    encoding: Encoding,
) -> Result<(InMemDicomObject, Vec<Warning>), DicomError> {
    let named = elements
        .iter()
        .find(|element| element.tag == tags::CHARACTER_SET);
    let names = named.map_or(&[][..], |element| &bytes[element.value.clone()]);
    let (character_set, warning) = character_set_of(&String::from_utf8_lossy(names));
    let reader = Reader {
        bytes,
        character_set,
    };
    let object = reader.object(elements, encoding, 0)?;
    Ok((object, warning.into_iter().collect()))
}

/// The character set of texts, the first of several, and a warning of one that is not known.
fn character_set_of(names: &str) -> (SpecificCharacterSet, Option<Warning>) {
    let mut names = names.split('\\').map(|name| name.trim_matches(['\0', ' ']));
    let known = |name: &str| match name {
        "" => Some(SpecificCharacterSet::default()),
        name => SpecificCharacterSet::from_code(name),
    };
    let first = names.clone().next().and_then(known);
    let warning = names.find(|name| known(name).is_none()).map(|unknown| {
        Warning::new(
            "attribute",
            format!(
                "SpecificCharacterSet (0008,0005) is {unknown:?}, which is not known; names may be \
                 misread"
            ),
        )
    });
    (first.unwrap_or_default(), warning)
}

struct Reader<'a> {
    bytes: &'a [u8],
    character_set: SpecificCharacterSet,
}

impl Reader<'_> {
    fn object(
        &self,
        elements: &[Element],
        encoding: Encoding,
        depth: usize,
    ) -> Result<InMemDicomObject, DicomError> {
        let mut object = InMemDicomObject::new_empty();
        for element in elements {
            let tag = element.tag;
            let is_private = tag.group() % 2 == 1;
            let is_group_length = tag.element() == 0;
            if is_private || is_group_length {
                continue;
            }
            let vr = representation(element);
            if vr == VR::SQ {
                let is_read = SEQUENCES.get(depth).is_some_and(|tags| tags.contains(&tag));
                let items = match is_read {
                    true => self.items(element, encoding, depth + 1)?,
                    false => Vec::new(),
                };
                object.put(DataElement::new(tag, vr, DataSetSequence::from(items)));
            } else if element.value.len() <= MAX_VALUE_BYTES {
                let value = self.value(element, vr, encoding);
                object.put(DataElement::new(tag, vr, value));
            }
        }
        Ok(object)
    }

    /// The items of a sequence. One of unknown representation is written in the default encoding
    /// (PS3.5, 6.2.2), or, by other writers, in that of the file.
    fn items(
        &self,
        sequence: &Element,
        encoding: Encoding,
        depth: usize,
    ) -> Result<Vec<InMemDicomObject>, DicomError> {
        let read = |encoding: Encoding| -> Result<Vec<InMemDicomObject>, DicomError> {
            let items: Vec<Range<usize>> = items_of(self.bytes, sequence.value.clone(), encoding)?;
            items
                .into_iter()
                .map(|item| {
                    let elements = elements_of(self.bytes, item, encoding)?;
                    self.object(&elements, encoding, depth)
                })
                .collect()
        };
        match sequence.vr {
            Some(VR::SQ) => read(encoding),
            _ => read(Encoding::ImplicitLittle).or_else(|_| read(encoding)),
        }
    }

    fn value(&self, element: &Element, vr: VR, encoding: Encoding) -> PrimitiveValue {
        let bytes = &self.bytes[element.value.clone()];
        // A value of unknown representation is in little endian, whatever the file is (PS3.5, 6.2.2).
        let is_big = encoding == Encoding::ExplicitBig && element.vr != Some(VR::UN);
        let numbers = match vr {
            VR::US => numbers(bytes, is_big, u16::from_le_bytes).map(PrimitiveValue::U16),
            VR::SS => numbers(bytes, is_big, i16::from_le_bytes).map(PrimitiveValue::I16),
            VR::UL => numbers(bytes, is_big, u32::from_le_bytes).map(PrimitiveValue::U32),
            VR::SL => numbers(bytes, is_big, i32::from_le_bytes).map(PrimitiveValue::I32),
            VR::FL => numbers(bytes, is_big, f32::from_le_bytes).map(PrimitiveValue::F32),
            VR::FD => numbers(bytes, is_big, f64::from_le_bytes).map(PrimitiveValue::F64),
            VR::UV => numbers(bytes, is_big, u64::from_le_bytes).map(PrimitiveValue::U64),
            VR::SV => numbers(bytes, is_big, i64::from_le_bytes).map(PrimitiveValue::I64),
            VR::SH | VR::LO | VR::PN | VR::UC => {
                return texts(self.decode(bytes).split('\\'));
            }
            VR::ST | VR::LT | VR::UT => return texts([&*self.decode(bytes)].into_iter()),
            VR::UR => return texts([&*String::from_utf8_lossy(bytes)].into_iter()),
            VR::AE | VR::AS | VR::CS | VR::DA | VR::DS | VR::DT | VR::IS | VR::TM | VR::UI => {
                return texts(String::from_utf8_lossy(bytes).split('\\'));
            }
            _ => return PrimitiveValue::U8(bytes.into()),
        };
        // Refused or warned of where the attribute is read.
        numbers.unwrap_or_else(|| PrimitiveValue::from(format!("{} bytes", bytes.len())))
    }

    fn decode(&self, bytes: &[u8]) -> String {
        let decoded = self.character_set.decode(bytes);
        decoded.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The representation of an element: that of the file, or that of the dictionary if the file has
/// none or gives it as unknown.
fn representation(element: &Element) -> VR {
    match element.vr {
        None | Some(VR::UN) => StandardDataDictionary
            .by_tag(element.tag)
            .map_or(VR::UN, |entry| entry.vr().relaxed()),
        Some(vr) => vr,
    }
}

fn texts<'a>(parts: impl Iterator<Item = &'a str>) -> PrimitiveValue {
    PrimitiveValue::Strs(parts.map(str::to_owned).collect())
}

/// Numbers of `N` bytes; `None` where a part of one is left over.
fn numbers<const N: usize, T, C: FromIterator<T>>(
    bytes: &[u8],
    is_big: bool,
    of: impl Fn([u8; N]) -> T,
) -> Option<C> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    let number = |chunk: &[u8; N]| {
        let mut chunk = *chunk;
        if is_big {
            chunk.reverse();
        }
        of(chunk)
    };
    rest.is_empty().then(|| chunks.iter().map(number).collect())
}
