//! The arguments of `ich weights`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use crate::names::{ContainerName, PrecisionName};
use crate::network_args::{ComputeArgs, DeclarationArgs, SelectionArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum WeightsCommand {
    /// Print the format, the tensors, the hash, and what is missing or left over.
    Inspect(InspectArgs),
    /// Write the weights of a file of any format as safetensors or burnpack.
    Convert(ConvertArgs),
    /// Load the file, run the network on a phantom and print the probability.
    Verify(VerifyArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InspectArgs {
    /// Weights: PyTorch, TorchScript, ONNX, safetensors or burnpack.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Print instead a declaration to be filled in and saved as NAME.ich.json beside NAME.onnx: how the
    /// network's input is made, and what its outputs mean.
    #[arg(long, conflicts_with = "json")]
    pub(crate) template: bool,
    /// Rows and columns that the network is to see, where the file leaves them open [default: 512].
    #[arg(long, value_name = "PX")]
    pub(crate) size: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConvertArgs {
    /// Weights: PyTorch, TorchScript, ONNX, safetensors or burnpack.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// The file to write.
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Format of OUT [default: by its ending, .safetensors or .bpk].
    #[arg(long, value_enum)]
    pub(crate) format: Option<ContainerName>,
    /// Floating-point format of the values.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) precision: PrecisionName,
    /// Replace an existing file.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// Weights: PyTorch, TorchScript, ONNX, safetensors or burnpack.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) declaration: DeclarationArgs,
    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
