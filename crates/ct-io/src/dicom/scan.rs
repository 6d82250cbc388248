//! A look at a file's structure before any library reads it.
//!
//! A declared length is checked against the bytes that are there, and nesting is bounded, without
//! recursion and without allocation beyond the elements of the outermost level.

use std::ops::Range;

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

use super::DicomError;
use super::tags::PIXEL_DATA;

/// Deepest nesting of sequences; enhanced CT has 3.
const MAX_DEPTH: usize = 32;

const UNDEFINED: u32 = u32::MAX;

pub(super) const ITEM: Tag = Tag(0xfffe, 0xe000);
pub(super) const ITEM_END: Tag = Tag(0xfffe, 0xe00d);
pub(super) const SEQUENCE_END: Tag = Tag(0xfffe, 0xe0dd);

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    ExplicitLittle,
    ImplicitLittle,
    ExplicitBig,
}

/// An element or an item delimiter.
pub(super) struct Header {
    pub(super) tag: Tag,
    /// `None` where elements are written without, or with one that the standard does not know.
    pub(super) vr: Option<VR>,
    length: u32,
    pub(super) n_bytes: usize,
}

/// An element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) tag: Tag,
    pub(super) vr: Option<VR>,
    /// Where its value is.
    pub(super) value: Range<usize>,
}

/// Pixel data as they lie in the file.
#[derive(Debug, Clone)]
pub(super) enum PixelBytes {
    Native(Range<usize>),
    /// The first fragment is the basic offset table (PS3.5, A.4).
    Fragments(Vec<Range<usize>>),
}

/// The structure of a data set.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// The elements of the outermost level but the pixel data.
    pub(super) elements: Vec<Element>,
    pub(super) pixel_data: Option<PixelBytes>,
    /// True where the walk ended before pixel data, which are there.
    pub(super) is_header: bool,
    /// Bytes behind the pixel data that are no elements.
    pub(super) n_trailing: usize,
}

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    PixelData,
    End,
}

/// What an element that is not over yet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// The items of a sequence.
    Items,
    /// The elements of an item.
    Elements,
    /// The pieces of compressed pixel data.
    Fragments,
}

/// An element that is not over yet.
struct Open {
    content: Content,
    encoding: Encoding,
    /// Where it ends; `None` if a delimiter ends it.
    end: Option<usize>,
}

/// Walks the data set that begins at `start`.
pub(super) fn structure_of(
    bytes: &[u8],
    start: usize,
    encoding: Encoding,
    until: Until,
) -> Result<Structure, DicomError> {
    let mut structure = Structure::default();
    let mut position = start;
    while position < bytes.len() {
        let first = match header(bytes, position, encoding) {
            Ok(first) => first,
            Err(_) if structure.pixel_data.is_some() => {
                structure.n_trailing = bytes.len() - position;
                break;
            }
            Err(error) => return Err(error),
        };
        if first.tag == PIXEL_DATA && until == Until::PixelData {
            structure.is_header = true;
            break;
        }
        let value = position + first.n_bytes;
        let mut fragments = Vec::new();
        let end = match end_of_element(bytes, position, Content::Elements, encoding, &mut fragments)
        {
            Ok(end) => end,
            // Behind the pixel data nothing is needed.
            Err(_) if structure.pixel_data.is_some() => {
                structure.n_trailing = bytes.len() - position;
                break;
            }
            Err(error) => return Err(error),
        };
        if first.tag == PIXEL_DATA {
            structure.pixel_data = Some(match first.length {
                UNDEFINED => PixelBytes::Fragments(fragments),
                _ => PixelBytes::Native(value..end),
            });
        } else if structure.pixel_data.is_some() && first.tag <= PIXEL_DATA {
            structure.n_trailing = bytes.len() - position;
            break;
        } else {
            structure.elements.push(Element {
                tag: first.tag,
                vr: first.vr,
                value: value..end,
            });
        }
        position = end;
    }
    Ok(structure)
}

/// The end of the element at `start`, or of the item, by what it is in; of compressed pixel data
/// also the fragments.
pub(super) fn end_of_element(
    bytes: &[u8],
    start: usize,
    around: Content,
    encoding: Encoding,
    fragments: &mut Vec<Range<usize>>,
) -> Result<usize, DicomError> {
    let mut open: Vec<Open> = Vec::new();
    let mut position = start;
    loop {
        let (content, encoding) = match open.last() {
            Some(open) => (open.content, open.encoding),
            None => (around, encoding),
        };
        if position == bytes.len() {
            return Err(structure(position, "the file ends within a sequence"));
        }
        let header = header(bytes, position, encoding)?;
        let inner = position + header.n_bytes;
        if matches!(header.tag, ITEM_END | SEQUENCE_END) {
            if open.pop().is_none_or(|open| open.end.is_some()) {
                return Err(structure(position, "a delimiter with nothing to end"));
            }
            position = inner;
        } else {
            let limit = open.iter().rev().find_map(|open| open.end);
            let limit = limit.unwrap_or(bytes.len());
            let end = match header.length {
                UNDEFINED => None,
                length => Some(end_of(limit, inner, length).ok_or_else(|| beyond(position))?),
            };
            match (opened(&header, content, encoding), end) {
                (Ok(Some((content, encoding))), end) => {
                    if open.len() == MAX_DEPTH {
                        let problem = format!("sequences nested deeper than {MAX_DEPTH}");
                        return Err(structure(position, &problem));
                    }
                    open.push(Open {
                        content,
                        encoding,
                        end,
                    });
                    position = inner;
                }
                (Ok(None), Some(end)) => {
                    if content == Content::Fragments {
                        fragments.push(inner..end);
                    }
                    position = end;
                }
                (Ok(None), None) => return Err(structure(position, "a length is expected")),
                (Err(problem), _) => return Err(structure(position, problem)),
            }
        }
        while open.last().is_some_and(|open| open.end == Some(position)) {
            open.pop();
        }
        if open.is_empty() {
            return Ok(position);
        }
    }
}

