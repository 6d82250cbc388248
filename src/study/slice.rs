use std::sync::Arc;

use ct_io::{DicomFile, HuSlice, SliceGeometry, Turn, Warning};
use ct_labels::{BoundingBox, GroundTruth};
use ct_preprocess::{ChannelStack, Window, WindowedSlice};
use hshap::SaliencyMap;

use super::facts::{DicomFacts, NiftiFacts};
use super::reading::Reading;
use super::seen::Seen;
use crate::Error;

/// A slice that was read, and what the network sees of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Slice {
    /// Stem of the file's name: an RSNA id, or the SOPInstanceUID in ground-truth tables.
    pub name: String,
    /// Where it comes from, as reports say it.
    pub source: String,
    /// SHA-256 of the file as it was read, or of the phantom's little-endian values.
    pub sha256: String,
    /// Length of the file.
    pub bytes: Option<u64>,
    /// What a DICOM file says beside the pixels.
    pub dicom: Option<DicomFacts>,
    /// That file, and which of its frames this is.
    pub dicom_frame: Option<(Arc<DicomFile>, usize)>,
    /// Where a slice of a NIfTI volume lies.
    pub nifti: Option<NiftiFacts>,
    /// Where a DICOM slice lies, if the file says so completely.
    pub geometry: Option<SliceGeometry>,
    /// The slice on its own grid, in Hounsfield units.
    pub hu: HuSlice,
    /// Windows that the file itself names.
    pub own_windows: Vec<Window>,
    /// What the network sees.
    pub stack: ChannelStack,
    /// Where the network sees the slice turned or on another grid.
    pub seen: Option<Seen>,
    /// What a user should know.
    pub warnings: Vec<Warning>,
    /// Known bleeds, on the slice's own grid.
    pub boxes: Vec<BoundingBox>,
}

impl Slice {
    /// A slice in Hounsfield units, in the usual view, whose pixels are of unknown size.
    ///
    /// `name` is the stem of results, `source` what reports call the slice.
    ///
    /// # Errors
    ///
    /// [`Error::NotOnGrid`] for a slice that is not of the network's size, unless `reading` says how it
    /// is brought there, and [`Error::Preprocess`] for a network that sees neighbouring slices too.
    pub fn new(
        name: String,
        source: String,
        sha256: String,
        hu: HuSlice,
        reading: &Reading,
    ) -> Result<Self, Error> {
        let mut warnings = Vec::new();
        let (stack, seen) = reading.see(&hu, &[], None, Turn::default(), &mut warnings)?;
        Ok(Self {
            name,
            source,
            sha256,
            bytes: None,
            dicom: None,
            dicom_frame: None,
            nifti: None,
            geometry: None,
            hu,
            own_windows: Vec::new(),
            stack,
            seen,
            warnings,
            boxes: Vec::new(),
        })
    }

    /// The first channel on the slice's own grid, which figures show.
    pub fn grey(&self) -> &WindowedSlice {
        match &self.seen {
            Some(seen) => &seen.grey,
            None => self.stack.grey(),
        }
    }

    /// A map of what the network saw, on the slice's own grid.
    ///
    /// # Errors
    ///
    /// A map of another size than what the network saw.
    pub fn on_own_grid(&self, map: &SaliencyMap) -> Result<SaliencyMap, Error> {
        let mut shape = (map.rows(), map.cols());
        let mut values = map.values().to_vec();
        if let Some(seen) = &self.seen {
            if let Some(placement) = &seen.placement {
                shape = placement.slice_shape();
                values = placement.map_back(&values).map_err(Error::other)?;
            }
            values = seen.turn.undo(&values, shape);
            shape = (self.hu.rows(), self.hu.cols());
        }
        SaliencyMap::from_values(values, shape.0, shape.1).ok_or(Error::MapSize {
            found: (map.rows(), map.cols()),
        })
    }

    /// A rectangle (row, column, rows, columns) of what the network saw, on the slice's own grid.
    pub fn place_of(&self, rectangle: (f64, f64, f64, f64)) -> (f64, f64, f64, f64) {
        let Some(seen) = &self.seen else {
            return rectangle;
        };
        let (row, col, rows, cols) = rectangle;
        let corner = |row: f64, col: f64| {
            let (row, col) = match &seen.placement {
                Some(placement) => placement.to_slice((row, col)),
                None => (row, col),
            };
            let shape = seen.turn.shape((self.hu.rows(), self.hu.cols()));
            seen.turn.undo_point((row, col), shape)
        };
        let ((a, b), (c, d)) = (corner(row, col), corner(row + rows, col + cols));
        (a.min(c), b.min(d), (c - a).abs(), (d - b).abs())
    }

    /// Adds the boxes of a table: those of the file's name, or else of its SOPInstanceUID. Gives
    /// the name by which there were some.
    pub fn add_boxes(&mut self, truth: &GroundTruth) -> Option<String> {
        let uid = self
            .dicom
            .as_ref()
            .and_then(|dicom| dicom.sop_instance_uid.as_deref());
        let names = [Some(self.name.as_str()), uid];
        let mut found = names
            .into_iter()
            .flatten()
            .map(|name| (name, truth.boxes(name)));
        let (name, boxes) = found.find(|(_, boxes)| !boxes.is_empty())?;
        let name = name.to_owned();
        self.boxes.extend_from_slice(boxes);
        Some(name)
    }
}
