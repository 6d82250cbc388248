//! The arguments that choose a network and what computes it.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args as ClapArgs;
use ich::ct_preprocess::Channels;
use ich::device::DeviceName;
use ich::ich_model::glob::Pattern;

use crate::lists::Numbers;
use crate::names::{ActivationName, EngineName};

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

/// How the network's input is made and what its outputs mean: what counts more than NAME.ich.json
/// beside the weights.
#[derive(Debug, ClapArgs)]
pub(crate) struct DeclarationArgs {
    /// Windows of the network's channels, by name (brain, subdural, stroke, stroke-wide, bone,
    /// soft-tissue) or LEVEL:WIDTH, or hu:LOW:HIGH for clipped Hounsfield units: one for all, or one a
    /// channel separated by commas [default: as declared; brain for RSNAHemorrhageNet].
    #[arg(long, value_name = "LIST")]
    pub(crate) windows: Option<Channels>,
    /// Rows and columns that the network sees [default: as declared, or as the file says].
    #[arg(long, value_name = "PX")]
    pub(crate) size: Option<usize>,
    /// What 0 and 1 of a window become, such as 0,255.
    #[arg(long, value_name = "LOW,HIGH", allow_hyphen_values = true, value_parser = parse_range)]
    pub(crate) range: Option<[f32; 2]>,
    /// Mean that is subtracted: one number, or one a channel separated by commas.
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub(crate) mean: Option<Numbers>,
    /// Standard deviation that values are divided by then: one number, or one a channel.
    #[arg(long, value_name = "LIST")]
    pub(crate) std: Option<Numbers>,
    /// What makes probabilities of the network's outputs.
    #[arg(long, value_enum)]
    pub(crate) activation: Option<ActivationName>,
    /// Names of the network's outputs, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) labels: Option<Vec<String>>,
    /// Of several outputs, the one that results are about, by its name or its number from 0.
    #[arg(long, value_name = "NAME|N")]
    pub(crate) label: Option<String>,
    /// What another program says of the network: config.json of timm, or config.json or
    /// preprocessor_config.json of Hugging Face; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
}

fn parse_range(text: &str) -> Result<[f32; 2], String> {
    let numbers: Numbers = text.parse()?;
    match numbers.0[..] {
        [low, high] => Ok([low, high]),
        _ => Err("expected two numbers, such as 0,255".to_owned()),
    }
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
