//! A network that was read, and what is declared of it.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;
use cnn_graph::{End, Graph, Size};
use ich_model::{RsnaHemorrhageNet, WeightsFile};

use super::labels::Labels;
use super::options::Options;
use super::origin::{Content, Origin};
use crate::Error;
use crate::network::{
    Declaration, ModelFacts, PartialDeclaration, Source, Sources, default_weights,
};

/// A network as its file holds it, for images of any size that it takes.
#[derive(Clone)]
pub(crate) enum Network {
    /// `RSNAHemorrhageNet`, which has a Burn module of its own.
    Rsna(Arc<RsnaHemorrhageNet>),
    /// Any other, of an ONNX file.
    Onnx(Arc<WeightsFile>),
}

/// A network that was read, how its input is made and what its outputs mean.
pub struct OpenNetwork {
    pub(crate) network: Network,
    /// How its input is made, what its outputs mean, and who says so.
    pub declaration: Declaration,
    /// Where it comes from.
    pub origin: Origin,
}

impl OpenNetwork {
    /// Reads the network that options name, or the embedded one.
    ///
    /// # Errors
    ///
    /// A file that holds no network that is known, an ONNX file with a node that is not evaluated,
    /// and [`Error::Declaration`] where the network's input or outputs are not declared, or not as
    /// it has them.
    pub fn open(options: &Options, device: &Device) -> Result<Self, Error> {
        let (file, source) = match &options.weights {
            Some(path) => (WeightsFile::open(path)?, path.display().to_string()),
            None => (
                WeightsFile::from_safetensors(default_weights()?.to_vec())?,
                "embedded ich-demo".to_owned(),
            ),
        };
        let selection = &options.selection;
        let content = Content::of_weights(&file, selection)?;
        let sha256 = file.sha256().to_owned();
        let network = match file.other_onnx() {
            Some(_) => Network::Onnx(Arc::new(file)),
            // The network has its own copy of the values.
            None => Network::Rsna(Arc::new(file.network(selection, device)?)),
        };
        let about = |error: Error| match &options.weights {
            Some(path) => Error::in_file(path, error),
            None => error,
        };
        let declaration = declare(&network, options, sha256).map_err(about)?;
        Ok(Self {
            network,
            declaration,
            origin: Origin { source, content },
        })
    }

    /// The outputs by name, and which one results are about.
    ///
    /// # Errors
    ///
    /// [`Error::Declaration`] where there are several and none is chosen.
    pub fn labels(&self) -> Result<Labels, Error> {
        Ok(Labels::of(&self.declaration.outputs)?)
    }
}

impl Network {
    /// The network for images of a size.
    pub(crate) fn graph(&self, size: Size, end: End) -> Result<Graph, Error> {
        let graph = match self {
            Self::Rsna(net) => net.to_graph(size)?,
            Self::Onnx(file) => file.other_graph(size)?,
        };
        Ok(graph.with_end(end))
    }
}

/// What options, files and the network itself say of it, joined and checked.
fn declare(network: &Network, options: &Options, sha256: String) -> Result<Declaration, Error> {
    let mut sources = Sources::default();
    sources.push(Source::Flags, options.declaration.clone());
    if let (Network::Onnx(_), Some(path)) = (network, &options.weights) {
        let beside = PartialDeclaration::read_beside(path)?;
        if let Some((path, declared)) = beside {
            sources.push(Source::Sidecar(path), declared);
        }
    }
    let facts = match network {
        Network::Rsna(_) => {
            sources.push(Source::Network("RSNAHemorrhageNet"), PartialDeclaration::rsna());
            ModelFacts::rsna(sha256)
        }
        Network::Onnx(file) => {
            let Some(model) = file.other_onnx() else {
                unreachable!("it is one of ONNX")
            };
            if let Some(declared) = PartialDeclaration::from_metadata(&model.metadata_props()?)? {
                sources.push(Source::Metadata, declared);
            }
            for path in &options.configs {
                let declared = PartialDeclaration::read_config(path)?;
                sources.push(Source::Config(path.clone()), declared);
            }
            facts(&sources, model, sha256)?
        }
    };
    Ok(sources.resolve(&facts)?)
}
