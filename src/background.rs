use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use ct_preprocess::WindowedSlice;
use ich_model::TensorFile;

/// Why a background could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackgroundError {
    /// An error in a named file whose message does not name it yet.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<BackgroundError>,
    },
    /// Not a grey image.
    #[error(transparent)]
    Grey(#[from] ct_preprocess::Error),
    /// Not a tensor.
    #[error(transparent)]
    Tensor(#[from] ich_model::Error),
    /// A tensor of another shape.
    #[error(
        "the background has shape {found:?}, expected [rows, cols] (grey, from 0 to 1) or [3, rows, cols] (normalised)"
    )]
    Shape {
        /// Shape in the file.
        found: Vec<usize>,
    },
}

/// Reads a background as the network takes it, `[3, rows, cols]`.
///
/// A `.npy` file holds grey values from 0 to 1, `(rows, cols)`, which are normalised like a slice.
/// A `.pt` or safetensors file holds one tensor: such a grey image, or `[3, rows, cols]` already
/// normalised, as the `reference.pt` of the original demo.
///
/// # Errors
///
/// [`BackgroundError`], which names the file.
pub fn read_background(
    path: impl AsRef<Path>,
    device: &Device,
) -> Result<Tensor<3>, BackgroundError> {
    let path = path.as_ref();
    if path.extension().is_some_and(|extension| extension == "npy") {
        return Ok(WindowedSlice::read(path)?.to_tensor(device));
    }
    let TensorFile { shape, values } = TensorFile::read(path)?;
    let named = |source: BackgroundError| BackgroundError::File {
        path: path.to_owned(),
        source: Box::new(source),
    };
    match shape[..] {
        [rows, cols] => WindowedSlice::new(values, rows, cols)
            .map(|grey| grey.to_tensor(device))
            .map_err(|error| named(error.into())),
        [3, rows, cols] if rows > 0 && cols > 0 => Ok(Tensor::from_data(
            TensorData::new(values, [3, rows, cols]),
            device,
        )),
        _ => Err(named(BackgroundError::Shape { found: shape })),
    }
}
