//! Formats of weights files, told apart by content.

use burn_store::burn_pack;

use crate::foreign::Foreign;
use crate::{Error, Format};

/// Longest safetensors header accepted: the limit of the format's own reader.
const MAX_SAFETENSORS_HEADER_BYTES: u64 = 100_000_000;

impl Format {
    /// Tells the format from the bytes of a file. Of a zip archive and of a pickle, its reader
    /// knows more.
    pub(crate) fn detect(start: &[u8]) -> Result<Self, Error> {
        if start.starts_with(b"PK\x03\x04") {
            return Ok(Format::PyTorch);
        }
        if start.starts_with(&burn_pack::MAGIC_NUMBER.to_le_bytes()) {
            return Ok(Format::Burnpack);
        }
        if start.first() == Some(&0x80) && start.get(1).is_some_and(|protocol| *protocol <= 5) {
            return Ok(Format::PyTorchLegacy);
        }
        if let Some((length, rest)) = start.split_first_chunk::<8>() {
            let length = u64::from_le_bytes(*length);
            if rest.first() == Some(&b'{') && length <= MAX_SAFETENSORS_HEADER_BYTES {
                return Ok(Format::Safetensors);
            }
        }
        // Field 1 of the message, the version of the format as a number, which every writer puts
        // first; then another field of a model.
        if let [0x08, version, key, ..] = start
            && (1..=0x7f).contains(version)
            && matches!(key >> 3, 2..=8 | 14)
        {
            return Ok(Format::Onnx);
        }
        Err(Error::UnknownFormat {
            found: Foreign::of_bytes(start),
        })
    }
}
