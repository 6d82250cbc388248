//! The network and its background, with what the report says of them.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use ich::device::OpenDevice;
use ich::hshap::Explainer;
use ich::ich_model::{Prediction, RsnaHemorrhageNet, Selection, WeightsFile, sha256};
use ich::masked_cnn::{Engine, Settings, Size};
use serde::Serialize;

use crate::args::EngineName;
use crate::compute::{Compute, engine_fault};
use crate::fault::Fault;
use crate::input::Input;

/// A file, or what is embedded in the program.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Origin {
    source: String,
    #[serde(flatten)]
    content: Content,
}

/// The bytes that were used of a file, and what was taken from them.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Content {
    pub(crate) sha256: String,
    /// Of several networks in the file, the one that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Tensors of the file that were left out on request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<String>,
    /// Files beside an ONNX model that hold its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external: Vec<ExternalContent>,
}

/// The bytes of a file beside another one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ExternalContent {
    name: String,
    sha256: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.source, self.content)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA-256 {}", self.sha256)?;
        if let Some(key) = &self.key {
            write!(f, ", key {key}")?;
        }
        if !self.ignored.is_empty() {
            write!(f, ", without {}", self.ignored.join(", "))?;
        }
        for file in &self.external {
            write!(f, ", {} with SHA-256 {}", file.name, file.sha256)?;
        }
        Ok(())
    }
}

impl Origin {
    /// The hash of the file.
    pub(crate) fn sha256(&self) -> &str {
        &self.content.sha256
    }

    /// What was used, wherever it came from.
    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    fn of_bytes(source: String, sha256: String) -> Self {
        Self {
            source,
            content: Content {
                sha256,
                ..Content::default()
            },
        }
    }
}

impl Content {
    /// Of the network that is selected in a file of weights.
    pub(crate) fn of_weights(file: &WeightsFile, selection: &Selection) -> Result<Self, Fault> {
        let external = file.external_files().into_iter();
        Ok(Self {
            sha256: file.sha256().to_owned(),
            key: selection.key.clone(),
            ignored: file.fit(selection)?.excluded,
            external: external
                .map(|file| ExternalContent {
                    name: file.name,
                    sha256: file.sha256,
                })
                .collect(),
        })
    }
}

/// The classifier, ready to answer.
pub(crate) enum Classifier {
    Dense(Arc<RsnaHemorrhageNet>),
    Masked(Arc<Engine>),
}

impl Classifier {
    /// The network that is selected in a file, or the embedded one.
    pub(crate) fn load(
        weights: Option<&Path>,
        selection: &Selection,
        compute: &Compute,
    ) -> Result<(Self, Origin), Fault> {
        let (file, source) = match weights {
            Some(path) => (WeightsFile::open(path)?, path.display().to_string()),
            None => (
                WeightsFile::from_safetensors(ich::DEFAULT_WEIGHTS.to_vec())?,
                "embedded ich-demo".to_owned(),
            ),
        };
        let net = file.network(selection, compute.device())?;
        let content = Content::of_weights(&file, selection)?;
        // The network has its own copy of the values.
        drop(file);
        let origin = Origin { source, content };
        Ok((Self::new(net, compute)?, origin))
    }

    /// The network on its engine.
    pub(crate) fn new(net: RsnaHemorrhageNet, compute: &Compute) -> Result<Self, Fault> {
        Ok(match compute.engine {
            EngineName::Dense => Self::Dense(Arc::new(net)),
            EngineName::Masked => {
                let settings = Settings::default()
                    .with_n_threads(compute.threads)
                    .with_memory_bytes(compute.memory_bytes);
                Self::Masked(Arc::new(net.to_masked(&settings)?))
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
                    .map_err(|error| engine_fault(&input.source, &error))?
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
    pub(crate) fn explainer(&self, background: Tensor<3>) -> Explainer {
        match self {
            Self::Dense(net) => {
                let net = Arc::clone(net);
                Explainer::new(move |images| net.forward(images), background)
            }
            Self::Masked(engine) => Explainer::masked(Arc::clone(engine), background),
        }
    }
}

/// The background in a file, or the embedded one: `[3, rows, cols]`.
pub(crate) fn load_background(
    path: Option<&Path>,
    device: &Device,
) -> Result<(Tensor<3>, Origin), Fault> {
    match path {
        Some(path) => {
            let background = ich::read_background(path, device)?;
            let source = path.display().to_string();
            Ok((
                background.image,
                Origin::of_bytes(source, background.sha256),
            ))
        }
        None => Ok((
            ich::default_background()?.to_tensor(device),
            Origin::of_bytes(
                "embedded ich-demo-background".to_owned(),
                sha256(ich::DEFAULT_BACKGROUND),
            ),
        )),
    }
}
