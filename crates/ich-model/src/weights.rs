//! Loading and saving, strictly.

use std::path::Path;

use burn::module::Module;
use burn::tensor::{DType, Device};
use burn_store::{
    BurnToPyTorchAdapter, FloatCastAdapter, ModuleAdapter, ModuleSnapshot, ModuleStore,
    PyTorchToBurnAdapter, SafetensorsStore, bridge, burn_pack,
};

use crate::checkpoint;
use crate::entry::Entry;
use crate::layout::Naming;
use crate::{Error, RsnaHemorrhageNet, Selection, WeightsFile};

/// Floating-point format of saved weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precision {
    /// IEEE half precision: half the size, probabilities within about 1e-3.
    F16,
    /// IEEE single precision: exact.
    F32,
}

impl Precision {
    pub(crate) fn dtype(self) -> DType {
        match self {
            Precision::F16 => DType::F16,
            Precision::F32 => DType::F32,
        }
    }
}

/// Format of saved weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Container {
    /// Safetensors with PyTorch's names and layouts, which PyTorch can read too.
    Safetensors,
    /// Burn's own container, with Burn's names and layouts.
    Burnpack,
}

impl RsnaHemorrhageNet {
    /// Loads a file of any [`Format`](crate::Format), told apart by content: a PyTorch state dict
    /// (`.pt`, zip or legacy, bare or nested in dictionaries), TorchScript, an ONNX export,
    /// safetensors with PyTorch's names, or burnpack. The network's width is that of the file.
    ///
    /// Short for [`WeightsFile::open`] and [`WeightsFile::network`].
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: an unknown or malformed format,
    /// a missing or surplus tensor (`num_batches_tracked` aside), a wrong shape, a value that is
    /// not finite, a graph of another network; [`Error::AutodiffDevice`].
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        WeightsFile::open(path)?.network(&Selection::default(), device)
    }

    /// Loads the bytes of a safetensors file, as [`RsnaHemorrhageNet::load`] does.
    ///
    /// # Errors
    ///
    /// Those of [`RsnaHemorrhageNet::load`], without a file's name.
    pub fn from_safetensors(bytes: Vec<u8>, device: &Device) -> Result<Self, Error> {
        WeightsFile::from_safetensors(bytes)?.network(&Selection::default(), device)
    }

    /// Saves [`Self::to_bytes`].
    ///
    /// The file appears under its name only when it is complete; an existing one is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::File`] around [`Error::Io`] or [`Error::Save`].
    pub fn save(
        &self,
        path: impl AsRef<Path>,
        container: Container,
        precision: Precision,
    ) -> Result<(), Error> {
        let path = path.as_ref();
        self.to_bytes(container, precision)
            .and_then(|bytes| checkpoint::write(path, &bytes))
            .map_err(|error| error.in_file(path))
    }

    /// The bytes of a file of the weights. Equal weights have equal bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Save`].
    pub fn to_bytes(&self, container: Container, precision: Precision) -> Result<Vec<u8>, Error> {
        let cast = FloatCastAdapter::to(precision.dtype());
        match container {
            Container::Safetensors => {
                // Several entries would be written in any order; this one is PyTorch's custom.
                let mut store = SafetensorsStore::from_bytes(None)
                    .clear_metadata()
                    .metadata("format", "pt")
                    .with_to_adapter(BurnToPyTorchAdapter.chain(cast));
                store
                    .collect_from(self)
                    .and_then(|()| store.get_bytes())
                    .map_err(|error| Error::Save(error.to_string()))
            }
            Container::Burnpack => {
                let mut tensors = self.collect(None, Some(Box::new(cast)), false);
                for tensor in &mut tensors {
                    // For training; it is another one at every load.
                    tensor.param_id = None;
                }
                burn_pack::Writer::new(tensors)
                    .into_bytes()
                    .map(|bytes| bytes.to_vec())
                    .map_err(|error| Error::Save(error.to_string()))
            }
        }
    }

    /// This network with the values of the tensors, which are all of its own and have its shapes.
    pub(crate) fn with_tensors(
        mut self,
        tensors: &[Entry<'_>],
        naming: Naming,
    ) -> Result<Self, Error> {
        let mut values = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            let data = tensor.read_f32()?;
            if tensor.name.ends_with(".running_var")
                && let Some((index, value)) = data.iter::<f32>().enumerate().find(|(_, v)| *v < 0.0)
            {
                return Err(Error::NegativeVariance {
                    tensor: tensor.name.clone(),
                    index,
                    value,
                });
            }
            values.push(bridge::from_data(data, tensor.name.clone(), None));
        }
        let adapter: Option<Box<dyn ModuleAdapter>> = match naming {
            Naming::PyTorch => Some(Box::new(PyTorchToBurnAdapter)),
            Naming::Burn => None,
        };
        let result = self.apply(values, None, adapter, false);
        if !result.errors.is_empty() || !result.missing.is_empty() || !result.unused.is_empty() {
            return Err(Error::Apply(result.to_string()));
        }
        Ok(self.freeze())
    }
}
