//! A network made ready for images of one size.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use cnn_burn::Net;
use cnn_graph::{End, Size};
use hshap::Explainer;
use ich_model::RsnaHemorrhageNet;
use masked_cnn::{Engine, Settings};

use super::compute::Compute;
use super::network::Network;
use super::options::EngineKind;
use crate::Error;
use crate::study::Slice;

/// Side of the image on which two engines are compared, where the network takes it.
const PROBE_SIDE: usize = 64;

/// Largest difference accepted between two logits, of the larger of 1 and the logit. Both are computed
/// in `f32`.
const TOLERANCE: f32 = 1e-3;

/// A network on its engine, for images of one size.
#[derive(Clone)]
pub(crate) enum Prepared {
    /// Burn's module, and whether its answers end with the logits.
    Module(Arc<RsnaHemorrhageNet>, End),
    Dense(Arc<Net>),
    Masked(Arc<Engine>),
}

impl Prepared {
    pub(crate) fn new(
        network: &Network,
        size: Size,
        end: End,
        compute: &Compute,
    ) -> Result<Self, Error> {
        match (compute.engine, network) {
            (EngineKind::Dense, Network::Rsna(net)) => Ok(Self::Module(Arc::clone(net), end)),
            (EngineKind::Dense, Network::Onnx(_)) => {
                let net = Net::new(&network.graph(size, end)?, compute.device())?;
                Ok(Self::Dense(Arc::new(net)))
            }
            (EngineKind::Masked, _) => {
                let settings = Settings::default()
                    .with_n_threads(compute.threads)
                    .with_memory_bytes(compute.memory_bytes);
                let engine = match network {
                    Network::Rsna(net) => net.to_masked(size, &settings)?.with_end(end),
                    Network::Onnx(_) => {
                        probe(network, size, compute)?;
                        Engine::new(&network.graph(size, end)?, &settings)?
                    }
                };
                Ok(Self::Masked(Arc::new(engine)))
            }
        }
    }

    /// The outputs of slices of this size, slice by slice.
    pub(crate) fn outputs(&self, slices: &[&Slice], compute: &Compute) -> Result<Vec<f32>, Error> {
        let answers = match self {
            Self::Masked(engine) => {
                let mut found = Vec::new();
                for slice in slices {
                    found.extend(engine.forward(slice.stack.normalised())?);
                }
                return Ok(found);
            }
            Self::Module(net, end) => of_module(net, *end, images(slices, compute)),
            Self::Dense(net) => net.forward(images(slices, compute))?,
        };
        values(answers)
    }

    /// An explainer of the outputs.
    pub(crate) fn explainer(&self, background: Tensor<3>) -> Explainer {
        match self {
            Self::Module(net, end) => {
                let (net, end) = (Arc::clone(net), *end);
                Explainer::new(move |images| of_module(&net, end, images), background)
            }
            Self::Dense(net) => {
                let net = Arc::clone(net);
                Explainer::new(move |images| net.forward(images), background)
            }
            Self::Masked(engine) => Explainer::masked(Arc::clone(engine), background),
        }
    }

    /// Bytes of the largest tensor that one image takes on a device; none where the engine itself
    /// keeps to a limit.
    pub(crate) fn image_bytes(&self, size: Size) -> Option<u64> {
        match self {
            Self::Module(net, _) => Some(net.largest_tensor_bytes(size.rows, size.cols)),
            Self::Dense(net) => Some(net.n_held_values() * size_of::<f32>() as u64),
            Self::Masked(_) => None,
        }
    }
}

fn of_module(net: &RsnaHemorrhageNet, end: End, images: Tensor<4>) -> Tensor<2> {
    match end {
        End::Logits => net.logits(images),
        _ => net.forward(images),
    }
}

fn images(slices: &[&Slice], compute: &Compute) -> Tensor<4> {
    let device = compute.device();
    let images = slices.iter().map(|slice| slice.stack.to_tensor(device));
    Tensor::stack(images.collect::<Vec<Tensor<3>>>(), 0)
}

fn values(answers: Tensor<2>) -> Result<Vec<f32>, Error> {
    let values = answers.try_into_data();
    let values = values.map_err(|error| ich_model::Error::Device(error.to_string()))?;
    Ok(values.iter::<f32>().collect())
}

/// Compares the masked engine with Burn on one image of noise, small where the network takes it.
fn probe(network: &Network, size: Size, compute: &Compute) -> Result<(), Error> {
    let small = Size {
        rows: PROBE_SIDE.min(size.rows),
        cols: PROBE_SIDE.min(size.cols),
    };
    let graph = network
        .graph(small, End::Logits)
        .or_else(|_| network.graph(size, End::Logits))?;
    let (channels, Size { rows, cols }) = (graph.n_channels(), graph.size());
    let noise: Vec<f32> = (1_u32..=(channels * rows * cols) as u32)
        .map(|index| {
            // Knuth's multiplicative hash (The Art of Computer Programming 3, section 6.4).
            let hash = index.wrapping_mul(2_654_435_761);
            (hash >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect();
    // The probe takes what it needs; images have to keep to the budget.
    let settings = Settings::default().with_n_threads(compute.threads);
    let masked = Engine::new(&graph, &settings)?.forward(&noise)?;
    let image = TensorData::new(noise, [1, channels, rows, cols]);
    let net = Net::new(&graph, compute.device())?;
    let dense = values(net.logits(Tensor::from_data(image, compute.device()))?)?;
    for (masked, dense) in masked.into_iter().zip(dense) {
        // False for a NaN of Burn: the engine itself answers no NaN.
        let is_close = (masked - dense).abs() <= TOLERANCE * dense.abs().max(1.0);
        if !is_close {
            return Err(Error::EnginesDiffer { masked, dense });
        }
    }
    Ok(())
}
