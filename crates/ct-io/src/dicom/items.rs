//! What is in a sequence.

use std::ops::Range;

use super::DicomError;
use super::scan::{
    Content, Element, Encoding, ITEM, ITEM_END, SEQUENCE_END, end_of_element, header, structure,
};

/// The items of a sequence, whose value has this place, without their heads.
pub(super) fn items_of(
    bytes: &[u8],
    value: Range<usize>,
    encoding: Encoding,
) -> Result<Vec<Range<usize>>, DicomError> {
    let bytes = &bytes[..value.end];
    let mut items = Vec::new();
    let mut position = value.start;
    while position < value.end {
        let head = header(bytes, position, encoding)?;
        match head.tag {
            ITEM => {}
            SEQUENCE_END => break,
            _ => return Err(structure(position, "an item is expected")),
        }
        let end = end_of_element(bytes, position, Content::Items, encoding, &mut Vec::new())?;
        items.push(position + head.n_bytes..end);
        position = end;
    }
    Ok(items)
}

/// The elements of an item, up to its end or its delimiter.
pub(super) fn elements_of(
    bytes: &[u8],
    item: Range<usize>,
    encoding: Encoding,
) -> Result<Vec<Element>, DicomError> {
    let bytes = &bytes[..item.end];
    let mut elements = Vec::new();
    let mut position = item.start;
    while position < item.end {
        let head = header(bytes, position, encoding)?;
        if head.tag == ITEM_END {
            break;
        }
        let end = end_of_element(
            bytes,
            position,
            Content::Elements,
            encoding,
            &mut Vec::new(),
        )?;
        elements.push(Element {
            tag: head.tag,
            vr: head.vr,
            value: position + head.n_bytes..end,
        });
        position = end;
    }
    Ok(elements)
}
