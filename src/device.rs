//! Burn's devices by name: those that this build has and this machine, opened and tried.
//!
//! Burn opens a device when the first tensor is made on it and panics where that fails, and some
//! devices answer nonsense without an error. Here a device is opened on purpose, and does a sum
//! whose result is known, before it is handed out.

#[cfg(feature = "remote")]
mod remote;
mod self_test;
#[cfg(feature = "wgpu")]
mod wgpu;

use std::fmt;
use std::str::FromStr;

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

#[cfg(feature = "remote")]
pub use remote::{TOKEN_VARIABLE, serve};
pub use self_test::{SELF_TEST_TOLERANCE, SelfTest, self_test};

/// A Burn device, as users name it: `flex`, `ndarray`, `wgpu`, `wgpu:N`, `remote:PORT` or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceName {
    /// Burn's Flex backend, CPU.
    Flex,
    /// Burn's ndarray backend, CPU.
    Ndarray,
    /// An adapter of the machine's graphics API by its number, or else the first that opens: GPUs
    /// before software.
    Wgpu(Option<usize>),
    /// A device of another process of this machine, which serves it on this port.
    Remote(u16),
    /// The first GPU, or the CPU where there is none.
    Auto,
}

/// The CPU, by the best backend of this build; a GPU where the build has nothing else.
impl Default for DeviceName {
    fn default() -> Self {
        if cfg!(feature = "flex") {
            Self::Flex
        } else if cfg!(feature = "ndarray") {
            Self::Ndarray
        } else {
            Self::Wgpu(None)
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flex => f.write_str("flex"),
            Self::Ndarray => f.write_str("ndarray"),
            Self::Wgpu(None) => f.write_str("wgpu"),
            Self::Wgpu(Some(index)) => write!(f, "wgpu:{index}"),
            Self::Remote(port) => write!(f, "remote:{port}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl FromStr for DeviceName {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown {
            name: text.to_owned(),
        };
        match text.to_ascii_lowercase().as_str() {
            "flex" => Ok(Self::Flex),
            "ndarray" => Ok(Self::Ndarray),
            "wgpu" => Ok(Self::Wgpu(None)),
            "auto" => Ok(Self::Auto),
            text => {
                let (kind, number) = text.split_once(':').ok_or_else(unknown)?;
                let name = match kind {
                    "wgpu" => number.parse().ok().map(|index| Self::Wgpu(Some(index))),
                    "remote" => number.parse().ok().map(Self::Remote),
                    _ => None,
                };
                name.ok_or_else(unknown)
            }
        }
    }
}

/// Why there is no such device.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// No device has this name.
    #[error("{name:?} is no device, expected flex, ndarray, wgpu, wgpu:N, remote:PORT or auto")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The program was built without it.
    #[error("the device {device} is not in this build; build with the feature {feature}")]
    NotInBuild {
        /// The device.
        device: DeviceName,
        /// The feature that brings it.
        feature: &'static str,
    },
    /// The machine has no graphics adapter, or no driver for it, or fewer than asked for.
    #[error(
        "no graphics adapter for {device}: the machine has {found} that a driver makes usable \
         (`ich devices` lists them)"
    )]
    NoAdapter {
        /// The device.
        device: DeviceName,
        /// How many there are.
        found: usize,
    },
    /// The adapter is there and cannot be used.
    #[error("the device {device} cannot be opened: {problem}")]
    Open {
        /// The device.
        device: DeviceName,
        /// What its driver says.
        problem: String,
    },
    /// The device does not answer, or was lost.
    #[error("the device {device} failed: {problem}")]
    Failed {
        /// The device.
        device: DeviceName,
        /// What it says.
        problem: String,
    },
    /// The device computes nonsense.
    #[error(
        "the device {device} computed {found:?}, expected {expected:?}; its driver is at fault"
    )]
    WrongAnswer {
        /// The device.
        device: DeviceName,
        /// Its answer.
        found: Vec<f32>,
        /// The right one.
        expected: Vec<f32>,
    },
    /// The device cannot be served to other processes.
    #[error("port {port} of this machine cannot serve a device: {problem}")]
    Serve {
        /// The port.
        port: u16,
        /// What is wrong.
        problem: String,
    },
    /// An image asks for more memory than the device gives at once.
    #[error(
        "the device {device} gives at most {limit} bytes at once, and one image of the network \
         takes {bytes}"
    )]
    TooLarge {
        /// The device.
        device: DeviceName,
        /// Bytes that one image takes.
        bytes: u64,
        /// Bytes of the largest buffer.
        limit: u64,
    },
}

