//! Computes the tiles of a plan, layer by layer.

use std::array::from_fn;

use rayon::prelude::*;

use crate::Activation;
use crate::buffer::{Buffer, BufferPool};
use crate::kernels::Kernels;
use crate::kernels::gemm::{Gemm, Packed, Rows};
use crate::kernels::max_pool::MaxOf;
use crate::kernels::rows::{EndTile, Ending};
use crate::kernels::winograd::{Scheme, Stride1, Stride2, TransformInput, TransformOutput};
use crate::network::Window;
use crate::plan::{LayerPlan, Slot, Source};
use crate::program::{Program, ProgramLayer, Step, StepEnding, WinogradStride};
use crate::tile::{Grid, SIDE};

/// Values between the points of transformed tiles beyond the tiles themselves: one cache line, so
/// that the points do not fall on the same lines of the cache.
const POINT_GAP: usize = 16;

/// What a run works with.
#[derive(Clone, Copy)]
pub(crate) struct Runner<'a> {
    pub(crate) program: &'a Program,
    pub(crate) kernels: Kernels,
    pub(crate) buffers: &'a BufferPool,
    pub(crate) grids: &'a [Grid],
}

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
    image: &'a [f32],
    background: &'a [f32],
}

impl<'a> View<'a> {
    /// The values `[positions, channels]` of a tile.
    fn tile(&self, image: usize, tile: usize) -> &'a [f32] {
        let len = self.grid.tile_len();
        match self.plan.source(image, tile) {
            Source::IMAGE => &self.image[tile * len..][..len],
            Source::BACKGROUND => &self.background[tile * len..][..len],
            slot => &self.computed[slot.index() * len..][..len],
        }
    }

    /// The channels of a position; none outside the layer.
    fn position(&self, image: usize, row: isize, col: isize) -> Option<&'a [f32]> {
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
    fn copy_patch(&self, image: usize, row: isize, col: isize, side: usize, patch: &mut [f32]) {
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

/// The layers of a run that are kept.
pub(crate) struct Computed {
    buffers: Vec<Option<Buffer>>,
}

impl<'a> Runner<'a> {
    /// Computes every layer but the first, whose tiles are given. Layers that nothing reads any
    /// more are dropped unless `keep` says otherwise; the last one always stays.
    pub(crate) fn run(
        self,
        plans: &[LayerPlan],
        input: Buffer,
        ends: Option<Ends<'_>>,
        keep: bool,
    ) -> Computed {
        let n_layers = self.program.layers.len();
        let mut buffers: Vec<Option<Buffer>> = Vec::with_capacity(n_layers);
        buffers.push(Some(input));
        for index in 1..n_layers {
            let computed = {
                let layer = &self.program.layers[index];
                let input = self.view(layer.input, plans, &buffers, ends);
                let shortcut = layer
                    .shortcut
                    .map(|shortcut| self.view(shortcut, plans, &buffers, ends));
                self.compute(index, &plans[index], input, shortcut)
            };
            buffers.push(Some(computed));
            if !keep {
                for (earlier, buffer) in buffers.iter_mut().enumerate() {
                    if self.program.layers[earlier].last_reader == index
                        && earlier != index
                        && let Some(buffer) = buffer.take()
                    {
                        self.buffers.give_back(buffer);
                    }
                }
            }
        }
        Computed { buffers }
    }

    fn view<'b>(
        &self,
        index: usize,
        plans: &'b [LayerPlan],
        buffers: &'b [Option<Buffer>],
        ends: Option<Ends<'b>>,
    ) -> View<'b>
    where
        'a: 'b,
    {
        View {
            grid: &self.grids[index],
            plan: &plans[index],
            computed: buffers[index].as_deref().unwrap_or_default(),
            image: ends.map_or(&[], |ends| &ends.image[index]),
            background: ends.map_or(&[], |ends| &ends.background[index]),
        }
    }

    /// The answers `[n_images, n_outputs]` from the last layer, which goes back to the pool.
    pub(crate) fn answer(
        &self,
        plans: &[LayerPlan],
        computed: Computed,
        ends: Option<Ends<'_>>,
        n_images: usize,
    ) -> Vec<f32> {
        let last = self.program.layers.len() - 1;
        let view = self.view(last, plans, &computed.buffers, ends);
        let head = &self.program.head;
        let n_outputs = head.bias.len();
        let n_features = head.weight.len() / n_outputs.max(1);
        let n_positions = (view.grid.size.rows * view.grid.size.cols) as f64;
        let mut answers = vec![0.0; n_images * n_outputs];
        answers
            .par_chunks_mut(n_outputs.max(1))
            .enumerate()
            .for_each(|(image, answers)| {
                let mut features = vec![0.0_f64; n_features];
                // Positions outside the layer are 0 and add nothing.
                for tile in 0..view.grid.n_tiles() {
                    let values = view.tile(image, tile);
                    for position in values.chunks_exact(view.grid.channel_stride) {
                        for (feature, &value) in features.iter_mut().zip(position) {
                            *feature += f64::from(value);
                        }
                    }
                }
                let weights = head.weight.chunks_exact(n_features);
                for ((answer, &bias), weights) in answers.iter_mut().zip(&head.bias).zip(weights) {
                    let products = features.iter().zip(weights);
                    let sum: f64 = products.map(|(f, &w)| f * f64::from(w)).sum();
                    let logit = sum / n_positions + f64::from(bias);
                    *answer = match head.activation {
                        Activation::Identity => logit as f32,
                        Activation::Sigmoid => (1.0 / (1.0 + (-logit).exp())) as f32,
                    };
                }
            });
        for buffer in computed.buffers.into_iter().flatten() {
            self.buffers.give_back(buffer);
        }
        answers
    }

    fn compute(
        &self,
        index: usize,
        plan: &LayerPlan,
        input: View<'_>,
        shortcut: Option<View<'_>>,
    ) -> Buffer {
        let grid = &self.grids[index];
        let mut out = self.buffers.take(plan.slots.len() * grid.tile_len());
        let ProgramLayer {
            step,
            window: Some(window),
            ..
        } = &self.program.layers[index]
        else {
            return out;
        };
        let n_chunk = tiles_per_chunk(step, input.grid, grid, plan.slots.len());
        let layer = LayerRun {
            runner: *self,
            grid,
            window: *window,
            input,
            shortcut,
        };
        out.par_chunks_mut(n_chunk * grid.tile_len())
            .zip(plan.slots.par_chunks(n_chunk))
            .for_each(|(out, slots)| match step {
                Step::Input => {}
                Step::MaxPool => layer.max_pool(slots, out),
                Step::Direct { packed, ending } => layer.direct(packed, ending, slots, out),
                Step::Winograd {
                    stride: WinogradStride::One,
                    packed,
                    ending,
                } => layer.winograd(Stride1, packed, ending, slots, out),
                Step::Winograd {
                    stride: WinogradStride::Two,
                    packed,
                    ending,
                } => layer.winograd(Stride2, packed, ending, slots, out),
            });
        out
    }
}

