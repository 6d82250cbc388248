//! The classifier in an ONNX file, read at run time.
//!
//! Exporters fold batch normalisation into the convolutions and lose the names of layers, so the
//! graph is compared with the network node by node. A file that is anything else is refused with
//! the first node that does not fit.

mod attributes;
mod external;
mod foreign_node;
mod graph;
mod matcher;
mod model;
mod values;
mod wire;

use crate::Error;
use crate::entry::{Entry, TensorInfo};
pub(crate) use external::ExternalData;
pub use external::ExternalFile;
use graph::Graph;
use model::{Model, Tensor};

/// The constant tensors of a file, as it names them.
pub(crate) fn tensors(bytes: &[u8]) -> Result<Vec<TensorInfo>, Error> {
    let model = Model::read(bytes)?;
    let info = |tensor: &Tensor<'_>| {
        Ok(TensorInfo {
            name: tensor.name.to_owned(),
            dtype: values::dtype_name(tensor),
            shape: values::shape(tensor)?,
        })
    };
    model.initializers.iter().map(info).collect()
}

/// The tensors of the network by their names in a PyTorch state dict, their values not read yet.
pub(crate) fn entries<'f>(
    bytes: &'f [u8],
    data: &'f ExternalData,
) -> Result<Vec<Entry<'f>>, Error> {
    let model = Model::read(bytes)?;
    foreign_node::refuse(&model)?;
    let graph = Graph::new(&model, data)?;
    matcher::find(&graph)
}
