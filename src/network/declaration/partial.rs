use std::collections::BTreeMap;

use ct_preprocess::{Channel, Channels, IMAGENET_MEAN, IMAGENET_STD, NetworkGrid, Window};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one source declares: options of a command, a file beside the model, or the model itself.
///
/// Nothing is checked against a network yet.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct PartialDeclaration {
    /// The file that it is about, in hexadecimal.
    pub sha256: Option<String>,
    /// Order of the dimensions in the file.
    pub layout: Option<Layout>,
    /// Rows and columns that the network sees.
    pub size: Option<[usize; 2]>,
    /// What the channels show.
    pub channels: Option<Channels>,
    /// What 0 and 1 of a window become.
    pub range: Option<[f32; 2]>,
    /// Means, one of all channels or one of each.
    pub mean: Option<Vec<f32>>,
    /// Standard deviations, one of all channels or one of each.
    pub std: Option<Vec<f32>>,
    /// What the numbers are that the file computes.
    pub values: Option<Values>,
    /// What makes probabilities of logits.
    pub activation: Option<Activation>,
    /// Names of the outputs.
    pub labels: Option<Vec<String>>,
    /// The output that is explained.
    pub explain: Option<LabelChoice>,
    /// Of outputs by name or index: above which probability the answer is yes.
    pub thresholds: Option<BTreeMap<String, f32>>,
}

impl PartialDeclaration {
    /// What is known of RSNAHemorrhageNet: the brain window on three channels with the ImageNet
    /// normalisation, 512 x 512 pixels, and a sigmoid.
    pub fn of_rsna_hemorrhage_net() -> Self {
        Self {
            size: Some([NetworkGrid::HEAD_CT.side; 2]),
            channels: Some(Channel::window(Window::BRAIN).into()),
            range: Some([0.0, 1.0]),
            mean: Some(IMAGENET_MEAN.to_vec()),
            std: Some(IMAGENET_STD.to_vec()),
            activation: Some(Activation::Sigmoid),
            ..Self::default()
        }
    }
}

/// Order of the dimensions in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Layout {
    /// Channels, rows, columns.
    #[serde(rename = "NCHW")]
    Nchw,
    /// Rows, columns, channels.
    #[serde(rename = "NHWC")]
    Nhwc,
}

/// What the numbers are that a network computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// Any numbers, of which an activation makes probabilities.
    Logits,
    /// Probabilities.
    Probabilities,
}

/// What makes probabilities of logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// The logistic function of each: labels do not exclude each other.
    Sigmoid,
    /// One label excludes the others.
    Softmax,
    /// Nothing: the numbers are probabilities.
    None,
}

/// An output of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected the name of a label or the index of an output"
)]
pub enum LabelChoice {
    /// Its place, from 0.
    Index(usize),
    /// Its name, or its place as text.
    Name(String),
}

impl Values {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Logits => "logits",
            Self::Probabilities => "probabilities",
        }
    }
}

impl Activation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sigmoid => "sigmoid",
            Self::Softmax => "softmax",
            Self::None => "none",
        }
    }
}

impl LabelChoice {
    /// The output that is meant, of those with these names or this many.
    pub(crate) fn index(&self, labels: Option<&[String]>, n_outputs: usize) -> Option<usize> {
        let by_index = |index: usize| (index < n_outputs).then_some(index);
        match self {
            Self::Index(index) => by_index(*index),
            Self::Name(name) => labels
                .and_then(|labels| labels.iter().position(|label| label == name))
                .or_else(|| by_index(name.parse().ok()?)),
        }
    }
}

impl std::fmt::Display for LabelChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Index(index) => index.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}
