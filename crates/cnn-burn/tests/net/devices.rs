//! The devices that networks are compared on.

use burn::tensor::Device;
use test_kit::skipped;

/// The devices of this build, each with its name.
pub(crate) fn devices(test: &str) -> Vec<(&'static str, Device)> {
    let of_name = |(name, device): (_, Option<Device>)| {
        if device.is_none() {
            let why = "not in this build, or ICH_REQUIRE_WGPU is not set";
            skipped(&format!("{test} on {name}"), why);
        }
        Some((name, device?))
    };
    let flex = Some(Device::flex());
    let devices = [("flex", flex), ("ndarray", ndarray()), ("wgpu", wgpu())];
    devices.into_iter().filter_map(of_name).collect()
}

fn ndarray() -> Option<Device> {
    #[cfg(feature = "ndarray")]
    #[allow(
        deprecated,
        reason = "Burn's second CPU backend, deprecated in favour of Flex"
    )]
    return Some(Device::ndarray());
    #[cfg(not(feature = "ndarray"))]
    None
}

/// The default adapter, where `ICH_REQUIRE_WGPU` says that there is one: without one Burn panics.
fn wgpu() -> Option<Device> {
    #[cfg(feature = "wgpu")]
    return std::env::var_os("ICH_REQUIRE_WGPU")
        .map(|_| Device::wgpu(burn::tensor::DeviceKind::DefaultDevice));
    #[cfg(not(feature = "wgpu"))]
    None
}
