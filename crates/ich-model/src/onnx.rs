//! The classifier in an ONNX file, read at run time.
//!
//! Exporters fold batch normalisation into the convolutions and lose the names of layers, so the
//! graph is compared with the network node by node. A file that is anything else is refused with
//! the first node that does not fit.

use std::path::Path;

mod attributes;
mod graph;
mod matcher;
mod model;
mod values;
mod wire;

use crate::Error;
use crate::entry::{Entry, TensorInfo};
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
///
/// Values outside the file are read from `folder`, that of the file, and nowhere else.
pub(crate) fn entries<'f>(
    bytes: &'f [u8],
    folder: Option<&'f Path>,
) -> Result<Vec<Entry<'f>>, Error> {
    let model = Model::read(bytes)?;
    let graph = Graph::new(&model)?;
    matcher::find(&graph, folder)
}
