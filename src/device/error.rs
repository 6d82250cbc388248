use super::name::DeviceName;

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
