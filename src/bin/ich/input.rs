//! Slices to work on: files, or a phantom.

use std::path::Path;

use ich::ct_figure::{BoundingBox, GroundTruth};
use ich::ct_phantom::{Bleed, Lesions, Phantom};
use ich::ct_preprocess::{
    ChannelStack, ChannelWindows, DicomFile, HuSlice, RsnaRepair, WindowedSlice,
};

use crate::fault::Fault;
use crate::listing::{self, SliceRef};
use crate::output::{sha256, sha256_of_file};
use crate::report::DicomReport;

/// Longest side of a slice. The stem alone needs some 200 bytes a pixel (its unfolded input and its
/// output), so a larger file could ask for any amount of memory.
const MAX_SIDE: usize = 2048;

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
    pub(crate) stack: ChannelStack,
    pub(crate) boxes: Vec<BoundingBox>,
}

/// How slices are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) windows: ChannelWindows,
    pub(crate) repair: RsnaRepair,
}

impl Input {
    /// The first channel, which figures show.
    pub(crate) fn grey(&self) -> &WindowedSlice {
        self.stack.grey()
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

/// Reads a slice and windows it.
pub(crate) fn read(slice: &SliceRef, reading: &Reading) -> Result<Input, Fault> {
    let Some(path) = &slice.path else {
        return demo(&reading.windows);
    };
    let (hu, dicom) = match listing::is_dicom(path) {
        true => {
            let (hu, report) = read_dicom(path, slice.frame.unwrap_or(0), reading.repair)?;
            (hu, Some(report))
        }
        false => (HuSlice::read(path)?, None),
    };
    if hu.rows().max(hu.cols()) > MAX_SIDE {
        return Err(Fault::new(format!(
            "{}: {} x {} pixels, expected at most {MAX_SIDE} on a side",
            path.display(),
            hu.rows(),
            hu.cols()
        )));
    }
    Ok(Input {
        name: listing::stem(path).to_string_lossy().into_owned(),
        source: slice.source(),
        sha256: sha256_of_file(path)?,
        dicom,
        stack: reading.windows.apply(&hu),
        boxes: Vec::new(),
    })
}

fn read_dicom(
    path: &Path,
    frame: usize,
    repair: RsnaRepair,
) -> Result<(HuSlice, DicomReport), Fault> {
    let file = DicomFile::read(path)?;
    let slice = file
        .slice(frame, repair)
        .map_err(|error| Fault::in_file(path, error))?;
    let identity = file.identity();
    let report = DicomReport {
        sop_instance_uid: identity.sop_instance_uid.clone(),
        series_instance_uid: identity.series_instance_uid.clone(),
        study_instance_uid: identity.study_instance_uid.clone(),
        padded_pixels: slice.n_padded,
        rsna_repair: slice.needs_rsna_repair.then_some(match repair {
            RsnaRepair::On => "made",
            RsnaRepair::Off => "not asked for",
        }),
    };
    if slice.needs_rsna_repair && repair == RsnaRepair::Off {
        eprintln!(
            "{}: 12-bit values that may be wrapped around 4096; --rsna-repair unwraps them",
            path.display()
        );
    }
    Ok((slice.hu, report))
}

/// A phantom with a small bleed within the brain, and the box around it.
pub(crate) fn demo(windows: &ChannelWindows) -> Result<Input, Fault> {
    let phantom = Phantom::generate(DEMO_SEED, &Lesions::Exactly(vec![Bleed::Intraparenchymal]))?;
    let bytes: Vec<u8> = phantom
        .hu()
        .iter()
        .flat_map(|hu| hu.to_le_bytes())
        .collect();
    Ok(Input {
        name: format!("phantom-{DEMO_SEED}"),
        source: format!("synthetic phantom, seed {DEMO_SEED}"),
        sha256: sha256(&bytes),
        dicom: None,
        stack: windows.apply(&ich::phantom_slice(&phantom)?),
        boxes: ich::phantom_box(&phantom).into_iter().collect(),
    })
}
