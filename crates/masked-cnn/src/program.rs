//! A network prepared for the kernels: the algorithm of every layer, its weights packed.

use crate::buffer::Buffer;
use crate::kernels::Kernels;
use crate::kernels::gemm::Packed;
use crate::kernels::winograd::{MATRICES, Scheme, Stride1, Stride2};
use crate::network::{Convolution, Layer, Network, Operation, Window};
use crate::region::Size;
use crate::tile::{Grid, POSITIONS, SIDE};
use crate::{Error, Head};

/// How a layer is computed.
#[derive(Debug)]
pub(crate) enum Step {
    /// The image is given.
    Input,
    MaxPool,
    /// One product a tile: its windows, read in place from a copy of the tile's patch.
    Direct {
        packed: Packed,
        ending: StepEnding,
    },
    /// One product a point of Winograd's algorithm, for 3 x 3 windows.
    Winograd {
        stride: WinogradStride,
        packed: Packed,
        ending: StepEnding,
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
    pub(crate) relu: bool,
}

/// A layer and what it reads.
#[derive(Debug)]
pub(crate) struct ProgramLayer {
    pub(crate) step: Step,
    /// The window that slides over the layer it reads; none for the image.
    pub(crate) window: Option<Window>,
    pub(crate) input: usize,
    pub(crate) shortcut: Option<usize>,
    /// The last layer that reads this one.
    pub(crate) last_reader: usize,
    pub(crate) channel_stride: usize,
}

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) layers: Vec<ProgramLayer>,
    pub(crate) head: Head,
    pub(crate) n_channels: usize,
}

impl Program {
    pub(crate) fn new(network: Network, kernels: Kernels) -> Self {
        let lanes = kernels.lanes();
        let n_channels = network.n_channels();
        let mut layers: Vec<ProgramLayer> = Vec::new();
        for (index, layer) in network.layers.iter().enumerate() {
            let step = match &layer.operation {
                Operation::Input => Step::Input,
                Operation::MaxPool(_) => Step::MaxPool,
                Operation::Convolution(conv) => {
                    let c_in = network.layers[layer.input].n_channels;
                    convolution_step(conv, c_in, layers[layer.input].channel_stride, kernels)
                }
            };
            let reads = |later: &Layer| later.input == index || later.shortcut() == Some(index);
            let last_reader = network.layers.iter().rposition(reads);
            layers.push(ProgramLayer {
                channel_stride: match step {
                    Step::Input => layer.n_channels,
                    _ => layer.n_channels.next_multiple_of(lanes),
                },
                step,
                window: layer.window(),
                input: layer.input,
                shortcut: layer.shortcut(),
                last_reader: last_reader.unwrap_or(index).max(index),
            });
        }
        Self {
            layers,
            head: network.head,
            n_channels,
        }
    }

    /// The tiles of every layer for an image.
    pub(crate) fn grids(&self, image: Size) -> Result<Vec<Grid>, Error> {
        let mut grids = vec![Grid::new(image, self.n_channels)];
        for (index, layer) in self.layers.iter().enumerate() {
            let Some(window) = layer.window else {
                continue;
            };
            let input = grids[layer.input].size;
            let size = Size {
                rows: window.count(input.rows),
                cols: window.count(input.cols),
            };
            if size.rows == 0 || size.cols == 0 {
                return Err(Error::ImageTooSmall {
                    layer: index,
                    rows: image.rows,
                    cols: image.cols,
                });
            }
            if let Some(shortcut) = layer.shortcut
                && grids[shortcut].size != size
            {
                return Err(Error::Layer {
                    layer: index,
                    problem: format!(
                        "the shortcut from layer {shortcut} is {:?}, the output {size:?}",
                        grids[shortcut].size
                    ),
                });
            }
            grids.push(Grid::new(size, layer.channel_stride));
        }
        Ok(grids)
    }
}

fn convolution_step(
    conv: &Convolution,
    c_in: usize,
    channel_stride: usize,
    kernels: Kernels,
) -> Step {
    let c_out = conv.bias.len();
    let mut bias = Buffer::zeroed(c_out.next_multiple_of(kernels.lanes()));
    bias[..c_out].copy_from_slice(&conv.bias);
    let ending = StepEnding {
        bias,
        relu: conv.relu,
    };
    // Channels of the image itself do not fill vectors.
    let is_vectors = channel_stride.is_multiple_of(kernels.lanes());
    let stride = match (conv.kernel, conv.stride) {
        (3, 1) if is_vectors => Some(WinogradStride::One),
        (3, 2) if is_vectors => Some(WinogradStride::Two),
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
        return Step::Winograd {
            stride,
            packed,
            ending,
        };
    }
    let area = conv.kernel * conv.kernel;
    let packed = Packed::new(kernels, 1, area * channel_stride, c_out, |k, c, entry| {
        let (tap, channel) = (k / channel_stride, k % channel_stride);
        entry[0] = if channel < c_in {
            conv.weight[(c * c_in + channel) * area + tap]
        } else {
            0.0
        };
    });
    Step::Direct { packed, ending }
}

impl Window {
    /// Side of the input patch that a tile's windows cover.
    pub(crate) fn patch_side(self) -> usize {
        (SIDE - 1) * self.stride + self.kernel
    }

    /// Where the windows of a tile's positions start in a patch.
    pub(crate) fn starts_in_patch(self, channel_stride: usize) -> [usize; POSITIONS] {
        let side = self.patch_side();
        std::array::from_fn(|position| {
            let (row, col) = (position / SIDE, position % SIDE);
            (row * side + col) * self.stride * channel_stride
        })
    }
}
