//! What a file holds, told by its first bytes and not by its name.

mod foreign;

use std::io::Read;
use std::path::Path;

pub use foreign::Foreign;

use crate::Error;
use crate::file::read_prefix;
use crate::gzip::{Inflated, is_gzip};

/// The preamble of a DICOM file, and what follows it.
const PREAMBLE_BYTES: usize = 128;
const DICM: &[u8] = b"DICM";

/// `sizeof_hdr` of NIfTI-1 and of Analyze 7.5, and of NIfTI-2.
const NIFTI_1_BYTES: i32 = 348;
const NIFTI_2_BYTES: i32 = 540;

/// Where NIfTI-1 says whether its voxels are in the same file.
const NIFTI_1_MAGIC: std::ops::Range<usize> = 344..348;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// DICOM, with its preamble or without: for `DicomFile`.
    Dicom,
    /// DICOM compressed as a whole: to be inflated first.
    GzippedDicom,
    /// NIfTI, plain or compressed: for `NiftiVolume`, which tells both apart itself.
    Nifti,
    /// An array of NumPy: for [`NpyStack`](crate::NpyStack).
    Npy,
    /// A file that is not read.
    Other(Foreign),
}

impl Content {
    /// As many first bytes as [`Content::of`] can make use of.
    pub const PREFIX_BYTES: usize = 4096;

    /// Decides by the first bytes of a file, or by all of a shorter one.
    ///
    /// Formats that name themselves come first; DICOM without a preamble and text, which only look
    /// like what they are, come last.
    pub fn of(prefix: &[u8]) -> Self {
        if is_gzip(prefix) {
            return Self::of_gzip(prefix);
        }
        if prefix[PREAMBLE_BYTES.min(prefix.len())..].starts_with(DICM) {
            return Self::Dicom;
        }
        if prefix.starts_with(b"\x93NUMPY") {
            return Self::Npy;
        }
        if let Some(foreign) = Foreign::by_magic(prefix) {
            return Self::Other(foreign);
        }
        if let Some(nifti) = nifti(prefix) {
            return nifti;
        }
        if starts_data_set(prefix) {
            return Self::Dicom;
        }
        Self::Other(Foreign::by_looks(prefix))
    }

    /// Decides by the first bytes of a file, and for the `.img` of a pair, which has no mark, by
    /// the `.hdr` beside it.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: [`Error::NotAFile`] or
    /// [`Error::Io`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let content = read_prefix(path, Self::PREFIX_BYTES as u64)
            .map(|prefix| Self::of(&prefix))
            .map_err(|error| error.in_file(path))?;
        let is_unknown = matches!(content, Self::Other(foreign) if !foreign.names_itself());
        let is_pair = || {
            let has_img_name = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("img"));
            let header =
                || read_prefix(&path.with_extension("hdr"), Self::PREFIX_BYTES as u64).ok();
            has_img_name
                && header().is_some_and(|header| nifti(&header) == Some(Self::Other(Foreign::Pair)))
        };
        Ok(if is_unknown && is_pair() {
            Self::Other(Foreign::Pair)
        } else {
            content
        })
    }

    fn of_gzip(prefix: &[u8]) -> Self {
        let mut inflated = Vec::new();
        let mut source = Inflated::new(prefix).take(Self::PREFIX_BYTES as u64);
        let end = source.read_to_end(&mut inflated);
        // Gzip in gzip is not looked into.
        let content = match is_gzip(&inflated) {
            true => Self::Other(Foreign::Gzip),
            false => Self::of(&inflated),
        };
        match content {
            Self::Dicom => Self::GzippedDicom,
            Self::Nifti | Self::Other(Foreign::Pair) => content,
            // The first bytes of a longer file end anywhere.
            _ if inflated.is_empty() || (end.is_err() && prefix.len() < Self::PREFIX_BYTES) => {
                Self::Other(Foreign::CutGzip)
            }
            _ => Self::Other(Foreign::Gzip),
        }
    }
}

/// NIfTI, also where it is cut short; a header whose voxels are in another file, or Analyze 7.5.
fn nifti(prefix: &[u8]) -> Option<Content> {
    let magic = prefix.get(NIFTI_1_MAGIC).unwrap_or_default();
    let size: [u8; 4] = *prefix.first_chunk()?;
    let sizes = [i32::from_le_bytes(size), i32::from_be_bytes(size)];
    if magic.starts_with(b"n+1") || sizes.contains(&NIFTI_2_BYTES) {
        Some(Content::Nifti)
    } else if magic.starts_with(b"ni1") {
        Some(Content::Other(Foreign::Pair))
    } else if sizes.contains(&NIFTI_1_BYTES) {
        Some(match magic.is_empty() {
            true => Content::Nifti,
            false => Content::Other(Foreign::Pair),
        })
    } else {
        None
    }
}

/// True of a DICOM data set without a preamble: its first element is of group 2 or 8, little
/// endian, and has a value representation or a length that a first element can have.
pub(crate) fn starts_data_set(prefix: &[u8]) -> bool {
    let Some(&[group_low, group_high, _, element_high, a, b, c, d]) = prefix.first_chunk() else {
        return false;
    };
    let is_first_group = matches!(group_low, 2 | 8) && group_high == 0 && element_high == 0;
    let is_explicit = a.is_ascii_uppercase() && b.is_ascii_uppercase();
    let length = u32::from_le_bytes([a, b, c, d]);
    is_first_group && (is_explicit || (length <= 64 && length % 2 == 0))
}
