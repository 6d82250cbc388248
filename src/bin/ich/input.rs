//! Slices to work on: files, or a phantom.

use std::sync::Arc;

use ich::ct_labels::{BoundingBox, GroundTruth};
use ich::ct_phantom::{Bleed, Lesions, Phantom};
use ich::ct_preprocess::{
    ChannelStack, ChannelWindows, DicomFile, HuSlice, Placement, SliceGeometry, Turn, Warning,
    Window, WindowedSlice,
};
use ich::hshap::SaliencyMap;
use ich::ich_model::sha256;
use ndarray::Array2;

use crate::fault::Fault;
use crate::report::{DicomReport, NiftiReport, SeenReport};

/// Seed of the phantom that is explained where no slice is given.
pub(crate) const DEMO_SEED: u64 = 1;

/// A slice, windowed.
pub(crate) struct Input {
    /// Stem of the file's name; an RSNA id, or the SOPInstanceUID in ground-truth tables.
    pub(crate) name: String,
    /// Where it comes from, as the report says it.
    pub(crate) source: String,
    /// Hash of the file as it was read, or of the phantom's little-endian values.
    pub(crate) sha256: String,
    /// Length of the file.
    pub(crate) bytes: Option<u64>,
    /// What a DICOM file says beside the pixels.
    pub(crate) dicom: Option<DicomReport>,
    /// That file, and which of its frames this is.
    pub(crate) dicom_frame: Option<(Arc<DicomFile>, usize)>,
    /// Where a slice of a NIfTI volume lies.
    pub(crate) nifti: Option<NiftiReport>,
    /// Where a DICOM slice lies, if the file says so completely.
    pub(crate) geometry: Option<SliceGeometry>,
    /// The slice on its own grid.
    pub(crate) hu: HuSlice,
    /// Windows that the file itself names.
    pub(crate) own_windows: Vec<Window>,
    /// What the network sees.
    pub(crate) stack: ChannelStack,
    /// Where the network sees the slice turned or on another grid.
    pub(crate) seen_otherwise: Option<SeenOtherwise>,
    /// What a user should know.
    pub(crate) warnings: Vec<Warning>,
    /// On the slice's own grid.
    pub(crate) boxes: Vec<BoundingBox>,
}

/// A slice that was turned, or brought to the network's grid.
pub(crate) struct SeenOtherwise {
    /// The slice on its own grid, in the window of the first channel.
    pub(crate) grey: WindowedSlice,
    pub(crate) turn: Turn,
    /// Of the turned slice.
    pub(crate) placement: Option<Placement>,
    pub(crate) report: SeenReport,
}

impl Input {
    /// The first channel on the slice's own grid, which figures show.
    pub(crate) fn grey(&self) -> &WindowedSlice {
        match &self.seen_otherwise {
            Some(seen) => &seen.grey,
            None => self.stack.grey(),
        }
    }

    /// A map of what the network saw, on the slice's own grid.
    pub(crate) fn on_own_grid(&self, map: &SaliencyMap) -> Result<Array2<f32>, Fault> {
        let mut shape = (map.rows(), map.cols());
        let mut values = map.values().to_vec();
        if let Some(seen) = &self.seen_otherwise {
            if let Some(placement) = &seen.placement {
                shape = placement.slice_shape();
                values = placement.map_back(&values)?;
            }
            values = seen.turn.undo(&values, shape);
            shape = (self.hu.rows(), self.hu.cols());
        }
        Ok(Array2::from_shape_vec(shape, values)?)
    }

    /// A rectangle (row, column, rows, columns) of what the network saw, on the slice's own grid.
    pub(crate) fn place_of(&self, rectangle: (f64, f64, f64, f64)) -> (f64, f64, f64, f64) {
        let Some(seen) = &self.seen_otherwise else {
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

    /// Adds the boxes of the table: those of the file's name, or else of its SOPInstanceUID. Gives
    /// the name by which there were some.
    pub(crate) fn add_boxes(&mut self, truth: &GroundTruth) -> Option<String> {
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

/// A phantom with a small bleed within the brain, and the box around it.
pub(crate) fn demo(windows: &ChannelWindows) -> Result<Input, Fault> {
    let phantom = Phantom::generate(DEMO_SEED, &Lesions::Exactly(vec![Bleed::Intraparenchymal]))?;
    let bytes: Vec<u8> = phantom
        .hu()
        .iter()
        .flat_map(|hu| hu.to_le_bytes())
        .collect();
    let hu = ich::phantom_slice(&phantom)?;
    Ok(Input {
        name: format!("phantom-{DEMO_SEED}"),
        source: format!("synthetic phantom, seed {DEMO_SEED}"),
        sha256: sha256(&bytes),
        bytes: None,
        dicom: None,
        dicom_frame: None,
        nifti: None,
        geometry: None,
        stack: windows.apply(&hu),
        hu,
        own_windows: Vec::new(),
        seen_otherwise: None,
        warnings: Vec::new(),
        boxes: ich::phantom_box(&phantom).into_iter().collect(),
    })
}
