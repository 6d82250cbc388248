use std::fmt;

/// A format that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// No bytes at all.
    Empty,
    /// Nothing but zeros.
    Zeros,
    /// A picture, by the name of its format.
    Picture(&'static str),
    /// JPEG 2000 without DICOM around it.
    Jpeg2000,
    /// A compressed file that holds neither DICOM nor NIfTI.
    Gzip,
    /// A compressed file that ends before anything could be inflated.
    CutGzip,
    /// Arrays of NumPy in a zip archive.
    Npz,
    /// An archive of files, or a file compressed otherwise than by gzip, by the name of its format.
    Archive(&'static str),
    /// NRRD, of 3D Slicer and others.
    Nrrd,
    /// MetaImage, `.mhd` or `.mha`, of ITK.
    MetaImage,
    /// One file of a NIfTI-1 or Analyze pair.
    Pair,
    /// HDF5, also Keras and MATLAB 7.3.
    Hdf5,
    /// MATLAB.
    Mat,
    /// A pickled object of Python.
    Pickle,
    /// A pointer of Git LFS in the place of the file.
    GitLfsPointer,
    /// A web page.
    Html,
    /// XML other than a web page.
    Xml,
    /// JSON.
    Json,
    /// A PDF document.
    Pdf,
    /// What macOS writes beside a file on foreign disks.
    AppleDouble,
    /// What macOS writes into folders.
    DsStore,
    /// Text, such as a table.
    Text,
    /// Something else.
    Unknown,
}

use Foreign::*;

/// First bytes that name their format.
const MAGIC: &[(&[u8], Foreign)] = &[
    (b"\x89PNG\r\n\x1a\n", Picture("PNG")),
    (b"\xff\xd8\xff", Picture("JPEG")),
    (b"GIF87a", Picture("GIF")),
    (b"GIF89a", Picture("GIF")),
    (b"II*\0", Picture("TIFF")),
    (b"MM\0*", Picture("TIFF")),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Jpeg2000),
    (b"\xff\x4f\xff\x51", Jpeg2000),
    (b"NRRD0", Nrrd),
    (b"\x89HDF\r\n\x1a\n", Hdf5),
    (b"MATLAB 7.3 MAT-file", Hdf5),
    (b"MATLAB 5.0 MAT-file", Mat),
    (b"%PDF-", Pdf),
    (b"version https://git-lfs.github.com/spec/", GitLfsPointer),
    (b"\0\x05\x16\x07", AppleDouble),
    (b"\0\0\0\x01Bud1", DsStore),
    (b"PK\x05\x06", Archive("zip")),
    (b"BZh", Archive("bzip2")),
    (b"\xfd7zXZ\0", Archive("xz")),
    (b"\x28\xb5\x2f\xfd", Archive("Zstandard")),
    (b"7z\xbc\xaf\x27\x1c", Archive("7z")),
    (b"Rar!\x1a\x07", Archive("rar")),
];

impl Foreign {
    /// A format that names itself in its first bytes.
    pub(super) fn by_magic(prefix: &[u8]) -> Option<Self> {
        let is_at = |place: usize, magic: &[u8]| {
            prefix
                .get(place..)
                .is_some_and(|bytes| bytes.starts_with(magic))
        };
        if prefix.is_empty() {
            return Some(Empty);
        }
        if let Some(&(_, found)) = MAGIC.iter().find(|(magic, _)| is_at(0, magic)) {
            return Some(found);
        }
        if is_at(0, b"PK\x03\x04") {
            return Some(zip(prefix));
        }
        if is_at(257, b"ustar") {
            return Some(Archive("tar"));
        }
        if is_at(0, b"RIFF") && is_at(8, b"WEBP") {
            return Some(Picture("WebP"));
        }
        // Its four bytes after the sizes are reserved and 0.
        if is_at(0, b"BM") && is_at(6, &[0; 4]) {
            return Some(Picture("BMP"));
        }
        // Protocols 2 to 5, whose first operation is a frame, a mark, an empty container or a name.
        match prefix {
            [
                0x80,
                2..=5,
                b'\x95' | b'(' | b'}' | b']' | b'c' | b'\x8c' | b'\x8a',
                ..,
            ] => Some(Pickle),
            _ => None,
        }
    }

