//! Which tiles of which masked image have to be computed, and where the others come from.

use std::ops::Range;

use rayon::prelude::*;

use crate::network::Window;
use crate::program::ProgramLayer;
use crate::region::{Band, Coverage, Region, restrict};
use crate::tile::{Grid, SIDE};

/// A masked image of a batch: where it shows the image, and with which others it shares tiles.
/// Images of a group follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) region: &'a Region,
    pub(crate) group: usize,
}

/// Where the values of a tile are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source(u32);

impl Source {
    /// In the stored activations of the image: the tile sees nothing else.
    pub(crate) const IMAGE: Self = Self(u32::MAX);
    /// In the stored activations of the background.
    pub(crate) const BACKGROUND: Self = Self(u32::MAX - 1);

    /// Among the tiles computed.
    pub(crate) fn slot(index: usize) -> Self {
        Self(index as u32)
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A tile to compute, for one of the masked images that need it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) image: u32,
    pub(crate) tile: u32,
}

/// The tiles of one layer for a batch of masked images.
#[derive(Debug, Default)]
pub(crate) struct LayerPlan {
    n_tiles: usize,
    /// Per image and tile.
    sources: Vec<Source>,
    pub(crate) slots: Vec<Slot>,
}

impl LayerPlan {
    pub(crate) fn source(&self, image: usize, tile: usize) -> Source {
        self.sources[image * self.n_tiles + tile]
    }

    /// Every tile of every image is computed.
    pub(crate) fn dense(grid: &Grid, n_images: usize) -> Self {
        let n_tiles = grid.n_tiles();
        Self {
            n_tiles,
            sources: (0..n_images * n_tiles).map(Source::slot).collect(),
            slots: (0..n_images * n_tiles)
                .map(|index| Slot {
                    image: (index / n_tiles) as u32,
                    tile: (index % n_tiles) as u32,
                })
                .collect(),
        }
    }

