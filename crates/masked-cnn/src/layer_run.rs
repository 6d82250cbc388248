//! The tiles of one map, before and after what follows at every position.

use crate::buffer::BufferPool;
use crate::kernels::Kernels;
use crate::kernels::pointwise::{self, CopyChannels, NormalizePositions, respond_locally};
use crate::kernels::rows::is_inside;
use crate::kernels::windows::{MaxOf, MeanOf};
use crate::plan::Slot;
use crate::program::{MapLayer, Pointwise, Step};
use crate::tile::{Grid, SIDE};
use crate::view::{Values, View};
use cnn_graph::{Activation, Axis, Window};

/// Weights beyond these bytes are not all in the second-level cache of a core.
const CACHED_WEIGHTS: u64 = 1 << 20;

/// Tiles computed together by one thread. Four chunks a thread even out what threads take; where the
/// weights are read from memory for every chunk, one.
pub(crate) fn tiles_per_chunk(layer: &MapLayer, n_tiles: usize) -> usize {
    let per_thread = match layer.weight_bytes() {
        ..=CACHED_WEIGHTS => 4,
        _ => 1,
    };
    let n_chunks = per_thread * rayon::current_num_threads();
    let fewest = n_tiles.div_ceil(layer.most_tiles());
    let even = n_tiles.div_ceil(n_chunks.max(fewest));
    // Kernels multiply six rows at a time.
    let whole = if even < 24 {
        even
    } else {
        even.next_multiple_of(6)
    };
    whole.clamp(1, layer.most_tiles())
}

impl MapLayer {
    fn weight_bytes(&self) -> u64 {
        match &self.step {
            Step::Convolution(convolution) => convolution.weight_bytes(),
            _ => 0,
        }
    }

    /// Most tiles computed together.
    pub(crate) fn most_tiles(&self) -> usize {
        match &self.step {
            Step::Convolution(convolution) => convolution.most_tiles(self.grid.channel_stride),
            _ => 16,
        }
    }
}

/// One layer at work.
#[derive(Clone, Copy)]
pub(crate) struct LayerRun<'a> {
    pub(crate) kernels: Kernels,
    pub(crate) buffers: &'a BufferPool,
    pub(crate) layer: &'a MapLayer,
    pub(crate) values: Values<'a>,
}

impl<'a> LayerRun<'a> {
    /// Computes some tiles, one behind the other in `out`.
    pub(crate) fn compute(&self, slots: &[Slot], out: &mut [f32]) {
        let mut then = self.layer.then.as_slice();
        match &self.layer.step {
            Step::Input => {}
            Step::Copy { input } => self.copy(*input, slots, out),
            Step::Concat { parts } => match self.concat_rectified(parts, slots, out) {
                0 => self.concat(parts, slots, out),
                n_done => then = &then[n_done..],
            },
            Step::Gather { input, channels } => {
                let input = self.values.map(*input);
                self.each_position(slots, out, |slot, row, col, out| {
                    let values = input.at(slot.image as usize, row, col);
                    for (out, &channel) in out.iter_mut().zip(channels) {
                        *out = values[channel as usize];
                    }
                });
            }
            Step::MaxPool { input, window } => self.max_pool(*input, window, slots, out),
            Step::AveragePool {
                input,
                window,
                count_include_pad,
            } => self.average_pool(*input, window, *count_include_pad, slots, out),
            Step::Pad {
                input,
                rows,
                cols,
                value,
            } => {
                let (input, n) = (self.values.map(*input), self.layer.n_channels);
                self.each_position(slots, out, |slot, row, col, out| {
                    match (rows[row], cols[col]) {
                        (Some(row), Some(col)) => {
                            out.copy_from_slice(input.at(slot.image as usize, row, col));
                        }
                        _ => out[..n].fill(*value),
                    }
                });
            }
            Step::Resize { input, rows, cols } => self.resize(*input, rows, cols, slots, out),
            Step::Convolution(convolution) => self.convolve(convolution, slots, out),
        }
        if !then.is_empty() {
            self.follow(then, slots, out);
        }
    }

    pub(crate) fn grid(&self) -> Grid {
        self.layer.grid
    }

