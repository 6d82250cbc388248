//! Where a layer's values are read from.

use crate::buffer::Buffer;
use crate::plan::{LayerPlan, Source};
use crate::tile::{Grid, SIDE};

/// The activations of an unmasked image: every tile of every layer.
pub(crate) type Stored = Vec<Buffer>;

/// The activations that a masked image is composed from.
#[derive(Clone, Copy)]
pub(crate) struct Ends<'a> {
    pub(crate) image: &'a Stored,
    pub(crate) background: &'a Stored,
}

/// One layer of a batch, to read.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) grid: &'a Grid,
    pub(crate) plan: &'a LayerPlan,
    pub(crate) computed: &'a [f32],
    pub(crate) image: &'a [f32],
    pub(crate) background: &'a [f32],
}

impl<'a> View<'a> {
    /// The values `[positions, channels]` of a tile.
    pub(crate) fn tile(&self, image: usize, tile: usize) -> &'a [f32] {
        let len = self.grid.tile_len();
        match self.plan.source(image, tile) {
            Source::IMAGE => &self.image[tile * len..][..len],
            Source::BACKGROUND => &self.background[tile * len..][..len],
            slot => &self.computed[slot.index() * len..][..len],
        }
    }

    /// The channels of a position; none outside the layer.
    pub(crate) fn position(&self, image: usize, row: isize, col: isize) -> Option<&'a [f32]> {
        let row = usize::try_from(row).ok()?;
        let col = usize::try_from(col).ok()?;
        if row >= self.grid.size.rows || col >= self.grid.size.cols {
            return None;
        }
        let tile = self.tile(image, row / SIDE * self.grid.tile_cols + col / SIDE);
        let stride = self.grid.channel_stride;
        Some(&tile[(row % SIDE * SIDE + col % SIDE) * stride..][..stride])
    }

    /// Copies a square patch, zeros outside the layer.
    pub(crate) fn copy_patch(
        &self,
        image: usize,
        row: isize,
        col: isize,
        side: usize,
        patch: &mut [f32],
    ) {
        let stride = self.grid.channel_stride;
        let n_cols = self.grid.size.cols as isize;
        let first = col.clamp(0, n_cols) as usize;
        let end = (col + side as isize).clamp(0, n_cols) as usize;
        for (i, line) in patch.chunks_exact_mut(side * stride).enumerate() {
            let row = row + i as isize;
            if row < 0 || row >= self.grid.size.rows as isize {
                line.fill(0.0);
                continue;
            }
            let row = row as usize;
            let mut at = first;
            line[..(first as isize - col) as usize * stride].fill(0.0);
            while at < end {
                let next = (at / SIDE * SIDE + SIDE).min(end);
                let tile = self.tile(image, row / SIDE * self.grid.tile_cols + at / SIDE);
                let from = (row % SIDE * SIDE + at % SIDE) * stride;
                let to = (at as isize - col) as usize * stride;
                let len = (next - at) * stride;
                line[to..to + len].copy_from_slice(&tile[from..from + len]);
                at = next;
            }
            line[(end as isize - col).max(0) as usize * stride..].fill(0.0);
        }
    }
}
