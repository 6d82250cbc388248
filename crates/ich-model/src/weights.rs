//! Loading and saving, strictly.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::Module;
use burn::tensor::{DType, Device};
use burn_store::burn_pack::Tensor as StoredTensor;
use burn_store::{
    BurnToPyTorchAdapter, FloatCastAdapter, ModuleAdapter, ModuleSnapshot, ModuleStore,
    PyTorchToBurnAdapter, SafetensorsStore, bridge,
};

use crate::checkpoint;
use crate::{Error, RsnaHemorrhageNet, RsnaHemorrhageNetConfig};

/// The tensor whose first dimension is the network's width.
const STEM: &str = "encoder.conv1.weight";

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

impl RsnaHemorrhageNet {
    /// Loads a PyTorch state dict (`.pt`, zip or legacy) or a safetensors file with PyTorch's
    /// names, told apart by content. The network's width is that of the file.
    ///
    /// Values of f16, bf16, f32 and f64 are taken and computed with in `f32`. A pickle is only
    /// parsed, never executed.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: an unknown or malformed format,
    /// a missing or surplus tensor (`num_batches_tracked` aside), a wrong shape, a value that is
    /// not finite; [`Error::AutodiffDevice`].
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        let path = path.as_ref();
        checkpoint::open(path)
            .and_then(|tensors| from_state_dict(tensors, device))
            .map_err(|error| match error {
                Error::AutodiffDevice => error,
                error => error.in_file(path),
            })
    }

    /// Loads the bytes of a safetensors file, as [`RsnaHemorrhageNet::load`] does.
    ///
    /// # Errors
    ///
    /// Those of [`RsnaHemorrhageNet::load`], without a file's name.
    pub fn from_safetensors(bytes: Vec<u8>, device: &Device) -> Result<Self, Error> {
        checkpoint::open_safetensors(bytes).and_then(|tensors| from_state_dict(tensors, device))
    }

    /// Saves a safetensors file with PyTorch's names and layouts, which PyTorch can read too.
    ///
    /// The file appears under its name only when it is complete; an existing one is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::File`] around [`Error::Io`] or [`Error::Save`].
    pub fn save(&self, path: impl AsRef<Path>, precision: Precision) -> Result<(), Error> {
        let path = path.as_ref();
        let mut store = SafetensorsStore::from_bytes(None)
            .with_to_adapter(BurnToPyTorchAdapter.chain(FloatCastAdapter::to(precision.dtype())));
        store
            .collect_from(self)
            .and_then(|()| store.get_bytes())
            .map_err(|error| Error::Save(error.to_string()))
            .and_then(|bytes| checkpoint::write(path, &bytes))
            .map_err(|error| error.in_file(path))
    }
}

/// Builds the network that the tensors describe. All checks on names and shapes come before any
/// value is read.
fn from_state_dict(
    tensors: Vec<StoredTensor>,
    device: &Device,
) -> Result<RsnaHemorrhageNet, Error> {
    if device.is_autodiff() {
        return Err(Error::AutodiffDevice);
    }
    let found: BTreeMap<String, StoredTensor> = tensors
        .into_iter()
        .filter(|tensor| !tensor.name.ends_with(".num_batches_tracked"))
        .map(|tensor| (tensor.name.clone(), tensor))
        .collect();
    let stem = found.get(STEM).ok_or_else(|| Error::MissingTensors {
        first: STEM.to_owned(),
        n_missing: 1,
    })?;
    let &[width, ..] = stem.shape.as_slice() else {
        return Err(shape_error(stem, "[width, 3, 7, 7]".to_owned()));
    };
    let mut net = RsnaHemorrhageNetConfig::new()
        .with_width(width)
        .init(device)
        .map_err(|_| {
            shape_error(
                stem,
                "[width, 3, 7, 7] with a width from 1 to 512".to_owned(),
            )
        })?;
    check_names_and_shapes(&net, &found)?;

    let mut values = Vec::with_capacity(found.len());
    for (name, tensor) in found {
        let data = checkpoint::read_f32(&tensor)?;
        if name.ends_with(".running_var")
            && let Some((index, value)) = data.iter::<f32>().enumerate().find(|(_, v)| *v < 0.0)
        {
            return Err(Error::NegativeVariance {
                tensor: name,
                index,
                value,
            });
        }
        values.push(bridge::from_data(data, name, None));
    }
    let result = net.apply(values, None, Some(Box::new(PyTorchToBurnAdapter)), false);
    if !result.errors.is_empty() || !result.missing.is_empty() || !result.unused.is_empty() {
        return Err(Error::Apply(result.to_string()));
    }
    Ok(net.freeze())
}

fn check_names_and_shapes(
    net: &RsnaHemorrhageNet,
    found: &BTreeMap<String, StoredTensor>,
) -> Result<(), Error> {
    let expected: BTreeMap<String, Vec<usize>> = net
        .collect(None, Some(Box::new(BurnToPyTorchAdapter)), false)
        .into_iter()
        .map(|tensor| (tensor.name.clone(), tensor.shape.to_vec()))
        .collect();

    let missing: Vec<_> = expected
        .keys()
        .filter(|k| !found.contains_key(*k))
        .collect();
    if let Some(first) = missing.first() {
        return Err(Error::MissingTensors {
            first: (*first).clone(),
            n_missing: missing.len(),
        });
    }
    let unexpected: Vec<_> = found
        .keys()
        .filter(|k| !expected.contains_key(*k))
        .collect();
    if let Some(first) = unexpected.first() {
        return Err(Error::UnexpectedTensors {
            first: (*first).clone(),
            n_unexpected: unexpected.len(),
        });
    }
    for (name, shape) in &expected {
        let tensor = &found[name];
        if tensor.shape.as_slice() != shape {
            return Err(shape_error(tensor, format!("{shape:?}")));
        }
    }
    Ok(())
}

fn shape_error(tensor: &StoredTensor, expected: String) -> Error {
    Error::Shape {
        tensor: tensor.name.clone(),
        found: tensor.shape.to_vec(),
        expected,
    }
}
