//! The weights of the original demonstration, brought from the web.
//!
//! They were trained on the RSNA 2019 data and are for non-commercial use. The file is pinned by its
//! git blob id: what arrives is that file or an error.

use std::path::Path;

use burn::tensor::Device;
use pinned_fetch::{Cache, PinnedFile, Size, Source, fetch, user_cache_folder};

use crate::{Error, RsnaHemorrhageNet};

/// The folder of the original's demonstration on its branch `jaco/siim-ml-tutorial`.
pub const BASE_URL: &str = "https://raw.githubusercontent.com/Sulam-Group/h-shap/refs/heads/jaco/siim-ml-tutorial/demo/RSNA_ICH_detection";

/// The environment variable that names the cache folder.
pub const CACHE_VARIABLE: &str = "ICH_CACHE";

/// Twice the size of a ResNet-18 of 32-bit numbers.
const MAX_WEIGHTS_BYTES: u64 = 90 << 20;

/// The pinned `model.pt`.
///
/// # Errors
///
/// None: the pin is well-formed.
pub fn weights_file() -> Result<PinnedFile, Error> {
    let blob_id = "8215f02f9c7d19075e4e2ba79203463aa4adaad6".parse()?;
    let size = Size::AtMost(MAX_WEIGHTS_BYTES);
    Ok(PinnedFile::new("model.pt", blob_id, size)?)
}

/// The folder that holds what was fetched: `folder`, or that of [`CACHE_VARIABLE`], or `ich` in the
/// user's cache folder.
///
/// # Errors
///
/// [`Error::Fetch`] for a user without a home folder.
pub fn cache(folder: Option<&Path>) -> Result<Cache, Error> {
    Ok(Cache::new(match folder {
        Some(folder) => folder.to_owned(),
        None => user_cache_folder("ich", CACHE_VARIABLE)?,
    }))
}

impl RsnaHemorrhageNet {
    /// The original's network, whose weights are downloaded at the first call (45 MB) and verified
    /// at every one. They are for non-commercial use.
    ///
    /// # Errors
    ///
    /// [`Error::Fetch`], and those of [`RsnaHemorrhageNet::load`].
    pub fn pretrained(device: &Device) -> Result<Self, Error> {
        if device.is_autodiff() {
            return Err(Error::AutodiffDevice);
        }
        let (file, cache) = (weights_file()?, cache(None)?);
        fetch(
            std::slice::from_ref(&file),
            &Source::new(BASE_URL)?,
            &cache,
            &mut |_| {},
        )?;
        Self::load(cache.path(&file), device)
    }
}
