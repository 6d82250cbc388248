//! Gradients of an output.

use burn::tensor::Tensor;
use cnn_graph::NodeId;

use crate::error::Error;
use crate::net::Net;

/// The gradient of one logit with respect to the values of a node.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Gradient {
    /// All logits `[n, n_outputs]`.
    pub logits: Tensor<2>,
    /// The node's values `[n, channels, rows, cols]`; a vector is `[n, len, 1, 1]`.
    pub value: Tensor<4>,
    /// For each image the derivative of its logit with respect to each of the values, in their
    /// shape.
    pub gradient: Tensor<4>,
}

impl Net {
    /// The gradient of the logit of an output, for each image that of its own. With respect to
    /// [`cnn_graph::Graph::input`] it is that of the image.
    ///
    /// What the node's values do on all paths is counted; values that do not depend on them are
    /// constants. At a kink the derivative is one of the two sides': 0 for `max(x, 0)` at 0; of equal
    /// values in a window or a channel, one is the largest. Whether the device is for autodiff makes
    /// no difference. Its strategy of gradient checkpointing is that of the images.
    ///
    /// Nothing that is returned belongs to a graph of autodiff.
    ///
    /// # Errors
    ///
    /// As [`Net::forward`]; [`Error::UnknownNode`] for a node of another graph,
    /// [`Error::UnknownOutput`] for an output that the network does not have, [`Error::Memory`] if
    /// more values would have to be kept than the [limits](crate::limits) allow.
    pub fn gradient(
        &self,
        images: Tensor<4>,
        node: NodeId,
        output: usize,
    ) -> Result<Gradient, Error> {
        self.memory().expect_keepable()?;
        let n_outputs = self.n_outputs();
        if output >= n_outputs {
            return Err(Error::UnknownOutput { output, n_outputs });
        }
        let mut values = self.values(0, images.detach().set_require_grad(false))?;
        let value = values.compute(node.index())?;
        let leaf = value.autodiff().detach().require_grad();
        values.set(node.index(), leaf.clone());
        let logits = self.logits_of(&mut values)?;
        // Each image has its own terms in the sum.
        let sum = logits.clone().narrow(1, output, 1).sum();
        let gradient = leaf.grad_remove(&mut sum.backward());
        let value = leaf.without_autodiff();
        Ok(Gradient {
            logits: logits.without_autodiff(),
            gradient: gradient.unwrap_or_else(|| value.zeros_like()),
            value,
        })
    }
}
