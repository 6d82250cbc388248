use burn::tensor::Device;
use ct_preprocess::WindowedSlice;
use ich_model::{RsnaHemorrhageNet, TensorFile};

use super::background::BackgroundError;

/// The weights of the demonstration network, a safetensors file in half precision. Trained on
/// synthetic slices only; `weights/README.md` is the model card.
pub const DEFAULT_WEIGHTS: &[u8] = include_bytes!("../../weights/ich-demo.safetensors");

/// Its background, the mean of windowed synthetic slices: a safetensors file in half precision,
/// one grey channel `[512, 512]`.
pub const DEFAULT_BACKGROUND: &[u8] =
    include_bytes!("../../weights/ich-demo-background.safetensors");

/// The demonstration network.
///
/// # Errors
///
/// [`ich_model::Error::AutodiffDevice`] on an autodiff device.
pub fn default_network(device: &Device) -> Result<RsnaHemorrhageNet, ich_model::Error> {
    RsnaHemorrhageNet::from_safetensors(DEFAULT_WEIGHTS.to_vec(), device)
}

/// The background that goes with [`default_network`], as grey values.
///
/// # Errors
///
/// None with the data that is shipped.
pub fn default_background() -> Result<WindowedSlice, BackgroundError> {
    let TensorFile { shape, values } = TensorFile::from_bytes(DEFAULT_BACKGROUND.to_vec())?;
    match shape[..] {
        [rows, cols] => Ok(WindowedSlice::new(values, rows, cols)?),
        _ => Err(BackgroundError::Shape { found: shape }),
    }
}
