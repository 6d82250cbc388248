//! What computes the network, as the arguments ask for it.

use burn::tensor::Device;
use ich::device::OpenDevice;
use ich::{hshap, masked_cnn};

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

/// An error of the masked engine about a slice, with the option that cures it, if one does.
pub(crate) fn engine_fault(source: &str, error: &masked_cnn::Error) -> Fault {
    use masked_cnn::Error::{MemoryBudget, MemoryLeft};
    let remedy = match error {
        MemoryBudget { .. } | MemoryLeft { .. } => "; --memory MIB says how much may be taken",
        _ => "",
    };
    Fault::new(format!("{source}: {error}{remedy}"))
}

/// An error of an explanation of a slice.
pub(crate) fn explanation_fault(source: &str, error: &hshap::Error) -> Fault {
    match error {
        hshap::Error::Network(error) => engine_fault(source, error),
        error => Fault::new(format!("{source}: {}", Fault::from(error))),
    }
}
