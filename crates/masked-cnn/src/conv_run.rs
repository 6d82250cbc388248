//! The tiles of a convolution.

use std::array::from_fn;

use cnn_graph::Window;

use crate::buffer::Buffer;
use crate::convolution::{
    Algorithm, Convolution, Layout, Pack, StepEnding, Windows, WinogradStride,
};
use crate::kernels::gemm::{Gemm, Packed, Row};
use crate::kernels::rows::{EndTile, Ending, is_inside};
use crate::kernels::windows::Depthwise;
use crate::kernels::winograd::{Scheme, Stride1, Stride2, TransformInput, TransformOutput};
use crate::layer_run::LayerRun;
use crate::plan::Slot;
use crate::tile::{POSITIONS, SIDE};
use crate::view::View;

/// Values between the points of transformed tiles beyond the tiles themselves: one cache line, so
/// that the points do not fall on the same lines of the cache.
const POINT_GAP: usize = 16;

impl Convolution {
    /// Most tiles computed together: enough to use the weights often, few enough that the tiles'
    /// own values stay in the second-level cache, unless the weights are larger than it.
    pub(crate) fn most_tiles(&self, channel_stride: usize) -> usize {
        match &self.algorithm {
            Algorithm::Direct { .. } => (2048 / channel_stride).clamp(8, 32),
            Algorithm::Depthwise { .. } => 16,
            Algorithm::Winograd { packed, .. } => (packed.inner() / 4).clamp(32, 128),
        }
    }

    /// Values that a thread needs beside the tiles, for as many tiles as it computes together.
    pub(crate) fn scratch_len(&self, channel_stride: usize) -> usize {
        let n_tiles = self.most_tiles(channel_stride);
        match &self.algorithm {
            Algorithm::Direct { windows, packs } => {
                let widest = match packs.as_slice() {
                    [_] => None,
                    _ => packs.iter().map(|pack| pack.packed.columns).max(),
                };
                n_tiles * (windows.len + POSITIONS * widest.unwrap_or(0))
            }
            Algorithm::Depthwise { windows, .. } => windows.len,
            Algorithm::Winograd { stride, packed } => {
                n_tiles * stride.n_points() * (packed.inner() + channel_stride)
            }
        }
    }
}

impl<'a> LayerRun<'a> {
    pub(crate) fn convolve(&self, conv: &Convolution, slots: &[Slot], out: &mut [f32]) {
        match &conv.algorithm {
            Algorithm::Direct { windows, packs } => self.direct(conv, windows, packs, slots, out),
            Algorithm::Depthwise { windows, weight } => {
                self.depthwise(conv, windows, weight, slots, out);
            }
            Algorithm::Winograd { stride, packed } => match stride {
                WinogradStride::One => self.winograd(Stride1, packed, conv, slots, out),
                WinogradStride::Two => self.winograd(Stride2, packed, conv, slots, out),
            },
        }
    }

    fn direct(
        &self,
        conv: &Convolution,
        windows: &Windows,
        packs: &[Pack],
        slots: &[Slot],
        out: &mut [f32],
    ) {
        if let Some(before) = &self.layer.before {
            let mut tiles = self.buffers.take(slots.len() * before.grid.tile_len());
            let run = LayerRun {
                layer: before,
                ..*self
            };
            run.compute(slots, &mut tiles);
            let stride = before.grid.channel_stride;
            self.multiply(conv, packs, slots, out, |t, position| {
                &tiles[(t * POSITIONS + position) * stride..]
            });
            self.buffers.give_back(tiles);
            return;
        }
        let input = self.values.map(conv.input);
        if windows.layout == Layout::InPlace {
            let zeros = Buffer::zeroed(input.grid.channel_stride);
            self.multiply(conv, packs, slots, out, |t, position| {
                self.read(conv, &input, &slots[t], position, &zeros)
            });
            return;
        }
        let mut copies = self.buffers.take(slots.len() * windows.len);
        for (slot, copy) in slots.iter().zip(copies.chunks_exact_mut(windows.len)) {
            self.copy_windows(conv, windows, &input, slot, copy);
        }
        self.multiply(conv, packs, slots, out, |t, position| {
            &copies[t * windows.len + windows.starts[position]..]
        });
        self.buffers.give_back(copies);
    }

