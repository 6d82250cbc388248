use burn::tensor::Device;
use ct_preprocess::{HuSlice, ResampleFilter, WindowedSlice, resample};
use ich_model::{RsnaHemorrhageNet, TensorFile};

use super::background::BackgroundError;

/// Why the demonstration network could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefaultNetworkError {
    /// The program was built from a package, which comes without the weights.
    #[error(
        "this build has no embedded network: pass --weights, or build from a checkout of the \
         repository"
    )]
    NotInBuild,
    /// The network cannot be made on this device.
    #[error(transparent)]
    Network(#[from] ich_model::Error),
}

/// The weights of the demonstration network, a safetensors file in half precision. Trained on
/// synthetic slices only; `weights/README.md` is the model card.
///
/// A build from a checkout of the repository holds them, a build from a package does not.
///
/// # Errors
///
/// [`DefaultNetworkError::NotInBuild`].
pub fn default_weights() -> Result<&'static [u8], DefaultNetworkError> {
    #[cfg(embedded_weights)]
    return Ok(include_bytes!("../../weights/ich-demo.safetensors"));
    #[cfg(not(embedded_weights))]
    return Err(DefaultNetworkError::NotInBuild);
}

/// The background that goes with these weights, the mean of windowed synthetic slices: a
/// safetensors file in half precision, one grey channel `[512, 512]`. Every build holds it.
pub const DEFAULT_BACKGROUND: &[u8] =
    include_bytes!("../../weights/ich-demo-background.safetensors");

/// The demonstration network.
///
/// # Errors
///
/// [`DefaultNetworkError::NotInBuild`] in a build from a package, and
/// [`ich_model::Error::AutodiffDevice`] on an autodiff device.
pub fn default_network(device: &Device) -> Result<RsnaHemorrhageNet, DefaultNetworkError> {
    let weights = default_weights()?.to_vec();
    Ok(RsnaHemorrhageNet::from_safetensors(weights, device)?)
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
        _ => Err(BackgroundError::Shape {
            found: shape,
            n_channels: 1,
        }),
    }
}

/// The same on a grid of another side, over the same field of view.
///
/// # Errors
///
/// A side for which there is no grid.
pub fn default_background_of(side: usize) -> Result<WindowedSlice, BackgroundError> {
    let grey = default_background()?;
    if (grey.rows(), grey.cols()) == (side, side) {
        return Ok(grey);
    }
    // The filter asks for no unit.
    let grey = HuSlice::new(grey.values().to_vec(), grey.rows(), grey.cols())
        .map_err(ct_preprocess::Error::from)?;
    let other = resample(&grey, side, side, ResampleFilter::Triangle)?;
    // Means of grey values are some, but for rounding.
    let values = other.values_hu().iter().map(|grey| grey.clamp(0.0, 1.0));
    Ok(WindowedSlice::new(values.collect(), side, side)?)
}
