//! What computes the network, as the arguments ask for it.

use burn::tensor::Device;
use ich::device::OpenDevice;

use crate::args::{ComputeArgs, EngineName};
use crate::fault::Fault;

/// A device that is open, and the engine on it.
pub(crate) struct Compute {
    pub(crate) open: OpenDevice,
    pub(crate) engine: EngineName,
    pub(crate) threads: Option<usize>,
    pub(crate) memory_bytes: Option<u64>,
}

impl Compute {
    /// Opens the device and sets the threads of the whole program.
    pub(crate) fn begin(args: &ComputeArgs) -> Result<Self, Fault> {
        if let Some(threads) = args.threads {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads.into())
                .build_global()?;
        }
        let open = args.device.open()?;
        let engine = match args.engine {
            Some(EngineName::Masked) if !open.is_cpu() => {
                return Err(Fault::new(format!(
                    "--engine masked computes on the CPU of this process, and not on {}; leave one of --engine and \
                     --device out",
                    open.name
                )));
            }
            Some(engine) => engine,
            None if open.is_cpu() => EngineName::Masked,
            None => EngineName::Dense,
        };
        Ok(Self {
            open,
            engine,
            threads: args.threads.map(usize::from),
            memory_bytes: args.memory.map(|mib| u64::from(mib) << 20),
        })
    }

    pub(crate) fn device(&self) -> &Device {
        &self.open.device
    }

    /// The device as reports say it.
    pub(crate) fn device_name(&self) -> String {
        match &self.open.adapter {
            Some(adapter) => format!("{}, {}", self.open.name, adapter.name),
            None => self.open.name.to_string(),
        }
    }
}
