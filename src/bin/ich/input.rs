//! Slices to work on: files, or a phantom.

use std::sync::Arc;

use ich::ct_figure::{BoundingBox, GroundTruth};
use ich::ct_phantom::{Bleed, Lesions, Phantom};
use ich::ct_preprocess::{
    ChannelStack, ChannelWindows, DicomFile, HuSlice, Placement, Window, WindowedSlice,
};
use ich::hshap::SaliencyMap;
use ndarray::Array2;

use crate::fault::Fault;
use crate::output::sha256;
use crate::report::{DicomReport, NiftiReport, ResampleReport};

/// Seed of the phantom that is explained where no slice is given.
pub(crate) const DEMO_SEED: u64 = 1;

/// A slice, windowed.
pub(crate) struct Input {
    /// Stem of the file's name; an RSNA id, or the SOPInstanceUID in ground-truth tables.
    pub(crate) name: String,
    /// Where it comes from, as the report says it.
    pub(crate) source: String,
    /// Hash of the file, or of the phantom's little-endian values.
    pub(crate) sha256: String,
    /// What a DICOM file says beside the pixels.
    pub(crate) dicom: Option<DicomReport>,
    /// That file, and which of its frames this is.
    pub(crate) dicom_frame: Option<(Arc<DicomFile>, usize)>,
    /// Where a slice of a NIfTI volume lies.
    pub(crate) nifti: Option<NiftiReport>,
    /// The slice on its own grid.
    pub(crate) hu: HuSlice,
    /// Windows that the file itself names.
    pub(crate) own_windows: Vec<Window>,
    /// What the network sees.
    pub(crate) stack: ChannelStack,
    /// Where the slice has another grid than the network sees: the slice itself.
    pub(crate) resampled: Option<Resampled>,
    /// On the slice's own grid.
    pub(crate) boxes: Vec<BoundingBox>,
}

/// A slice that was brought to the network's grid.
pub(crate) struct Resampled {
    /// The slice on its own grid, in the window of the first channel.
    pub(crate) grey: WindowedSlice,
    pub(crate) placement: Placement,
    pub(crate) report: ResampleReport,
}

impl Input {
    /// The first channel on the slice's own grid, which figures show.
    pub(crate) fn grey(&self) -> &WindowedSlice {
        match &self.resampled {
            Some(resampled) => &resampled.grey,
            None => self.stack.grey(),
        }
    }

    /// A map of what the network saw, on the slice's own grid.
    pub(crate) fn on_own_grid(&self, map: &SaliencyMap) -> Result<Array2<f32>, Fault> {
        let (shape, values) = match &self.resampled {
            Some(resampled) => {
                let placement = &resampled.placement;
                (placement.slice_shape(), placement.map_back(map.values())?)
            }
            None => ((map.rows(), map.cols()), map.values().to_vec()),
        };
        Ok(Array2::from_shape_vec(shape, values)?)
    }

    /// Adds the boxes of the table: those of the file's name, or else of its SOPInstanceUID.
    pub(crate) fn add_boxes(&mut self, truth: &GroundTruth) {
        let uid = self
            .dicom
            .as_ref()
            .and_then(|dicom| dicom.sop_instance_uid.as_deref());
        let names = [Some(self.name.as_str()), uid];
        let found = names.into_iter().flatten().map(|name| truth.boxes(name));
        if let Some(boxes) = found.into_iter().find(|boxes| !boxes.is_empty()) {
            self.boxes.extend_from_slice(boxes);
        }
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
        dicom: None,
        dicom_frame: None,
        nifti: None,
        stack: windows.apply(&hu),
        hu,
        own_windows: Vec::new(),
        resampled: None,
        boxes: ich::phantom_box(&phantom).into_iter().collect(),
    })
}
