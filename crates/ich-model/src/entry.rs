//! Tensors of a weights file whose values are not read yet.

use burn::tensor::{DType, TensorData};
use burn_store::bridge;
use burn_store::burn_pack::Tensor as StoredTensor;

use crate::Error;
use crate::checkpoint::malformed;

/// What a weights file says of one of its tensors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Name as the file has it.
    pub name: String,
    /// Element type, such as `f32`.
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
}

/// A tensor by its name in the network.
pub(crate) struct Entry<'f> {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    read: Box<dyn Fn() -> Result<TensorData, Error> + 'f>,
}

impl<'f> Entry<'f> {
    pub(crate) fn new(
        name: String,
        shape: Vec<usize>,
        read: impl Fn() -> Result<TensorData, Error> + 'f,
    ) -> Self {
        Self {
            name,
            shape,
            read: Box::new(read),
        }
    }

    /// A tensor that a file holds, under another name.
    pub(crate) fn stored(name: String, tensor: &'f StoredTensor) -> Self {
        Self::new(name, tensor.shape.to_vec(), move || {
            bridge::to_data(tensor)
                .map_err(|error| malformed("weights", format!("tensor {}: {error}", tensor.name)))
        })
    }

    /// A tensor of one value throughout.
    pub(crate) fn constant(name: String, shape: Vec<usize>, value: f32) -> Self {
        let n_values = shape.iter().product();
        let dims = shape.clone();
        Self::new(name, shape, move || {
            Ok(TensorData::new(vec![value; n_values], dims.clone()))
        })
    }

    /// A tensor of these values.
    pub(crate) fn values(name: String, shape: Vec<usize>, values: Vec<f32>) -> Self {
        let dims = shape.clone();
        Self::new(name, shape, move || {
            Ok(TensorData::new(values.clone(), dims.clone()))
        })
    }

    /// Reads the values, converted to `f32` and checked to be finite.
    pub(crate) fn read_f32(&self) -> Result<TensorData, Error> {
        let data = (self.read)()?;
        if !matches!(
            data.dtype(),
            DType::F64 | DType::F32 | DType::F16 | DType::BF16
        ) {
            return Err(Error::DType {
                tensor: self.name.clone(),
                found: dtype_name(data.dtype()),
            });
        }
        let data = data.convert_dtype(DType::F32);
        let not_finite = data.iter::<f32>().enumerate().find(|(_, v)| !v.is_finite());
        match not_finite {
            None => Ok(data),
            Some((index, value)) => Err(Error::NotFinite {
                tensor: self.name.clone(),
                index,
                value,
            }),
        }
    }
}

/// The name of an element type as Rust writes it.
pub(crate) fn dtype_name(dtype: DType) -> String {
    format!("{dtype:?}").to_lowercase()
}
