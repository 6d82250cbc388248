//! How much memory activations take, and how much they may.

use crate::plan::LayerPlan;
use crate::program::{Program, Step};
use crate::tile::{Grid, POSITIONS};

/// The most that is taken without being asked for.
const MOST_BYTES: u64 = 1 << 30;

/// Taken where the machine does not say what it has.
const UNKNOWN_BYTES: u64 = 1 << 28;

/// A quarter of the memory that is free, within the limits of a container, at most 1 GiB.
pub(crate) fn default_budget() -> u64 {
    let Ok(mut system) = sysinfo::System::new() else {
        return UNKNOWN_BYTES;
    };
    system.refresh_memory();
    let free = match system.cgroup_limits() {
        Some(limits) => limits.free_memory.min(system.available_memory()),
        None => system.available_memory(),
    };
    (free / 4).min(MOST_BYTES)
}

fn bytes(n_values: usize) -> u64 {
    n_values as u64 * size_of::<f32>() as u64
}

/// Bytes of all activations of one image.
pub(crate) fn stored(grids: &[Grid]) -> u64 {
    grids
        .iter()
        .map(|grid| bytes(grid.n_tiles() * grid.tile_len()))
        .sum()
}

/// Most bytes that the layers of a run take at one time.
pub(crate) fn peak_of(program: &Program, grids: &[Grid], plans: &[LayerPlan]) -> u64 {
    let of_layer = |index: usize| bytes(plans[index].slots.len() * grids[index].tile_len());
    (0..grids.len())
        .map(|now| {
            (0..=now)
                .filter(|&layer| layer == now || program.layers[layer].last_reader >= now)
                .map(of_layer)
                .sum()
        })
        .max()
        .unwrap_or(0)
}

/// Bytes that the threads use for patches and products.
pub(crate) fn scratch(program: &Program, grids: &[Grid], n_threads: usize) -> u64 {
    let of_layer = |index: usize| {
        let layer = &program.layers[index];
        let (c_in, c_out) = (
            grids[layer.input].channel_stride,
            grids[index].channel_stride,
        );
        let per_tile = match (&layer.step, layer.window) {
            (Step::Direct { .. }, Some(window)) => {
                window.patch_side().pow(2) * c_in + POSITIONS * c_out
            }
            (Step::Winograd { stride, .. }, _) => stride.n_points() * (c_in + c_out),
            _ => 0,
        };
        bytes(per_tile * layer.step.most_tiles(&grids[layer.input], &grids[index]))
    };
    let largest = (0..grids.len()).map(of_layer).max().unwrap_or(0);
    largest * n_threads as u64
}
