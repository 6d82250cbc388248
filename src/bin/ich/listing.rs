//! Which slices a call works on: files, folders, patterns and lists become one list.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use ich::ct_preprocess::{DicomFile, NiftiHeader, SliceGeometry};
use walkdir::WalkDir;

use crate::fault::Fault;
use crate::input::DEMO_SEED;
use crate::list::SliceNumbers;

/// Longest list of slices: some ten times the RSNA 2019 data.
const MAX_SLICES: usize = 10_000_000;

/// Longest file of `--from`.
const MAX_LIST_BYTES: u64 = 1 << 30;

/// Ending of maps, which are no slices where a folder holds both.
pub(crate) const SALIENCY_NPY: &str = ".saliency.npy";

/// Ending of the maps of a volume.
pub(crate) const SALIENCY_NIFTI: &str = ".saliency.nii.gz";

/// Ending of figures as DICOM, which are no slices either.
pub(crate) const FIGURE_DICOM: &str = ".figure.dcm";

/// A slice to read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SliceRef {
    /// The file, or `None` for the phantom.
    pub(crate) path: Option<PathBuf>,
    /// Of a file with several slices, DICOM frames or those of a NIfTI volume: which one, from 0.
    pub(crate) frame: Option<usize>,
    /// Of a DICOM file that says so.
    pub(crate) place: Option<Place>,
    /// The name of the volume that its map is part of.
    pub(crate) volume: Option<PathBuf>,
    /// Where its results go below the folder of results: its path below the folder that was given,
    /// without the ending.
    pub(crate) name: PathBuf,
}

/// Where a DICOM slice belongs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    /// `SeriesInstanceUID`.
    pub(crate) series: String,
    pub(crate) geometry: SliceGeometry,
}

impl SliceRef {
    /// What reports call the slice.
    pub(crate) fn source(&self) -> String {
        match (&self.path, self.frame) {
            (Some(path), None) => path.display().to_string(),
            (Some(path), Some(k)) if is_nifti(path) => format!("{}, slice {k}", path.display()),
            (Some(path), Some(frame)) => format!("{}, frame {frame}", path.display()),
            (None, _) => format!("synthetic phantom, seed {DEMO_SEED}"),
        }
    }

    /// What its volume is: a series, or a file.
    pub(crate) fn volume_source(&self) -> Option<&OsStr> {
        match &self.place {
            Some(place) => Some(OsStr::new(&place.series)),
            None => self.path.as_deref().map(Path::as_os_str),
        }
    }

    /// The phantom with a bleed that stands for slices where there are none.
    fn phantom() -> Self {
        Self {
            path: None,
            frame: None,
            place: None,
            volume: None,
            name: format!("phantom-{DEMO_SEED}").into(),
        }
    }
}

/// What was found, and what was asked for and could not be.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) slices: Vec<SliceRef>,
    /// By what they were asked for.
    pub(crate) faults: Vec<(String, Fault)>,
    /// Files in folders that are no slices.
    pub(crate) n_passed_over: usize,
}

impl Listing {
    /// Expands paths, and those that a file lists one a line (`-` for standard input).
    ///
    /// Folders are walked, sorted by name, DICOM series by position; a pattern such as `"study/*.npy"` is expanded where no
    /// file has that name. A path that comes twice is one slice.
    pub(crate) fn expand(paths: &[PathBuf], from: Option<&Path>) -> Result<Self, Fault> {
        let mut listing = Self::default();
        let mut seen = HashSet::new();
        let listed = match from {
            Some(file) => read_list(file)?,
            None => Vec::new(),
        };
        for path in paths.iter().chain(&listed) {
            listing.add(path, &mut seen)?;
        }
        listing.sort_series();
        listing.name_series();
        Ok(listing)
    }

    /// Leaves of files with many slices only these.
    pub(crate) fn choose(&mut self, numbers: &SliceNumbers) {
        self.slices
            .retain(|slice| slice.frame.is_none_or(|k| numbers.contains(k)));
    }

    /// The phantom alone.
    pub(crate) fn phantom() -> Self {
        Self {
            slices: vec![SliceRef::phantom()],
            ..Self::default()
        }
    }

    fn add(&mut self, path: &Path, seen: &mut HashSet<PathBuf>) -> Result<(), Fault> {
        if path.is_dir() {
            return self.add_folder(path, seen);
        }
        if !path.exists()
            && let Some(pattern) = path.to_str().filter(|path| path.contains(['*', '?', '[']))
        {
            let found = glob::glob(pattern).map_err(|error| Fault::in_file(path, error))?;
            let mut is_empty = true;
            for path in found {
                is_empty = false;
                match path {
                    Ok(path) if path.is_dir() => self.add_folder(&path, seen)?,
                    Ok(path) => self.push(path.clone(), stem(&path), seen)?,
                    Err(error) => self.fail(error.path().to_owned(), error),
                }
            }
            if is_empty {
                let source = path.display().to_string();
                let fault = Fault::new(format!("{source}: no file matches"));
                self.faults.push((source, fault));
            }
            return Ok(());
        }
        self.push(path.to_owned(), stem(path), seen)
    }

