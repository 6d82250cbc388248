use std::fmt;
use std::io::{self, Read};

use sha1::{Digest, Sha1};

/// Bytes of a SHA-1.
pub(crate) const N_BYTES: usize = 20;

/// Name that git gives to a file's content: the SHA-1 over `blob <length>\0` and the content.
///
/// Parsed from, and written as, 40 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlobId([u8; N_BYTES]);

impl BlobId {
    pub(crate) fn from_hash(hash: [u8; N_BYTES]) -> Self {
        Self(hash)
    }

    /// The blob id of a content in memory.
    pub fn of_bytes(content: &[u8]) -> Self {
        let mut hash = Self::start(content.len() as u64);
        hash.update(content);
        Self(hash.finalize().into())
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
