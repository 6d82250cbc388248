//! Weights on a device, and what is computed with them.

use std::sync::Arc;

use burn::tensor::{DType, Device, Tensor, TensorData};

/// The type of all values and weights.
pub(crate) const DTYPE: DType = DType::F32;

/// What a node computes of one input, `[n, channels, rows, cols]`.
pub(crate) type Function = Arc<dyn Fn(Tensor<4>) -> Tensor<4> + Send + Sync>;

/// Values of a shape, row-major.
pub(crate) fn tensor<const D: usize>(
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), (device, DTYPE))
}

/// One value a channel, `[1, channels, 1, 1]`.
pub(crate) fn per_channel(values: &[f32], device: &Device) -> Tensor<4> {
    tensor(values.to_vec(), [1, values.len(), 1, 1], device)
}
