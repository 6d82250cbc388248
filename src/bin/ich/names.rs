//! Names of choices on the command line, and what they stand for.

use clap::ValueEnum;
use ich::ct_figure::Colormap;
use ich::ct_preprocess::ResampleFilter;
use ich::ich_model::{Container, Precision};
use ich::network::declaration::Activation;
use ich::session::{EngineKind, Output};
use ich::study::Resample;

/// Formats that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ContainerName {
    /// PyTorch's names; PyTorch reads it too.
    Safetensors,
    /// Burn's own container.
    Burnpack,
}

/// Floating-point formats that are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrecisionName {
    /// Single precision, exact.
    #[default]
    F32,
    /// Half precision, half the size.
    F16,
}

/// What computes the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// The engine for masked images, CPU.
    Masked,
    /// The Burn device, image by image.
    Dense,
}

/// What makes probabilities of a network's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ActivationName {
    /// The logistic function of each: labels do not exclude each other.
    Sigmoid,
    /// One label excludes the others.
    Softmax,
    /// Nothing: they are probabilities.
    None,
}

/// What of a label is explained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputName {
    /// Its probability.
    #[default]
    Probability,
    /// The number before it, which has no bound.
    Logit,
}

/// Colours of scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColormapName {
    /// Orange for, blue against: transparent at 0, seen on bone, on air and by colour-blind readers.
    #[default]
    OrangeBlue,
    /// Blue, white, red at half opacity, as in the notebook of h-shap.
    Bwr,
}

/// When slices of another size are brought to the network's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResampleName {
    /// Where the file says how large its pixels are; otherwise it is an error.
    #[default]
    Auto,
    /// Also where the size of pixels is unknown, or is not that of a head CT.
    Force,
    /// Never: the network sees the slice as it is.
    Never,
}

/// How values between pixels are found; wider where the image becomes smaller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilterName {
    /// Bilinear; stays within the range of the pixels.
    #[default]
    Triangle,
    /// Catmull-Rom cubic; sharper, and leaves the range of the pixels beside edges.
    Cubic,
}

impl From<ContainerName> for Container {
    fn from(name: ContainerName) -> Self {
        match name {
            ContainerName::Safetensors => Container::Safetensors,
            ContainerName::Burnpack => Container::Burnpack,
        }
    }
}

impl From<PrecisionName> for Precision {
    fn from(name: PrecisionName) -> Self {
        match name {
            PrecisionName::F32 => Precision::F32,
            PrecisionName::F16 => Precision::F16,
        }
    }
}

impl From<EngineName> for EngineKind {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Masked => EngineKind::Masked,
            EngineName::Dense => EngineKind::Dense,
        }
    }
}

impl From<ActivationName> for Activation {
    fn from(name: ActivationName) -> Self {
        match name {
            ActivationName::Sigmoid => Activation::Sigmoid,
            ActivationName::Softmax => Activation::Softmax,
            ActivationName::None => Activation::None,
        }
    }
}

impl From<OutputName> for Output {
    fn from(name: OutputName) -> Self {
        match name {
            OutputName::Probability => Output::Probability,
            OutputName::Logit => Output::Logit,
        }
    }
}

impl From<ColormapName> for Colormap {
    fn from(name: ColormapName) -> Self {
        match name {
            ColormapName::OrangeBlue => Colormap::OrangeBlue,
            ColormapName::Bwr => Colormap::Bwr,
        }
    }
}

impl From<ResampleName> for Resample {
    fn from(name: ResampleName) -> Self {
        match name {
            ResampleName::Auto => Resample::Auto,
            ResampleName::Force => Resample::Force,
            ResampleName::Never => Resample::Never,
        }
    }
}

impl From<FilterName> for ResampleFilter {
    fn from(name: FilterName) -> Self {
        match name {
            FilterName::Triangle => ResampleFilter::Triangle,
            FilterName::Cubic => ResampleFilter::CatmullRom,
        }
    }
}
