//! Layers cut into tiles.

use std::ops::Range;

use cnn_graph::Size;

/// Side of a tile, in positions of its layer.
pub(crate) const SIDE: usize = 4;

/// Positions of a tile.
pub(crate) const POSITIONS: usize = SIDE * SIDE;

/// A layer's output in tiles of 4 x 4 positions, row by row. Tiles at the lower and the right
/// border may reach over it; their values there are 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) size: Size,
    pub(crate) tile_rows: usize,
    pub(crate) tile_cols: usize,
    /// Values between the channels of two positions: the channels and zeros up to a full vector.
    pub(crate) channel_stride: usize,
}

impl Grid {
    pub(crate) fn new(size: Size, channel_stride: usize) -> Self {
        Self {
            size,
            tile_rows: size.rows.div_ceil(SIDE),
            tile_cols: size.cols.div_ceil(SIDE),
            channel_stride,
        }
    }

    pub(crate) fn n_tiles(&self) -> usize {
        self.tile_rows * self.tile_cols
    }

    /// Values of a tile.
    pub(crate) fn tile_len(&self) -> usize {
        POSITIONS * self.channel_stride
    }

    /// The rows of a row of tiles that lie in the layer.
    pub(crate) fn rows_of(&self, tile_row: usize) -> Range<usize> {
        tile_row * SIDE..(tile_row * SIDE + SIDE).min(self.size.rows)
    }

    /// The columns of a column of tiles that lie in the layer.
    pub(crate) fn cols_of(&self, tile_col: usize) -> Range<usize> {
        tile_col * SIDE..(tile_col * SIDE + SIDE).min(self.size.cols)
    }

    /// The positions of a tile that lie in the layer, as rows and columns of the layer.
    pub(crate) fn span_of(&self, tile: usize) -> (Range<usize>, Range<usize>) {
        (
            self.rows_of(tile / self.tile_cols),
            self.cols_of(tile % self.tile_cols),
        )
    }
}
