//! Where a layer's values are read from.

use cnn_graph::Size;

use crate::buffer::Buffer;
use crate::plan::{LayerPlan, Source};
use crate::program::{Layer, Work};
use crate::tile::{Grid, SIDE};

/// The activations of an unmasked image: every tile of every layer that is stored, nothing of others.
pub(crate) type Stored = Vec<Buffer>;

/// The activations that a masked image is composed from.
#[derive(Clone, Copy)]
pub(crate) struct Ends<'a> {
    pub(crate) image: &'a Stored,
    pub(crate) background: &'a Stored,
}

/// What was computed of a layer.
pub(crate) enum Computed {
    /// Nothing yet, or it is not needed any more.
    Nothing,
    /// Tiles.
    Map(Buffer),
    /// `[images, values]`.
    Vector(Vec<f64>),
}

/// All layers of a batch, to read.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) layers: &'a [Layer],
    pub(crate) plans: &'a [LayerPlan],
    pub(crate) computed: &'a [Computed],
    pub(crate) ends: Option<Ends<'a>>,
}

impl<'a> Values<'a> {
    /// A map; of a vector, a map of nothing.
    pub(crate) fn map(&self, index: usize) -> View<'a> {
        let grid = match &self.layers[index].work {
            Work::Map(map) => map.grid,
            Work::Vector(_) => Grid::new(Size { rows: 0, cols: 0 }, 0),
        };
        View {
            grid,
            plan: &self.plans[index],
            computed: match &self.computed[index] {
                Computed::Map(buffer) => buffer,
                _ => &[],
            },
            image: self.ends.map_or(&[], |ends| &ends.image[index]),
            background: self.ends.map_or(&[], |ends| &ends.background[index]),
        }
    }

    /// Channels of a map, without the zeros behind them.
    pub(crate) fn n_channels(&self, index: usize) -> usize {
        self.layers[index].map().map_or(0, |map| map.n_channels)
    }

    /// The values of a vector for an image of the batch; none of a map.
    pub(crate) fn vector(&self, index: usize, image: usize) -> &'a [f64] {
        match (&self.layers[index].work, &self.computed[index]) {
            (Work::Vector(layer), Computed::Vector(values)) => {
                &values[image * layer.len..][..layer.len]
            }
            _ => &[],
        }
    }
}

/// One map of a batch, to read.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) grid: Grid,
    plan: &'a LayerPlan,
    computed: &'a [f32],
    image: &'a [f32],
    background: &'a [f32],
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
        Some(self.at(image, row, col))
    }

    /// The channels of a position in the layer.
    pub(crate) fn at(&self, image: usize, row: usize, col: usize) -> &'a [f32] {
        let tile = self.tile(image, row / SIDE * self.grid.tile_cols + col / SIDE);
        let stride = self.grid.channel_stride;
        &tile[(row % SIDE * SIDE + col % SIDE) * stride..][..stride]
    }

    /// Copies a patch of `n_cols` columns from a position on, zeros outside the layer.
    pub(crate) fn copy_patch(
        &self,
        image: usize,
        (row, col): (isize, isize),
        n_cols: usize,
        patch: &mut [f32],
    ) {
        let stride = self.grid.channel_stride;
        let side = self.grid.size.cols as isize;
        let first = col.clamp(0, side) as usize;
        let end = (col + n_cols as isize).clamp(0, side) as usize;
        for (i, line) in patch.chunks_exact_mut(n_cols * stride).enumerate() {
            let row = row + i as isize;
            if row < 0 || row >= self.grid.size.rows as isize || first >= end {
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
            line[(end as isize - col) as usize * stride..].fill(0.0);
        }
    }
}