/// What an element opens, or `None` if it holds a value.
fn opened(
    header: &Header,
    around: Content,
    encoding: Encoding,
) -> Result<Option<(Content, Encoding)>, &'static str> {
    match (around, header.tag == ITEM) {
        (Content::Fragments, true) => return Ok(None),
        (Content::Items, true) => return Ok(Some((Content::Elements, encoding))),
        (Content::Fragments | Content::Items, false) => return Err("an item is expected"),
        (Content::Elements, true) => return Err("an item outside a sequence"),
        (Content::Elements, false) => {}
    }
    let is_undefined = header.length == UNDEFINED;
    let vr = match header.vr {
        Some(vr) => vr,
        None if encoding == Encoding::ImplicitLittle => {
            let entry = StandardDataDictionary.by_tag(header.tag);
            entry.map_or(VR::UN, |entry| entry.vr().relaxed())
        }
        None => VR::UN,
    };
    Ok(match vr {
        VR::SQ => Some((Content::Items, encoding)),
        _ if !is_undefined => None,
        _ if header.tag == PIXEL_DATA => Some((Content::Fragments, encoding)),
        // PS3.5, 6.2.2: a sequence of unknown type has the default encoding inside.
        VR::UN => Some((Content::Items, Encoding::ImplicitLittle)),
        _ => return Err("a length is expected"),
    })
}

/// The head of the element at `position`.
pub(super) fn header(
    bytes: &[u8],
    position: usize,
    encoding: Encoding,
) -> Result<Header, DicomError> {
    let cut = || structure(position, "the file ends within an element");
    let short = |at: usize| -> Result<u16, DicomError> {
        let pair: [u8; 2] = *bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .ok_or_else(cut)?;
        Ok(match encoding {
            Encoding::ExplicitBig => u16::from_be_bytes(pair),
            _ => u16::from_le_bytes(pair),
        })
    };
    let long = |at: usize| -> Result<u32, DicomError> {
        let four: [u8; 4] = *bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .ok_or_else(cut)?;
        Ok(match encoding {
            Encoding::ExplicitBig => u32::from_be_bytes(four),
            _ => u32::from_le_bytes(four),
        })
    };
    let tag = Tag(short(position)?, short(position + 2)?);
    let name: [u8; 2] = *bytes
        .get(position + 4..)
        .and_then(<[u8]>::first_chunk)
        .ok_or_else(cut)?;
    // Some writers leave the representation out of private elements of a file that has it
    // elsewhere, as pydicom reads them too; others write it in lower case.
    let name = match VR::from_binary(name.map(|byte| byte.to_ascii_uppercase())) {
        Some(vr) => vr.to_bytes(),
        None => name,
    };
    let is_implicit = encoding == Encoding::ImplicitLittle
        || tag.group() == ITEM.group()
        || !name.iter().all(u8::is_ascii_uppercase);
    if is_implicit {
        return Ok(Header {
            tag,
            vr: None,
            length: long(position + 4)?,
            n_bytes: 8,
        });
    }
    let vr = VR::from_binary(name);
    // PS3.5, 7.1.2: these have two reserved bytes and a length of four.
    let is_long = matches!(
        vr,
        Some(
            VR::OB
                | VR::OD
                | VR::OF
                | VR::OL
                | VR::OV
                | VR::OW
                | VR::SQ
                | VR::SV
                | VR::UC
                | VR::UN
                | VR::UR
                | VR::UT
                | VR::UV
        )
    );
    Ok(Header {
        tag,
        vr,
        length: match is_long {
            true => long(position + 8)?,
            false => short(position + 6)?.into(),
        },
        n_bytes: if is_long { 12 } else { 8 },
    })
}

/// Where the value of the element with this head, at `position`, begins and ends.
pub(super) fn value_of(
    bytes: &[u8],
    position: usize,
    header: &Header,
) -> Result<Range<usize>, DicomError> {
    let start = position + header.n_bytes;
    let end = end_of(bytes.len(), start, header.length).ok_or_else(|| beyond(position))?;
    Ok(start..end)
}

/// The end of `length` bytes from `start`, if it is not beyond `limit`.
fn end_of(limit: usize, start: usize, length: u32) -> Option<usize> {
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    (end <= limit).then_some(end)
}

fn beyond(position: usize) -> DicomError {
    structure(position, "it is longer than what holds it")
}

pub(super) fn structure(position: usize, problem: &str) -> DicomError {
    DicomError::Structure {
        position,
        problem: problem.to_owned(),
    }
}
