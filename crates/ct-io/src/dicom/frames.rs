//! Which fragments of compressed pixel data make up which frame (PS3.5, A.4).

use std::ops::Range;

use super::DicomError;
use super::scan::Element;
use super::tags::EXTENDED_OFFSETS;

/// The stream of each frame. The first fragment is the basic offset table.
///
/// In this order: a fragment a frame; all fragments one frame; the extended offset table, or the
/// basic one; the fragments with which a JPEG or JPEG 2000 stream begins.
pub(super) fn frames_of(
    bytes: &[u8],
    fragments: &[Range<usize>],
    elements: &[Element],
    n_frames: usize,
) -> Result<Vec<Vec<u8>>, DicomError> {
    let (table, fragments) = match fragments.split_first() {
        Some((table, fragments)) => (&bytes[table.clone()], fragments),
        None => (&[][..], fragments),
    };
    let first = fragments.first().map_or(0, |fragment| fragment.start);
    let filled: Vec<Range<usize>> = fragments
        .iter()
        .filter(|fragment| !fragment.is_empty())
        .cloned()
        .collect();
    let starts: Vec<usize> = if filled.len() == n_frames {
        (0..n_frames).collect()
    } else if n_frames == 1 && !filled.is_empty() {
        vec![0]
    } else {
        let offset_of = |fragment: &Range<usize>| (fragment.start - first) as u64;
        let by_table = |offsets: Vec<u64>| -> Option<Vec<usize>> {
            let find = |offset: &u64| filled.binary_search_by_key(offset, offset_of).ok();
            let starts: Option<Vec<_>> = offsets.iter().map(find).collect();
            starts.filter(|starts| is_rising(starts, n_frames))
        };
        let by_stream = || {
            let starts: Vec<_> = (0..filled.len())
                .filter(|&index| begins_stream(&bytes[filled[index].clone()]))
                .collect();
            Some(starts).filter(|starts| is_rising(starts, n_frames))
        };
        by_table(extended_offsets(bytes, elements))
            .or_else(|| by_table(basic_offsets(table)))
            .or_else(by_stream)
            .ok_or_else(|| DicomError::Decode {
                frame: 0,
                problem: format!(
                    "{} fragments, expected {n_frames}, or a table that says which belong together",
                    filled.len()
                ),
            })?
    };
    let ends = starts.iter().skip(1).copied().chain([filled.len()]);
    Ok(starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let pieces = filled[start..end].iter();
            pieces
                .flat_map(|piece| &bytes[piece.clone()])
                .copied()
                .collect()
        })
        .collect())
}

/// True of the starts of as many frames as there are, from the first fragment on.
fn is_rising(starts: &[usize], n_frames: usize) -> bool {
    starts.len() == n_frames
        && starts.first() == Some(&0)
        && starts.windows(2).all(|pair| pair[0] < pair[1])
}

/// Offsets from the head of the first fragment (PS3.5, A.4).
fn basic_offsets(table: &[u8]) -> Vec<u64> {
    let (offsets, _) = table.as_chunks::<4>();
    let offsets = offsets.iter().map(|offset| u32::from_le_bytes(*offset));
    offsets.map(u64::from).collect()
}

/// The same in numbers of 64 bits (PS3.3, C.7.6.3.1.8).
fn extended_offsets(bytes: &[u8], elements: &[Element]) -> Vec<u64> {
    let table = elements
        .iter()
        .find(|element| element.tag == EXTENDED_OFFSETS);
    let bytes = table.map_or(&[][..], |table| &bytes[table.value.clone()]);
    let (offsets, _) = bytes.as_chunks::<8>();
    offsets
        .iter()
        .map(|offset| u64::from_le_bytes(*offset))
        .collect()
}

/// SOI of JPEG, SOC of JPEG 2000.
fn begins_stream(fragment: &[u8]) -> bool {
    fragment.starts_with(&[0xff, 0xd8, 0xff]) || fragment.starts_with(&[0xff, 0x4f, 0xff, 0x51])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of the head of a fragment: its tag and its length.
    const ITEM_HEAD_BYTES: usize = 8;

    /// Fragments with heads of 8 bytes between them, as in a file: where each is.
    fn lay_out(table: &[u8], fragments: &[&[u8]]) -> (Vec<u8>, Vec<Range<usize>>) {
        let mut bytes = Vec::new();
        let mut ranges = Vec::new();
        for fragment in [&[table], fragments].concat() {
            bytes.extend([0; ITEM_HEAD_BYTES]);
            ranges.push(bytes.len()..bytes.len() + fragment.len());
            bytes.extend_from_slice(fragment);
        }
        (bytes, ranges)
    }

    fn frames(table: &[u8], fragments: &[&[u8]], n_frames: usize) -> Option<Vec<Vec<u8>>> {
        let (bytes, ranges) = lay_out(table, fragments);
        frames_of(&bytes, &ranges, &[], n_frames).ok()
    }

    fn table(offsets: &[u32]) -> Vec<u8> {
        offsets
            .iter()
            .flat_map(|offset| offset.to_le_bytes())
            .collect()
    }

    #[test]
    fn a_fragment_is_a_frame_or_all_are_one() {
        let pieces: [&[u8]; 3] = [b"ab", b"cd", b"ef"];
        let each = pieces.map(<[u8]>::to_vec).to_vec();
        assert_eq!(frames(&[], &pieces, 3), Some(each));
        assert_eq!(frames(&[], &pieces, 1), Some(vec![b"abcdef".to_vec()]));
        assert_eq!(
            frames(&[], &[b"ab", b"", b"cd"], 2),
            Some(vec![b"ab".to_vec(), b"cd".to_vec()])
        );
    }

    #[test]
    fn a_table_says_which_fragments_belong_together() {
        let pieces: [&[u8]; 3] = [b"ab", b"cd", b"ef"];
        let joined = vec![b"abcd".to_vec(), b"ef".to_vec()];
        assert_eq!(frames(&table(&[0, 20]), &pieces, 2), Some(joined));
        for wrong in [&[0, 21][..], &[10, 20], &[0, 0], &[0, 20, 30], &[0]] {
            assert_eq!(frames(&table(wrong), &pieces, 2), None, "{wrong:?}");
        }
    }

    #[test]
    fn without_a_table_the_starts_of_streams_say_it() {
        let (jpeg, j2k): (&[u8], &[u8]) = (b"\xff\xd8\xff\xc3", b"\xff\x4f\xff\x51");
        let joined = vec![[jpeg, b"12"].concat(), jpeg.to_vec()];
        assert_eq!(frames(&[], &[jpeg, b"12", jpeg], 2), Some(joined));
        let joined = vec![j2k.to_vec(), [j2k, b"34"].concat()];
        assert_eq!(frames(&[], &[j2k, j2k, b"34"], 2), Some(joined));
        assert_eq!(frames(&[], &[b"12", jpeg, b"34"], 2), None);
        assert_eq!(frames(&[], &[], 2), None);
        assert_eq!(frames(&[], &[], 1), None);
    }
}
