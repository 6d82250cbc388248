#[cfg(any(feature = "flex", feature = "ndarray"))]
use burn::tensor::Device;

use super::error::DeviceError;
use super::name::DeviceName;
use super::open_device::OpenDevice;
#[cfg(feature = "remote")]
use super::remote;
#[cfg(feature = "wgpu")]
use super::wgpu;

impl DeviceName {
    /// Opens the device and tries it.
    ///
    /// # Errors
    ///
    /// [`DeviceError`] where the build or the machine does not have it, or it does not work.
    pub fn open(self) -> Result<OpenDevice, DeviceError> {
        #[cfg(any(feature = "flex", feature = "ndarray"))]
        let on_cpu = |device| OpenDevice {
            device,
            name: self,
            adapter: None,
        };
        match self {
            #[cfg(feature = "flex")]
            Self::Flex => on_cpu(Device::flex()).try_out(),
            #[cfg(not(feature = "flex"))]
            Self::Flex => Err(self.not_in_build("flex")),
            #[cfg(feature = "ndarray")]
            #[allow(
                deprecated,
                reason = "Burn's second CPU backend, deprecated in favour of Flex"
            )]
            Self::Ndarray => on_cpu(Device::ndarray()).try_out(),
            #[cfg(not(feature = "ndarray"))]
            Self::Ndarray => Err(self.not_in_build("ndarray")),
            #[cfg(feature = "wgpu")]
            Self::Wgpu(index) => wgpu::open(index),
            #[cfg(not(feature = "wgpu"))]
            Self::Wgpu(_) => Err(self.not_in_build("wgpu")),
            #[cfg(feature = "remote")]
            Self::Remote(port) => remote::open(port)?.try_out(),
            #[cfg(not(feature = "remote"))]
            Self::Remote(_) => Err(self.not_in_build("remote")),
            Self::Auto => match first_gpu() {
                Some(gpu) => Ok(gpu),
                None => Self::default().open(),
            },
        }
    }

    #[cfg(not(all(
        feature = "flex",
        feature = "ndarray",
        feature = "wgpu",
        feature = "remote"
    )))]
    fn not_in_build(self, feature: &'static str) -> DeviceError {
        DeviceError::NotInBuild {
            device: self,
            feature,
        }
    }
}

fn first_gpu() -> Option<OpenDevice> {
    #[cfg(feature = "wgpu")]
    return wgpu::adapters()
        .iter()
        .flatten()
        .find(|open| open.adapter.as_ref().is_some_and(|a| !a.is_software))
        .cloned();
    #[cfg(not(feature = "wgpu"))]
    None
}

/// Every device there could be, opened where that is possible: the backends for CPUs, then the
/// graphics adapters of the machine.
pub fn devices() -> Vec<Result<OpenDevice, DeviceError>> {
    let mut devices = vec![DeviceName::Flex.open(), DeviceName::Ndarray.open()];
    #[cfg(feature = "wgpu")]
    devices.extend(wgpu::adapters().iter().cloned());
    if devices.len() == 2 {
        devices.push(DeviceName::Wgpu(None).open());
    }
    devices
}
