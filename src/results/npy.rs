use ct_io::Image;
use hshap::SaliencyMap;

use crate::Error;

/// The map as an `.npy` file, f32 `(rows, cols)`.
pub(crate) fn npy(map: &SaliencyMap) -> Result<Vec<u8>, Error> {
    let image = Image::new(map.values().to_vec(), map.rows(), map.cols())?;
    Ok(image.to_npy())
}
