use burn::tensor::Device;

use super::options::{ComputeOptions, EngineKind};
use crate::Error;
use crate::device::OpenDevice;

/// A device that is open, and the engine on it.
#[derive(Debug, Clone)]
pub struct Compute {
    pub(crate) open: OpenDevice,
    pub(crate) engine: EngineKind,
    pub(crate) threads: Option<usize>,
    pub(crate) memory_bytes: Option<u64>,
}

impl Compute {
    /// Opens the device.
    ///
    /// # Errors
    ///
    /// [`Error::Device`], and [`Error::EngineNotOnDevice`] for the masked engine on a device that
    /// is not the CPU.
    pub fn open(options: &ComputeOptions) -> Result<Self, Error> {
        let open = options.device.open()?;
        let engine = match options.engine {
            Some(EngineKind::Masked) if !open.is_cpu() => {
                return Err(Error::EngineNotOnDevice { device: open.name });
            }
            Some(engine) => engine,
            None if open.is_cpu() => EngineKind::Masked,
            None => EngineKind::Dense,
        };
        let this = Self {
            open,
            engine,
            threads: options.threads,
            memory_bytes: options.memory_bytes,
        };
        tracing::debug!("{} engine on {}", engine.as_str(), this.device_name());
        Ok(this)
    }

    /// The device.
    pub fn device(&self) -> &Device {
        &self.open.device
    }

    /// The engine.
    pub fn engine(&self) -> EngineKind {
        self.engine
    }

    /// The device as reports say it.
    pub fn device_name(&self) -> String {
        match &self.open.adapter {
            Some(adapter) => format!("{}, {}", self.open.name, adapter.name),
            None => self.open.name.to_string(),
        }
    }
}
