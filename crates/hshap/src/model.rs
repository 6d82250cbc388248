//! What is explained.

use std::error::Error as StdError;
use std::sync::Arc;

use burn::tensor::Tensor;
use masked_cnn::Engine;

/// What a model may return: outputs `[n, n_outputs]`, or a result of them, whatever its error.
pub trait ModelAnswer {
    /// The outputs, or why there are none.
    ///
    /// # Errors
    ///
    /// The model's own.
    fn into_outputs(self) -> Result<Tensor<2>, Box<dyn StdError + Send + Sync>>;
}

impl ModelAnswer for Tensor<2> {
    fn into_outputs(self) -> Result<Tensor<2>, Box<dyn StdError + Send + Sync>> {
        Ok(self)
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> ModelAnswer for Result<Tensor<2>, E> {
    fn into_outputs(self) -> Result<Tensor<2>, Box<dyn StdError + Send + Sync>> {
        self.map_err(E::into)
    }
}

/// A model on a Burn device: from images to outputs.
pub(crate) type Forward =
    dyn Fn(Tensor<4>) -> Result<Tensor<2>, Box<dyn StdError + Send + Sync>> + Send + Sync;

/// A model, however it is called.
#[derive(Clone)]
pub(crate) enum Model {
    Dense(Arc<Forward>),
    Masked(Arc<Engine>),
}
