//! What the outputs of a network are, and what it says of a slice.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::network::declaration::{DeclarationError, Outputs};

/// The outputs of a network by name, and which one results are about.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    names: Vec<String>,
    thresholds: Vec<f32>,
    chosen: usize,
}

impl Labels {
    /// The outputs of a network as they are declared.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::Missing`] where there are several and none is chosen.
    pub fn of(outputs: &Outputs) -> Result<Self, DeclarationError> {
        let places = 0..outputs.thresholds.len();
        Ok(Self {
            names: places.map(|place| outputs.label(place)).collect(),
            thresholds: outputs.thresholds.clone(),
            chosen: outputs.explained()?,
        })
    }

    /// Names of all outputs, in the network's order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of the output that results are about.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The name of the output that results are about.
    pub fn chosen_name(&self) -> &str {
        &self.names[self.chosen]
    }

    /// The probabilities of all labels, where there are several.
    pub(crate) fn by_name<'a>(&'a self, prediction: &Prediction) -> Option<BTreeMap<&'a str, f32>> {
        let names = self.names.iter().map(String::as_str);
        let probabilities = prediction.probabilities.iter().copied();
        (self.names.len() > 1).then(|| names.zip(probabilities).collect())
    }

    /// What the network says of a slice with these probabilities, in its order.
    pub(crate) fn prediction(&self, probabilities: Vec<f32>) -> Prediction {
        Prediction {
            is_positive: probabilities[self.chosen] > self.thresholds[self.chosen],
            probability: probabilities[self.chosen],
            probabilities,
        }
    }
}

/// What a network says of a slice.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// Of the label that results are about.
    pub probability: f32,
    /// Whether it is above that label's threshold.
    pub is_positive: bool,
    /// Of every label, in the network's order.
    pub probabilities: Vec<f32>,
}

/// Which number of the network is explained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// The probability of the label.
    #[default]
    Probability,
    /// The number before the last sigmoid or softmax, which has no bound.
    Logit,
}
