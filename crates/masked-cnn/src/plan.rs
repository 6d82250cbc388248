//! Which tiles of which masked image have to be computed, and where the others come from.

use std::ops::Range;

use rayon::prelude::*;

use cnn_graph::{Fields, Interval, Window, WindowSide};
use pixel_region::{Band, Region};

use crate::region::{Coverage, restrict};
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
#[derive(Debug)]
pub(crate) struct LayerPlan {
    n_tiles: usize,
    tiles: Tiles,
}

/// Which of them are computed.
#[derive(Debug)]
enum Tiles {
    /// All of so many images.
    All(usize),
    /// Some: the source of every tile of every image, and those that are computed.
    Some(Vec<Source>, Vec<Slot>),
}

impl LayerPlan {
    pub(crate) fn source(&self, image: usize, tile: usize) -> Source {
        let index = image * self.n_tiles + tile;
        match &self.tiles {
            Tiles::All(_) => Source::slot(index),
            Tiles::Some(sources, _) => sources[index],
        }
    }

    /// Tiles of one image.
    pub(crate) fn n_tiles(&self) -> usize {
        self.n_tiles
    }

    /// Tiles that are computed.
    pub(crate) fn n_slots(&self) -> usize {
        match &self.tiles {
            Tiles::All(n_images) => n_images * self.n_tiles,
            Tiles::Some(_, slots) => slots.len(),
        }
    }

    pub(crate) fn slot(&self, index: usize) -> Slot {
        match &self.tiles {
            Tiles::All(_) => Slot {
                image: (index / self.n_tiles) as u32,
                tile: (index % self.n_tiles) as u32,
            },
            Tiles::Some(_, slots) => slots[index],
        }
    }

    /// Every tile of every image is computed.
    pub(crate) fn dense(n_tiles: usize, n_images: usize) -> Self {
        Self {
            n_tiles,
            tiles: Tiles::All(n_images),
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
        let slots = strips.into_iter().flat_map(|strip| strip.slots).collect();
        Self {
            n_tiles,
            tiles: Tiles::Some(sources, slots),
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
        // Where a field is empty both are equal, and no band meets it.
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

/// The pixels that the tiles of a layer depend on, by rows and by columns of tiles. None where a tile
/// sees only padding.
#[derive(Debug)]
pub(crate) struct ReceptiveFields {
    rows: Vec<Range<usize>>,
    cols: Vec<Range<usize>>,
}

impl ReceptiveFields {
    /// From the fields of the layer's positions, and of what its windows slide over. What a tile at
    /// the border reads for positions beyond it counts as seen: a tile may be computed without need,
    /// never left out.
    pub(crate) fn new(positions: &Fields, windows: Option<(&Fields, &Window)>) -> Self {
        let rows = windows.map(|(read, window)| (read.rows.as_slice(), window.rows()));
        let cols = windows.map(|(read, window)| (read.cols.as_slice(), window.cols()));
        Self {
            rows: of_tiles(&positions.rows, rows),
            cols: of_tiles(&positions.cols, cols),
        }
    }
}

fn of_tiles(
    positions: &[Interval],
    windows: Option<(&[Interval], WindowSide)>,
) -> Vec<Range<usize>> {
    let tile = |(tile, positions): (usize, &[Interval])| {
        let covered = windows.map(|(read, side)| &read[covered(side, tile * SIDE, read.len())]);
        let seen = positions.iter().chain(covered.unwrap_or_default());
        let hull = seen.fold(Interval::EMPTY, |hull, &interval| hull.hull(interval));
        hull.start..hull.end
    };
    positions.chunks(SIDE).enumerate().map(tile).collect()
}

/// The inputs that the windows of a tile's outputs cover, from the output `first` on.
fn covered(side: WindowSide, first: usize, len: usize) -> Range<usize> {
    let start = first * side.stride;
    let end = start + (SIDE - 1) * side.stride + side.extent();
    let inside = |padded: usize| padded.saturating_sub(side.begin).min(len);
    inside(start)..inside(end)
}
