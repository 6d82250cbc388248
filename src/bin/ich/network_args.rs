//! The arguments that choose a network and what computes it.

use std::str::FromStr;

use clap::Args as ClapArgs;
use ich::device::DeviceName;
use ich::ich_model::glob::Pattern;

use crate::names::EngineName;

/// What to take from a file of weights.
#[derive(Debug, ClapArgs)]
pub(crate) struct SelectionArgs {
    /// Of a file with several networks, the one below this key, such as model_ema.
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// Pattern of tensors that the network's answer does not need, such as 'criterion.*'; may be
    /// repeated. A tensor of the network is never left out.
    #[arg(long, value_name = "GLOB", value_parser = Pattern::new)]
    pub(crate) ignore: Vec<Pattern>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ComputeArgs {
    /// What computes the network: kernels of its own that compute of a masked image only what its
    /// mask's edge reaches, or Burn, which computes every image in full [default: masked; dense
    /// where the device is wgpu].
    #[arg(long, value_enum)]
    pub(crate) engine: Option<EngineName>,
    /// Burn device: flex, ndarray, wgpu, wgpu:N, remote:PORT or auto; `ich devices` lists them.
    #[arg(
        long,
        value_name = "NAME",
        env = "BURN_DEVICE",
        default_value_t,
        value_parser = DeviceName::from_str
    )]
    pub(crate) device: DeviceName,
    /// CPU threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Memory of the masked engine's activations [default: a quarter of what is free, at most 1024].
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) memory: Option<u32>,
}

/// The environment variable ICH_TOKEN holds a secret that clients must present.
#[cfg(feature = "remote")]
#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// The device.
    #[arg(
        long,
        value_name = "NAME",
        env = "BURN_DEVICE",
        default_value_t,
        value_parser = DeviceName::from_str
    )]
    pub(crate) device: DeviceName,
    /// Port on this machine's loopback address; 0 for any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 3000)]
    pub(crate) port: u16,
}