    fn add_folder(&mut self, folder: &Path, seen: &mut HashSet<PathBuf>) -> Result<(), Fault> {
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    let path = entry.path();
                    if is_slice(path) {
                        let below = path.strip_prefix(folder).unwrap_or(path);
                        let name = below.with_file_name(stem(path));
                        self.push(path.to_owned(), name, seen)?;
                    } else {
                        self.n_passed_over += 1;
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    self.fail(path, error);
                }
            }
        }
        Ok(())
    }

    fn fail(&mut self, path: PathBuf, error: impl std::error::Error) {
        let source = path.display().to_string();
        self.faults.push((source, Fault::from(error)));
    }

    fn push(
        &mut self,
        path: PathBuf,
        name: PathBuf,
        seen: &mut HashSet<PathBuf>,
    ) -> Result<(), Fault> {
        if self.slices.len() == MAX_SLICES {
            return Err(Fault::new(format!("more than {MAX_SLICES} slices")));
        }
        if seen.insert(path.clone()) {
            self.slices.extend(slices_of(path, name));
        }
        Ok(())
    }

    /// Brings the slices of a DICOM series together, at the place of the first one, in their order
    /// along the patient. All others stay where they are.
    fn sort_series(&mut self) {
        let mut firsts: HashMap<String, usize> = HashMap::new();
        let mut keyed: Vec<_> = std::mem::take(&mut self.slices)
            .into_iter()
            .enumerate()
            .map(|(index, slice)| match &slice.place {
                Some(place) => {
                    let first = *firsts.entry(place.series.clone()).or_insert(index);
                    ((first, place.geometry.along_normal_mm()), slice)
                }
                None => ((index, 0.0), slice),
            })
            .collect();
        keyed.sort_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        self.slices = keyed.into_iter().map(|(_, slice)| slice).collect();
    }

    /// Names the volume of the files of a DICOM series that lie in one folder. One file alone is a
    /// volume of its own name, so that calls with a slice each do not meet.
    fn name_series(&mut self) {
        let key = |slice: &SliceRef| {
            let place = slice.place.as_ref().filter(|_| slice.frame.is_none())?;
            let folder = slice.name.parent().unwrap_or(Path::new(""));
            Some((place.series.clone(), folder.to_owned()))
        };
        let mut counts: HashMap<_, usize> = HashMap::new();
        for key in self.slices.iter().filter_map(key) {
            *counts.entry(key).or_default() += 1;
        }
        for slice in &mut self.slices {
            let Some((series, folder)) = key(slice) else {
                continue;
            };
            slice.volume = Some(match counts[&(series.clone(), folder.clone())] {
                1 => slice.name.clone(),
                _ => folder.join(format!("series-{}", file_name(&series))),
            });
        }
    }
}

/// A UID as part of a file's name, whatever the file had in its place.
fn file_name(uid: &str) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    uid.chars().filter(is_safe).take(64).collect()
}

/// The slices of a file: the frames of a DICOM file that has several, those of a NIfTI volume, or
/// the file itself. One that cannot be read is found out when its turn comes.
fn slices_of(path: PathBuf, name: PathBuf) -> Vec<SliceRef> {
    if is_dicom(&path) {
        if let Ok(file) = DicomFile::read(&path) {
            return frames(&path, &name, &file);
        }
    } else if is_nifti(&path)
        && let Ok(header) = NiftiHeader::read(&path)
    {
        return (0..header.n_slices())
            .map(|k| SliceRef {
                path: Some(path.clone()),
                frame: Some(k),
                place: None,
                volume: Some(name.clone()),
                name: with_suffix(&name, &slice_suffix(k)),
            })
            .collect();
    }
    vec![SliceRef {
        path: Some(path),
        frame: None,
        place: None,
        volume: None,
        name,
    }]
}

/// The frames of a DICOM file.
fn frames(path: &Path, name: &Path, file: &DicomFile) -> Vec<SliceRef> {
    let slice = |frame| {
        let has_many = file.n_frames() > 1;
        let series = file.identity().series_instance_uid.clone();
        let geometry = file.header().geometry(frame);
        let place = series.zip(geometry);
        SliceRef {
            path: Some(path.to_owned()),
            frame: has_many.then_some(frame),
            volume: place.as_ref().filter(|_| has_many).map(|_| name.to_owned()),
            place: place.map(|(series, geometry)| Place { series, geometry }),
            name: match has_many {
                true => with_suffix(name, &format!("-frame{frame:04}")),
                false => name.to_owned(),
            },
        }
    };
    (0..file.n_frames()).map(slice).collect()
}

/// What follows the name of a volume in that of its slice.
pub(crate) fn slice_suffix(k: usize) -> String {
    format!("-slice{k:04}")
}

fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// True of a file whose name says that it is a NIfTI volume.
pub(crate) fn is_nifti(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    name.ends_with(".nii") || name.ends_with(".nii.gz")
}

/// True of a file with a DICOM preamble.
pub(crate) fn is_dicom(path: &Path) -> bool {
    // A pipe would be waited for.
    if !path.is_file() {
        return false;
    }
    let mut start = [0; 132];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start.ends_with(b"DICM")
}

