//! What turns logits into answers.

/// What follows the logits of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing: the answers are the logits, or numbers that are no probabilities.
    Logits,
    /// The logistic function of each: probabilities of labels that do not exclude each other.
    Sigmoid,
    /// Probabilities of which one is true; they sum to 1.
    Softmax,
}
