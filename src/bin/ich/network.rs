//! The network and its background, with what the report says of them.

use std::path::Path;

use burn::tensor::{Device, Tensor};
use ich::ich_model::{Prediction, RsnaHemorrhageNet};
use serde::Serialize;

use crate::fault::Fault;
use crate::input::Input;
use crate::output::{sha256, sha256_of_file};

/// A file, or what is embedded in the program, and its hash.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Origin {
    source: String,
    sha256: String,
}

impl Origin {
    fn file(path: &Path) -> Result<Self, Fault> {
        Ok(Self {
            source: path.display().to_string(),
            sha256: sha256_of_file(path)?,
        })
    }

    fn embedded(name: &str, bytes: &[u8]) -> Self {
        Self {
            source: format!("embedded {name}"),
            sha256: sha256(bytes),
        }
    }
}

/// The network in a file, or the embedded one.
pub(crate) fn load(
    path: Option<&Path>,
    device: &Device,
) -> Result<(RsnaHemorrhageNet, Origin), Fault> {
    match path {
        Some(path) => Ok((RsnaHemorrhageNet::load(path, device)?, Origin::file(path)?)),
        None => Ok((
            ich::default_network(device)?,
            Origin::embedded("ich-demo", ich::DEFAULT_WEIGHTS),
        )),
    }
}

/// The background in a file, or the embedded one: `[3, rows, cols]`.
pub(crate) fn load_background(
    path: Option<&Path>,
    device: &Device,
) -> Result<(Tensor<3>, Origin), Fault> {
    match path {
        Some(path) => Ok((ich::read_background(path, device)?, Origin::file(path)?)),
        None => Ok((
            ich::default_background()?.to_tensor(device),
            Origin::embedded("ich-demo-background", ich::DEFAULT_BACKGROUND),
        )),
    }
}

/// What the network says of a slice.
pub(crate) fn predict(
    net: &RsnaHemorrhageNet,
    input: &Input,
    device: &Device,
) -> Result<Prediction, Fault> {
    let images = input.grey.to_tensor(device).unsqueeze();
    match net.predict(images)[..] {
        [prediction] if prediction.probability.is_finite() => Ok(prediction),
        _ => Err(Fault::new(format!(
            "{}: the network's answer is no finite number; are these its weights?",
            input.source
        ))),
    }
}
