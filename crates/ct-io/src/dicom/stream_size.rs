use std::fmt;

/// How a JP2 file begins, in which some writers leave a JPEG 2000 stream (ISO 15444-1, I.5.1).
const JP2: &[u8] = b"\0\0\0\x0cjP  ";

/// SOC and SIZ, with which a JPEG 2000 stream begins.
const J2K: &[u8] = b"\xff\x4f\xff\x51";

/// What the header of a JPEG or JPEG 2000 stream declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StreamSize {
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) n_components: usize,
}

impl StreamSize {
    /// `None` where there is no header.
    pub(super) fn of(stream: &[u8]) -> Option<Self> {
        if stream.starts_with(JP2) {
            let start = stream.windows(J2K.len()).position(|four| four == J2K)?;
            Self::of_j2k(&stream[start + J2K.len()..])
        } else if let Some(segment) = stream.strip_prefix(J2K) {
            Self::of_j2k(segment)
        } else {
            Self::of_jpeg(stream.strip_prefix(b"\xff\xd8")?)
        }
    }

    /// Of SIZ without its marker: length and capabilities; width and height of the grid, offset of
    /// the image in it; size and offset of the tiles; components (ISO 15444-1, A.5.1).
    fn of_j2k(segment: &[u8]) -> Option<Self> {
        let number = |at: usize| {
            let four = segment.get(4 + 4 * at..)?.first_chunk::<4>()?;
            usize::try_from(u32::from_be_bytes(*four)).ok()
        };
        let side = |at: usize| number(at)?.checked_sub(number(at + 2)?);
        let n_components = u16::from_be_bytes(*segment.get(36..)?.first_chunk()?);
        Some(Self {
            rows: side(1)?,
            cols: side(0)?,
            n_components: n_components.into(),
        })
    }

    /// Of the segments behind SOI, up to a frame header (ITU-T T.81, B.2.2).
    fn of_jpeg(segments: &[u8]) -> Option<Self> {
        let mut rest = segments;
        loop {
            // Any marker may be preceded by fill bytes (B.1.1.2).
            while let [0xff, 0xff, ..] = rest {
                rest = &rest[1..];
            }
            let &[0xff, marker, high, low, ref segment @ ..] = rest else {
                return None;
            };
            if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                let &[_, row_high, row_low, col_high, col_low, n_components] =
                    segment.first_chunk()?;
                let side = |pair| usize::from(u16::from_be_bytes(pair));
                return Some(Self {
                    rows: side([row_high, row_low]),
                    cols: side([col_high, col_low]),
                    n_components: n_components.into(),
                });
            }
            rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
        }
    }
}

/// As in `512 x 512 pixels of 1 components`.
impl fmt::Display for StreamSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} x {} pixels of {} components",
            self.rows, self.cols, self.n_components
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(rows: usize, cols: usize, n_components: usize) -> Option<StreamSize> {
        Some(StreamSize {
            rows,
            cols,
            n_components,
        })
    }

    #[test]
    fn the_frame_header_of_jpeg_is_found_behind_other_segments_and_fill_bytes() {
        let frame = [0xff, 0xc3, 0, 11, 16, 2, 0, 1, 0, 1];
        for before in [
            &[0xff, 0xd8][..],
            &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2],
            &[0xff, 0xd8, 0xff, 0xff, 0xff, 0xe0, 0, 4, 1, 2, 0xff],
        ] {
            let stream = [before, &frame].concat();
            assert_eq!(StreamSize::of(&stream), size(512, 256, 1), "{before:?}");
            assert_eq!(StreamSize::of(&stream[..stream.len() - 1]), None);
        }
        for none in [
            &b"\xff\xd8\xff\xe0\xff\xff"[..],
            b"\xff\xd8",
            b"",
            b"\xff\xd8\xff\xff",
        ] {
            assert_eq!(StreamSize::of(none), None, "{none:?}");
        }
    }

    #[test]
    fn the_size_of_jpeg_2000_is_that_of_the_image_in_its_grid() {
        let mut stream = vec![0xff, 0x4f, 0xff, 0x51, 0, 47, 0, 0];
        for number in [300_u32, 200, 44, 100, 300, 200, 0, 0] {
            stream.extend(number.to_be_bytes());
        }
        stream.extend([0, 3]);
        assert_eq!(StreamSize::of(&stream), size(100, 256, 3));
        let boxed = [JP2, &[0; 20], &stream].concat();
        assert_eq!(StreamSize::of(&boxed), size(100, 256, 3));
        assert_eq!(StreamSize::of(&stream[..stream.len() - 1]), None);
        assert_eq!(StreamSize::of(JP2), None);
    }
}
