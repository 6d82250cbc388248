//! The classifier in an ONNX file.
//!
//! Exporters fold batch normalisation into the convolutions and lose the names of layers. The file is
//! therefore read as a graph of few kinds of nodes, which is the same whoever wrote it, and this
//! graph is compared with the network's.

mod network;
mod recognition;

use std::path::Path;
use std::sync::Arc;

use cnn_graph::{Graph, Size};
use cnn_onnx::{Framework, Model};

use crate::checkpoint::sha256;
use crate::entry::{Entry, TensorInfo};
use crate::{Error, Foreign};

/// Rows and columns at which a network is compared that takes images of any size.
const SIDE: usize = 64;

/// A file beside an ONNX model that holds values of its tensors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalFile {
    /// Its name in the model, relative to the model's folder.
    pub name: String,
    /// The hash of the bytes that were read, in hexadecimal.
    pub sha256: String,
}

/// A model of ONNX and the files beside it.
#[derive(Debug)]
pub(crate) struct OnnxFile {
    pub(crate) model: Arc<Model>,
    pub(crate) external_files: Vec<ExternalFile>,
}

impl OnnxFile {
    /// The bytes of a file, and what it names in its folder.
    pub(crate) fn from_bytes(bytes: Vec<u8>, path: Option<&Path>) -> Result<Self, Error> {
        let model = Model::from_bytes(bytes, path.and_then(Path::parent))?;
        let files = model.external_files().map(|(name, bytes)| ExternalFile {
            name: name.to_owned(),
            sha256: sha256(bytes),
        });
        Ok(Self {
            external_files: files.collect(),
            model: Arc::new(model),
        })
    }

    /// The constants of the file, as it names them.
    pub(crate) fn tensors(&self) -> Result<Vec<TensorInfo>, Error> {
        let initializers = self.model.initializers()?.into_iter();
        let info = initializers.map(|tensor| TensorInfo {
            name: tensor.name,
            dtype: tensor.dtype,
            shape: tensor.shape,
        });
        Ok(info.collect())
    }

    /// The tensors of the network by their names in a PyTorch state dict.
    pub(crate) fn entries(&self) -> Result<Vec<Entry<'static>>, Error> {
        recognition::entries(&self.graph()?)
    }

    /// The graph at the size that the file asks for, or at a small one.
    fn graph(&self) -> Result<Graph, Error> {
        let input = self.model.input()?;
        let size = Size {
            rows: input.rows.unwrap_or(SIDE),
            cols: input.cols.unwrap_or(SIDE),
        };
        Ok(self.model.graph(size)?)
    }
}

impl From<cnn_onnx::Error> for Error {
    fn from(error: cnn_onnx::Error) -> Self {
        let found = match error {
            cnn_onnx::Error::Framework { framework } => framework,
            error => return Error::Onnx(Box::new(error)),
        };
        Error::UnknownFormat {
            found: match found {
                Framework::CoreMl => Some(Foreign::CoreMl),
                Framework::TensorFlow => Some(Foreign::TensorFlow),
                _ => None,
            },
        }
    }
}
