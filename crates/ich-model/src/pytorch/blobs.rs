//! The blocks of values in a PyTorch file, by their keys in its pickle.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::ops::Range;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::read::{ArchiveOffset, Config};
use zip::{CompressionMethod, ZipArchive};

/// A block of bytes in the file.
#[derive(Debug, Clone)]
pub(super) struct Blob {
    range: Range<usize>,
    packing: Packing,
    /// Of the unpacked bytes; `None` where the writer left it out.
    crc32: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Packing {
    Stored,
    Deflated { n_bytes: u64 },
}

impl Blob {
    /// The bytes at `range` as they are, without a checksum.
    pub(super) fn plain(range: Range<usize>) -> Self {
        Self {
            range,
            packing: Packing::Stored,
            crc32: None,
        }
    }

    /// The unpacked bytes, where they are at most `limit`.
    pub(super) fn read<'f>(&self, file: &'f [u8], limit: u64) -> Result<Cow<'f, [u8]>, String> {
        let packed = file
            .get(self.range.clone())
            .ok_or("it reaches beyond the end of the file")?;
        let n_bytes = match self.packing {
            Packing::Stored => packed.len() as u64,
            Packing::Deflated { n_bytes } => n_bytes,
        };
        if n_bytes > limit {
            return Err(format!("it has {n_bytes} bytes, expected at most {limit}"));
        }
        let bytes = match self.packing {
            Packing::Stored => Cow::Borrowed(packed),
            Packing::Deflated { n_bytes } => {
                let mut bytes = Vec::new();
                DeflateDecoder::new(packed)
                    .take(n_bytes + 1)
                    .read_to_end(&mut bytes)
                    .map_err(|error| error.to_string())?;
                if bytes.len() as u64 != n_bytes {
                    return Err(format!("its {n_bytes} bytes do not unpack to as many"));
                }
                Cow::Owned(bytes)
            }
        };
        if let Some(expected) = self.crc32 {
            let mut crc = Crc::new();
            crc.update(&bytes);
            if crc.sum() != expected {
                return Err("its checksum is wrong: the file is damaged".to_owned());
            }
        }
        Ok(bytes)
    }
}

/// The entries of a zip archive by their names.
///
/// The directory is taken where the archive says it is. The zip library would also try the place
/// behind it by the length of the records at the end, for archives with a program in front of them,
/// and finds a second entry there when the first one's record has that very length: 76 bytes with
/// the zip64 records that PyTorch writes, which is a file name of 21 characters.
pub(super) fn zip_entries(file: &[u8]) -> Result<HashMap<String, Blob>, String> {
    let config = Config {
        archive_offset: ArchiveOffset::Known(0),
    };
    let archive = ZipArchive::with_config(config, Cursor::new(file));
    let mut archive = archive.map_err(|error| error.to_string())?;
    let mut entries = HashMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index);
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.name().map_err(|error| error.to_string())?;
        let packing = match entry.compression() {
            CompressionMethod::Stored => Packing::Stored,
            CompressionMethod::Deflated => Packing::Deflated {
                n_bytes: entry.size(),
            },
            // Of another method: no network's values.
            _ => continue,
        };
        let start = entry
            .data_start()
            .and_then(|start| usize::try_from(start).ok());
        let length = usize::try_from(entry.compressed_size()).ok();
        let range = start.zip(length);
        let range = range.and_then(|(start, length)| Some(start..start.checked_add(length)?));
        let blob = Blob {
            range: range.ok_or_else(|| format!("entry {name} has no place in the file"))?,
            packing,
            // `torch.save` without checksums writes 0.
            crc32: Some(entry.crc32()).filter(|&crc32| crc32 != 0),
        };
        entries.insert(name.into_owned(), blob);
    }
    Ok(entries)
}
