//! What turns logits into answers.

use crate::functions::{sigmoid, softmax};

/// What follows the logits of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing: the answers are the logits, or numbers that are no probabilities.
    Logits,
    /// The logistic function of each: probabilities of labels that do not exclude each other.
    Sigmoid,
    /// Probabilities of which label is the one; they sum to 1.
    Softmax,
}

impl End {
    /// The answers for logits.
    pub fn apply(self, logits: &[f64]) -> Vec<f64> {
        match self {
            Self::Logits => logits.to_vec(),
            Self::Sigmoid => logits.iter().copied().map(sigmoid).collect(),
            Self::Softmax => softmax(logits),
        }
    }
}
