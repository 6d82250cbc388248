//! Slices to work on: files, or a phantom.

use std::path::Path;

use ich::ct_figure::BoundingBox;
use ich::ct_phantom::{Bleed, Lesions, Phantom};
use ich::ct_preprocess::{ChannelStack, ChannelWindows, HuSlice, WindowedSlice};

use crate::fault::Fault;
use crate::listing::SliceRef;
use crate::output::{sha256, sha256_of_file};

/// Longest side of a slice. The stem alone needs some 200 bytes a pixel (its unfolded input and its
/// output), so a larger file could ask for any amount of memory.
const MAX_SIDE: usize = 2048;

/// Seed of the phantom that is explained where no slice is given.
pub(crate) const DEMO_SEED: u64 = 1;

/// A slice, windowed.
pub(crate) struct Input {
    /// Stem of the file's name; the SOPInstanceUID in ground-truth tables.
    pub(crate) name: String,
    /// Where it comes from, as the report says it.
    pub(crate) source: String,
    /// Hash of the file, or of the phantom's little-endian values.
    pub(crate) sha256: String,
    pub(crate) stack: ChannelStack,
    pub(crate) boxes: Vec<BoundingBox>,
}

impl Input {
    /// The first channel, which figures show.
    pub(crate) fn grey(&self) -> &WindowedSlice {
        self.stack.grey()
    }
}

/// Reads a slice and windows it.
pub(crate) fn read(slice: &SliceRef, windows: &ChannelWindows) -> Result<Input, Fault> {
    match &slice.path {
        Some(path) => read_file(path, windows),
        None => demo(windows),
    }
}

fn read_file(path: &Path, windows: &ChannelWindows) -> Result<Input, Fault> {
    let slice = HuSlice::read(path)?;
    if slice.rows().max(slice.cols()) > MAX_SIDE {
        return Err(Fault::new(format!(
            "{}: {} x {} pixels, expected at most {MAX_SIDE} on a side",
            path.display(),
            slice.rows(),
            slice.cols()
        )));
    }
    let name = path.file_stem().unwrap_or(path.as_os_str());
    Ok(Input {
        name: name.to_string_lossy().into_owned(),
        source: path.display().to_string(),
        sha256: sha256_of_file(path)?,
        stack: windows.apply(&slice),
        boxes: Vec::new(),
    })
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
        stack: windows.apply(&ich::phantom_slice(&phantom)?),
        boxes: ich::phantom_box(&phantom).into_iter().collect(),
    })
}
