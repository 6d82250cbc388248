//! Real slices of patients with a bleed, read in place, for judging only.
//!
//! Source: Ma et al., "PHE-SICH-CT-IDS: a benchmark CT image dataset for evaluation semantic
//! segmentation, object detection and radiomic feature extraction of perihematomal edema in
//! spontaneous intracerebral hemorrhage", figshare 23957937.

use std::path::{Path, PathBuf};

use test_kit::shared;

/// A slice of the folder.
pub(crate) struct RealSlice {
    path: PathBuf,
    pub(crate) is_labelled: bool,
}

/// Which patients are read: those at even places of the sorted list were looked at while the
/// generator was written, the others only to judge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Developed,
    Untouched,
}

/// The slices of one half of the patients that were stored with a window of -20 to 100 HU, or
/// `None` where the folder is not there.
pub(crate) fn real_slices(test: &str, half: Half) -> Option<Vec<RealSlice>> {
    let table = shared(test, "data/phe-sich/labels.csv")?;
    let folder = table.parent().expect("a folder").to_owned();
    let text = std::fs::read_to_string(&table).expect("a table");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let mut patients: Vec<&str> = rows.iter().map(|row| row[2]).collect();
    patients.sort_unstable();
    patients.dedup();
    let is_wanted = |patient: &str| {
        let place = patients.binary_search(&patient).expect("a patient");
        place.is_multiple_of(2) == (half == Half::Developed)
    };
    let slices = rows
        .iter()
        .filter(|row| row[3] == "40:120" && is_wanted(row[2]))
        .map(|row| RealSlice {
            path: folder.join(row[0]),
            is_labelled: row[1] == "1",
        })
        .collect();
    Some(slices)
}

impl RealSlice {
    /// Hounsfield units, cut to -20 to 100.
    pub(crate) fn hu(&self) -> Vec<f32> {
        let picture = open(&self.path);
        let (width, height) = (picture.width(), picture.height());
        assert_eq!((width, height), (512, 512), "{}", self.path.display());
        let to_hu = |&value: &u8| f32::from(value) / 255.0 * 120.0 - 20.0;
        picture.as_raw().iter().map(to_hu).collect()
    }
}

fn open(path: &Path) -> image::GrayImage {
    match image::open(path) {
        Ok(picture) => picture.into_luma8(),
        Err(error) => panic!("{}: {error}", path.display()),
    }
}
