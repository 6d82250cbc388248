//! A slice to read, before it is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ct_io::SliceGeometry;
use ct_labels::without_extension;

use super::demo;
use super::neighbours::InSeries;

/// A slice to read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SliceRef {
    /// The file, or `None` for the phantom.
    pub path: Option<PathBuf>,
    /// Length of the file.
    pub bytes: Option<u64>,
    /// What it is in.
    pub kind: SliceKind,
    /// Of a file with several slices, DICOM frames or those of a volume: which one, from 0.
    pub frame: Option<usize>,
    /// Of a DICOM file that says so.
    pub place: Option<Place>,
    /// Among the others of its DICOM series.
    pub(crate) series: Option<InSeries>,
    /// The name of the volume that its map is part of.
    pub volume: Option<PathBuf>,
    /// Where its results go below the folder of results: its path below the folder that was given,
    /// without the ending.
    pub name: PathBuf,
}

/// What a slice is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SliceKind {
    /// A DICOM file.
    Dicom,
    /// A NIfTI volume.
    Nifti,
    /// An `.npy` array.
    Npy,
    /// No file: a synthetic slice.
    Phantom,
    /// A file whose content is none of these, which reading it will say.
    Unknown,
}

/// Where a DICOM slice belongs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Place {
    /// `SeriesInstanceUID`.
    pub series: String,
    /// Where it lies in the patient.
    pub geometry: SliceGeometry,
}

impl Place {
    /// How far the slice lies along its normal, or against it where it points to the feet.
    pub(crate) fn height_mm(&self) -> f64 {
        let [.., up] = self.geometry.normal();
        self.geometry.along_normal_mm() * if up < 0.0 { -1.0 } else { 1.0 }
    }
}

impl SliceRef {
    /// A file of one slice.
    pub fn file(path: PathBuf, kind: SliceKind, bytes: u64, name: PathBuf) -> Self {
        Self {
            path: Some(path),
            bytes: Some(bytes),
            kind,
            frame: None,
            place: None,
            series: None,
            volume: None,
            name,
        }
    }

    /// The phantom with a bleed that stands for slices where there are none.
    pub fn phantom() -> Self {
        Self {
            path: None,
            bytes: None,
            kind: SliceKind::Phantom,
            frame: None,
            place: None,
            series: None,
            volume: None,
            name: demo::name().into(),
        }
    }

    /// What reports call the slice.
    pub fn source(&self) -> String {
        match (&self.path, self.frame) {
            (Some(path), None) => path.display().to_string(),
            (Some(path), Some(frame)) if self.kind == SliceKind::Dicom => {
                format!("{}, frame {frame}", path.display())
            }
            (Some(path), Some(k)) => format!("{}, slice {k}", path.display()),
            (None, _) => demo::source(),
        }
    }

    /// What its volume is: a series, or a file.
    pub fn volume_source(&self) -> Option<&OsStr> {
        match &self.place {
            Some(place) => Some(OsStr::new(&place.series)),
            None => self.path.as_deref().map(Path::as_os_str),
        }
    }
}

/// What follows the name of a volume in that of its slice.
pub(crate) fn slice_suffix(k: usize) -> String {
    format!("-slice{k:04}")
}

pub(crate) fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The file's name without its ending, as tables of labels name slices too ([`without_extension`]).
pub(crate) fn stem(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or(path.as_os_str());
    // A name need not be UTF-8, but its points are where they are.
    let text = name.to_string_lossy();
    let ending = &text[without_extension(&text).len()..];
    let n_points = ending.matches('.').count();
    (0..n_points).fold(name.into(), |name: PathBuf, _| name.with_extension(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_uid_is_no_ending() {
        for (file, name) in [
            ("a/1.2.840.17", "1.2.840.17"),
            ("1.2.840.17.dcm", "1.2.840.17"),
            ("1.2.840.17.dcm.gz", "1.2.840.17"),
            ("ID_1.npy", "ID_1"),
            ("a/head.1.nii.gz", "head.1"),
            ("IM0001", "IM0001"),
            ("a.b/.hidden", ".hidden"),
            ("ends.", "ends."),
            ("two..gz", "two."),
        ] {
            assert_eq!(stem(Path::new(file)), Path::new(name));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf8_loses_its_ending_too() {
        use std::os::unix::ffi::OsStrExt;
        let named = |name| PathBuf::from(OsStr::from_bytes(name));
        assert_eq!(stem(&named(b"a/\xff.nii.gz")), named(b"\xff"));
        assert_eq!(stem(&named(b"1.2.\xff")), named(b"1.2"));
    }
}
