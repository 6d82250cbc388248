//! Run-length encoding (PS3.5, annex G). The library's decoder takes the declared number of segments
//! and their lengths on trust.

/// Bytes of the header: the number of segments, then the offsets of 15 of them.
const HEADER_BYTES: usize = 64;

/// The samples of a frame, whose one or two bytes have a segment each, the higher one first.
pub(super) fn decode(
    fragment: &[u8],
    n_pixels: usize,
    bytes_per_sample: usize,
) -> Result<Vec<u16>, String> {
    let header: &[u8; HEADER_BYTES] = fragment.first_chunk().ok_or("no header")?;
    let numbers = header.as_chunks::<4>().0;
    let number = |at: usize| u32::from_le_bytes(numbers[at]) as usize;
    if number(0) != bytes_per_sample {
        return Err(format!(
            "{} segments, expected {bytes_per_sample}",
            number(0)
        ));
    }
    let mut samples = vec![0_u16; n_pixels];
    for segment in 0..bytes_per_sample {
        let start = number(1 + segment);
        let end = match segment + 1 < bytes_per_sample {
            true => number(2 + segment),
            false => fragment.len(),
        };
        let packed = fragment
            .get(start..end)
            .filter(|_| start >= HEADER_BYTES)
            .ok_or_else(|| format!("segment {segment} from byte {start} to {end}"))?;
        let bytes = unpack(packed, n_pixels)
            .ok_or_else(|| format!("segment {segment} ends before its {n_pixels} bytes"))?;
        for (sample, byte) in samples.iter_mut().zip(bytes) {
            *sample = *sample << 8 | u16::from(byte);
        }
    }
    Ok(samples)
}

/// The first `n_bytes` of a segment (G.3.2); what stands behind them is padding.
fn unpack(packed: &[u8], n_bytes: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(n_bytes);
    let mut rest = packed;
    while bytes.len() < n_bytes {
        let (&control, tail) = rest.split_first()?;
        let room = n_bytes - bytes.len();
        rest = match control {
            0..=127 => {
                let (run, tail) = tail.split_at_checked(usize::from(control) + 1)?;
                bytes.extend(&run[..run.len().min(room)]);
                tail
            }
            128 => tail,
            129.. => {
                let (&byte, tail) = tail.split_first()?;
                bytes.resize(bytes.len() + (257 - usize::from(control)).min(room), byte);
                tail
            }
        };
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of two segments, the bytes 1, 1, 1, 2 in runs, then 7, 8, 9, 9.
    fn frame() -> Vec<u8> {
        let mut frame = vec![0; HEADER_BYTES];
        frame[0] = 2;
        frame[4] = 64;
        frame[8] = 69;
        frame.extend([254, 1, 128, 0, 2]);
        frame.extend([1, 7, 8, 255, 9, 0]);
        frame
    }

    #[test]
    fn segments_are_bytes_of_samples() {
        let samples = decode(&frame(), 4, 2).expect("samples");
        assert_eq!(samples, [0x107, 0x108, 0x109, 0x209]);
    }

    #[test]
    fn rejects_headers_and_segments_that_do_not_fit() {
        let altered = |at: usize, byte: u8| {
            let mut frame = frame();
            frame[at] = byte;
            decode(&frame, 4, 2).expect_err("an error")
        };
        assert!(altered(0, 3).contains("3 segments"));
        assert!(altered(3, 255).contains("segments"));
        assert!(altered(4, 3).contains("segment 0 from byte 3"));
        assert!(altered(11, 255).contains("segment 0"));
        assert!(altered(64, 127).contains("ends before"));
        assert!(decode(&frame(), 5, 2).is_err());
        assert!(decode(&frame()[..63], 4, 2).is_err());
        assert!(decode(&[], 4, 2).is_err());
    }
}
