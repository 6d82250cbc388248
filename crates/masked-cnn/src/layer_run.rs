//! The tiles of one layer, by the algorithm that suits it.

use std::array::from_fn;

use crate::buffer::{Buffer, BufferPool};
use crate::kernels::Kernels;
use crate::kernels::gemm::{Gemm, Packed, Rows};
use crate::kernels::max_pool::MaxOf;
use crate::kernels::rows::{EndTile, Ending};
use crate::kernels::winograd::{Scheme, Stride1, Stride2, TransformInput, TransformOutput};
use crate::network::Window;
use crate::plan::Slot;
use crate::program::{Step, StepEnding, WinogradStride};
use crate::tile::{Grid, SIDE};
use crate::view::View;

/// Values between the points of transformed tiles beyond the tiles themselves: one cache line, so
/// that the points do not fall on the same lines of the cache.
const POINT_GAP: usize = 16;

/// Tiles computed together by one thread: at least four chunks a thread, unless they get tiny.
pub(crate) fn tiles_per_chunk(step: &Step, input: &Grid, output: &Grid, n_tiles: usize) -> usize {
    let even = n_tiles.div_ceil(4 * rayon::current_num_threads());
    even.next_multiple_of(6)
        .clamp(1, step.most_tiles(input, output))
}

impl Step {
    /// Most tiles computed together: enough to use the weights often, few enough that the tiles'
    /// own values stay in the second-level cache, unless the weights are larger than it.
    pub(crate) fn most_tiles(&self, input: &Grid, output: &Grid) -> usize {
        match self {
            Step::Input | Step::MaxPool => 16,
            Step::Direct { .. } => (2048 / output.channel_stride).clamp(8, 32),
            Step::Winograd { .. } => (input.channel_stride / 4).clamp(32, 128),
        }
    }
}

/// One layer at work.
#[derive(Clone, Copy)]
pub(crate) struct LayerRun<'a> {
    pub(crate) kernels: Kernels,
    pub(crate) buffers: &'a BufferPool,
    pub(crate) grid: &'a Grid,
    pub(crate) window: Window,
    pub(crate) input: View<'a>,
    pub(crate) shortcut: Option<View<'a>>,
}

impl<'a> LayerRun<'a> {
    /// Computes some tiles, one behind the other in `out`.
    pub(crate) fn compute(&self, step: &Step, slots: &[Slot], out: &mut [f32]) {
        match step {
            Step::Input => {}
            Step::MaxPool => self.max_pool(slots, out),
            Step::Direct { packed, ending } => self.direct(packed, ending, slots, out),
            Step::Winograd {
                stride,
                packed,
                ending,
            } => match stride {
                WinogradStride::One => self.winograd(Stride1, packed, ending, slots, out),
                WinogradStride::Two => self.winograd(Stride2, packed, ending, slots, out),
            },
        }
    }

    fn max_pool(&self, slots: &[Slot], out: &mut [f32]) {
        let window = self.window;
        let stride = self.grid.channel_stride;
        for (slot, out) in slots.iter().zip(out.chunks_exact_mut(self.grid.tile_len())) {
            let (rows, cols) = self.grid.span_of(slot.tile as usize);
            for (i, out) in out.chunks_exact_mut(stride).enumerate() {
                let (row, col) = (rows.start + i / SIDE, cols.start + i % SIDE);
                if !rows.contains(&row) || !cols.contains(&col) {
                    out.fill(0.0);
                    continue;
                }
                let read_cols = window.read(&(col..col + 1), self.input.grid.size.cols);
                let positions = window
                    .read(&(row..row + 1), self.input.grid.size.rows)
                    .flat_map(|row| read_cols.clone().map(move |col| (row, col)))
                    .filter_map(|(row, col)| {
                        self.input
                            .position(slot.image as usize, row as isize, col as isize)
                    });
                self.kernels.run(MaxOf { positions, out });
            }
        }
    }

