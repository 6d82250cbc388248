use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use sha1::{Digest, Sha1};

use crate::Error;

const N_BYTES: usize = 20;

/// Name that git gives to a file's content: the SHA-1 over `blob <length>\0` and the content.
///
/// Parsed from, and written as, 40 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlobId([u8; N_BYTES]);

impl BlobId {
    /// The blob id of a content in memory.
    pub fn of_bytes(content: &[u8]) -> Self {
        let mut hash = Self::start(content.len() as u64);
        hash.update(content);
        Self(hash.finalize().into())
    }

    /// The blob id of a file on disk, read in small pieces.
    ///
    /// # Errors
    ///
    /// [`Error::NotAFile`] and [`Error::Read`].
    pub fn of_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let read_error = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        // Before opening: to open a pipe would wait for its writer.
        if !path.metadata().map_err(read_error)?.is_file() {
            return Err(Error::NotAFile {
                path: path.to_owned(),
            });
        }
        let mut file = File::open(path).map_err(read_error)?;
        let n_bytes = file.metadata().map_err(read_error)?.len();
        Self::of_reader(n_bytes, &mut file).map_err(read_error)
    }

    /// The blob id of what `reader` holds, which must be `n_bytes` long.
    pub(crate) fn of_reader(n_bytes: u64, reader: &mut impl Read) -> io::Result<Self> {
        let mut hash = Self::start(n_bytes);
        let mut buffer = vec![0; 1 << 16];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(Self(hash.finalize().into())),
                Ok(n) => hash.update(&buffer[..n]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn start(n_bytes: u64) -> Sha1 {
        Sha1::new_with_prefix(format!("blob {n_bytes}\0"))
    }
}

impl FromStr for BlobId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BlobId {
            text: text.to_owned(),
        };
        let digits = text.as_bytes();
        if digits.len() != 2 * N_BYTES {
            return Err(bad());
        }
        let value = |digit: u8| char::from(digit).to_digit(16).ok_or_else(bad);
        let mut bytes = [0; N_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (value(pair[0])? << 4 | value(pair[1])?) as u8;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}