    /// The products of all positions in the layer, with the layer's ending; `values` gives the tile's
    /// and position's row.
    fn multiply<'v>(
        &self,
        conv: &Convolution,
        packs: &[Pack],
        slots: &[Slot],
        out: &mut [f32],
        values: impl Fn(usize, usize) -> &'v [f32],
    ) {
        let columns = self.grid().channel_stride;
        let mut rows = Vec::with_capacity(slots.len() * POSITIONS);
        for (t, slot) in slots.iter().enumerate() {
            let inside = self.inside(slot);
            let shortcut = self.shortcut_tile(&conv.ending, slot);
            for position in 0..POSITIONS {
                let to = (t * POSITIONS + position) * columns;
                if !is_inside(position, inside) {
                    out[to..to + columns].fill(0.0);
                    continue;
                }
                rows.push(Row {
                    values: values(t, position),
                    to,
                    shortcut: shortcut.map(|tile| &tile[position * columns..][..columns]),
                });
            }
        }
        match packs {
            [pack] => self
                .kernels
                .run(pack.gemm(&rows, Some(conv.ending.view()), out)),
            _ => {
                // Groups leave the zeros behind the channels.
                out.fill(0.0);
                for pack in packs {
                    self.multiply_groups(pack, &rows, out);
                }
                let tiles = out.chunks_exact_mut(self.grid().tile_len());
                for (slot, out) in slots.iter().zip(tiles) {
                    self.end(conv, slot, out);
                }
            }
        }
    }

    /// The products of some groups, whose channels need not be full vectors.
    fn multiply_groups(&self, pack: &Pack, rows: &[Row<'_>], out: &mut [f32]) {
        let n = pack.packed.columns;
        let mut products = self.buffers.take(rows.len() * n);
        let apart = rows.iter().enumerate().map(|(index, row)| Row {
            to: index * n,
            ..*row
        });
        let apart: Vec<Row<'_>> = apart.collect();
        self.kernels.run(pack.gemm(&apart, None, &mut products));
        for (row, products) in rows.iter().zip(products.chunks_exact(n)) {
            let out = &mut out[row.to..][pack.outputs.clone()];
            out.copy_from_slice(&products[..pack.outputs.len()]);
        }
        self.buffers.give_back(products);
    }

    /// The position that a window of one position reads.
    fn read<'v>(
        &self,
        conv: &Convolution,
        input: &View<'v>,
        slot: &Slot,
        position: usize,
        zeros: &'v [f32],
    ) -> &'v [f32] {
        let (rows, cols) = self.grid().span_of(slot.tile as usize);
        let (row, col) = (rows.start + position / SIDE, cols.start + position % SIDE);
        let (row, col) = first_read(&conv.window, row, col);
        let values = input.position(slot.image as usize, row, col);
        values.unwrap_or(zeros)
    }

    fn depthwise(
        &self,
        conv: &Convolution,
        windows: &Windows,
        weight: &[f32],
        slots: &[Slot],
        out: &mut [f32],
    ) {
        let input = self.values.map(conv.input);
        let tile_len = self.grid().tile_len();
        let mut copy = self.buffers.take(windows.len);
        for (slot, out) in slots.iter().zip(out.chunks_exact_mut(tile_len)) {
            self.copy_windows(conv, windows, &input, slot, &mut copy);
            self.kernels.run(Depthwise {
                values: &copy,
                starts: &windows.starts,
                taps: &windows.taps,
                weight,
                ending: conv.ending.view(),
                shortcut: self.shortcut_tile(&conv.ending, slot),
                out,
            });
            self.clear_outside(slot, out);
        }
        self.buffers.give_back(copy);
    }

    /// Copies what the windows of a tile read.
    fn copy_windows(
        &self,
        conv: &Convolution,
        windows: &Windows,
        input: &View<'_>,
        slot: &Slot,
        copy: &mut [f32],
    ) {
        let image = slot.image as usize;
        let (rows, cols) = self.grid().span_of(slot.tile as usize);
        let (first_row, first_col) = first_read(&conv.window, rows.start, cols.start);
        if let Layout::Patch { cols, .. } = windows.layout {
            return input.copy_patch(image, (first_row, first_col), cols, copy);
        }
        let stride = input.grid.channel_stride;
        let [n_rows, n_cols] = conv.window.kernel_shape;
        let copies = copy.chunks_exact_mut(n_rows * n_cols * stride);
        for (position, copy) in copies.enumerate() {
            let [row_stride, col_stride] = conv.window.strides;
            let [row_dilation, col_dilation] = conv.window.dilations;
            let row = first_row + (position / SIDE * row_stride) as isize;
            let col = first_col + (position % SIDE * col_stride) as isize;
            for (tap, copy) in copy.chunks_exact_mut(stride).enumerate() {
                let row = row + (tap / n_cols * row_dilation) as isize;
                let col = col + (tap % n_cols * col_dilation) as isize;
                match input.position(image, row, col) {
                    Some(values) => copy.copy_from_slice(values),
                    None => copy.fill(0.0),
                }
            }
        }
    }

    fn winograd<C: Scheme<N>, const N: usize>(
        &self,
        scheme: C,
        packed: &Packed,
        conv: &Convolution,
        slots: &[Slot],
        out: &mut [f32],
    ) {
        let input = self.values.map(conv.input);
        let c_in = input.grid.channel_stride;
        let c_out = self.grid().channel_stride;
        let n_points = N * N;
        let in_stride = slots.len() * c_in + POINT_GAP;
        let out_stride = slots.len() * c_out + POINT_GAP;
        let mut transformed = self.buffers.take(n_points * in_stride);
        let mut products = self.buffers.take(n_points * out_stride);
        let zeros = Buffer::zeroed(c_in);
        for (t, slot) in slots.iter().enumerate() {
            let (rows, cols) = self.grid().span_of(slot.tile as usize);
            let (row, col) = first_read(&conv.window, rows.start, cols.start);
            let position = |i: usize, j: usize| {
                let image = slot.image as usize;
                let position = input.position(image, row + i as isize, col + j as isize);
                position.unwrap_or(&zeros)
            };
            self.kernels.run(TransformInput {
                scheme,
                patch: from_fn(|i| from_fn(|j| position(i, j))),
                out: &mut transformed[t * c_in..],
                point_stride: in_stride,
            });
        }

        let mut rows = Vec::with_capacity(slots.len());
        for point in 0..n_points {
            let left = transformed[point * in_stride..].chunks_exact(c_in);
            rows.clear();
            rows.extend(left.take(slots.len()).enumerate().map(|(t, values)| Row {
                values,
                to: t * c_out,
                shortcut: None,
            }));
            self.kernels.run(Gemm {
                rows: &rows,
                offsets: &[0],
                run_len: c_in,
                packed,
                matrix: C::matrix(point),
                ending: None,
                out: &mut products[point * out_stride..][..slots.len() * c_out],
            });
        }

        let tiles = out.chunks_exact_mut(self.grid().tile_len());
        for (t, (slot, out)) in slots.iter().zip(tiles).enumerate() {
            self.kernels.run(TransformOutput {
                scheme,
                products: &products[t * c_out..],
                point_stride: out_stride,
                ending: conv.ending.view(),
                shortcut: self.shortcut_tile(&conv.ending, slot),
                inside: self.inside(slot),
                out,
            });
        }
        self.buffers.give_back(transformed);
        self.buffers.give_back(products);
    }

    fn end(&self, conv: &Convolution, slot: &Slot, values: &mut [f32]) {
        self.kernels.run(EndTile {
            values,
            ending: conv.ending.view(),
            shortcut: self.shortcut_tile(&conv.ending, slot),
            inside: self.inside(slot),
        });
    }

    fn shortcut_tile(&self, ending: &StepEnding, slot: &Slot) -> Option<&'a [f32]> {
        let shortcut = self.values.map(ending.shortcut?);
        Some(shortcut.tile(slot.image as usize, slot.tile as usize))
    }

    /// Rows and columns of a tile that lie in the layer.
    fn inside(&self, slot: &Slot) -> (usize, usize) {
        let (rows, cols) = self.grid().span_of(slot.tile as usize);
        (rows.len(), cols.len())
    }
}

/// The first row and column of the input that the windows of outputs from a row and a column on
/// cover; negative in the padding.
fn first_read(window: &Window, row: usize, col: usize) -> (isize, isize) {
    let first = |at: usize, stride: usize, begin: usize| (at * stride) as isize - begin as isize;
    let (rows, cols) = (window.rows(), window.cols());
    (
        first(row, rows.stride, rows.begin),
        first(col, cols.stride, cols.begin),
    )
}

impl StepEnding {
    fn view(&self) -> Ending<'_> {
        Ending {
            bias: &self.bias,
            relu: self.relu,
        }
    }
}

impl Pack {
    fn gemm<'a>(
        &'a self,
        rows: &'a [Row<'a>],
        ending: Option<Ending<'a>>,
        out: &'a mut [f32],
    ) -> Gemm<'a> {
        Gemm {
            rows,
            offsets: &self.offsets,
            run_len: self.run_len,
            packed: &self.packed,
            matrix: 0,
            ending,
            out,
        }
    }
}
