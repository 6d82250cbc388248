//! A file of weights, looked into before it becomes a network.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::Device;
use burn_store::burn_pack::Tensor as StoredTensor;

use crate::entry::{Entry, TensorInfo, dtype_name};
use crate::fit::compare;
use crate::format::Format;
use crate::layout::{Naming, STEM};
use crate::net::MAX_WIDTH;
use crate::onnx::OnnxFile;
use crate::pytorch::Checkpoint;
use crate::selection::{Selected, patterns, select};
use crate::{
    Error, ExternalFile, Fit, RsnaHemorrhageNet, RsnaHemorrhageNetConfig, Selection, checkpoint,
};

/// A file of weights: its format, its hash and what tensors it holds.
///
/// The file is read once, into memory; hash and network are of the same bytes.
///
/// ```no_run
/// use ich_model::{Selection, WeightsFile};
///
/// let file = WeightsFile::open("mine.pt")?;
/// println!("{}, SHA-256 {}", file.format(), file.sha256());
/// for tensor in file.tensors()? {
///     println!("{} {} {:?}", tensor.name, tensor.dtype, tensor.shape);
/// }
/// let fit = file.fit(&Selection::default())?;
/// println!("missing: {:?}, left over: {:?}", fit.missing, fit.unexpected);
/// # Ok::<(), ich_model::Error>(())
/// ```
#[derive(Debug)]
pub struct WeightsFile {
    path: Option<PathBuf>,
    n_bytes: u64,
    sha256: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Safetensors(Vec<StoredTensor>),
    Burnpack(Vec<StoredTensor>),
    PyTorch(Checkpoint),
    Onnx(OnnxFile),
}

