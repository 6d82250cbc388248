//! A network prepared for the kernels: the algorithm of every layer, its weights packed.

use cnn_graph::{Activation, Axis, End, Op, Window};

use crate::buffer::Buffer;
use crate::convolution::Convolution;
use crate::kernels::gemm::Packed;
use crate::plan::ReceptiveFields;
use crate::tile::Grid;
use cnn_graph::Size;

/// A network, layer by layer; the first is the image, the last the logits.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) layers: Vec<Layer>,
    pub(crate) n_channels: usize,
    pub(crate) size: Size,
    pub(crate) n_outputs: usize,
    pub(crate) end: End,
}

/// What is computed together, and what it reads.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Layers before it.
    pub(crate) reads: Vec<usize>,
    /// The last layer that reads this one.
    pub(crate) last_reader: usize,
    pub(crate) work: Work,
}

#[derive(Debug)]
pub(crate) enum Work {
    Map(Box<MapLayer>),
    Vector(VectorLayer),
}

/// A map, in tiles.
#[derive(Debug)]
pub(crate) struct MapLayer {
    /// What a convolution reads instead of its input, where nothing else reads that: computed for
    /// the same tiles, and not kept.
    pub(crate) before: Option<Box<MapLayer>>,
    pub(crate) step: Step,
    /// What follows at every position, in order.
    pub(crate) then: Vec<Pointwise>,
    pub(crate) grid: Grid,
    pub(crate) n_channels: usize,
    /// None behind a vector, where every position depends on the whole image in a way that is no
    /// windows': such a layer is computed in full for every mask, and not stored.
    pub(crate) fields: Option<ReceptiveFields>,
}

/// Values without positions, in `f64`.
#[derive(Debug)]
pub(crate) struct VectorLayer {
    pub(crate) step: VectorStep,
    pub(crate) len: usize,
}

/// How the values of a map come about, before what follows.
#[derive(Debug)]
pub(crate) enum Step {
    /// The image is given.
    Input,
    /// The values of another layer.
    Copy {
        input: usize,
    },
    /// Layers behind each other along the channels.
    Concat {
        parts: Vec<usize>,
    },
    /// A choice of channels.
    Gather {
        input: usize,
        channels: Vec<u32>,
    },
    MaxPool {
        input: usize,
        window: Window,
    },
    AveragePool {
        input: usize,
        window: Window,
        count_include_pad: bool,
    },
    /// For each row and column the one that it shows; a value where there is none.
    Pad {
        input: usize,
        rows: Vec<Option<usize>>,
        cols: Vec<Option<usize>>,
        value: f32,
    },
    Resize {
        input: usize,
        rows: Axis,
        cols: Axis,
    },
    Convolution(Box<Convolution>),
}

/// What is done with every value, or with all channels of a position.
#[derive(Debug)]
pub(crate) enum Pointwise {
    /// One scale and one shift a channel, filled up with zeros like the channels.
    Affine {
        scale: Buffer,
        shift: Buffer,
    },
    Activation(Activation),
    /// Slopes filled up with zeros like the channels.
    PRelu {
        slope: Buffer,
    },
    /// Adds another layer.
    Add(usize),
    /// Multiplies by another layer.
    Mul(usize),
    /// Adds a vector, one value a channel.
    AddVector(usize),
    /// Multiplies by a vector, one value a channel.
    MulVector(usize),
    /// Scales and shifts by a vector of [`VectorStep::Normalization`].
    Normalize(usize),
    LayerNormalization {
        scale: Vec<f32>,
        shift: Vec<f32>,
        epsilon: f32,
    },
    Lrn {
        size: usize,
        alpha: f32,
        beta: f32,
        bias: f32,
    },
}

/// How a vector comes about.
#[derive(Debug)]
pub(crate) enum VectorStep {
    /// The mean of every channel.
    Mean(usize),
    /// The largest value of every channel.
    Max(usize),
    /// All values; channels innermost or outermost.
    Flatten { input: usize, channels_last: bool },
    /// The scales of all channels, then their shifts, that give each group mean 0 and variance 1
    /// before the scale and the shift that follow.
    Normalization {
        input: usize,
        groups: usize,
        scale: Vec<f32>,
        shift: Vec<f32>,
        epsilon: f32,
    },
    /// A linear map; weights `[inputs, outputs]`.
    Linear {
        input: usize,
        weight: Vec<f32>,
        bias: Vec<f32>,
    },
    /// A linear map of many weights, in `f32`.
    Gemm {
        input: usize,
        packed: Packed,
        bias: Vec<f32>,
    },
    /// Anything else, by definition.
    Op { inputs: Vec<usize>, op: Op },
}

impl Layer {
    /// The map that a layer is.
    pub(crate) fn map(&self) -> Option<&MapLayer> {
        match &self.work {
            Work::Map(map) => Some(map),
            Work::Vector(_) => None,
        }
    }

    /// Products for a tile of a map, or for a vector.
    pub(crate) fn products(&self) -> u64 {
        match &self.work {
            Work::Map(map) => match &map.step {
                Step::Convolution(convolution) => convolution.products_per_tile(),
                _ => 0,
            },
            Work::Vector(vector) => match &vector.step {
                VectorStep::Gemm { packed, .. } => packed.n_values() as u64,
                VectorStep::Linear { weight, .. } => weight.len() as u64,
                _ => 0,
            },
        }
    }

    /// Whether its values for the image and for a background are kept.
    pub(crate) fn is_stored(&self) -> bool {
        self.map().is_some_and(|map| map.fields.is_some())
    }
}

impl Program {
    /// The tiles of the image.
    pub(crate) fn image_grid(&self) -> Grid {
        Grid::new(self.size, self.n_channels)
    }

    /// Values of an image.
    pub(crate) fn image_len(&self) -> usize {
        self.n_channels * self.size.rows * self.size.cols
    }
}