    /// Writes every position of the tiles; those outside the layer, and channels that `write`
    /// leaves, become 0.
    fn each_position(
        &self,
        slots: &[Slot],
        out: &mut [f32],
        write: impl Fn(&Slot, usize, usize, &mut [f32]),
    ) {
        let grid = self.grid();
        for (slot, out) in slots.iter().zip(out.chunks_exact_mut(grid.tile_len())) {
            let (rows, cols) = grid.span_of(slot.tile as usize);
            for (i, out) in out.chunks_exact_mut(grid.channel_stride).enumerate() {
                let (row, col) = (rows.start + i / SIDE, cols.start + i % SIDE);
                out.fill(0.0);
                if rows.contains(&row) && cols.contains(&col) {
                    write(slot, row, col, out);
                }
            }
        }
    }

    fn copy(&self, input: usize, slots: &[Slot], out: &mut [f32]) {
        let input = self.values.map(input);
        if input.grid.channel_stride == self.grid().channel_stride {
            for (slot, out) in slots
                .iter()
                .zip(out.chunks_exact_mut(input.grid.tile_len()))
            {
                out.copy_from_slice(input.tile(slot.image as usize, slot.tile as usize));
            }
            return;
        }
        self.each_position(slots, out, |slot, row, col, out| {
            let values = input.at(slot.image as usize, row, col);
            out[..values.len()].copy_from_slice(values);
        });
    }

    /// Layers behind each other along the channels.
    fn concat(&self, parts: &[usize], slots: &[Slot], out: &mut [f32]) {
        let grid = self.grid();
        for (slot, out) in slots.iter().zip(out.chunks_exact_mut(grid.tile_len())) {
            let mut first = 0;
            for &part in parts {
                let n_channels = self.values.n_channels(part);
                let view = self.values.map(part);
                let tile = view.tile(slot.image as usize, slot.tile as usize);
                let positions = tile.chunks_exact(view.grid.channel_stride);
                for (out, values) in out.chunks_exact_mut(grid.channel_stride).zip(positions) {
                    out[first..first + n_channels].copy_from_slice(&values[..n_channels]);
                }
                first += n_channels;
            }
            for out in out.chunks_exact_mut(grid.channel_stride) {
                out[first..].fill(0.0);
            }
        }
    }

    /// The same with an affine map and a rectifier, where these follow first and all channels are full
    /// vectors; how much of what follows is done, and nothing at all otherwise.
    fn concat_rectified(&self, parts: &[usize], slots: &[Slot], out: &mut [f32]) -> usize {
        let grid = self.grid();
        let views = parts.iter().map(|&part| self.values.map(part));
        let views: Vec<View<'_>> = views.collect();
        let n_strides: usize = views.iter().map(|view| view.grid.channel_stride).sum();
        let [Pointwise::Affine { scale, shift }, rest @ ..] = self.layer.then.as_slice() else {
            return 0;
        };
        if n_strides != self.layer.n_channels {
            return 0;
        }
        let relu = matches!(rest, [Pointwise::Activation(Activation::Relu), ..]);
        for (slot, out) in slots.iter().zip(out.chunks_exact_mut(grid.tile_len())) {
            let mut first = 0;
            for view in &views {
                let end = first + view.grid.channel_stride;
                self.kernels.run(CopyChannels {
                    values: view.tile(slot.image as usize, slot.tile as usize),
                    scale: &scale[first..end],
                    shift: &shift[first..end],
                    relu,
                    first,
                    out,
                    out_stride: grid.channel_stride,
                });
                first = end;
            }
            self.clear_outside(slot, out);
        }
        1 + usize::from(relu)
    }

    fn max_pool(&self, input: usize, window: &Window, slots: &[Slot], out: &mut [f32]) {
        let input = self.values.map(input);
        self.each_position(slots, out, |slot, row, col, out| {
            let positions = seen(window, &input, slot, row, col);
            self.kernels.run(MaxOf { positions, out });
        });
    }

    fn average_pool(
        &self,
        input: usize,
        window: &Window,
        count_include_pad: bool,
        slots: &[Slot],
        out: &mut [f32],
    ) {
        let input = self.values.map(input);
        let size = input.grid.size;
        self.each_position(slots, out, |slot, row, col, out| {
            let counts = match count_include_pad {
                true => [
                    window.rows().n_padded_taps(row, size.rows),
                    window.cols().n_padded_taps(col, size.cols),
                ],
                false => [
                    window.rows().taps(row, size.rows).count(),
                    window.cols().taps(col, size.cols).count(),
                ],
            };
            self.kernels.run(MeanOf {
                positions: seen(window, &input, slot, row, col),
                divisor: counts.iter().product::<usize>() as f32,
                out,
            });
        });
    }