    fn direct(&self, packed: &Packed, ending: &StepEnding, slots: &[Slot], out: &mut [f32]) {
        let window = self.window;
        let stride = self.input.grid.channel_stride;
        let side = window.patch_side();
        let patch_len = side * side * stride;
        let mut patches = self.buffers.take(slots.len() * patch_len);
        let in_patch = window.starts_in_patch(stride);
        let mut starts = Vec::with_capacity(slots.len() * in_patch.len());
        for (t, (slot, patch)) in slots
            .iter()
            .zip(patches.chunks_exact_mut(patch_len))
            .enumerate()
        {
            let (rows, cols) = self.grid.span_of(slot.tile as usize);
            let (row, col) = (self.first_read(rows.start), self.first_read(cols.start));
            self.input
                .copy_patch(slot.image as usize, row, col, side, patch);
            starts.extend(in_patch.map(|start| t * patch_len + start));
        }

        let mut products = self.buffers.take(starts.len() * packed.columns);
        self.kernels.run(Gemm {
            rows: Rows {
                values: &patches,
                starts: &starts,
                n_runs: window.kernel,
                run_len: window.kernel * stride,
                run_stride: side * stride,
            },
            packed,
            matrix: 0,
            out: &mut products,
        });

        let tile_len = self.grid.tile_len();
        let tiles = products
            .chunks_exact(tile_len)
            .zip(out.chunks_exact_mut(tile_len));
        for (slot, (products, out)) in slots.iter().zip(tiles) {
            self.kernels.run(EndTile {
                products,
                ending: ending.view(),
                shortcut: self.shortcut_tile(slot),
                inside: self.inside(slot),
                out,
            });
        }
        self.buffers.give_back(patches);
        self.buffers.give_back(products);
    }

    fn winograd<C: Scheme<N>, const N: usize>(
        &self,
        scheme: C,
        packed: &Packed,
        ending: &StepEnding,
        slots: &[Slot],
        out: &mut [f32],
    ) {
        let c_in = self.input.grid.channel_stride;
        let c_out = self.grid.channel_stride;
        let n_points = N * N;
        let in_stride = slots.len() * c_in + POINT_GAP;
        let out_stride = slots.len() * c_out + POINT_GAP;
        let mut transformed = self.buffers.take(n_points * in_stride);
        let mut products = self.buffers.take(n_points * out_stride);
        let zeros = Buffer::zeroed(c_in);
        for (t, slot) in slots.iter().enumerate() {
            let (rows, cols) = self.grid.span_of(slot.tile as usize);
            let (row, col) = (self.first_read(rows.start), self.first_read(cols.start));
            let position = |i: usize, j: usize| {
                let image = slot.image as usize;
                let position = self
                    .input
                    .position(image, row + i as isize, col + j as isize);
                position.unwrap_or(&zeros)
            };
            self.kernels.run(TransformInput {
                scheme,
                patch: from_fn(|i| from_fn(|j| position(i, j))),
                out: &mut transformed[t * c_in..],
                point_stride: in_stride,
            });
        }

        let starts: Vec<usize> = (0..slots.len()).map(|t| t * c_in).collect();
        for point in 0..n_points {
            self.kernels.run(Gemm {
                rows: Rows {
                    values: &transformed[point * in_stride..],
                    starts: &starts,
                    n_runs: 1,
                    run_len: c_in,
                    run_stride: 0,
                },
                packed,
                matrix: C::matrix(point),
                out: &mut products[point * out_stride..][..slots.len() * c_out],
            });
        }

        let tiles = out.chunks_exact_mut(self.grid.tile_len());
        for (t, (slot, out)) in slots.iter().zip(tiles).enumerate() {
            self.kernels.run(TransformOutput {
                scheme,
                products: &products[t * c_out..],
                point_stride: out_stride,
                ending: ending.view(),
                shortcut: self.shortcut_tile(slot),
                inside: self.inside(slot),
                out,
            });
        }
        self.buffers.give_back(transformed);
        self.buffers.give_back(products);
    }

    /// The first input row or column that the windows of outputs from `start` on cover; negative in
    /// the padding.
    fn first_read(&self, start: usize) -> isize {
        (start * self.window.stride) as isize - self.window.padding as isize
    }

    fn shortcut_tile(&self, slot: &Slot) -> Option<&'a [f32]> {
        self.shortcut
            .map(|shortcut| shortcut.tile(slot.image as usize, slot.tile as usize))
    }

    /// Rows and columns of a tile that lie in the layer.
    fn inside(&self, slot: &Slot) -> (usize, usize) {
        let (rows, cols) = self.grid.span_of(slot.tile as usize);
        (rows.len(), cols.len())
    }
}

impl StepEnding {
    fn view(&self) -> Ending<'_> {
        Ending {
            bias: &self.bias,
            relu: self.relu,
        }
    }
}
