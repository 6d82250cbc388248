use std::path::PathBuf;

use ich_model::Selection;

use super::labels::Output;
use crate::device::DeviceName;
use crate::network::declaration::PartialDeclaration;
use crate::study::{BackgroundKind, Reading};

/// What a session works with.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// A file of weights; the embedded network by default.
    pub weights: Option<PathBuf>,
    /// What is taken from that file.
    pub selection: Selection,
    /// What counts more than what files declare of the network: windows, normalisation, labels, and
    /// the one that results are about.
    pub declaration: PartialDeclaration,
    /// Configurations of other programs that say something of the network.
    pub configs: Vec<PathBuf>,
    /// What of the label is explained.
    pub output: Output,
    /// What masked parts show; of several, explanations are the mean over them. By default the mean
    /// phantom, which is a grey image in the brain window.
    pub backgrounds: Vec<BackgroundKind>,
    /// What computes.
    pub compute: ComputeOptions,
    /// How slices are read. Input and grid are those of the network, whatever is said here.
    pub reading: Reading,
}

/// What computes the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComputeOptions {
    /// The Burn device; the CPU by default.
    pub device: DeviceName,
    /// By default masked on the CPU, dense elsewhere.
    pub engine: Option<EngineKind>,
    /// CPU threads of the masked engine; one a core by default.
    pub threads: Option<usize>,
    /// Memory of the masked engine's activations; by default a quarter of what is free, at most
    /// 1 GiB.
    pub memory_bytes: Option<u64>,
}

/// What computes the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineKind {
    /// The engine for masked images, on the CPU: only what a mask's edge reaches.
    Masked,
    /// The Burn device, every image in full.
    Dense,
}

impl EngineKind {
    /// Its name in options and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            EngineKind::Masked => "masked",
            EngineKind::Dense => "dense",
        }
    }
}
