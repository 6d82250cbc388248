//! A network that was read, and what is declared of it.

use std::sync::Arc;

use burn::tensor::Device;
use cnn_graph::{End, Graph, Size};
use cnn_onnx::{Input, Layout, Model};
use ich_model::{Fit, RsnaHemorrhageNet, WeightsFile};

use super::options::Options;
use super::origin::{Content, Origin};
use crate::Error;
use crate::network::declaration::{Declaration, ModelFacts, PartialDeclaration, Source, Sources};
use crate::network::default_weights;
use crate::study::Reading;

/// A network as its file holds it.
#[derive(Clone)]
pub(crate) enum Network {
    /// `RSNAHemorrhageNet`, which has a Burn module of its own.
    Rsna(Arc<RsnaHemorrhageNet>),
    /// Any other, of an ONNX file.
    Onnx(Arc<Model>),
}

/// A network that was read, how its input is made and what its outputs mean.
pub struct OpenNetwork {
    pub(crate) network: Network,
    declaration: Declaration,
    origin: Origin,
}

impl OpenNetwork {
    /// Reads the network that the options name, or the embedded one.
    ///
    /// # Errors
    ///
    /// A file that holds no network of a known kind, an ONNX file with a node that is not evaluated,
    /// and [`Error::Declaration`] where the network's input or its outputs are not declared, or not
    /// as it has them.
    pub fn open(options: &Options, device: &Device) -> Result<Self, Error> {
        let (file, source) = match &options.weights {
            Some(path) => (WeightsFile::open(path)?, path.display().to_string()),
            None => (
                WeightsFile::from_safetensors(default_weights()?.to_vec())?,
                "embedded ich-demo".to_owned(),
            ),
        };
        Self::of_file(&file, source, options, device)
    }

    /// The network of a file of weights that is open already; `source` is what reports call it.
    ///
    /// # Errors
    ///
    /// Those of [`OpenNetwork::open`].
    pub fn of_file(
        file: &WeightsFile,
        source: String,
        options: &Options,
        device: &Device,
    ) -> Result<Self, Error> {
        let selection = &options.selection;
        // A network that does not fit says why when it is loaded.
        let fit = file.fit(selection).ok().filter(Fit::is_complete);
        let network = match file.onnx().filter(|_| fit.is_none()) {
            Some(model) => Network::Onnx(Arc::clone(model)),
            None => Network::Rsna(Arc::new(file.network(selection, device)?)),
        };
        let ignored = fit.map_or(Vec::new(), |fit| fit.excluded);
        let origin = Origin {
            source,
            content: Content::of_weights(file, selection, ignored),
        };
        let declared = declare(&network, options, origin.sha256());
        let declaration = declared.map_err(|error| match &options.weights {
            Some(path) => Error::in_file(path, error),
            None => error,
        })?;
        Ok(Self {
            network,
            declaration,
            origin,
        })
    }

    /// How its input is made, what its outputs mean, and who says so.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Slices are read like this, but for input and grid, which are the network's.
    pub fn reading(&self, reading: &Reading) -> Reading {
        let mut reading = reading.clone();
        reading.input = self.declaration.input.clone();
        reading.grid = self.declaration.grid.clone();
        reading
    }

    /// Burn's module of `RSNAHemorrhageNet`; none of any other network.
    pub fn module(&self) -> Option<&RsnaHemorrhageNet> {
        match &self.network {
            Network::Rsna(net) => Some(net),
            Network::Onnx(_) => None,
        }
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Network {
    /// The network for images of a size.
    pub(crate) fn graph(&self, size: Size, end: End) -> Result<Graph, Error> {
        let graph = match self {
            Self::Rsna(net) => net.to_graph(size)?,
            Self::Onnx(model) => model.graph(size)?,
        };
        Ok(graph.with_end(end))
    }

    fn facts(&self, sources: &Sources, sha256: &str) -> Result<ModelFacts, Error> {
        let sha256 = sha256.to_owned();
        Ok(match self {
            Self::Rsna(_) => {
                let input = Input {
                    name: "image".to_owned(),
                    layout: Layout::Nchw,
                    channels: 3,
                    rows: None,
                    cols: None,
                };
                ModelFacts::new(input, 1, End::Sigmoid, sha256)
            }
            Self::Onnx(model) => {
                let side = sources.side(&model.input()?)?;
                let size = Size {
                    rows: side,
                    cols: side,
                };
                ModelFacts::of(model, &model.graph(size)?, sha256)?
            }
        })
    }
}

/// What options, files and the network itself say of it, joined and checked.
fn declare(network: &Network, options: &Options, sha256: &str) -> Result<Declaration, Error> {
    let mut sources = Sources::default();
    sources.push(Source::Flags, options.declaration.clone());
    if let Some(path) = &options.weights
        && let Some((path, declared)) = PartialDeclaration::read_beside(path)?
    {
        sources.push(Source::Sidecar(path), declared);
    }
    if let Network::Onnx(model) = network
        && let Some(declared) = PartialDeclaration::from_metadata(&model.metadata_props()?)?
    {
        sources.push(Source::Metadata, declared);
    }
    for path in &options.configs {
        let declared = PartialDeclaration::read_config(path)?;
        sources.push(Source::Config(path.clone()), declared);
    }
    if let Network::Rsna(_) = network {
        let declared = PartialDeclaration::of_rsna_hemorrhage_net();
        sources.push(Source::Network("RSNAHemorrhageNet"), declared);
    }
    let facts = network.facts(&sources, sha256)?;
    Ok(sources.resolve(&facts)?)
}