/// A device that was opened and answers right.
#[derive(Debug, Clone)]
pub struct OpenDevice {
    /// To make tensors on.
    pub device: Device,
    /// Its name, with the number of the adapter.
    pub name: DeviceName,
    /// The graphics adapter, where it is one.
    pub adapter: Option<Adapter>,
}

/// A graphics adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adapter {
    /// What it is called.
    pub name: String,
    /// Name and version of its driver.
    pub driver: String,
    /// Graphics API, such as Vulkan.
    pub api: String,
    /// True of software that stands in for a GPU.
    pub is_software: bool,
    /// Bytes of the largest buffer that it gives. How much memory it has in all, drivers do not say.
    pub max_buffer_bytes: u64,
}

/// Most images given to a device at once, whatever its memory: enough to keep one busy.
const MAX_BATCH: u64 = 32;

impl OpenDevice {
    /// How many images to give to the device at once, each of which takes `image_bytes` in one
    /// piece somewhere in the network.
    ///
    /// # Errors
    ///
    /// [`DeviceError::TooLarge`] where one is too many.
    pub fn batch_size(&self, image_bytes: u64) -> Result<usize, DeviceError> {
        let Some(adapter) = &self.adapter else {
            // On a CPU more images are no faster, and memory is shared with all else.
            return Ok(hshap::Settings::default().batch_size);
        };
        match adapter.max_buffer_bytes / image_bytes.max(1) {
            0 => Err(DeviceError::TooLarge {
                device: self.name,
                bytes: image_bytes,
                limit: adapter.max_buffer_bytes,
            }),
            fitting => Ok(fitting.min(MAX_BATCH) as usize),
        }
    }

    /// True of the CPU of this process.
    pub fn is_cpu(&self) -> bool {
        matches!(self.name, DeviceName::Flex | DeviceName::Ndarray)
    }

    /// Has the device multiply and convolve small whole numbers.
    fn try_out(self) -> Result<Self, DeviceError> {
        let failed = |error: &dyn fmt::Display| DeviceError::Failed {
            device: self.name,
            problem: error.to_string(),
        };
        let matrix = Tensor::<2>::from_floats([[1.0, 2.0], [3.0, 4.0]], &self.device);
        let product = matrix.clone().matmul(matrix.clone());
        let image: Tensor<4> = matrix.unsqueeze();
        let kernel = Tensor::<4>::ones([1, 1, 3, 3], &self.device);
        let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
        let sums = conv2d(image, kernel, None, options);
        let mut found = Vec::new();
        for data in [product.try_into_data(), sums.try_into_data()] {
            found.extend(data.map_err(|error| failed(&error))?.iter::<f32>());
        }
        let expected = vec![7.0, 10.0, 15.0, 22.0, 10.0, 10.0, 10.0, 10.0];
        if found == expected {
            Ok(self)
        } else {
            Err(DeviceError::WrongAnswer {
                device: self.name,
                found,
                expected,
            })
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [
            DeviceName::Flex,
            DeviceName::Ndarray,
            DeviceName::Wgpu(None),
            DeviceName::Wgpu(Some(3)),
            DeviceName::Remote(3000),
            DeviceName::Auto,
        ] {
            let again: DeviceName = name.to_string().parse().expect("a name");
            assert_eq!(again, name);
        }
        assert_eq!("WGPU:0".parse().ok(), Some(DeviceName::Wgpu(Some(0))));
        for text in [
            "",
            "gpu",
            "wgpu:",
            "wgpu:-1",
            "wgpu:x",
            "remote:",
            "remote:70000",
            "cuda",
        ] {
            let error = text.parse::<DeviceName>().expect_err("no device");
            assert!(error.to_string().contains("flex, ndarray, wgpu"), "{error}");
        }
    }

    #[test]
    fn a_batch_fits_into_the_largest_buffer() {
        let mut open = DeviceName::default().open().expect("a device");
        assert_eq!(open.batch_size(1 << 40).expect("a size"), 8);
        open.adapter = Some(Adapter {
            name: String::new(),
            driver: String::new(),
            api: String::new(),
            is_software: true,
            max_buffer_bytes: 1000,
        });
        for (image_bytes, expected) in [(1000, 1), (300, 3), (1, 32), (0, 32)] {
            assert_eq!(open.batch_size(image_bytes).expect("a size"), expected);
        }
        let error = open.batch_size(1001).expect_err("too large");
        assert!(matches!(error, DeviceError::TooLarge { limit: 1000, .. }));
    }
}
