use cnn_graph::{End, Graph};
use cnn_onnx::{Input, Model};

/// What a model says of itself, with which a declaration must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelFacts {
    /// The image that it takes.
    pub input: Input,
    /// Number of outputs.
    pub n_outputs: usize,
    /// What the outputs are made with.
    pub end: End,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl ModelFacts {
    /// What is known by itself.
    pub fn new(input: Input, n_outputs: usize, end: End, sha256: String) -> Self {
        Self {
            input,
            n_outputs,
            end,
            sha256,
        }
    }

    /// Of a model, and its graph for any size of images.
    ///
    /// # Errors
    ///
    /// Those of [`Model::input`].
    pub fn of(model: &Model, graph: &Graph, sha256: String) -> Result<Self, cnn_onnx::Error> {
        Ok(Self::new(
            model.input()?,
            graph.n_outputs(),
            graph.end(),
            sha256,
        ))
    }
}