/// True of files that a folder is searched for.
fn is_slice(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (name.ends_with(".npy") && !name.ends_with(SALIENCY_NPY))
        || (is_nifti(path) && !name.ends_with(SALIENCY_NIFTI))
        || (!name.ends_with(FIGURE_DICOM) && name != "DICOMDIR" && is_dicom(path))
}

/// The file's name without its ending. Digits behind a point are no ending but part of a UID.
pub(crate) fn stem(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let without_gz = match path.extension() {
        Some(gz) if is_nifti(path) && gz.eq_ignore_ascii_case("gz") => path.with_extension(""),
        _ => path.to_owned(),
    };
    let path = &without_gz;
    let ending = path.extension().and_then(|ending| ending.to_str());
    let is_uid = ending.is_some_and(|ending| ending.bytes().all(|byte| byte.is_ascii_digit()));
    match path.file_stem() {
        Some(stem) if !is_uid => stem.into(),
        _ => name.into(),
    }
}

/// Paths in a file, one a line; blank lines do not count.
fn read_list(file: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error| Fault::in_file(file, error);
    let mut text = String::new();
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(fault)?)
    };
    let n_bytes = source
        .take(MAX_LIST_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(fault)?;
    if n_bytes as u64 > MAX_LIST_BYTES {
        return Err(Fault::new(format!(
            "{}: more than {MAX_LIST_BYTES} bytes, too long for a list of slices",
            file.display()
        )));
    }
    let lines = text.trim_start_matches('\u{feff}').lines();
    Ok(lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(PathBuf::from)
        .collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(listing: &Listing) -> Vec<&str> {
        let names = listing.slices.iter().map(|slice| slice.name.to_str());
        names.map(|name| name.expect("UTF-8")).collect()
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("b/c")).expect("a folder");
        for file in [
            "b/c/2.npy",
            "b/10.npy",
            "a.npy",
            "a.saliency.npy",
            "notes.txt",
        ] {
            fs::write(folder.path().join(file), "").expect("written");
        }
        folder
    }

    #[test]
    fn a_folder_is_walked_in_order_and_names_keep_its_structure() {
        let folder = folder();
        let listing = Listing::expand(&[folder.path().to_owned()], None).expect("a list");
        assert_eq!(names(&listing), ["a", "b/10", "b/c/2"]);
        assert_eq!(listing.n_passed_over, 2);
        assert!(listing.faults.is_empty());
    }

    #[test]
    fn patterns_are_expanded_and_a_slice_comes_once() {
        let folder = folder();
        let pattern = folder.path().join("b/*.npy");
        let missing = folder.path().join("*.dcm");
        let file = folder.path().join("b/10.npy");
        let listing = Listing::expand(&[file, pattern, missing], None).expect("a list");
        assert_eq!(names(&listing), ["10"]);
        assert_eq!(listing.faults.len(), 1);
        let (source, fault) = &listing.faults[0];
        assert!(source.ends_with("*.dcm"), "{source}");
        assert!(fault.to_string().contains("no file matches"));
    }

    #[test]
    fn the_files_of_a_series_in_one_folder_are_a_volume() {
        let slice = |name: &str, series: &str| SliceRef {
            path: Some(name.into()),
            frame: None,
            place: Some(Place {
                series: series.to_owned(),
                geometry: SliceGeometry {
                    spacing_mm: (0.5, 0.5),
                    orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                    position_mm: [0.0; 3],
                    thickness_mm: None,
                },
            }),
            volume: None,
            name: name.into(),
        };
        let mut listing = Listing {
            slices: vec![
                slice("a/1", "1.2"),
                slice("a/2", "1.2"),
                slice("b/1", "1.2"),
                slice("a/3", "../3"),
                slice("a/4", "../3"),
            ],
            ..Listing::default()
        };
        listing.name_series();
        let volumes = listing.slices.iter().map(|slice| slice.volume.as_deref());
        let volumes: Vec<_> = volumes
            .map(|volume| volume.and_then(Path::to_str))
            .collect();
        let [of_a, odd] = [Some("a/series-1.2"), Some("a/series-..3")];
        assert_eq!(volumes, [of_a, of_a, Some("b/1"), odd, odd]);
    }

    #[test]
    fn the_last_part_of_a_uid_is_no_ending() {
        for (file, name) in [
            ("a/1.2.840.17", "1.2.840.17"),
            ("1.2.840.17.dcm", "1.2.840.17"),
            ("ID_1.npy", "ID_1"),
            ("a/head.1.nii.gz", "head.1"),
            ("IM0001", "IM0001"),
        ] {
            assert_eq!(stem(Path::new(file)), Path::new(name));
        }
    }

    #[test]
    fn a_list_names_slices_one_a_line() {
        let folder = folder();
        let list = folder.path().join("notes.txt");
        fs::write(&list, "\u{feff}x/1.npy\r\n\n  x/2.npy\n").expect("written");
        let listing = Listing::expand(&[], Some(&list)).expect("a list");
        assert_eq!(names(&listing), ["1", "2"]);
        assert!(Listing::expand(&[], Some(&folder.path().join("none"))).is_err());
    }
}
