//! A look at a file's structure before any library reads it.
//!
//! A declared length is checked against the bytes that are there, and nesting is bounded, without
//! recursion and without allocation beyond a stack of that bound.

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

use super::DicomError;
use super::tags::PIXEL_DATA;

/// Deepest nesting of sequences; enhanced CT has 3.
const MAX_DEPTH: usize = 32;

const UNDEFINED: u32 = u32::MAX;

const ITEM: Tag = Tag(0xfffe, 0xe000);
const ITEM_END: Tag = Tag(0xfffe, 0xe00d);
const SEQUENCE_END: Tag = Tag(0xfffe, 0xe0dd);

/// Bytes of the preamble and of `DICM`.
const START: usize = 132;

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    ExplicitLittle,
    ImplicitLittle,
    ExplicitBig,
}

/// An element or an item delimiter.
struct Header {
    tag: Tag,
    vr: Option<VR>,
    length: u32,
    n_bytes: usize,
}

/// The transfer syntax UID in the file's meta information, and the offset of the data set.
pub(super) fn meta(bytes: &[u8]) -> Result<(String, usize), DicomError> {
    if bytes.get(128..START) != Some(b"DICM") {
        return Err(DicomError::NotDicom);
    }
    let mut position = START;
    let mut syntax = None;
    while bytes.get(position..position + 2) == Some(&[2, 0]) {
        let header = header(bytes, position, Encoding::ExplicitLittle)?;
        let start = position + header.n_bytes;
        let end = end_of(bytes.len(), start, header.length).ok_or_else(|| beyond(position))?;
        if header.tag == Tag(2, 0x10) {
            let text = String::from_utf8_lossy(&bytes[start..end]);
            syntax = Some(text.trim_end_matches(['\0', ' ']).to_owned());
        }
        position = end;
    }
    let syntax = syntax.ok_or(DicomError::Missing {
        attribute: "TransferSyntaxUID (0002,0010)",
        expected: "a UID",
    })?;
    Ok((syntax, position))
}

/// What an element that is not over yet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
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
pub(super) fn check(bytes: &[u8], start: usize, encoding: Encoding) -> Result<(), DicomError> {
    let mut open: Vec<Open> = Vec::new();
    let mut position = start;
    loop {
        while open.last().is_some_and(|open| open.end == Some(position)) {
            open.pop();
        }
        if position == bytes.len() {
            break;
        }
        let (content, encoding) = match open.last() {
            Some(open) => (open.content, open.encoding),
            None => (Content::Elements, encoding),
        };
        let header = header(bytes, position, encoding)?;
        let inner = position + header.n_bytes;
        if matches!(header.tag, ITEM_END | SEQUENCE_END) {
            if open.pop().is_none_or(|open| open.end.is_some()) {
                return Err(structure(position, "a delimiter with nothing to end"));
            }
            position = inner;
            continue;
        }
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
            (Ok(None), Some(end)) => position = end,
            (Ok(None), None) => return Err(structure(position, "a length is expected")),
            (Err(problem), _) => return Err(structure(position, problem)),
        }
    }
    match open.is_empty() {
        true => Ok(()),
        false => Err(structure(position, "the file ends within a sequence")),
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
        None => {
            let entry = StandardDataDictionary.by_tag(header.tag);
            entry.map_or(VR::UN, |entry| entry.vr().relaxed())
        }
    };
    Ok(match vr {
        VR::SQ => Some((Content::Items, encoding)),
        _ if !is_undefined => None,
        // PS3.5, 6.2.2: a sequence of unknown type has the default encoding inside.
        VR::UN => Some((Content::Items, Encoding::ImplicitLittle)),
        _ if header.tag == PIXEL_DATA => Some((Content::Fragments, encoding)),
        _ => return Err("a length is expected"),
    })
}

fn header(bytes: &[u8], position: usize, encoding: Encoding) -> Result<Header, DicomError> {
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
    if encoding == Encoding::ImplicitLittle || tag.group() == ITEM.group() {
        return Ok(Header {
            tag,
            vr: None,
            length: long(position + 4)?,
            n_bytes: 8,
        });
    }
    let name: [u8; 2] = *bytes
        .get(position + 4..)
        .and_then(<[u8]>::first_chunk)
        .ok_or_else(cut)?;
    let vr = VR::from_binary(name)
        .ok_or_else(|| structure(position, &format!("no value representation {name:?}")))?;
    // PS3.5, 7.1.2: these have two reserved bytes and a length of four.
    let is_long = matches!(
        vr,
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
    );
    Ok(Header {
        tag,
        vr: Some(vr),
        length: match is_long {
            true => long(position + 8)?,
            false => short(position + 6)?.into(),
        },
        n_bytes: if is_long { 12 } else { 8 },
    })
}

/// The end of `length` bytes from `start`, if it is not beyond `limit`.
fn end_of(limit: usize, start: usize, length: u32) -> Option<usize> {
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    (end <= limit).then_some(end)
}

fn beyond(position: usize) -> DicomError {
    structure(position, "it is longer than what holds it")
}

fn structure(position: usize, problem: &str) -> DicomError {
    DicomError::Structure {
        position,
        problem: problem.to_owned(),
    }
}
