//! The network and its background, with what the report says of them.

use std::fmt;
use std::path::Path;

use burn::tensor::{Device, Tensor};
use ich::device::OpenDevice;
use ich::hshap::Explainer;
use ich::ich_model::{Prediction, RsnaHemorrhageNet};
use ich::masked_cnn::{Engine, Settings, Size};
use serde::Serialize;

use crate::args::EngineName;
use crate::compute::Compute;
use crate::fault::Fault;
use crate::input::Input;
use crate::output::{sha256, sha256_of_file};

/// A file, or what is embedded in the program, and its hash.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Origin {
    source: String,
    sha256: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, SHA-256 {}", self.source, self.sha256)
    }
}

impl Origin {
    fn file(path: &Path) -> Result<Self, Fault> {
        Ok(Self {
            source: path.display().to_string(),
            sha256: sha256_of_file(path)?,
        })
    }

    fn embedded(name: &str, bytes: &[u8]) -> Self {
        Self {
            source: format!("embedded {name}"),
            sha256: sha256(bytes),
        }
    }
}

/// The classifier, ready to answer.
pub(crate) enum Classifier {
    Dense(Box<RsnaHemorrhageNet>),
    Masked(Engine),
}

impl Classifier {
    /// The network in a file, or the embedded one.
    pub(crate) fn load(weights: Option<&Path>, compute: &Compute) -> Result<(Self, Origin), Fault> {
        let device = compute.device();
        let (net, origin) = match weights {
            Some(path) => (RsnaHemorrhageNet::load(path, device)?, Origin::file(path)?),
            None => (
                ich::default_network(device)?,
                Origin::embedded("ich-demo", ich::DEFAULT_WEIGHTS),
            ),
        };
        Ok((Self::new(net, compute)?, origin))
    }

    /// The network on its engine.
    pub(crate) fn new(net: RsnaHemorrhageNet, compute: &Compute) -> Result<Self, Fault> {
        Ok(match compute.engine {
            EngineName::Dense => Self::Dense(Box::new(net)),
            EngineName::Masked => {
                let mut settings = Settings::default();
                settings.n_threads = compute.threads;
                settings.memory_bytes = compute.memory_bytes;
                Self::Masked(Engine::new(net.to_masked()?, &settings)?)
            }
        })
    }

    /// What the network says of a slice.
    pub(crate) fn predict(&self, input: &Input, device: &Device) -> Result<Prediction, Fault> {
        let probabilities: Vec<f32> = match self {
            Self::Dense(net) => {
                let predictions = net
                    .predict(input.stack.to_tensor(device).unsqueeze())
                    .map_err(|error| Fault::new(format!("{}: {error}", input.source)))?;
                predictions.iter().map(|p| p.probability).collect()
            }
            Self::Masked(engine) => {
                let size = Size {
                    rows: input.stack.grey().rows(),
                    cols: input.stack.grey().cols(),
                };
                engine
                    .forward(&input.stack.normalised(), size)
                    .map_err(|error| Fault::new(format!("{}: {error}", input.source)))?
            }
        };
        match probabilities[..] {
            [probability] if probability.is_finite() => Ok(Prediction { probability }),
            _ => Err(Fault::new(format!(
                "{}: the network's answer is no finite number; are these its weights?",
                input.source
            ))),
        }
    }

    /// How many images a dense network gets at once.
    pub(crate) fn batch_size(&self, input: &Input, open: &OpenDevice) -> Result<usize, Fault> {
        Ok(match self {
            Self::Dense(net) => {
                let grey = input.stack.grey();
                open.batch_size(net.largest_tensor_bytes(grey.rows(), grey.cols()))?
            }
            // It chooses its own.
            Self::Masked(_) => ich::hshap::Settings::default().batch_size,
        })
    }

    /// An explainer of this classifier.
    pub(crate) fn explainer(&self, background: Tensor<3>) -> Explainer<'_> {
        match self {
            Self::Dense(net) => Explainer::new(|images| net.forward(images), background),
            Self::Masked(engine) => Explainer::masked(engine, background),
        }
    }
}

/// The background in a file, or the embedded one: `[3, rows, cols]`.
pub(crate) fn load_background(
    path: Option<&Path>,
    device: &Device,
) -> Result<(Tensor<3>, Origin), Fault> {
    match path {
        Some(path) => Ok((ich::read_background(path, device)?, Origin::file(path)?)),
        None => Ok((
            ich::default_background()?.to_tensor(device),
            Origin::embedded("ich-demo-background", ich::DEFAULT_BACKGROUND),
        )),
    }
}