    fn resize(&self, input: usize, rows: &Axis, cols: &Axis, slots: &[Slot], out: &mut [f32]) {
        let input = self.values.map(input);
        self.each_position(slots, out, |slot, row, col, out| {
            for &(row, row_weight) in &rows.taps[row] {
                for &(col, col_weight) in &cols.taps[col] {
                    let values = input.at(slot.image as usize, row, col);
                    let weight = row_weight * col_weight;
                    for (out, value) in out.iter_mut().zip(values) {
                        *out += weight * value;
                    }
                }
            }
            for out in out {
                *out = crate::kernels::functions::or_nan(*out);
            }
        });
    }

    /// What follows at every position.
    fn follow(&self, then: &[Pointwise], slots: &[Slot], out: &mut [f32]) {
        let (grid, n_channels) = (self.grid(), self.layer.n_channels);
        let stride = grid.channel_stride;
        let (mut scale, mut shift) = (vec![0.0; stride], vec![0.0; stride]);
        for (slot, out) in slots.iter().zip(out.chunks_exact_mut(grid.tile_len())) {
            let (image, tile) = (slot.image as usize, slot.tile as usize);
            let vector = |layer| self.values.vector(layer, image);
            for then in then {
                let what = match then {
                    Pointwise::Affine { scale, shift } => {
                        pointwise::Values::Affine { scale, shift }
                    }
                    Pointwise::Activation(activation) => pointwise::Values::Activation(activation),
                    Pointwise::PRelu { slope } => pointwise::Values::PRelu(slope),
                    Pointwise::Add(other) => {
                        pointwise::Values::Add(self.values.map(*other).tile(image, tile))
                    }
                    Pointwise::Mul(other) => {
                        pointwise::Values::Mul(self.values.map(*other).tile(image, tile))
                    }
                    Pointwise::AddVector(other) => {
                        scale.fill(1.0);
                        narrow(vector(*other), &mut shift);
                        pointwise::Values::Affine {
                            scale: &scale,
                            shift: &shift,
                        }
                    }
                    Pointwise::MulVector(other) => {
                        shift.fill(0.0);
                        narrow(vector(*other), &mut scale);
                        pointwise::Values::Affine {
                            scale: &scale,
                            shift: &shift,
                        }
                    }
                    Pointwise::Normalize(other) => {
                        let (scales, shifts) = vector(*other).split_at(n_channels);
                        narrow(scales, &mut scale);
                        narrow(shifts, &mut shift);
                        pointwise::Values::Affine {
                            scale: &scale,
                            shift: &shift,
                        }
                    }
                    Pointwise::LayerNormalization {
                        scale,
                        shift,
                        epsilon,
                    } => {
                        let epsilon = *epsilon;
                        self.kernels.run(NormalizePositions {
                            values: out,
                            channel_stride: stride,
                            scale,
                            shift,
                            epsilon,
                        });
                        continue;
                    }
                    Pointwise::Lrn {
                        size,
                        alpha,
                        beta,
                        bias,
                    } => {
                        respond_locally(out, stride, n_channels, *size, [*alpha, *beta, *bias]);
                        continue;
                    }
                };
                self.kernels.run(pointwise::Pointwise { what, values: out });
            }
            if n_channels < stride {
                for out in out.chunks_exact_mut(stride) {
                    out[n_channels..].fill(0.0);
                }
            }
            self.clear_outside(slot, out);
        }
    }

    /// Makes the positions of a tile that lie outside the layer 0.
    pub(crate) fn clear_outside(&self, slot: &Slot, out: &mut [f32]) {
        let (rows, cols) = self.grid().span_of(slot.tile as usize);
        if rows.len() < SIDE || cols.len() < SIDE {
            let positions = out.chunks_exact_mut(self.grid().channel_stride);
            for (position, out) in positions.enumerate() {
                if !is_inside(position, (rows.len(), cols.len())) {
                    out.fill(0.0);
                }
            }
        }
    }
}

/// The positions that a window sees, row by row.
fn seen<'a>(
    window: &Window,
    input: &View<'a>,
    slot: &Slot,
    row: usize,
    col: usize,
) -> impl Iterator<Item = &'a [f32]> {
    let (input, size, image) = (*input, input.grid.size, slot.image as usize);
    let rows = window.rows().taps(row, size.rows);
    let cols = window.cols().taps(col, size.cols);
    rows.flat_map(move |(_, row)| cols.clone().map(move |(_, col)| input.at(image, row, col)))
}

/// Values in `f32`, zeros behind them.
fn narrow(values: &[f64], out: &mut [f32]) {
    out.fill(0.0);
    for (out, &value) in out.iter_mut().zip(values) {
        *out = value as f32;
    }
}
