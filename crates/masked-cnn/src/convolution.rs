//! Convolutions prepared for the kernels: which algorithm, its weights packed.

use std::ops::Range;

use cnn_graph::{Conv, Window};

use crate::buffer::Buffer;
use crate::kernels::Kernels;
use crate::kernels::gemm::Packed;
use crate::kernels::winograd::{MATRICES, Scheme, Stride1, Stride2};
use crate::tile::{POSITIONS, SIDE};

/// A convolution with the bias, the addition and the rectifier that follow.
#[derive(Debug)]
pub(crate) struct Convolution {
    pub(crate) input: usize,
    pub(crate) window: Window,
    pub(crate) algorithm: Algorithm,
    pub(crate) ending: StepEnding,
}

#[derive(Debug)]
pub(crate) enum Algorithm {
    /// Products of windows, read in place or from a copy of what the tile's windows cover; some groups
    /// of channels at a time.
    Direct { windows: Windows, packs: Vec<Pack> },
    /// Every channel by itself; weights `[taps, channels]`.
    Depthwise { windows: Windows, weight: Buffer },
    /// One product a point of Winograd's algorithm, for 3 x 3 windows.
    Winograd {
        stride: WinogradStride,
        packed: Packed,
    },
}

/// Strides that have an algorithm.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WinogradStride {
    One,
    Two,
}

impl WinogradStride {
    /// Products for a tile and a pair of channels.
    pub(crate) fn n_points(self) -> usize {
        match self {
            Self::One => Stride1::POINTS * Stride1::POINTS,
            Self::Two => Stride2::POINTS * Stride2::POINTS,
        }
    }
}

/// What follows a convolution.
#[derive(Debug)]
pub(crate) struct StepEnding {
    /// Filled up with zeros like the channels.
    pub(crate) bias: Buffer,
    /// A layer that is added.
    pub(crate) shortcut: Option<usize>,
    pub(crate) relu: bool,
}

/// Groups of channels whose products are one matrix product, zeros between the groups.
#[derive(Debug)]
pub(crate) struct Pack {
    pub(crate) packed: Packed,
    /// Where its channels start in a tap.
    pub(crate) offsets: Vec<usize>,
    /// Values read at each offset.
    pub(crate) run_len: usize,
    pub(crate) outputs: Range<usize>,
}

/// What a tile's windows read.
#[derive(Debug)]
pub(crate) struct Windows {
    pub(crate) layout: Layout,
    /// Where the window of each position starts.
    pub(crate) starts: [usize; POSITIONS],
    /// Where each tap of a window is, from its start on.
    pub(crate) taps: Vec<usize>,
    /// Values that are copied.
    pub(crate) len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Windows of one position, read where they are.
    InPlace,
    /// A copy of the rectangle that the windows cover.
    Patch { rows: usize, cols: usize },
    /// A copy window by window, where that is less.
    Separate,
}

impl Windows {
    fn new(window: &Window, channel_stride: usize) -> Self {
        let [n_rows, n_cols] = window.kernel_shape;
        let [rows, cols] =
            [window.rows(), window.cols()].map(|side| (SIDE - 1) * side.stride + side.extent());
        let area = n_rows * n_cols;
        let taps = (0..area).map(|tap| (tap / n_cols, tap % n_cols));
        if area == 1 {
            return Self {
                layout: Layout::InPlace,
                starts: [0; POSITIONS],
                taps: vec![0],
                len: 0,
            };
        }
        if rows * cols > POSITIONS * area {
            return Self {
                layout: Layout::Separate,
                starts: std::array::from_fn(|position| position * area * channel_stride),
                taps: (0..area).map(|tap| tap * channel_stride).collect(),
                len: POSITIONS * area * channel_stride,
            };
        }
        let at = |row: usize, col: usize| (row * cols + col) * channel_stride;
        let [row_stride, col_stride] = window.strides;
        let [row_dilation, col_dilation] = window.dilations;
        Self {
            layout: Layout::Patch { rows, cols },
            starts: std::array::from_fn(|position| {
                at(position / SIDE * row_stride, position % SIDE * col_stride)
            }),
            taps: taps
                .map(|(row, col)| at(row * row_dilation, col * col_dilation))
                .collect(),
            len: rows * cols * channel_stride,
        }
    }

    /// Runs of taps that follow each other in memory: how many taps each has.
    fn taps_per_run(&self, channel_stride: usize) -> usize {
        let breaks = self
            .taps
            .windows(2)
            .position(|pair| pair[1] != pair[0] + channel_stride);
        breaks.map_or(self.taps.len(), |at| at + 1)
    }
}

impl Convolution {
    pub(crate) fn new(
        conv: &Conv,
        input: usize,
        c_in: usize,
        channel_stride: usize,
        kernels: Kernels,
    ) -> Self {
        let mut bias = Buffer::zeroed(conv.bias.len().next_multiple_of(kernels.lanes()));
        bias[..conv.bias.len()].copy_from_slice(&conv.bias);
        Self {
            input,
            window: conv.window,
            algorithm: algorithm(conv, c_in, channel_stride, kernels),
            ending: StepEnding {
                bias,
                shortcut: None,
                relu: false,
            },
        }
    }