    /// What the bytes look like, where nothing names them.
    pub(super) fn by_looks(prefix: &[u8]) -> Self {
        if prefix.iter().all(|&byte| byte == 0) {
            return Zeros;
        }
        let Some(text) = text(prefix) else {
            return Unknown;
        };
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let lower = text.get(..text.floor_char_boundary(256)).unwrap_or(text);
        let lower = lower.to_ascii_lowercase();
        if lower.starts_with("<!doctype html") || lower.contains("<html") {
            Html
        } else if lower.starts_with("<?xml") {
            Xml
        } else if lower.starts_with("objecttype") || lower.starts_with("ndims") {
            MetaImage
        } else if text.starts_with(['{', '[']) {
            Json
        } else {
            Text
        }
    }

    /// False of what any bytes could be.
    pub(super) fn names_itself(self) -> bool {
        !matches!(self, Zeros | Text | Unknown)
    }

    /// What to do with such a file.
    pub fn remedy(self) -> &'static str {
        match self {
            Empty | Zeros | CutGzip => "copy or download it again",
            Picture(_) => {
                "pictures have lost their Hounsfield units: export the series as DICOM, NIfTI or \
                 .npy"
            }
            Jpeg2000 => "give the DICOM file that it belongs in",
            Gzip => "unpack it with gunzip",
            Npz => {
                "save the array alone, for instance numpy.save(\"slice.npy\", numpy.load(FILE)[NAME])"
            }
            Archive(_) => "unpack it",
            Nrrd | MetaImage => {
                "convert it, for instance SimpleITK.WriteImage(SimpleITK.ReadImage(FILE), \
                 \"head.nii.gz\")"
            }
            Pair => {
                "convert the pair, for instance nibabel.save(nibabel.load(HEADER), \
                 \"head.nii.gz\")"
            }
            Hdf5 => "save the slice as .npy, for instance with h5py",
            Mat => "save the slice as .npy, for instance with scipy.io.loadmat",
            Pickle => "pickles are programs and not run; save the slice with numpy.save",
            GitLfsPointer => "fetch the file itself with `git lfs pull`",
            Html => "the download was answered by a page, perhaps one to log in on",
            AppleDouble | DsStore => "macOS writes it beside other files, it is no image",
            Xml | Json | Pdf | Text => "it is no image",
            Unknown => "a raw image says nothing of its size: save it as .npy",
        }
    }
}

/// An archive whose first file is an array is an `.npz`.
fn zip(prefix: &[u8]) -> Foreign {
    // APPNOTE.TXT 4.3.7: the length of the name is at 26, the name at 30.
    let length = match prefix.get(26..28) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => 0,
    };
    match prefix.get(30..30 + length) {
        Some(name) if name.ends_with(b".npy") => Npz,
        _ => Archive("zip"),
    }
}

/// Bytes as text, if they are; the last character may be cut.
fn text(prefix: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(prefix) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&prefix[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_printed = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(is_printed).then_some(text)
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Picture(format) => return write!(f, "a {format} picture"),
            Archive(format) => return write!(f, "an archive ({format})"),
            Empty => "an empty file",
            Zeros => "a file that starts with nothing but zeros",
            Jpeg2000 => "a JPEG 2000 picture",
            Gzip => "a gzip file with neither DICOM nor NIfTI in it",
            CutGzip => "a gzip file that is cut short or damaged",
            Npz => "an .npz archive of arrays",
            Nrrd => "an NRRD image",
            MetaImage => "a MetaImage (.mhd, .mha)",
            Pair => "one file of a .hdr/.img pair (NIfTI-1 or Analyze)",
            Hdf5 => "an HDF5 file",
            Mat => "a MATLAB file",
            Pickle => "a pickled object of Python",
            GitLfsPointer => "a Git LFS pointer, not the file itself",
            Html => "a web page",
            Xml => "an XML file",
            Json => "a JSON file",
            Pdf => "a PDF document",
            AppleDouble => "an AppleDouble file (._NAME)",
            DsStore => "a .DS_Store file",
            Text => "a text",
            Unknown => "a file of no known format",
        })
    }
}
