//! A model that was read and not lowered yet.

use std::path::Path;

use cnn_graph::{Graph, Size};

use crate::axes::Axes;
use crate::error::Error;
use crate::external::ExternalData;
use crate::finish::finish;
use crate::fuse::fuse;
use crate::graph::OnnxGraph;
use crate::lowering::{Image, lower};
use crate::proto::{ModelProto, ValueInfo};
use crate::values::{Initializer, describe};

/// The bytes of an ONNX file and of those beside it, read once and known to be a model.
///
/// Its messages are read again for each question: that takes little, as weights are looked at in
/// their place.
#[derive(Debug)]
pub struct Model {
    bytes: Vec<u8>,
    data: ExternalData,
}

/// The order of an image's dimensions in a file, behind that of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Channels, rows, columns.
    Nchw,
    /// Rows, columns, channels.
    Nhwc,
}

/// The image that a file takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name in the file.
    pub name: String,
    /// The order of its dimensions there. A [`Graph`] takes channels, rows, columns in any case.
    pub layout: Layout,
    /// Number of channels.
    pub channels: usize,
    /// Number of rows, where the file takes no other.
    pub rows: Option<usize>,
    /// Number of columns, where the file takes no other.
    pub cols: Option<usize>,
}

impl Model {
    /// The bytes of a file. Files that it names are read from `folder`, the one it is in, and from
    /// nowhere else.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] for bytes that are no ONNX model, or that hold more than a network has,
    /// and [`Error::Framework`] for a model of another framework.
    pub fn from_bytes(bytes: Vec<u8>, folder: Option<&Path>) -> Result<Self, Error> {
        let data = ExternalData::read(&ModelProto::read(&bytes)?, folder);
        Ok(Self { bytes, data })
    }

    /// What whoever wrote the file added to it: keys and values.
    ///
    /// # Errors
    ///
    /// None that [`Model::from_bytes`] does not give.
    pub fn metadata_props(&self) -> Result<Vec<(&str, &str)>, Error> {
        Ok(self.proto()?.metadata)
    }

    /// Version of the standard operators.
    ///
    /// # Errors
    ///
    /// None that [`Model::from_bytes`] does not give.
    pub fn opset(&self) -> Result<i64, Error> {
        Ok(self.proto()?.opset)
    }

    /// The constants of the file, most of which are weights.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] for a shape that is none.
    pub fn initializers(&self) -> Result<Vec<Initializer>, Error> {
        let initializers = self.proto()?.initializers;
        initializers.iter().map(describe).collect()
    }

