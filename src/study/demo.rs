//! The phantom that stands for slices where there are none.

use ct_phantom::{Bleed, Lesions, Phantom};

use super::reading::Reading;
use super::slice::Slice;
use crate::Error;
use crate::phantom::{phantom_box, phantom_slice};

/// Its seed.
const SEED: u64 = 1;

/// Stem of its results.
pub(crate) fn name() -> String {
    format!("phantom-{SEED}")
}

/// What reports call it.
pub(crate) fn source() -> String {
    format!("synthetic phantom, seed {SEED}")
}

/// A synthetic slice with a small bleed within the brain, and the box around it.
///
/// # Errors
///
/// None: the seed has room for the bleed, and the slice is brought to any grid.
pub fn demo(reading: &Reading) -> Result<Slice, Error> {
    let lesions = Lesions::Exactly(vec![Bleed::Intraparenchymal]);
    let phantom = Phantom::generate(SEED, &lesions).map_err(Error::other)?;
    let bytes: Vec<u8> = phantom
        .hu()
        .iter()
        .flat_map(|hu| hu.to_le_bytes())
        .collect();
    let hu = phantom_slice(&phantom)?;
    Ok(Slice {
        boxes: phantom_box(&phantom).into_iter().collect(),
        ..Slice::new(name(), source(), ich_model::sha256(&bytes), hu, reading)?
    })
}
