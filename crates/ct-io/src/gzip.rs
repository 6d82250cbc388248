//! Gzip files of one or several members.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// The first bytes of every member.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// True of bytes that start as a gzip file does.
pub(crate) fn is_gzip(prefix: &[u8]) -> bool {
    prefix.starts_with(&MAGIC)
}

/// Inflates member after member; the check sum of each is verified where it ends.
///
/// Padding and other bytes behind the last member are no part of the content, as gzip itself
/// decides.
pub(crate) struct Inflated<R> {
    rest: Rest<R>,
}

enum Rest<R> {
    Member(Box<GzDecoder<R>>),
    /// Nothing more, or bytes that are no member.
    End {
        #[cfg_attr(
            not(feature = "nifti"),
            expect(dead_code, reason = "only volumes are warned of")
        )]
        has_surplus: bool,
    },
}

impl<R: BufRead> Inflated<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            rest: Rest::Member(Box::new(GzDecoder::new(source))),
        }
    }

    /// After the end: whether the source goes on behind the last member.
    #[cfg(feature = "nifti")]
    pub(crate) fn has_surplus(&self) -> bool {
        matches!(self.rest, Rest::End { has_surplus: true })
    }
}

impl<R: BufRead> Read for Inflated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Rest::Member(member) = &mut self.rest else {
                return Ok(0);
            };
            let n_read = member.read(buffer)?;
            if n_read > 0 || buffer.is_empty() {
                return Ok(n_read);
            }
            let end = Rest::End { has_surplus: false };
            if let Rest::Member(member) = std::mem::replace(&mut self.rest, end) {
                let mut source = member.into_inner();
                let next = source.fill_buf()?;
                // A buffer may end behind the first byte of the next member.
                self.rest = match next.first() {
                    None => Rest::End { has_surplus: false },
                    Some(&byte) if byte == MAGIC[0] => {
                        Rest::Member(Box::new(GzDecoder::new(source)))
                    }
                    Some(_) => Rest::End { has_surplus: true },
                };
            }
        }
    }
}