    /// What a tile holds depends on the mask inside its receptive field alone. Where that shows only
    /// the image or only the background the tile's values are stored already, and images of one
    /// group that agree there share one tile.
    ///
    /// Sharing ends with the group because Winograd's algorithm computes a tile as a whole: up to
    /// rounding its values depend on all that it reads, and so on which image of the group it is
    /// computed for.
    pub(crate) fn masked(grid: &Grid, fields: &ReceptiveFields, shown: &[Shown<'_>]) -> Self {
        let strips: Vec<Strip> = (0..grid.tile_rows)
            .into_par_iter()
            .map(|tile_row| Strip::new(grid, fields, shown, tile_row))
            .collect();

        let n_tiles = grid.n_tiles();
        let mut sources = Vec::with_capacity(shown.len() * n_tiles);
        let mut firsts = Vec::with_capacity(strips.len());
        let mut n_slots = 0;
        for strip in &strips {
            firsts.push(n_slots);
            n_slots += strip.slots.len();
        }
        for image in 0..shown.len() {
            for (strip, &first) in strips.iter().zip(&firsts) {
                let tiles = image * grid.tile_cols..(image + 1) * grid.tile_cols;
                sources.extend(strip.sources[tiles].iter().map(|&source| match source {
                    Source::IMAGE | Source::BACKGROUND => source,
                    slot => Source::slot(first + slot.index()),
                }));
            }
        }
        Self {
            n_tiles,
            sources,
            slots: strips.into_iter().flat_map(|strip| strip.slots).collect(),
        }
    }
}

/// One row of tiles; its sources count slots from its own first.
struct Strip {
    sources: Vec<Source>,
    slots: Vec<Slot>,
}

impl Strip {
    fn new(grid: &Grid, fields: &ReceptiveFields, shown: &[Shown<'_>], tile_row: usize) -> Self {
        let rows = &fields.rows[tile_row];
        let bands: Vec<&[Band]> = shown.iter().map(|s| s.region.bands_in(rows)).collect();
        let mut strip = Self {
            sources: vec![Source::BACKGROUND; shown.len() * grid.tile_cols],
            slots: Vec::new(),
        };
        let mut key = Vec::new();
        // The distinct masks of a group seen through one tile, one behind the other, with their ends.
        let mut keys: Vec<u32> = Vec::new();
        let mut ends: Vec<usize> = Vec::new();
        for (tile_col, cols) in fields.cols.iter().enumerate() {
            let mut group = None;
            let mut first_slot = 0;
            for (image, bands) in bands.iter().enumerate() {
                if group != Some(shown[image].group) {
                    group = Some(shown[image].group);
                    first_slot = strip.slots.len();
                    keys.clear();
                    ends.clear();
                }
                let source = match restrict(bands, rows, cols, &mut key) {
                    Coverage::Nothing => continue,
                    Coverage::Everything => Source::IMAGE,
                    Coverage::Part => {
                        let mut start = 0;
                        let known = ends.iter().position(|&end| {
                            let is_equal = keys[start..end] == key;
                            start = end;
                            is_equal
                        });
                        let index = known.unwrap_or_else(|| {
                            keys.extend(&key);
                            ends.push(keys.len());
                            strip.slots.push(Slot {
                                image: image as u32,
                                tile: (tile_row * grid.tile_cols + tile_col) as u32,
                            });
                            ends.len() - 1
                        });
                        Source::slot(first_slot + index)
                    }
                };
                strip.sources[image * grid.tile_cols + tile_col] = source;
            }
        }
        strip
    }
}

/// The pixels that the tiles of a layer depend on, by rows and by columns of tiles.
#[derive(Debug)]
pub(crate) struct ReceptiveFields {
    rows: Vec<Range<usize>>,
    cols: Vec<Range<usize>>,
}

impl ReceptiveFields {
    /// Of every layer.
    pub(crate) fn of(layers: &[ProgramLayer], grids: &[Grid]) -> Vec<Self> {
        let rows = fields_along(layers, grids, |grid| grid.size.rows);
        let cols = fields_along(layers, grids, |grid| grid.size.cols);
        rows.into_iter()
            .zip(cols)
            .map(|(rows, cols)| Self { rows, cols })
            .collect()
    }
}

/// For every layer, the pixels along one axis that each of its tiles depends on. Gaps that a stride
/// leaves count as seen, and so does what a tile at the border reads for positions beyond it: a
/// tile may be computed without need, never left out.
fn fields_along(
    layers: &[ProgramLayer],
    grids: &[Grid],
    side: fn(&Grid) -> usize,
) -> Vec<Vec<Range<usize>>> {
    // Of every position; a tile's is that of its positions together.
    let mut fields: Vec<Vec<Range<usize>>> = Vec::new();
    let mut of_tiles = Vec::new();
    for (layer, grid) in layers.iter().zip(grids) {
        let field = |outputs: Range<usize>| {
            let inside = outputs.start..outputs.end.min(side(grid));
            let Some(window) = layer.window else {
                return inside;
            };
            let read = window.read(&outputs, side(&grids[layer.input]));
            let input = &fields[layer.input];
            let (mut start, mut end) = (input[read.start].start, input[read.end - 1].end);
            if let Some(shortcut) = layer.shortcut {
                start = start.min(fields[shortcut][inside.start].start);
                end = end.max(fields[shortcut][inside.end - 1].end);
            }
            start..end
        };
        let n_positions = side(grid);
        of_tiles.push(
            (0..n_positions.div_ceil(SIDE))
                .map(|tile| field(tile * SIDE..(tile + 1) * SIDE))
                .collect(),
        );
        let of_positions = (0..n_positions).map(|i| field(i..i + 1)).collect();
        fields.push(of_positions);
    }
    of_tiles
}

impl Window {
    /// The inputs along one axis that the windows of some outputs cover, padding left out.
    pub(crate) fn read(self, outputs: &Range<usize>, side: usize) -> Range<usize> {
        let start = (outputs.start * self.stride).saturating_sub(self.padding);
        let end = (outputs.end - 1) * self.stride + self.kernel;
        start..end.saturating_sub(self.padding).min(side)
    }
}