    /// The files beside the model that were read: their names in the model, and their bytes.
    pub fn external_files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.data.files()
    }

    /// The image. Where the file allows of two layouts, the one with fewer channels; when a graph
    /// is made, its nodes decide.
    ///
    /// # Errors
    ///
    /// [`Error::Inputs`] if the file does not take one batch of images of known channels, and those
    /// of [`Model::graph`] about the nodes' order.
    pub fn input(&self) -> Result<Input, Error> {
        let proto = self.proto()?;
        let graph = OnnxGraph::new(&proto)?;
        let mut inputs = inputs(graph.input)?;
        Ok(inputs.swap_remove(0))
    }

    /// The name of the output.
    ///
    /// # Errors
    ///
    /// [`Error::Outputs`] if there is not one, and those of [`Model::graph`] about the nodes' order.
    pub fn output_name(&self) -> Result<&str, Error> {
        Ok(OnnxGraph::new(&self.proto()?)?.output.name)
    }

    /// The network for images of one size, without a batch axis. Its nodes keep the names of the
    /// file's, and a node that stands for several has the name of the last.
    ///
    /// # Errors
    ///
    /// [`Error::Operator`], [`Error::Attribute`], [`Error::Shape`] and [`Error::NotConstant`] name
    /// the first node that is not evaluated. [`Error::Malformed`], [`Error::Opset`],
    /// [`Error::Inputs`], [`Error::Outputs`], [`Error::ExternalData`] and [`Error::NotFinite`] are
    /// about the file, [`Error::SizeFixed`], [`Error::TooLarge`] and [`Error::Graph`] about the
    /// network at this size.
    pub fn graph(&self, size: Size) -> Result<Graph, Error> {
        let proto = self.proto()?;
        let graph = OnnxGraph::new(&proto)?;
        let mut first: Option<Error> = None;
        for input in inputs(graph.input)? {
            match self.graph_of(&graph, &input, size) {
                Ok(graph) => return Ok(graph),
                // A layout that does not fit the size says nothing about the network.
                Err(error) => match (&first, &error) {
                    (None, _) => first = Some(error),
                    (Some(Error::SizeFixed { .. }), Error::SizeFixed { .. }) => {}
                    (Some(Error::SizeFixed { .. }), _) => first = Some(error),
                    (Some(_), _) => {}
                },
            }
        }
        Err(first.unwrap_or_else(|| unknown(graph.input)))
    }

    fn proto(&self) -> Result<ModelProto<'_>, Error> {
        ModelProto::read(&self.bytes)
    }

    fn graph_of(
        &self,
        graph: &OnnxGraph<'_, '_>,
        input: &Input,
        size: Size,
    ) -> Result<Graph, Error> {
        let fits = |fixed: Option<usize>, asked| fixed.is_none_or(|fixed| fixed == asked);
        if !fits(input.rows, size.rows) || !fits(input.cols, size.cols) {
            let side = |fixed: Option<usize>| match fixed {
                Some(fixed) => fixed.to_string(),
                None => "?".to_owned(),
            };
            return Err(Error::SizeFixed {
                rows: side(input.rows),
                cols: side(input.cols),
                asked_rows: size.rows,
                asked_cols: size.cols,
            });
        }
        // The builder says what an image may be.
        cnn_graph::GraphBuilder::new(input.channels, size)?;
        let image = Image {
            channels: input.channels,
            size,
            axes: match input.layout {
                Layout::Nchw => Axes::nchw(),
                Layout::Nhwc => Axes::nhwc(),
            },
        };
        let n_bytes = self.bytes.len().saturating_add(self.data.n_bytes());
        let (mut draft, output) = lower(graph, &self.data, n_bytes, image)?;
        let output = fuse(&mut draft, output)?;
        finish(draft, output)
    }
}

/// What the file says about its image, in the layouts that it allows of.
fn inputs(info: &ValueInfo<'_>) -> Result<Vec<Input>, Error> {
    let Some([batch, a, b, c]) = info.dims.as_deref() else {
        return Err(unknown(info));
    };
    if batch.is_some_and(|batch| batch > 1) {
        return Err(unknown(info));
    }
    // 0 and below stand for any size in some files.
    let size = |dim: &Option<i64>| {
        dim.and_then(|dim| usize::try_from(dim).ok())
            .filter(|&d| d > 0)
    };
    let (a, b, c) = (size(a), size(b), size(c));
    let input = |layout, channels, rows, cols| {
        Some(Input {
            name: info.name.to_owned(),
            layout,
            channels: channels?,
            rows,
            cols,
        })
    };
    let nchw = input(Layout::Nchw, a, b, c);
    let nhwc = input(Layout::Nhwc, c, a, b);
    let mut inputs: Vec<Input> = [nchw, nhwc].into_iter().flatten().collect();
    inputs.sort_by_key(|input| input.channels);
    match inputs.is_empty() {
        true => Err(unknown(info)),
        false => Ok(inputs),
    }
}

fn unknown(info: &ValueInfo<'_>) -> Error {
    let dims = match &info.dims {
        None => "unknown".to_owned(),
        Some(dims) => {
            let dim = |dim: &Option<i64>| dim.map_or("?".to_owned(), |dim| dim.to_string());
            dims.iter().map(dim).collect::<Vec<_>>().join(" x ")
        }
    };
    Error::Inputs {
        problem: format!(
            "the input {} has dimensions {dims}, expected a batch of 1 or any, a known number of \
             channels, rows and columns",
            info.name
        ),
    }
}