/// Tiles computed together by one thread: at least four chunks a thread, unless they get tiny.
fn tiles_per_chunk(step: &Step, input: &Grid, output: &Grid, n_tiles: usize) -> usize {
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
struct LayerRun<'a> {
    runner: Runner<'a>,
    grid: &'a Grid,
    window: Window,
    input: View<'a>,
    shortcut: Option<View<'a>>,
}

impl<'a> LayerRun<'a> {
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
                self.runner.kernels.run(MaxOf { positions, out });
            }
        }
    }

    fn direct(&self, packed: &Packed, ending: &StepEnding, slots: &[Slot], out: &mut [f32]) {
        let window = self.window;
        let stride = self.input.grid.channel_stride;
        let side = window.patch_side();
        let patch_len = side * side * stride;
        let mut patches = self.runner.buffers.take(slots.len() * patch_len);
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

        let mut products = self.runner.buffers.take(starts.len() * packed.columns);
        self.runner.kernels.run(Gemm {
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
            self.runner.kernels.run(EndTile {
                products,
                ending: ending.view(),
                shortcut: self.shortcut_tile(slot),
                inside: self.inside(slot),
                out,
            });
        }
        self.runner.buffers.give_back(patches);
        self.runner.buffers.give_back(products);
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
        let mut transformed = self.runner.buffers.take(n_points * in_stride);
        let mut products = self.runner.buffers.take(n_points * out_stride);
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
            self.runner.kernels.run(TransformInput {
                scheme,
                patch: from_fn(|i| from_fn(|j| position(i, j))),
                out: &mut transformed[t * c_in..],
                point_stride: in_stride,
            });
        }

        let starts: Vec<usize> = (0..slots.len()).map(|t| t * c_in).collect();
        for point in 0..n_points {
            self.runner.kernels.run(Gemm {
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
            self.runner.kernels.run(TransformOutput {
                scheme,
                products: &products[t * c_out..],
                point_stride: out_stride,
                ending: ending.view(),
                shortcut: self.shortcut_tile(slot),
                inside: self.inside(slot),
                out,
            });
        }
        self.runner.buffers.give_back(transformed);
        self.runner.buffers.give_back(products);
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

impl Computed {
    /// Every layer of a run that kept all.
    pub(crate) fn into_stored(self) -> Stored {
        self.buffers.into_iter().flatten().collect()
    }
}
