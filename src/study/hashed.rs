//! Files that are hashed as they are read, so that the hash is of what was used.

use std::fs::File;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// A file whose bytes are hashed as they are read.
pub(crate) struct Hashed {
    file: File,
    hasher: Sha256,
    n_bytes: u64,
}

impl Hashed {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            hasher: Sha256::new(),
            n_bytes: 0,
        }
    }

    /// The hash in hexadecimal, and the number of bytes.
    pub(crate) fn finish(self) -> (String, u64) {
        let hash = self.hasher.finalize();
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        (hash, self.n_bytes)
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        self.n_bytes += n as u64;
        Ok(n)
    }
}