    /// Bytes of the packed weights.
    pub(crate) fn weight_bytes(&self) -> u64 {
        let n = match &self.algorithm {
            Algorithm::Direct { packs, .. } => {
                packs.iter().map(|pack| pack.packed.n_values()).sum()
            }
            Algorithm::Depthwise { weight, .. } => weight.len(),
            Algorithm::Winograd { packed, .. } => packed.n_values(),
        };
        (n * size_of::<f32>()) as u64
    }

    /// Products for a tile.
    pub(crate) fn products_per_tile(&self) -> u64 {
        let n = match &self.algorithm {
            Algorithm::Direct { packs, .. } => {
                POSITIONS
                    * packs
                        .iter()
                        .map(|pack| pack.packed.n_values())
                        .sum::<usize>()
            }
            Algorithm::Depthwise { weight, .. } => POSITIONS * weight.len(),
            // Points share the matrices of weights.
            Algorithm::Winograd { stride, packed } => {
                packed.n_values() / MATRICES * stride.n_points()
            }
        };
        n as u64
    }
}

fn algorithm(conv: &Conv, c_in: usize, channel_stride: usize, kernels: Kernels) -> Algorithm {
    let c_out = conv.bias.len();
    let windows = || Windows::new(&conv.window, channel_stride);
    // Channels of the image itself do not fill vectors.
    let is_vectors = channel_stride.is_multiple_of(kernels.lanes());
    let area: usize = conv.window.kernel_shape.iter().product();
    if conv.group > 1 && conv.group == c_in && c_out == c_in && is_vectors && area > 1 {
        let mut weight = Buffer::zeroed(area * channel_stride);
        for (tap, weight) in weight.chunks_exact_mut(channel_stride).enumerate() {
            for (c, weight) in weight[..c_in].iter_mut().enumerate() {
                *weight = conv.weight[c * area + tap];
            }
        }
        return Algorithm::Depthwise {
            windows: windows(),
            weight,
        };
    }
    let is_plain = conv.group == 1
        && conv.window.kernel_shape == [3, 3]
        && conv.window.dilations == [1, 1]
        && is_vectors;
    let stride = match conv.window.strides {
        [1, 1] if is_plain => Some(WinogradStride::One),
        [2, 2] if is_plain => Some(WinogradStride::Two),
        _ => None,
    };
    if let Some(stride) = stride {
        let filters = conv.weight.as_chunks::<9>().0;
        let packed = Packed::new(kernels, MATRICES, channel_stride, c_out, |k, c, entry| {
            if k >= c_in {
                return entry.fill(0.0);
            }
            let filter = &filters[c * c_in + k];
            entry.copy_from_slice(&match stride {
                WinogradStride::One => Stride1::filter(filter),
                WinogradStride::Two => Stride2::filter(filter),
            });
        });
        return Algorithm::Winograd { stride, packed };
    }
    let windows = windows();
    let packs = packs(conv, c_in, channel_stride, &windows, kernels);
    Algorithm::Direct { windows, packs }
}

/// Enough groups together to fill a vector; all channels of a convolution that has no groups.
fn packs(
    conv: &Conv,
    c_in: usize,
    channel_stride: usize,
    windows: &Windows,
    kernels: Kernels,
) -> Vec<Pack> {
    let area = windows.taps.len();
    let (in_of_group, out_of_group) = (c_in / conv.group, conv.bias.len() / conv.group);
    let n_together = kernels.lanes().div_ceil(out_of_group).min(conv.group);
    let firsts = (0..conv.group).step_by(n_together);
    let pack = |first: usize| {
        let groups = first..(first + n_together).min(conv.group);
        let (offset, n_read, taps_per_run) = match conv.group {
            1 => (0, channel_stride, windows.taps_per_run(channel_stride)),
            _ => (first * in_of_group, groups.len() * in_of_group, 1),
        };
        let outputs = groups.start * out_of_group..groups.end * out_of_group;
        let weight = |k: usize, column: usize, entry: &mut [f32]| {
            let (tap, channel) = (k / n_read, k % n_read);
            let (group, channel) = (channel / in_of_group, channel % in_of_group);
            let c = outputs.start + column;
            // Behind the channels are zeros up to a full vector.
            let is_own = group == column / out_of_group;
            entry[0] = match is_own {
                true => conv.weight[(c * in_of_group + channel) * area + tap],
                false => 0.0,
            };
        };
        let taps = windows.taps.iter().step_by(taps_per_run);
        Pack {
            packed: Packed::new(kernels, 1, area * n_read, outputs.len(), weight),
            offsets: taps.map(|tap| tap + offset).collect(),
            run_len: taps_per_run * n_read,
            outputs,
        }
    };
    firsts.map(pack).collect()
}
