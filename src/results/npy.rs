use hshap::SaliencyMap;
use ndarray::ArrayView2;
use ndarray_npy::WriteNpyExt;

use crate::Error;

/// The map as an `.npy` file, f32 `(rows, cols)`.
pub(crate) fn npy(map: &SaliencyMap) -> Result<Vec<u8>, Error> {
    let view =
        ArrayView2::from_shape((map.rows(), map.cols()), map.values()).map_err(Error::other)?;
    let mut bytes = Vec::new();
    view.write_npy(&mut bytes).map_err(Error::other)?;
    Ok(bytes)
}