impl WeightsFile {
    /// Opens a file of any [`Format`], told apart by content.
    ///
    /// A pickle is only parsed, never executed. The file is held in memory while this value lives.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: [`Error::Io`],
    /// [`Error::NotAFile`], [`Error::FileTooLarge`], [`Error::UnknownFormat`],
    /// [`Error::Malformed`] and [`Error::Onnx`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        checkpoint::read_file(path)
            .and_then(|bytes| Self::from_bytes(bytes, Some(path)))
            .map_err(|error| error.in_file(path))
    }

    /// The bytes of a safetensors file.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`].
    pub fn from_safetensors(bytes: Vec<u8>) -> Result<Self, Error> {
        Ok(Self {
            path: None,
            n_bytes: bytes.len() as u64,
            sha256: checkpoint::sha256(&bytes),
            content: Content::Safetensors(checkpoint::open_safetensors(bytes)?),
        })
    }

    fn from_bytes(bytes: Vec<u8>, path: Option<&Path>) -> Result<Self, Error> {
        let format = Format::detect(&bytes)?;
        let (n_bytes, sha256) = (bytes.len() as u64, checkpoint::sha256(&bytes));
        let pytorch = |checkpoint: Checkpoint| {
            checkpoint.check_root()?;
            Ok::<_, Error>(Content::PyTorch(checkpoint))
        };
        let content = match format {
            Format::Safetensors => Content::Safetensors(checkpoint::open_safetensors(bytes)?),
            Format::Burnpack => Content::Burnpack(checkpoint::open_burnpack(bytes)?),
            Format::PyTorch | Format::TorchScript => pytorch(Checkpoint::from_archive(bytes)?)?,
            Format::PyTorchLegacy => pytorch(Checkpoint::from_legacy(bytes)?)?,
            Format::Onnx => Content::Onnx(OnnxFile::from_bytes(bytes, path)?),
        };
        Ok(Self {
            path: path.map(Path::to_owned),
            n_bytes,
            sha256,
            content,
        })
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        match &self.content {
            Content::Safetensors(_) => Format::Safetensors,
            Content::Burnpack(_) => Format::Burnpack,
            Content::PyTorch(checkpoint) => checkpoint.format,
            Content::Onnx(_) => Format::Onnx,
        }
    }

    /// Size of the file.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The hash of the bytes that the weights come from, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The files beside an ONNX model that hold values of its tensors; none in other formats.
    pub fn external_files(&self) -> Vec<ExternalFile> {
        match &self.content {
            Content::Onnx(file) => file.external_files.clone(),
            _ => Vec::new(),
        }
    }

    /// The model in a file of ONNX, whatever network it is; none in other formats.
    pub fn onnx(&self) -> Option<&Arc<cnn_onnx::Model>> {
        match &self.content {
            Content::Onnx(file) => Some(&file.model),
            _ => None,
        }
    }

    /// All tensors of the file, as it names them.
    ///
    /// # Errors
    ///
    /// [`Error::Onnx`].
    pub fn tensors(&self) -> Result<Vec<TensorInfo>, Error> {
        match &self.content {
            Content::Safetensors(tensors) | Content::Burnpack(tensors) => {
                Ok(tensors.iter().map(info).collect())
            }
            Content::PyTorch(checkpoint) => Ok(checkpoint.infos().collect()),
            Content::Onnx(file) => file.tensors().map_err(|error| self.name(error)),
        }
    }

    /// Compares names and shapes with those of the network, whose width is that of the file.
    ///
    /// # Errors
    ///
    /// [`Error::SeveralNetworks`] and [`Error::NoNetworkAtKey`]; in a file of ONNX also
    /// [`Error::Onnx`] for one that is not evaluated, and [`Error::OnnxNode`], [`Error::OnnxEnds`] and
    /// [`Error::Width`] for another network.
    pub fn fit(&self, selection: &Selection) -> Result<Fit, Error> {
        let selected = self.select(selection).map_err(|error| self.name(error))?;
        Ok(compare(&selected))
    }

    /// Whether the file holds this network: [`WeightsFile::fit`] finds every tensor in its shape and
    /// nothing else.
    pub fn is_rsna_hemorrhage_net(&self, selection: &Selection) -> bool {
        self.fit(selection).is_ok_and(|fit| fit.is_complete())
    }

    /// The network with these weights.
    ///
    /// Values of f16, bf16, f32 and f64 are taken and computed with in `f32`. Every tensor of the
    /// network must be there, with its shape and finite values, and nothing else beside it that
    /// the selection does not leave out.
    ///
    /// # Errors
    ///
    /// [`Error::AutodiffDevice`]; all others in [`Error::File`] where the weights are in a file.
    pub fn network(
        &self,
        selection: &Selection,
        device: &Device,
    ) -> Result<RsnaHemorrhageNet, Error> {
        if device.is_autodiff() {
            return Err(Error::AutodiffDevice);
        }
        self.load(selection, device)
            .map_err(|error| self.name(error))
    }

    fn load(&self, selection: &Selection, device: &Device) -> Result<RsnaHemorrhageNet, Error> {
        let selected = self.select(selection)?;
        let fit = compare(&selected);
        if let Some(first) = fit.missing.first() {
            return Err(Error::MissingTensors {
                first: first.clone(),
                n_missing: fit.missing.len(),
            });
        }
        if !fit.unexpected.is_empty() {
            return Err(Error::UnexpectedTensors {
                patterns: patterns(&fit.unexpected, &fit.prefix, selected.naming),
                names: fit.unexpected,
            });
        }
        if !(1..=MAX_WIDTH).contains(&fit.width) {
            let stem = fit.misshapen.into_iter().find(|tensor| tensor.name == STEM);
            return Err(Error::Shape {
                tensor: STEM.to_owned(),
                found: stem.map(|stem| stem.found).unwrap_or_default(),
                expected: format!("[width, 3, 7, 7] with a width from 1 to {MAX_WIDTH}"),
            });
        }
        if let Some(first) = fit.misshapen.into_iter().next() {
            let mut entries = selected.entries.iter();
            if first.found.is_empty()
                && let Some(entry) = entries.find(|entry| entry.name == first.name)
            {
                // A tensor of a form that is not read has no shape, and says so.
                entry.read_f32()?;
            }
            return Err(Error::Shape {
                tensor: first.name,
                found: first.found,
                expected: format!("{:?}", first.expected),
            });
        }
        RsnaHemorrhageNetConfig::new()
            .with_width(fit.width)
            .init(device)?
            .with_tensors(&selected.entries, selected.naming)
    }

    fn select(&self, selection: &Selection) -> Result<Selected<'_>, Error> {
        let (naming, entries) = match &self.content {
            Content::Burnpack(tensors) => (Naming::Burn, stored(tensors)),
            Content::Safetensors(tensors) => (Naming::PyTorch, stored(tensors)),
            Content::PyTorch(checkpoint) => (Naming::PyTorch, checkpoint.entries().collect()),
            Content::Onnx(file) => (Naming::PyTorch, file.entries()?),
        };
        select(entries, naming, selection)
    }

    /// Names the file, where there is one.
    fn name(&self, error: Error) -> Error {
        match &self.path {
            Some(path) => error.in_file(path),
            None => error,
        }
    }
}

fn stored(tensors: &[StoredTensor]) -> Vec<Entry<'_>> {
    let entries = tensors.iter();
    entries.map(|t| Entry::stored(t.name.clone(), t)).collect()
}

fn info(tensor: &StoredTensor) -> TensorInfo {
    TensorInfo {
        name: tensor.name.clone(),
        dtype: dtype_name(tensor.dtype),
        shape: tensor.shape.to_vec(),
    }
}
