//! The network that the files hold.

use std::path::Path;

use burn::tensor::{Device, Tensor};
use ich_model::{Error, RsnaHemorrhageNet};
use test_kit::{in_workspace, with_causes};

pub(crate) fn load(path: &Path) -> Result<RsnaHemorrhageNet, Error> {
    RsnaHemorrhageNet::load(path, &Device::flex())
}

/// Why a file is refused.
pub(crate) fn refusal(path: &Path) -> String {
    with_causes(&load(path).expect_err("to be refused"))
}

pub(crate) fn small_network() -> RsnaHemorrhageNet {
    load(&in_workspace("crates/ich-model/tests/exports/network.pt")).expect("a network")
}

/// What tells one network from another.
pub(crate) fn probability(net: &RsnaHemorrhageNet) -> f32 {
    let image = Tensor::ones([1, 3, 40, 56], &Device::flex());
    net.predict(image).expect("an answer")[0].probability
}
