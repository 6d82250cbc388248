use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use ct_preprocess::{NetworkInput, WindowedSlice};
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
    /// A grey image, and channels that show several things.
    #[error(
        "a grey image stands for channels that all show the same, and those of this network do not; \
         give a slice in Hounsfield units, or [{n_channels}, rows, cols], normalised"
    )]
    GreyOfSeveral {
        /// Channels of the network.
        n_channels: usize,
    },
    /// A tensor of another shape.
    #[error(
        "the background has shape {found:?}, expected [rows, cols] (grey, from 0 to 1) or [{n_channels}, rows, cols] (normalised)"
    )]
    Shape {
        /// Shape in the file.
        found: Vec<usize>,
        /// Channels of the network.
        n_channels: usize,
    },
}

/// What masked parts show, and the file it comes from.
#[derive(Debug, Clone)]
pub struct Background {
    /// As the network takes it, `[channels, rows, cols]`.
    pub image: Tensor<3>,
    /// The SHA-256 of the bytes that it was decoded from, in hexadecimal.
    pub sha256: String,
}

/// Reads a background for a network that takes this input.
///
/// A `.npy` file holds grey values from 0 to 1, `(rows, cols)`, which stand for every channel and are
/// normalised like a slice. A `.pt` or safetensors file holds one tensor: such a grey image, or
/// `[channels, rows, cols]` already normalised, as the `reference.pt` of the original demo. Formats are told apart by content.
///
/// # Errors
///
/// [`BackgroundError`], which names the file.
pub fn read_background(
    path: impl AsRef<Path>,
    input: &NetworkInput,
    device: &Device,
) -> Result<Background, BackgroundError> {
    let path = path.as_ref();
    let background = || {
        let bytes = ich_model::read_file(path)?;
        Ok(Background {
            sha256: ich_model::sha256(&bytes),
            image: decode(bytes, input, device)?,
        })
    };
    background().map_err(|source| BackgroundError::File {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

fn decode(
    bytes: Vec<u8>,
    input: &NetworkInput,
    device: &Device,
) -> Result<Tensor<3>, BackgroundError> {
    let of_grey = |grey| match input.shown_by_all() {
        Some(_) => Ok(input.of_grey(&grey).to_tensor(device)),
        None => Err(BackgroundError::GreyOfSeveral {
            n_channels: input.n_channels(),
        }),
    };
    if bytes.starts_with(b"\x93NUMPY") {
        return of_grey(WindowedSlice::from_npy(&bytes)?);
    }
    let n_channels = input.n_channels();
    let TensorFile { shape, values } = TensorFile::from_bytes(bytes)?;
    match shape[..] {
        [rows, cols] => of_grey(WindowedSlice::new(values, rows, cols)?),
        [n, rows, cols] if n == n_channels && rows > 0 && cols > 0 => Ok(Tensor::from_data(
            TensorData::new(values, [n, rows, cols]),
            device,
        )),
        _ => Err(BackgroundError::Shape {
            found: shape,
            n_channels,
        }),
    }
}
