//! Formats of weights files, told apart by content.

use std::fmt;

use burn_store::burn_pack;

use crate::Error;

/// Longest safetensors header accepted: the limit of the format's own reader.
const MAX_SAFETENSORS_HEADER_BYTES: u64 = 100_000_000;

/// Formats of weights files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// `torch.save`: a zip archive since PyTorch 1.6.
    PyTorch,
    /// `torch.save` before PyTorch 1.6: a stream of pickles.
    PyTorchLegacy,
    /// A length, a JSON header and the values.
    Safetensors,
    /// Burn's own container.
    Burnpack,
    /// A graph of operators with its constants.
    Onnx,
}

impl Format {
    /// How many bytes of a file [`Format::detect`] wants to see.
    pub(crate) const N_BYTES: u64 = 64;

    /// Tells the format from the first bytes of a file.
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
        let text = String::from_utf8_lossy(start).trim_start().to_lowercase();
        let hint = if start.is_empty() {
            Some("it is empty")
        } else if text.starts_with("version https://git-lfs") {
            Some("it is a git-LFS pointer; fetch the file itself with `git lfs pull`")
        } else if text.starts_with("<!doctype html") || text.starts_with("<html") {
            Some("it is an HTML page, perhaps of a log-in")
        } else {
            None
        };
        Err(Error::UnknownFormat { hint })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::PyTorch => "PyTorch",
            Format::PyTorchLegacy => "PyTorch (legacy)",
            Format::Safetensors => "safetensors",
            Format::Burnpack => "burnpack",
            Format::Onnx => "ONNX",
        })
    }
}
