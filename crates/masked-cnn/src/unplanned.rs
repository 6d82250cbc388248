//! Layers on the way from a graph to a program.

use cnn_graph::{Activation, Fields, Graph, Shape, Size};

use crate::plan::ReceptiveFields;
use crate::program::{Layer, MapLayer, Pointwise, Step, VectorLayer, Work};
use crate::tile::Grid;

/// A layer whose receptive fields are not known yet.
pub(crate) struct UnplannedLayer {
    /// The node whose values it has.
    pub(crate) node: usize,
    pub(crate) work: UnplannedWork,
    pub(crate) reads: Vec<usize>,
    /// Whether each of its values depends on a vector.
    pub(crate) is_global: bool,
}

pub(crate) enum UnplannedWork {
    Map {
        /// See [`MapLayer::before`].
        before: Option<Box<MapLayer>>,
        step: Step,
        then: Vec<Pointwise>,
        channel_stride: usize,
    },
    Vector(VectorLayer),
}

/// The layers with their tiles and receptive fields.
pub(crate) fn finish(layers: Vec<UnplannedLayer>, graph: &Graph) -> Vec<Layer> {
    let of_nodes = graph.fields();
    let nodes: Vec<usize> = layers.iter().map(|layer| layer.node).collect();
    let of_layer = |layer: usize| of_nodes[nodes[layer]].as_ref();
    let finished = |(index, layer): (usize, UnplannedLayer)| {
        let shape = graph.nodes()[layer.node].shape;
        let work = match layer.work {
            UnplannedWork::Vector(vector) => Work::Vector(vector),
            UnplannedWork::Map {
                before,
                step,
                then,
                channel_stride,
            } => {
                let fields = of_layer(index).filter(|_| !layer.is_global);
                let [rows, cols] = sides(shape);
                Work::Map(Box::new(MapLayer {
                    fields: fields.map(|fields| match before {
                        // Each position sees no other one.
                        Some(_) => ReceptiveFields::new(fields, None),
                        None => step.fields(fields, of_layer),
                    }),
                    before,
                    step,
                    then,
                    grid: Grid::new(Size { rows, cols }, channel_stride),
                    n_channels: shape.n_channels(),
                }))
            }
        };
        Layer {
            reads: layer.reads,
            last_reader: index,
            work,
        }
    };
    layers.into_iter().enumerate().map(finished).collect()
}

impl Step {
    /// The fields of its tiles, from those of its positions and of the layers that it reads.
    fn fields<'f>(
        &self,
        positions: &Fields,
        of_layer: impl Fn(usize) -> Option<&'f Fields>,
    ) -> ReceptiveFields {
        let (input, window) = match self {
            Self::Convolution(convolution) => (convolution.input, &convolution.window),
            Self::MaxPool { input, window } | Self::AveragePool { input, window, .. } => {
                (*input, window)
            }
            _ => return ReceptiveFields::new(positions, None),
        };
        ReceptiveFields::new(positions, of_layer(input).map(|read| (read, window)))
    }
}

impl UnplannedLayer {
    /// Values between the channels of two positions; none of a vector.
    pub(crate) fn channel_stride(&self) -> usize {
        match &self.work {
            UnplannedWork::Map { channel_stride, .. } => *channel_stride,
            UnplannedWork::Vector(_) => 0,
        }
    }

    /// Whether its values are those of other layers, position by position.
    pub(crate) fn gathers(&self) -> bool {
        matches!(
            self.work,
            UnplannedWork::Map {
                step: Step::Copy { .. } | Step::Concat { .. },
                ..
            }
        )
    }

    /// Adds what follows, to the end of a convolution where that does it.
    pub(crate) fn add(&mut self, next: Pointwise) {
        let UnplannedWork::Map { step, then, .. } = &mut self.work else {
            return;
        };
        if let Step::Convolution(convolution) = step
            && then.is_empty()
            && !convolution.ending.relu
        {
            let ending = &mut convolution.ending;
            match &next {
                Pointwise::Add(other) if ending.shortcut.is_none() => {
                    ending.shortcut = Some(*other);
                    return;
                }
                Pointwise::Activation(Activation::Relu) => {
                    ending.relu = true;
                    return;
                }
                _ => {}
            }
        }
        then.push(next);
    }
}

/// Rows and columns; a vector has one position.
pub(crate) fn sides(shape: Shape) -> [usize; 2] {
    match shape {
        Shape::Map { size, .. } => [size.rows, size.cols],
        Shape::Vector { .. } => [1, 1],
    }
}
